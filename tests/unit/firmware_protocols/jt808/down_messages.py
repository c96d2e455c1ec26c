"""Hypothesis strategies for every JT/T 808 down-link, as both editions can carry it."""

from hypothesis import strategies as st

from firmware_protocols.jt808.area_rules import AreaRule, Period, Point, SpeedLimit
from firmware_protocols.jt808.areas import (
    Circle,
    DeleteAreas,
    QueryAreas,
    Rectangle,
    SetCircles,
    SetPolygon,
    SetRectangles,
)
from firmware_protocols.jt808.control import (
    APPROVED_COMMANDS,
    CallBack,
    ConfirmAlarms,
    ControlTerminal,
    Locate,
    ProbeLink,
    QueryAllParameters,
    QueryAttributes,
    QueryParameters,
    SendTransparent,
    SetParameters,
    ShowText,
    Track,
)
from firmware_protocols.jt808.parameters import PARAMETERS, Parameter
from firmware_protocols.jt808.replies import (
    MediaReply,
    PlatformReply,
    RegisterReply,
    ResendRequest,
    ServerTime,
    VendorTime,
)
from firmware_protocols.jt808.route import SetRoute, TravelTime, Turn

BYTES = st.integers(0, 0xFF)
WORDS = st.integers(0, 0xFFFF)
DWORDS = st.integers(0, 0xFFFF_FFFF)
TEXTS = st.text("abcXYZ 0189;：归途社区矫正", max_size=40)
TIMES_MS = st.integers(946_684_800, 4_102_444_799 - 86_400).map(lambda second: second * 1_000)
"""Whole seconds of the years 2000 to 2099, in any zone."""

_MICRODEGREES = 1_000_000
_VALUES = {"byte": BYTES, "word": WORDS, "dword": DWORDS, "text": TEXTS}


@st.composite
def parameters(draw):
    number = draw(st.sampled_from(sorted(PARAMETERS)) | st.integers(0xF000, 0xFFFF))
    _, kind = PARAMETERS.get(number, ("", "bytes"))
    return Parameter(number, draw(_VALUES.get(kind, st.binary(max_size=255))))


@st.composite
def points(draw, south, west):
    latitude_deg = draw(st.integers(0, 90 * _MICRODEGREES)) / _MICRODEGREES
    longitude_deg = draw(st.integers(0, 180 * _MICRODEGREES)) / _MICRODEGREES
    return Point(
        -longitude_deg if west else longitude_deg, -latitude_deg if south else latitude_deg
    )


@st.composite
def point_lists(draw, count):
    """Points of one area: all on one side of the equator and of 0 degrees."""
    south, west = draw(st.booleans()), draw(st.booleans())
    return tuple(draw(points(south, west)) for _ in range(count))


def rules():
    return st.sets(st.sampled_from(list(AreaRule))).map(
        lambda chosen: AreaRule(sum(int(rule) for rule in chosen))
    )


def periods():
    return st.none() | st.builds(Period, begin_time_ms=TIMES_MS, end_time_ms=TIMES_MS)


def speeds(is_2019):
    night = WORDS if is_2019 else st.none()
    return st.none() | st.builds(
        SpeedLimit, max_speed_kmh=WORDS, duration_s=BYTES, night_speed_kmh=night
    )


def names(is_2019):
    return TEXTS if is_2019 else st.just("")


@st.composite
def area_fields(draw, is_2019):
    return {
        "id": draw(DWORDS),
        "rules": draw(rules()),
        "period": draw(periods()),
        "speed": draw(speeds(is_2019)),
        "name": draw(names(is_2019)),
    }


@st.composite
def circles(draw, is_2019):
    (centre,) = draw(point_lists(1))
    return Circle(**draw(area_fields(is_2019)), centre=centre, radius_m=draw(DWORDS))


@st.composite
def rectangles(draw, is_2019):
    north_west, south_east = draw(point_lists(2))
    return Rectangle(**draw(area_fields(is_2019)), north_west=north_west, south_east=south_east)


@st.composite
def polygons(draw, is_2019):
    ring = draw(point_lists(draw(st.integers(0, 20))))
    return SetPolygon(**draw(area_fields(is_2019)), points=ring)


@st.composite
def turns(draw, is_2019):
    (point,) = draw(point_lists(1))
    times = st.none() | st.builds(TravelTime, max_s=WORDS, min_s=WORDS)
    return Turn(
        id=draw(DWORDS),
        section=draw(DWORDS),
        point=point,
        width_m=draw(BYTES),
        travel_time=draw(times),
        speed=draw(speeds(is_2019)),
    )


def tuples_of(items, max_size=8):
    return st.lists(items, max_size=max_size).map(tuple)


def downs(is_2019):
    """Every down-link; dangerous commands are left to tests of their own."""
    actions = st.sampled_from(["replace_all", "append", "modify"])
    shapes = st.sampled_from(["circle", "rectangle", "polygon", "route"])
    harmless = BYTES.filter(lambda command: command not in APPROVED_COMMANDS)
    types = st.sampled_from([1, 2]) if is_2019 else st.just(1)
    return st.one_of(
        st.builds(PlatformReply, to_serial=WORDS, to_id=WORDS, result=BYTES),
        st.builds(ResendRequest, first_serial=WORDS, parts=tuples_of(WORDS, 255)),
        st.builds(ServerTime, time_ms=TIMES_MS),
        st.builds(VendorTime, time_ms=TIMES_MS, result=BYTES),
        st.builds(RegisterReply, to_serial=WORDS, result=st.just(0), auth_code=TEXTS),
        st.builds(RegisterReply, to_serial=WORDS, result=st.integers(1, 4)),
        st.builds(MediaReply, media=DWORDS, missing=tuples_of(WORDS)),
        st.builds(SetParameters, tuples_of(parameters())),
        st.sampled_from([QueryAllParameters(), QueryAttributes(), Locate(), ProbeLink()]),
        st.builds(QueryParameters, tuples_of(DWORDS)),
        st.builds(ControlTerminal, command=harmless, arguments=st.binary(max_size=60)),
        st.builds(Track, interval_s=st.integers(1, 0xFFFF), validity_s=DWORDS),
        st.just(Track(interval_s=0)),
        st.builds(ConfirmAlarms, serial=WORDS, alarm_bits=DWORDS),
        st.builds(ShowText, text=TEXTS, mark=BYTES, text_type=types),
        st.builds(CallBack, phone=st.text("0123456789", max_size=20), is_listen_in=st.booleans()),
        st.builds(SendTransparent, channel=BYTES, payload=st.binary(max_size=60)),
        st.builds(SetCircles, action=actions, areas=tuples_of(circles(is_2019), 3)),
        st.builds(SetRectangles, action=actions, areas=tuples_of(rectangles(is_2019), 3)),
        polygons(is_2019),
        st.builds(
            SetRoute,
            id=DWORDS,
            turns=tuples_of(turns(is_2019), 4),
            rules=rules(),
            period=periods(),
            name=names(is_2019),
        ),
        st.builds(DeleteAreas, shape=shapes, ids=tuples_of(DWORDS)),
        st.builds(QueryAreas, shape=shapes, ids=tuples_of(DWORDS)),
    )
