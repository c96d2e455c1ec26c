"""`guitu sim`: devices and people that misbehave like real ones."""

import json
import time
from pathlib import Path
from typing import Any, Final

import click

from device_sims import county, load
from device_sims.feed import Identity
from device_sims.field.registry import field_registry
from device_sims.label_file import LabelFile
from device_sims.load import MAX_DEVICES, Profile
from device_sims.run import new_boot, play
from device_sims.scenes import SUBJECTS, county_scene, field_scene, load_scene, track_scene
from device_sims.track import TrackFeed, track_start_ms
from firmware_protocols.track_file import read_track
from guitu import logs
from guitu.commands.kiosk import kiosk
from guitu.commands.recording import recording
from guitu.sim_options import (
    FILE,
    OUT_FILE,
    TcpAddress,
    broker_options,
    pace_of,
    run_options,
    terminals_option,
    time_ms,
)

_DEVICES: Final = click.IntRange(1, MAX_DEVICES)
_FIELDS_SHOWN: Final = (
    "reports", "published", "acknowledged_by_broker", "acknowledged_by_gateway", "outstanding",
    "seconds",
)  # fmt: skip


_RESIDENTS: Final = click.option(
    "--residents", type=click.IntRange(1, 1_000), default=40, show_default=True,
    help="People who wear a device; as many as the registry was written for.",
)  # fmt: skip


@click.group
def command() -> None:
    """Play devices against a broker, and write the people that they belong to."""


@command.group("run")
def run() -> None:
    """Play a scenario until its time is over or Ctrl-C."""


@command.group("registry")
def registry() -> None:
    """Write the registry file of a scenario (docs/wire/registry-v1.md)."""


command.add_command(kiosk)
command.add_command(recording)


@run.command("county")
@run_options
@click.option(
    "--devices", type=_DEVICES, default=30, show_default=True,
    help="Wristbands; as many as the registry was written for, without terminals also fewer.",
)  # fmt: skip
@terminals_option
@click.option(
    "--tcp", type=TcpAddress(), multiple=True, metavar="PROTOCOL=HOST:PORT",
    help="Where the gateway listens for jt808, gt06 or watch; repeatable.",
)  # fmt: skip
def run_county(
    *,
    seed: int,
    devices: int,
    terminals: int,
    tcp: tuple[tuple[str, tuple[str, int]], ...],
    interval_s: float,
    labels: Path | None,
    as_json: bool,
    **pace: Any,
) -> None:
    """Play the demonstration county: worn devices, officers, and violations on schedule."""
    logs.configure("sims")
    boot = new_boot()
    counts = play(
        pace_of(tcp=dict(tcp), **pace),
        lambda start_ms: county_scene(
            seed,
            devices=devices,
            terminals=terminals,
            start_ms=start_ms,
            interval_s=interval_s,
            boot=boot,
        ),
        LabelFile(labels),
    )
    _print(counts, as_json=as_json)


@run.command("field")
@run_options
@_RESIDENTS
def run_field(
    *, seed: int, residents: int, interval_s: float, labels: Path | None, as_json: bool, **pace: Any
) -> None:
    """Play the field: violators of every rule and near misses, one report a minute each."""
    del interval_s  # its habits are told minute by minute
    logs.configure("sims")
    boot = new_boot()
    counts = play(
        pace_of(**pace),
        lambda start_ms: field_scene(seed, residents=residents, start_ms=start_ms, boot=boot),
        LabelFile(labels),
    )
    _print(counts, as_json=as_json)


