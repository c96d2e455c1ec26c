"""`guitu fence check|eval`, `guitu datum convert`."""

import csv
import io
import json

import numpy as np
import pytest
from click.testing import CliRunner

from geofence.datum import from_wgs84
from guitu.cli import main

SQUARE = [[119.9, 28.4], [119.91, 28.4], [119.91, 28.41], [119.9, 28.41], [119.9, 28.4]]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]


def run(*words, **options):
    return CliRunner().invoke(main, [str(word) for word in words], **options)


def feature(coordinates, kind="Polygon", **rest):
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {},
    } | rest


def collection(*features, **rest):
    return {"type": "FeatureCollection", "features": list(features)} | rest


@pytest.fixture
def fences(tmp_path):
    def write(document):
        path = tmp_path / "fences.geojson"
        path.write_text(json.dumps(document))
        return path

    return write


@pytest.fixture
def fixes(tmp_path):
    def write(*lines, header="fix,longitude_deg,latitude_deg"):
        path = tmp_path / "fixes.csv"
        path.write_text("\n".join([header, *lines]) + "\n")
        return path

    return write


def evaluated(*words):
    done = run("fence", "eval", *words)
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_each_fence_of_a_file_is_checked_in_a_line_of_its_own(fences):
    path = fences(
        collection(
            feature([SQUARE], id="home"),
            feature([BOW_TIE], properties={"id": "tie"}),
            feature([[SQUARE[0], *SQUARE]]),
            {"type": "Feature", "geometry": None},
            datum="WGS84",
        )
    )
    lines = [json.loads(line) for line in run("fence", "check", path).stdout.splitlines()]
    assert lines[0] == {"fence": "home", "valid": True, "repaired": False}
    assert lines[1]["reason"].startswith("invalid polygon: Self-intersection")
    assert {k: lines[1][k] for k in ("fence", "valid", "ring", "vertex")} == {
        "fence": "tie",
        "valid": False,
        "ring": 0,
        "vertex": 0,
    }
    assert lines[2] == {"fence": "2", "valid": True, "repaired": True}
    assert lines[3]["reason"] == "the feature has no geometry"


def test_every_fix_meets_every_fence(fences, fixes):
    circle = feature([119.9, 28.4], "Point", id="round", properties={"radius_m": 100.0})
    road = feature(
        [[119.95, 28.4], [119.95, 28.5]], "LineString", id="road", properties={"radius_m": 50.0}
    )
    path = fences(collection(feature([SQUARE], id="home"), circle, road, datum="WGS84"))
    header = "fix,longitude_deg,latitude_deg,accuracy_m"
    rows = evaluated(
        *("--fences", path),
        *(
            "--fixes",
            fixes("a,119.905,28.405,10", "b,119.9,28.4,", "c,119.95,28.45,20", header=header),
        ),
    )
    found = {(row["fix"], row["fence"]): row for row in rows}
    assert [(row["fix"], row["fence"]) for row in rows][:4] == [
        *(("a", "home"), ("a", "round"), ("a", "road"), ("b", "home"))
    ]
    assert found["a", "home"]["covers"] == "1"
    assert float(found["a", "home"]["distance_m"]) == pytest.approx(-490, abs=10)
    assert found["a", "home"]["p_inside"] == "1.000000"
    # On the border: covered, at distance 0, with even odds.
    assert found["b", "home"] == {
        "fix": "b",
        "fence": "home",
        "covers": "1",
        "distance_m": "0.000",
        "p_inside": "0.500000",
    }
    assert found["b", "round"]["distance_m"] == "-100.000"
    assert found["c", "road"]["distance_m"] == "-50.000"
    assert float(found["c", "home"]["distance_m"]) > 3_900  # beyond the reach of the index


@pytest.mark.parametrize("named_by", ["file", "call"])
def test_one_datum_goes_for_fences_and_fixes(fences, fixes, named_by):
    lon, lat = (column.tolist() for column in from_wgs84(*np.array(SQUARE).T, datum="GCJ02"))
    shifted = collection(feature([list(map(list, zip(lon, lat, strict=True)))], id="home"))
    place = ",".join(
        f"{v[0]:.9f}" for v in from_wgs84(np.array([119.905]), np.array([28.405]), "GCJ02")
    )
    words = []
    if named_by == "file":
        shifted["datum"] = "GCJ02"
    else:
        words = ["--datum", "GCJ02"]
    (row,) = evaluated("--fences", fences(shifted), "--fixes", fixes(f"a,{place}"), *words)
    assert float(row["distance_m"]) == pytest.approx(-490, abs=10)


