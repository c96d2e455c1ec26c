"""The same track through `guitu replay` and over MQTT gives the same outcomes."""

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from device_sims.clock import MAX_SCALE, SimClock, begin_ms
from device_sims.device import Device
from device_sims.feed import Identity
from device_sims.surroundings import Counts, Surroundings
from device_sims.track import TrackFeed, track_duration_s
from firmware_protocols.track_file import read_track
from gateway.directory.snapshot import to_text
from gateway.replay import ORG, directory_from_fences
from guitu.cli import main
from tests.gateway.life import running
from tests.gateway.place import (
    HOME,
    METRES_PER_DEGREE_LON,
    SCHOOL,
    give_directory,
    journal_of,
    make_settings,
    now_ms,
)

FENCES = {
    "type": "FeatureCollection",
    "datum": "WGS84",
    "features": [
        {
            "type": "Feature",
            "id": name,
            "properties": {"use": use, "radius_m": radius_m},
            "geometry": {"type": "Point", "coordinates": list(place)},
        }
        for name, use, place, radius_m in (
            ("f-home", "inclusion", HOME, 300.0),
            ("f-school", "exclusion", SCHOOL, 200.0),
        )
    ],
}
AT_SCHOOL_M = (SCHOOL[0] - HOME[0]) * METRES_PER_DEGREE_LON


def track_text():
    """Home, away, home with a jump and repeated times, a long gap, the school, home."""
    rows: list[tuple[float, float]] = []

    def stay(metres, reports, every_s=10.0):
        start_s = rows[-1][0] + every_s if rows else 0.0
        rows.extend((start_s + n * every_s, metres + n % 3) for n in range(reports))

    stay(0.0, 30)
    stay(1_000.0, 30)
    stay(0.0, 20)
    stay(5_000.0, 1)  # one jump is no departure
    stay(0.0, 20)
    last_s = rows[-1][0]
    rows.extend((last_s, metres) for metres in (0.0, 900.0, 0.0))  # one time, told again
    rows.append((last_s + 1_300.0, 0.0))  # longer than 15 minutes
    stay(AT_SCHOOL_M, 30, every_s=30.0)
    stay(100.0, 300)
    lines = [
        f"{1_700_000_000_000 + round(s * 1_000)},"
        f"{HOME[0] + metres / METRES_PER_DEGREE_LON:.7f},{HOME[1]},8"
        for s, metres in rows
    ]
    return "\n".join(["t,lon,lat,acc", *lines, ""])


@pytest.fixture
def points():
    return read_track(track_text(), name="track.csv")


@pytest.fixture
def start_ms(points):
    return begin_ms(now_ms(), scale=MAX_SCALE, duration_s=track_duration_s(points))


@pytest.fixture
def replayed(tmp_path, start_ms):
    (tmp_path / "track.csv").write_text(track_text())
    (tmp_path / "fences.geojson").write_text(json.dumps(FENCES))
    start = datetime.fromtimestamp(start_ms / 1_000, UTC).isoformat()
    done = CliRunner().invoke(
        main,
        [
            *("replay", "--fixes", str(tmp_path / "track.csv")),
            *("--fences", str(tmp_path / "fences.geojson")),
            *("--device", "wb-1", "--subject", "s-1", "--start", start),
        ],
    )
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_track_holds_what_it_was_made_for(replayed):
    assert sorted((o["rule"], o["change"]) for o in replayed) == [
        ("exclusion", "cleared"),
        ("exclusion", "raised"),
        ("inclusion", "cleared"),
        ("inclusion", "cleared"),
        ("inclusion", "raised"),
        ("inclusion", "raised"),
        ("silence", "cleared"),
        ("silence", "raised"),
        ("teleport", "cleared"),
        ("teleport", "raised"),
    ]


async def test_over_mqtt_the_same_is_found(broker, tmp_path, points, start_ms, replayed):
    directory = directory_from_fences(FENCES, device="wb-1", subject="s-1")
    settings = make_settings(tmp_path, broker)
    give_directory(settings, directory.body)
    broker.add_device("wb-1", org=ORG)
    clock, counts = SimClock(start_ms, MAX_SCALE), Counts()
    around = Surroundings(broker.host, broker.port, broker.site_key, clock, counts)
    feed = TrackFeed(Identity("wb-1", ORG, "wristband"), points, first_ms=start_ms, boot=5)
    async with running(settings) as gateway:
        clock.begin()
        await Device(feed, around).run()
        await gateway.until_kept(len(points))
    assert counts.acknowledged_by_gateway == len(points)
    with journal_of(settings) as journal:
        found = [o for _, o in journal.outcomes(0, 1 << 40)]
    played = [
        (
            o.id,
            o.rule,
            o.change,
            to_text(o.begin_ms),
            None if o.end_ms is None else to_text(o.end_ms),
        )
        for o in found
    ]
    # The gateway waits five minutes of its own for what a device that is back may have held.
    assert sorted(played) == sorted(
        (o["id"], o["rule"], o["change"], o["begin_time"], o["end_time"])
        for o in replayed
        if o["rule"] != "silence"
    )