@run.command("load")
@run_options
@click.option(
    "--devices", type=_DEVICES, default=550, show_default=True,
    help="Wristbands; as many as the registry was written for, or fewer.",
)  # fmt: skip
@click.option("--messages", type=click.IntRange(min=1), help="Stop after so many reports.")
@click.option(
    "--excursions-per-hour", type=click.FloatRange(0, 6), default=0.0, show_default=True,
    help="How often each wearer leaves the own fence for five minutes.",
)  # fmt: skip
def run_load(
    *,
    seed: int,
    devices: int,
    interval_s: float,
    labels: Path | None,
    as_json: bool,
    messages: int | None,
    excursions_per_hour: float,
    duration_s: float | None,
    **pace: Any,
) -> None:
    """Play the load profile: every wristband under order, fixed interval, no drama."""
    logs.configure("sims")
    profile = Profile(seed, devices=devices, excursions_per_hour=excursions_per_hour)
    if duration_s is None and messages is not None:
        duration_s = (messages // devices + 2) * interval_s
    boot = new_boot()
    counts = play(
        pace_of(duration_s=duration_s, messages=messages, **pace),
        lambda start_ms: load_scene(profile, start_ms=start_ms, interval_s=interval_s, boot=boot),
        LabelFile(labels),
    )
    _print(counts, as_json=as_json)


@command.command("track")
@click.argument("file", type=FILE)
@broker_options
@click.option("--device", required=True, help="Device id that plays the track.")
@click.option("--org", required=True, help="Organisation in the device's topics.")
@click.option(
    "--kind", type=click.Choice(["wristband", "recorder", "phone"]), default="wristband",
    show_default=True,
)  # fmt: skip
@click.option(
    "--start", metavar="TIME",
    help="Shift the first fix to this time (RFC 3339 with zone); default: the last fix is now.",
)  # fmt: skip
def track(
    *,
    file: Path,
    device: str,
    org: str,
    kind: str,
    start: str | None,
    as_json: bool,
    scale: float,
    **pace: Any,
) -> None:
    """Publish a track (CSV, GPX, Geolife PLT) as one device, in real or scaled time."""
    logs.configure("sims")
    points = read_track(_text(file), name=file.name)
    start_ms = track_start_ms(
        points,
        scale=scale,
        now_ms=round(time.time() * 1_000),
        wanted_ms=None if start is None else time_ms(start),
    )
    feed = TrackFeed(Identity(device, org, kind), points, first_ms=start_ms, boot=new_boot())
    counts = play(
        pace_of(scale=scale, start_ms=start_ms, **pace),
        lambda _start_ms: track_scene(feed),
        LabelFile(None),
    )
    _print(counts, as_json=as_json)
    if counts["outstanding"]:
        raise click.ClickException(
            f"the gateway did not take {counts['outstanding']} of {counts['reports']} reports: is "
            f"{device} registered as a {kind} of {org}, and is a gateway running?"
        )


@registry.command("county")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--subjects", type=click.IntRange(min=1), default=SUBJECTS, show_default=True)
@click.option("--devices", type=_DEVICES, default=30, show_default=True, help="Wristbands.")
@terminals_option
@click.option("--out", type=OUT_FILE, required=True)
def registry_county(*, seed: int, subjects: int, devices: int, terminals: int, out: Path) -> None:
    """Write the demonstration county: people, officers, devices, orders and fences."""
    people = max(subjects, devices + terminals)
    _write(out, county.registry(seed, subjects=people, wearing=devices, terminals=terminals))


@registry.command("field")
@click.option("--seed", type=int, default=1, show_default=True)
@_RESIDENTS
@click.option("--out", type=OUT_FILE, required=True)
def registry_field(*, seed: int, residents: int, out: Path) -> None:
    """Write the field's people, devices, fences, nights, leaves, pairs and sites."""
    _write(out, field_registry(seed, residents=residents))


@registry.command("load")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--devices", type=_DEVICES, default=550, show_default=True, help="Wristbands.")
@click.option("--out", type=OUT_FILE, required=True)
def registry_load(*, seed: int, devices: int, out: Path) -> None:
    """Write the load profile's people, wristbands, orders and fences."""
    _write(out, load.registry(seed, devices=devices))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.BadParameter(f"{file} is not UTF-8 text: {error}") from error


def _write(out: Path, content: dict[str, Any]) -> None:
    try:
        out.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise click.FileError(str(out), error.strerror) from error


def _print(counts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo(" ".join(f"{name}={counts[name]}" for name in _FIELDS_SHOWN))