def test_a_file_without_a_datum_is_wgs84_and_told_so(fences, fixes):
    done = run(
        "fence", "eval", "--fences", fences(feature([SQUARE])), "--fixes", fixes("a,119.905,28.405")
    )
    assert done.exit_code == 0
    assert "names no datum: WGS84" in done.stderr


def test_an_invalid_fence_is_an_error_unless_it_is_skipped(fences, fixes):
    words = [
        *(
            "--fences",
            fences(collection(feature([BOW_TIE], id="tie"), feature([SQUARE], id="home"))),
        ),
        *("--fixes", fixes("a,119.905,28.405"), "--datum", "WGS84"),
    ]
    refused = run("fence", "eval", *words)
    assert refused.exit_code != 0
    assert "fence tie: ring 0, vertex 0: invalid polygon" in refused.stderr
    skipped = run("fence", "eval", *words, "--skip-invalid")
    assert skipped.exit_code == 0
    assert "guitu: skipped" in skipped.stderr
    assert [line.split(",")[:3] for line in skipped.stdout.splitlines()[1:]] == [["a", "home", "1"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("a,119.9", "latitude_deg None is not a number"),
        ("a,x,28.4", ":2: longitude_deg 'x' is not a number within ±180"),
        ("a,nan,28.4", "longitude_deg 'nan'"),
        ("a,28.4,119.9", "latitude_deg '119.9' is not a number within ±90"),
    ],
)
def test_a_bad_fix_is_named_by_its_line(fences, fixes, line, reason):
    done = run("fence", "eval", "--fences", fences(feature([SQUARE])), "--fixes", fixes(line))
    assert done.exit_code != 0
    assert reason in done.stderr


def test_a_file_that_is_no_geojson_is_refused_in_one_line(fences):
    for document in ([], {"type": "Topology"}, {"type": "FeatureCollection"}):
        done = run("fence", "check", fences(document))
        assert done.exit_code != 0
        assert done.stderr.splitlines()[-1].startswith("guitu: ")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"datum": "GCJ02"}, "its datum 'GCJ02' is not the file's, WGS84"),
        ({"properties": {"datum": "BD09"}}, "its datum 'BD09' is not the file's, WGS84"),
        ({"id": "first"}, "its id 'first' is that of an earlier fence"),
        ({"id": True}, "its id True is neither a string nor a number"),
    ],
)
def test_what_could_be_mistaken_is_a_fault(fences, change, reason):
    document = collection(feature([SQUARE], id="first"), feature([SQUARE], **change), datum="WGS84")
    lines = run("fence", "check", fences(document)).stdout.splitlines()
    assert [json.loads(line)["valid"] for line in lines] == [True, False]
    assert json.loads(lines[1])["reason"] == reason


def test_a_file_with_a_crs_is_refused(fences):
    named = {"type": "name", "properties": {"name": "EPSG:3857"}}
    done = run("fence", "check", fences(collection(feature([SQUARE]), crs=named)))
    assert done.exit_code != 0
    assert "`crs`" in done.stderr


def test_positions_are_converted_line_by_line():
    done = run(
        "datum", "convert", "--from", "WGS84", "--to", "GCJ02", input="119.9,28.4\n\n116,40\n"
    )
    assert done.exit_code == 0
    # Tiananmen's neighbourhood moves by about 555 m (the published figure for Beijing).
    first, second = (tuple(map(float, line.split(","))) for line in done.stdout.splitlines())
    assert first == pytest.approx((119.90440822, 28.396566206), abs=1e-9)
    assert second != (116.0, 40.0)
    back = run("datum", "convert", "--from", "GCJ02", "--to", "WGS84", input=done.stdout)
    assert back.stdout.splitlines() == ["119.900000000,28.400000000", "116.000000000,40.000000000"]


def test_a_line_that_is_no_position_is_named():
    done = run(
        "datum", "convert", "--from", "WGS84", "--to", "BD09", input="119.9,28.4\n28.4;119.9\n"
    )
    assert done.exit_code != 0
    assert ":2: '28.4;119.9' is not `longitude,latitude`" in done.stderr
