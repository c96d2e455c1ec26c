"""Track files: what the reader makes of good and of bad ones."""

import pytest

from firmware_protocols.errors import TrackFileError
from firmware_protocols.track_file import TrackPoint, read_track

PLT = """Geolife trajectory
WGS 84
Altitude is in Feet
Reserved 3
0,2,255,My Track,0,0,2,8421376
0
28.4,119.9,0,492,39858.1054513889,2009-02-14,02:31:51
28.4001,119.9001,0,-777,39858.105474537,2009-02-14,02:31:53
28.4002,119.9002,0,-777,39858.105474537,2009-02-14,02:31:53
"""
GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="test" xmlns="http://www.topografix.com/GPX/1/1">
 <wpt lat="1" lon="2"><time>2026-11-22T01:00:00Z</time></wpt>
 <trk><trkseg>
  <trkpt lat="28.4" lon="119.9"><ele>151.5</ele><time>2026-11-22T01:02:03.500Z</time>
   <extensions><speed>1.25</speed><course>360</course></extensions></trkpt>
  <trkpt lat="28.5" lon="119.8"><time>2026-11-22T09:02:05+08:00</time></trkpt>
 </trkseg></trk></gpx>
"""


def test_geolife_times_are_gmt_and_minus_777_is_no_altitude():
    first, second, third = read_track(PLT, name="a.PLT")
    assert first == TrackPoint(
        fix_time_ms=1_234_578_711_000,
        longitude_deg=119.9,
        latitude_deg=28.4,
        altitude_m=pytest.approx(149.96, abs=0.01),
    )
    assert second.altitude_m is None
    assert third.fix_time_ms == second.fix_time_ms  # repeated times stay


def test_gpx_track_points_carry_height_speed_and_course():
    first, second = read_track(GPX, name="walk.gpx")
    assert first == TrackPoint(
        fix_time_ms=1_795_309_323_500,
        longitude_deg=119.9,
        latitude_deg=28.4,
        altitude_m=151.5,
        speed_mps=1.25,
        heading_deg=0.0,
    )
    assert second == TrackPoint(
        fix_time_ms=1_795_309_325_000, longitude_deg=119.8, latitude_deg=28.5
    )


@pytest.mark.parametrize(
    "text",
    [
        "fix_time,longitude_deg,latitude_deg,accuracy_m\n2026-11-22T01:02:03Z,119.9,28.4,8\n",
        "t,lon,lat,acc\r\n1795309323000,119.9,28.4,8.0\r\n",
        "\ufefflat,lon,note,t,acc\n28.4,119.9,home,2026-11-22T09:02:03+08:00,8\n\n",
    ],
    ids=["long names", "short names and ms", "other order, other columns, BOM"],
)
def test_csv_is_read_by_its_header(text):
    assert read_track(text, name="x.csv") == [
        TrackPoint(
            fix_time_ms=1_795_309_323_000,
            longitude_deg=119.9,
            latitude_deg=28.4,
            accuracy_m=8.0,
        )
    ]


HEADER = "t,lon,lat,acc\n"


@pytest.mark.parametrize(
    ("name", "text", "line", "words"),
    [
        ("x.csv", HEADER + "1795309323000,119.9,28.4,8\n,1,2,3\n", 3, "fix_time"),
        ("x.csv", HEADER + "1795309323000,181,28.4,8\n", 2, "longitude_deg 181"),
        ("x.csv", HEADER + "1795309323000,119.9,nan,8\n", 2, "latitude_deg 'nan'"),
        ("x.csv", HEADER + "1795309323000,119.9,28.4\n", 2, "3 values"),
        ("x.csv", HEADER + "1795309323000,,28.4,8\n", 2, "longitude_deg is empty"),
        ("x.csv", HEADER + "2026-11-22T01:02:03,119.9,28.4,8\n", 2, "with a zone"),
        ("x.csv", HEADER + "1969-11-22T01:02:03Z,119.9,28.4,8\n", 2, "before 1970"),
        ("x.csv", HEADER + '1795309323000,"119.9,28.4,8\n', 2, "not CSV"),
        ("x.csv", "t,lon\n1,2\n", 1, "lacks latitude_deg"),
        ("x.csv", "t,lon,lat,longitude_deg\n", 1, "twice"),
        ("x.csv", "", 0, "no track point"),
        ("x.plt", PLT.replace("WGS 84", "GCJ 02"), 2, "WGS 84"),
        ("x.plt", PLT + "28.4,400,0,1,1,2009-02-14,02:31:51\n", 10, "longitude_deg 400"),
        ("x.plt", PLT + "28.4,100,0,1\n", 10, "4 values"),
        ("x.gpx", GPX.replace("</gpx>", ""), 9, "not XML"),
        ("x.gpx", GPX.replace("<time>2026-11-22T09:02:05+08:00</time>", ""), 7, "without time"),
        ("x.gpx", GPX.replace("<gpx", "<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx", 1), 2, "DTD"),
        ("x.gpx", GPX.replace("151.5", "1" * 100), 5, "more than 64 characters"),
        ("x.kml", "", 0, ".csv, .gpx, .plt"),
    ],
)
def test_a_bad_line_is_named(name, text, line, words):
    with pytest.raises(TrackFileError) as caught:
        read_track(text, name=name)
    assert caught.value.line == line
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"{name}:{line}:" if line else f"{name}:")
