"""Parts of the gateway made from its settings."""

import ssl
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypedDict

import httpx

from firmware_protocols.command import Command
from firmware_protocols.dialogue import Sent
from gateway.archive.archiver import Archiver
from gateway.attempt import Attempt
from gateway.commands.courier import Courier
from gateway.commands.desk import CommandDesk
from gateway.config import GatewaySettings
from gateway.directory.snapshot import Directory
from gateway.engine.memory import LastFix
from gateway.faces.camera import read_cameras
from gateway.faces.desk import FaceDesk
from gateway.faces.sealing import read_keys
from gateway.faces.vault import Vault
from gateway.intake.received import Received
from gateway.intake.session import BrokerSession
from gateway.journal.store import Journal
from gateway.journal.telling import Telling
from gateway.local_alerts.herald import TAKEN_WITHIN_S, Herald, Uplink
from gateway.local_alerts.mark import read_mark, write_mark
from gateway.metrics import Metrics
from gateway.tracing import TracedTransport, provider_of
from gateway.uplink.batch import Stream
from gateway.uplink.stream import UplinkStream

_S_PER_DAY: Final = 86_400


class ServerAccess(TypedDict):
    """How the server is reached: what every HTTP client of it is made with."""

    base_url: str
    headers: dict[str, str]
    verify: ssl.SSLContext | bool


def server_access(settings: GatewaySettings) -> ServerAccess:
    """Return the server's address and our credential."""
    token = settings.server_token_file.read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    pinned = settings.server_ca
    verify = True if pinned is None else ssl.create_default_context(cafile=pinned)
    return {"base_url": str(settings.server_url), "headers": headers, "verify": verify}


def drain_client(settings: GatewaySettings) -> httpx.Client:
    """Return the client of the streams to the server; traced when the settings name a collector."""
    access, transport = server_access(settings), None
    if settings.trace_url is not None:
        provider = provider_of(str(settings.trace_url), settings.id)
        transport = TracedTransport(httpx.HTTPTransport(verify=access["verify"]), provider)
    return httpx.Client(**access, transport=transport)


def broker_tls(settings: GatewaySettings) -> ssl.SSLContext | None:
    """Return what the broker's certificate is proved by; None: plain MQTT is spoken.

    Raises:
        OSError: The file is absent, or holds no certificate.
    """
    if settings.broker_ca is None:
        return None
    return ssl.create_default_context(cafile=settings.broker_ca)


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
        tls=broker_tls(settings),
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


def archiver(
    settings: GatewaySettings,
    streams: Sequence[UplinkStream],
    *,
    client: httpx.Client,
    clock_us: Callable[[], int],
    stopping: threading.Event,
) -> Archiver | None:
    """Return what archives the journal behind the uplink's streams; None: nothing is archived."""
    if not settings.archive:
        return None
    path = settings.data_dir / "journal.db"
    return Archiver(
        open_journal=lambda: Journal(path, writable=False),
        uplinked_seq=lambda: min(stream.confirmed_seq or 0 for stream in streams),
        client=client,
        age_s=settings.archive_age_s,
        clock_us=clock_us,
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


def face_vault(settings: GatewaySettings) -> Vault | None:
    """Return the store of faces; None: no face is checked here."""
    if settings.faces_key_file is None:
        return None
    return Vault(settings.data_dir, read_keys(settings.faces_key_file))


def face_desk(
    settings: GatewaySettings,
    vault: Vault,
    *,
    record: Callable[[list[Attempt]], Awaitable[None]],
    publish: Callable[[str, bytes], object],
    directory: Callable[[], Directory | None],
    whereabouts: Callable[[str], Awaitable[Sequence[LastFix]]],
    metrics: Metrics,
    clock_us: Callable[[], int],
) -> FaceDesk:
    """Return what judges attempts to check in; see FaceDesk."""
    folder = settings.faces_cameras_dir
    return FaceDesk(
        vault,
        workers=settings.faces_workers,
        keep_s=settings.faces_keep_days * _S_PER_DAY,
        cameras={} if folder is None else read_cameras(folder),
        record=record,
        publish=publish,
        directory=directory,
        whereabouts=whereabouts,
        metrics=metrics,
        clock_us=clock_us,
    )


def herald(
    settings: GatewaySettings,
    session: BrokerSession,
    *,
    uplink: Uplink,
    newest_seq: Callable[[], int],
    directory: Callable[[], Directory | None],
    record: Callable[[list[Telling]], Awaitable[None]],
    metrics: Metrics,
    clock_us: Callable[[], int],
) -> Herald:
    """Return what tells terminals on duty while the server is away; see Herald."""
    folder = settings.data_dir
    return Herald(
        after_s=settings.local_alert_s,
        mark=read_mark(folder),
        uplink=uplink,
        newest_seq=newest_seq,
        open_journal=lambda: Journal(folder / "journal.db", writable=False),
        directory=directory,
        deliver=partial(session.deliver, wait_s=TAKEN_WITHIN_S),
        record=record,
        keep_mark=lambda seq: write_mark(folder, seq),
        metrics=metrics,
        clock_us=clock_us,
    )
