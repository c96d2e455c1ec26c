"""What the subcommands of `guitu sim` have in common: options, the device key, times."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from device_sims.clock import MAX_SCALE
from device_sims.run import Pace
from device_sims.terminal import PROTOCOLS
from firmware_protocols.credential import MIN_KEY_BYTES

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT_FILE: Final = click.Path(dir_okay=False, path_type=Path)

_MAX_PORT: Final = 65_535
_MAX_TERMINALS: Final = 1_000
_MS_PER_S: Final = 1_000

Command = Callable[..., None]


class BrokerAddress(click.ParamType[tuple[str, int]]):
    """HOST:PORT, an IPv6 address in brackets."""

    name = "host:port"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        """Return host and port."""
        if isinstance(value, tuple):
            return value
        host, colon, port = str(value).rpartition(":")
        if not colon or not host or not port.isdecimal() or not 0 < int(port) <= _MAX_PORT:
            self.fail(f"{value!r} is not HOST:PORT with a port of 1 to {_MAX_PORT}", param, ctx)
        return host.removeprefix("[").removesuffix("]"), int(port)


class TcpAddress(click.ParamType[tuple[str, tuple[str, int]]]):
    """PROTOCOL=HOST:PORT."""

    name = "protocol=host:port"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[str, int]]:
        """Return protocol, and host and port."""
        if isinstance(value, tuple):
            return value
        protocol, _, address = str(value).partition("=")
        if protocol not in PROTOCOLS:
            allowed = ", ".join(PROTOCOLS)
            self.fail(f"{value!r} does not begin with one of {allowed} and a `=`", param, ctx)
        return protocol, BrokerAddress().convert(address, param, ctx)


_BROKER_OPTIONS: Final = (
    click.option(
        "--broker", type=BrokerAddress(), required=True, help="MQTT broker.", metavar="HOST:PORT"
    ),
    click.option(
        "--device-key-file", type=FILE, required=True,
        help="The site's device key; device passwords are derived from it.",
    ),
    click.option(
        "--scale", type=click.FloatRange(1.0, MAX_SCALE), default=1.0, show_default=True,
        help="Simulated seconds per real second; more than 1 needs an end.",
    ),
    click.option(
        "--message-reports", type=click.IntRange(1, 100), default=100, show_default=True,
        help="Reports in one message of a backlog at most.",
    ),
    click.option(
        "--resend-after", "resend_after_s", type=click.FloatRange(0.1, 3_600), default=30.0,
        show_default=True, help="Seconds to wait for the gateway before sending again.",
    ),
    click.option(
        "--drain", "drain_s", type=click.FloatRange(0, 3_600), default=15.0, show_default=True,
        help="Seconds to wait at the end for the gateway's acknowledgements.",
    ),
    click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
)  # fmt: skip

_RUN_OPTIONS: Final = (
    click.option("--seed", type=int, default=1, show_default=True),
    click.option(
        "--interval", "interval_s", type=click.FloatRange(0.01, 86_400), default=10.0,
        show_default=True, help="Simulated seconds between a wristband's reports.",
    ),
    click.option(
        "--duration", "duration_s", type=click.FloatRange(min=0, min_open=True),
        help="Simulated seconds to play; default: until Ctrl-C.",
    ),
    click.option(
        "--labels", type=OUT_FILE,
        help="Append the truth about each violation to this file, as JSON lines.",
    ),
    *_BROKER_OPTIONS,
)  # fmt: skip


def terminals_option(decorated: Command) -> Command:
    """Add how many terminals over TCP there are beside the wristbands."""
    return click.option(
        "--terminals", type=click.IntRange(0, _MAX_TERMINALS), default=0, show_default=True,
        help="Wearers of terminals that speak TCP, jt808, gt06 and watch in turn.",
    )(decorated)  # fmt: skip


def broker_options(decorated: Command) -> Command:
    """Add the options of everything that talks to a broker; `pace_of` reads them."""
    return _with(_BROKER_OPTIONS, decorated)


def run_options(decorated: Command) -> Command:
    """Add the options of a scenario, those of `broker_options` among them."""
    return _with(_RUN_OPTIONS, decorated)


def pace_of(*, broker: tuple[str, int], device_key_file: Path, **rest: Any) -> Pace:
    """Return the pace that the options say.

    Raises:
        click.BadParameter: The device key is too short.
    """
    site_key = device_key_file.read_text(encoding="utf-8").strip().encode()
    if len(site_key) < MIN_KEY_BYTES:
        raise click.BadParameter(
            f"{device_key_file} holds {len(site_key)} bytes, at least {MIN_KEY_BYTES} are wanted"
        )
    host, port = broker
    return Pace(host=host, port=port, site_key=site_key, **rest)


def time_ms(text: str) -> int:
    """Return a time as ms since 1970 UTC.

    Raises:
        click.BadParameter: Not RFC 3339 with a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} is not a time like 2026-11-22T01:02:03Z")
    return round((moment - datetime.fromtimestamp(0, UTC)).total_seconds() * _MS_PER_S)


def _with(options: tuple[Callable[[Command], Command], ...], decorated: Command) -> Command:
    for option in reversed(options):
        decorated = option(decorated)
    return decorated
