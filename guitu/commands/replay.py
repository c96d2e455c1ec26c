"""`guitu replay`: the engine offline, over a track or over a gateway's journal."""

from pathlib import Path
from typing import Any, Final

import click

from geofence.kernels import KERNELS
from guitu.commands import replay_journal, replay_track

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER: Final = click.Path(exists=True, file_okay=False, path_type=Path)
_OF_TRACK: Final = ("fences", "datum", "skip_invalid", "snapshot", "start")
_OF_JOURNAL: Final = ("labels", "from_time", "to_time", "html", "as_json", "budget", "processes")


@click.command
@click.option("--journal", type=_FOLDER, help="A gateway's data folder; it may be running.")
@click.option("--fixes", type=_FILE, help="Track: CSV, GPX or Geolife PLT, WGS-84.")
@click.option("--rules", type=_FILE, help="Rule set: the `rules` of a directory, as JSON.")
@click.option("--diff", type=_FILE, help="Second rule set: tell what only one of them finds.")
@click.option("--labels", type=_FILE, help="Journal: the truth, JSON lines of a simulator.")
@click.option("--from", "from_time", help="Journal: count alerts told from this time on.")
@click.option("--to", "to_time", help="Journal: stop at this time.")
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Journal: write a report."
)
@click.option("--json", "as_json", is_flag=True, help="Journal: print one JSON object.")
@click.option(
    "--budget",
    type=click.FloatRange(min=0, min_open=True),
    help="Journal: bearable alerts per subject and day; default: as the directory says.",
)
@click.option("--processes", type=click.IntRange(1, 512), help="Journal: default one per core.")
@click.option(
    "--kernel",
    type=click.Choice(KERNELS),
    default="numpy",
    show_default=True,
    help="Journal: numba is faster and gives the same.",
)
@click.option("--fences", type=_FILE, help="Track: GeoJSON FeatureCollection; `properties.use`.")
@click.option("--datum", help="Track: datum of the fences: WGS84, GCJ02, BD09.")
@click.option("--skip-invalid", is_flag=True, help="Track: list invalid fences and go on.")
@click.option("--directory", "snapshot", type=_FILE, help="Track: a directory instead of fences.")
@click.option("--device", default="wb-replay", show_default=True, help="Track: who played it.")
@click.option("--subject", default="s-replay", show_default=True, help="Track: who wore it.")
@click.option("--start", help="Track: shift the first fix to this time (RFC 3339 with zone).")
def command(*, journal: Path | None, fixes: Path | None, **options: Any) -> int:
    """Run the engine again over a track or a gateway's journal, under one rule set or two.

    A track prints its outcomes as JSON lines. A journal prints what its alerts would have been,
    by rule; exit 1 when under its own rules they are not the recorded ones.
    """
    if (journal is None) == (fixes is None):
        raise click.UsageError("give either --journal or --fixes")
    foreign = _OF_TRACK if journal is not None else _OF_JOURNAL
    for name in foreign:
        if options[name]:
            option = {"from_time": "from", "to_time": "to", "as_json": "json"}.get(name, name)
            option = {"snapshot": "directory"}.get(name, option).replace("_", "-")
            other = "--fixes" if journal is not None else "--journal"
            raise click.UsageError(f"--{option} goes with {other}")
    rules, diff = options["rules"], options["diff"]
    if journal is not None:
        return replay_journal.run(journal, rules=rules, diff=diff, **_only(options, _JOURNAL))
    if fixes is not None:
        replay_track.run(fixes, rules=rules, diff=diff, **_only(options, _TRACK))
    return 0


_TRACK: Final = (*_OF_TRACK, "device", "subject")
_JOURNAL: Final = (*_OF_JOURNAL, "kernel")


def _only(options: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: options[name] for name in names}
