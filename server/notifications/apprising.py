"""Channels of the Apprise library: mail, SMS gateways and other services, by their own URL.

Apprise blocks, returns no more than whether it went well, and writes addresses with their secrets
to its log: each call runs in a thread of its own, and the log is read for a status code and nothing
else. Its robots of DingTalk, WeCom and Feishu take any answer with status 200 for a delivery,
whatever its body says; `server.notifications.robot` serves these.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from server.notifications.egress import Egress
from server.notifications.errors import RefusedSendError, SendError
from server.notifications.message import Message
from server.notifications.supervised_threads import Threads

MAIL: Final = frozenset({"mailto", "mailtos"})
HOSTED: Final = MAIL | {
    *("gotify", "gotifys", "bark", "barks", "mmost", "mmosts", "rocket", "rockets"),
    *("smseagle", "smseagles"),
}
"""Schemes that name the receiver's host: it is looked up first, as that of a webhook."""

_PARAMETERS: Final = frozenset(
    {
        *("to", "cc", "bcc", "from", "name", "reply", "smtp", "mode", "user", "pass"),
        *("channel", "priority", "level", "group", "sound", "region", "access", "secret"),
    }
)
"""The rest of what an Apprise URL may say reads files, switches checks off, or adds headers."""

_CODE: Final = re.compile(r"error=(\d{3})\b")
_TYPES: Final = {"critical": "failure", "major": "warning", "minor": "info"}
_SMTP_PORTS: Final = {"mailto": 25, "mailtos": 587}


@dataclass(frozen=True, slots=True)
class AppriseAddress:
    """An Apprise URL that was looked at."""

    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """The part before `://`."""
        return self.url.partition("://")[0].lower()

    @property
    def host(self) -> str | None:
        """The receiver's host where the scheme names one."""
        if self.scheme not in HOSTED:
            return None
        parts = urlsplit(self.url)
        return dict(parse_qsl(parts.query)).get("smtp") or parts.hostname

    @property
    def port(self) -> int:
        """The receiver's port, or the one that its scheme usually has."""
        return urlsplit(self.url).port or _SMTP_PORTS.get(self.scheme, 443)

    @property
    def shown(self) -> str:
        """What may be shown."""
        return f"{self.scheme}://{self.host or '…'}"


def apprise_address(url: str, *, services: frozenset[str]) -> AppriseAddress:
    """Return the address if this server takes it.

    Args:
        url: As the library's pages say.
        services: Schemes beside `HOSTED` that the site allows.

    Raises:
        ValueError: The scheme or a parameter is not taken; the text does not repeat it.
    """
    address = AppriseAddress(url)
    known = HOSTED | services
    if address.scheme not in known:
        raise ValueError(f"its scheme is none of {', '.join(sorted(known))}")
    try:
        given = [name for name, _ in parse_qsl(urlsplit(url).query, keep_blank_values=True)]
        _ = address.host, address.port
    except ValueError as error:
        raise ValueError("is no URL") from error
    if odd := sorted({name for name in given if name not in _PARAMETERS}):
        raise ValueError(
            f"its parameters {', '.join(odd[:5])[:60]} are not taken, only"
            f" {', '.join(sorted(_PARAMETERS))}"
        )
    return address


async def is_understood(address: AppriseAddress) -> bool:
    """Return whether Apprise knows what to make of an address."""
    # Loading the library's hundred and fifty services takes a second, which nobody else is to wait.
    return await asyncio.to_thread(lambda: _library().instantiate(address.url) is not None)


@dataclass(frozen=True, slots=True)
class AppriseSender:
    """Sends over Apprise.

    Attributes:
        timeout_s: For connecting, and for each answer.
    """

    threads: Threads
    egress: Egress
    timeout_s: float

    async def send(self, channel_id: str, address: AppriseAddress, message: Message) -> None:
        """Send a message.

        Raises:
            RefusedSendError: The host may not be sent to.
            SendError: It was not taken; says by which code, if there was one.
        """
        if address.host is not None:
            await self.egress.target(address.host, address.port)
        code = await self.threads.call(channel_id, self._work(address, message))
        if code is not None:
            raise SendError(f"the receiver answered {code}" if code else "it was not taken")

    def _work(self, address: AppriseAddress, message: Message) -> Callable[[], str | None]:
        def work() -> str | None:
            with _LOG.heard() as codes:
                plugin = _library().instantiate(address.url)
                if plugin is None:
                    raise RefusedSendError("Apprise does not know what to make of the address")
                plugin.socket_connect_timeout = plugin.socket_read_timeout = self.timeout_s
                if address.scheme in MAIL:
                    # So that a mail which comes twice is known for one.
                    plugin.headers["X-Guitu-Key"] = message.key
                is_taken = plugin.notify(
                    body=message.text,
                    title=message.title,
                    notify_type=_TYPES[message.severity],
                )
            return None if is_taken else (codes[-1] if codes else "")

        return work


class _Codes(logging.Handler):
    """Hears the library's log; keeps status codes of the own thread and drops the rest."""

    def __init__(self) -> None:
        super().__init__()
        self._own = threading.local()

    def heard(self) -> "_Hearing":
        return _Hearing(self._own)

    def emit(self, record: logging.LogRecord) -> None:
        codes = getattr(self._own, "codes", None)
        if codes is not None:
            codes.extend(_CODE.findall(record.getMessage()))


class _Hearing:
    def __init__(self, own: threading.local) -> None:
        self._own = own

    def __enter__(self) -> list[str]:
        self._own.codes = []
        found: list[str] = self._own.codes
        return found

    def __exit__(self, *_: object) -> None:
        self._own.codes = None


_LOG: Final = _Codes()


@dataclass(frozen=True, slots=True)
class _Library:
    module: Any

    def instantiate(self, url: str) -> Any:
        asset = self.module.AppriseAsset(
            app_id="Guitu",
            app_desc="归途",
            async_mode=False,
            http_redirects=False,
            allow_templates=False,
            pgp_autogen=False,
            pem_autogen=False,
        )
        return self.module.Apprise.instantiate(url, asset=asset)


@cache
def _library() -> _Library:
    import apprise  # noqa: PLC0415 - only where a channel wants it

    for name in ("apprise", "urllib3", "requests"):
        log = logging.getLogger(name)
        log.handlers, log.propagate = [], False
        log.addHandler(_LOG if name == "apprise" else logging.NullHandler())
        log.setLevel(logging.WARNING)
    return _Library(apprise)
