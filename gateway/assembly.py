"""Parts of the gateway made from its settings."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypedDict

import httpx

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Sent
from gateway.commands.courier import Courier
from gateway.commands.desk import CommandDesk
from gateway.config import GatewaySettings
from gateway.directory.snapshot import Directory
from gateway.intake.received import Received
from gateway.intake.session import BrokerSession
from gateway.journal.store import Journal
from gateway.metrics import Metrics
from gateway.uplink.batch import Stream
from gateway.uplink.stream import UplinkStream


class ServerAccess(TypedDict):
    """How the server is reached: what every HTTP client of it is made with."""

    base_url: str
    headers: dict[str, str]


def server_access(settings: GatewaySettings) -> ServerAccess:
    """Return the server's address and our credential."""
    token = settings.server_token_file.read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    return {"base_url": str(settings.server_url), "headers": headers}


def broker_session(
    settings: GatewaySettings,
    name: str,
    filters: Sequence[str],
    *,
    urgent: bool,
    clock_us: Callable[[], int],
    deliver: Callable[[Received], None],
    on_forgotten: Callable[[], None],
) -> BrokerSession:
    """Return one of the gateway's MQTT sessions; the arguments are those of BrokerSession."""
    client_id = f"{settings.id}-{name}"
    return BrokerSession(
        client_id=client_id,
        host=settings.broker_host,
        port=settings.broker_port,
        user=settings.broker_user,
        password=settings.broker_password_file.read_text().strip(),
        filters=filters,
        urgent=urgent,
        made=settings.data_dir / f"session-{client_id}",
        clock_us=clock_us,
        deliver=deliver,
        on_forgotten=on_forgotten,
    )


def uplink_stream(
    settings: GatewaySettings,
    name: Stream,
    *,
    began_seq: int,
    client: httpx.Client,
    stopping: threading.Event,
) -> UplinkStream:
    """Return one of the gateway's uplink streams; the arguments are those of UplinkStream."""
    path = settings.data_dir / "journal.db"
    return UplinkStream(
        name,
        gateway=settings.id,
        open_journal=lambda: Journal(path, writable=False),
        began_seq=began_seq,
        replaced=path.with_name(f"replaced-{settings.id}"),
        client=client,
        rows_max=settings.uplink_rows_max,
        stopping=stopping,
    )


def command_desk(
    settings: GatewaySettings,
    client: httpx.AsyncClient,
    *,
    directory: Callable[[], Directory | None],
    by_session: Callable[[str, Command], Sent | None],
    publish: Callable[[str, bytes], bool],
    metrics: Metrics,
    clock_us: Callable[[], int],
) -> CommandDesk:
    """Return what fetches, delivers and reports commands; see Courier and CommandDesk."""
    courier = Courier(
        directory=directory, by_session=by_session, publish=publish, now_s=time.monotonic
    )
    return CommandDesk(
        client,
        courier=courier,
        data_dir=settings.data_dir,
        answer_s=settings.command_answer_s,
        metrics=metrics,
        clock_us=clock_us,
    )
