"""What every request handler may reach: settings, database, metrics."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import Request
from opentelemetry.trace import NoOpTracer, Tracer

from server.config import ServerSettings
from server.db import Database
from server.metrics import Metrics
from server.sealing import Sealer
from server.secrecy.vault import Vault
from server.signing.checkpoints import CheckpointSigner
from server.signing.records import FactSigner


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one app.

    Attributes:
        clock: The instant that acts happen at; aware, UTC.
        fact_signer: Signs what proves a fact; None: the site has no key for it.
        sealer: Seals second factors; None: the site has no key for it.
        tracer: Traces what a request does; the one by default does nothing.
        vault: Seals and opens personal fields.
        checkpoint_signer: Signs the evidence chain; None: the site has no key for it.
    """

    settings: ServerSettings
    database: Database
    metrics: Metrics
    clock: Callable[[], datetime]
    fact_signer: FactSigner | None = None
    sealer: Sealer | None = None
    tracer: Tracer = field(default_factory=NoOpTracer)
    checkpoint_signer: CheckpointSigner | None = None
    vault: Vault = field(kw_only=True)


def utc_now() -> datetime:
    """Return the instant by this machine's clock."""
    return datetime.now(UTC)


def parts_of(request: Request) -> Parts:
    """Return the parts of the app that serves this request."""
    found: Parts = request.app.state.parts
    return found
