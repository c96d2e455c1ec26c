"""What a watch sends comes back as it was, to the wire's resolution; any bytes end well."""

import json
import string
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.errors import DecodeError
from firmware_protocols.message import Heartbeat, Login, Media, Reply, Report, Request, Unknown
from firmware_protocols.watch.encode import encode

TERMINALS = st.from_regex(r"[0-9]{10}([0-9]{5})?", fullmatch=True)
MAKERS = st.sampled_from(["3G", "SG", "CS", "ZJ"])
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
BY_BIT = {14: "power_cut", 16: "sos", 17: "low_battery", 18: "fence_exit", 19: "fence_enter",
          20: "removed", 21: "fall"}  # fmt: skip


def decode(payload):
    return CODECS["watch"].open(Context())(payload)


def scaled(low, high, places):
    return st.integers(low, high).map(lambda raw: raw / 10**places)


def present(**fields):
    """Return a dictionary of what is not None."""
    return {name: value for name, value in fields.items() if value is not None}


@st.composite
def headers(draw, *words):
    index = draw(st.none() | st.from_regex(r"[0-9]{4}", fullmatch=True))
    return present(message=draw(st.sampled_from(words)), maker=draw(MAKERS), index=index)


@st.composite
def surroundings(draw):
    mcc, mnc = draw(st.integers(1, 999)), draw(st.integers(0, 999))
    cell = st.builds(
        lambda lac, cid, signal: present(mcc=mcc, mnc=mnc, lac=lac, cid=cid, signal=signal),
        st.integers(0, 65_535),
        st.integers(0, 2**28),
        st.none() | st.integers(-140, 200),
    )
    network = st.builds(
        lambda ssid, mac, dbm: {"ssid": ssid, "mac": mac.hex(":"), "rssi_dbm": dbm},
        NAMES,
        st.binary(min_size=6, max_size=6),
        st.integers(-120, 0),
    )
    cells, wifi = draw(st.lists(cell, max_size=4)), draw(st.lists(network, max_size=4))
    advance = draw(st.none() | st.integers(0, 255)) if cells else None
    return present(cells=cells or None, wifi=wifi or None, timing_advance=advance)


@st.composite
def locations(draw):
    header = draw(headers("UD", "UD2", "UD_LTE", "UD_WCDMA", "AL", "AL_LTE", "WT"))
    bits = draw(st.sets(st.sampled_from(sorted(BY_BIT)), max_size=3))
    alarms = tuple(BY_BIT[bit] for bit in sorted(bits))
    if header["message"].startswith("AL") and not alarms:
        alarms = ("general",)
    moment = draw(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001
    speed_kph = draw(st.none() | scaled(0, 30_000, 2))
    return Report(
        device=draw(TERMINALS),
        kind="fix",
        fix_time_ms=int(moment.replace(tzinfo=UTC).timestamp()) * 1_000,
        boot=0,
        seq=0,
        valid=draw(st.booleans()),
        longitude_deg=draw(scaled(-1_800_000_000, 1_800_000_000, 7)),
        latitude_deg=draw(scaled(-900_000_000, 900_000_000, 7)),
        datum="WGS84",
        accuracy_m=draw(st.none() | scaled(1, 9_999, 1)),
        altitude_m=draw(st.none() | scaled(-1_000, 90_000, 1)),
        speed_mps=None if speed_kph is None else speed_kph / 3.6,
        heading_deg=draw(st.none() | scaled(0, 3_599, 1)),
        satellites=draw(st.none() | st.integers(0, 60)),
        battery_pct=draw(st.none() | st.integers(0, 100)),
        alarms=alarms,
        backlog=header["message"] == "UD2",
        steps=draw(st.none() | st.integers(0, 99_999)),
        extra=header
        | draw(surroundings())
        | {"status_bits": f"{sum(1 << bit for bit in bits):08X}"}
        | present(
            signal_pct=draw(st.none() | st.integers(0, 100)),
            tumbles=draw(st.none() | st.integers(0, 999)),
        ),
    )


def linked(device, extra, steps, battery):
    extra = extra | {"tumbles": 3}
    return Heartbeat(device=device, steps=steps, battery_pct=battery, extra=extra)


def voice_part(device, extra, name, data):
    extra = extra | {"type": "0", "part": 1, "parts": 6}
    return Media(device=device, media=name, media_type="audio", payload=data, extra=extra)


def image(device, extra, data):
    return Media(
        device=device,
        media="160429110950",
        media_type="image",
        size_bytes=len(data),
        payload=data,
        extra=extra | {"trigger": "5"},
    )


def vitals(device, extra):
    said = {"values": ["0", "98"], "spo2_pct": 98}
    return Heartbeat(device=device, extra=extra | said)


WORDS = st.text(string.ascii_letters, min_size=1, max_size=8).map("Zz".__add__)
OTHERS = st.one_of(
    st.builds(linked, TERMINALS, headers("LK"), st.integers(0, 99_999), st.integers(0, 100)),
    st.builds(lambda d, e: Heartbeat(device=d, extra=e), TERMINALS, headers("LK")),
    st.builds(vitals, TERMINALS, headers("oxygen")),
    st.builds(voice_part, TERMINALS, headers("JXTK"), NAMES, st.binary(max_size=300)),
    st.builds(image, TERMINALS, headers("img"), st.binary(max_size=300)),
    st.builds(lambda d, e: Request(device=d, request="voice", extra=e), TERMINALS, headers("TKQ")),
    st.builds(
        lambda d, e: Login(device=d, step="login", terminal=d, extra=e), TERMINALS, headers("INIT")
    ),
    st.builds(
        lambda d, e, ok: Reply(device=d, to="TK", ok=ok, extra=e),
        TERMINALS,
        headers("TK"),
        st.booleans(),
    ),
    st.builds(
        lambda d, e, text: Reply(device=d, to="VERNO", ok=True, text=text, extra=e),
        TERMINALS,
        headers("VERNO"),
        st.none() | st.text(string.ascii_letters + ",._", min_size=1),
    ),
    st.builds(
        lambda d, e, word, data: Unknown(
            device=d, message=word, payload=data.encode(), extra=e | {"message": word}
        ),
        TERMINALS,
        headers(""),
        WORDS,
        st.text(string.ascii_letters + ",:*", max_size=30),
    ),
)


@given(locations())
def test_a_location_comes_back_as_it_was(sent):
    (found,) = decode(encode(sent))
    assert msgspec.structs.replace(found, seq=0) == sent


@given(OTHERS)
def test_every_other_message_comes_back_as_it_was(sent):
    assert decode(encode(sent)) == [sent]


@given(st.lists(st.one_of(locations(), OTHERS), min_size=1, max_size=5))
def test_glued_frames_say_what_each_says(sent):
    frames = [encode(message) for message in sent]
    assert decode(b"".join(frames)) == [message for frame in frames for message in decode(frame)]


@given(st.lists(st.integers(0, 255), max_size=20), locations())
def test_a_location_with_other_bytes_in_it_decodes_or_raises_decode_error(noise, sent):
    frame = bytearray(encode(sent))
    for place, byte in enumerate(noise):
        frame[(place * 37 + byte) % len(frame)] = byte
    with suppress(DecodeError):
        json.dumps(msgspec.to_builtins(decode(bytes(frame))))


FIELDS = st.one_of(
    st.sampled_from(["", "0", "A", "V", "1", "46", "-5", "1e9", "NaN", "１", "FFFF", "311299"]),
    st.text(max_size=6),
)


@given(st.sampled_from(["UD", "AL", "LK", "bphrt", "JXTK", "img", "TK"]), st.lists(FIELDS))
@example("UD", ["010120", "000000", "A", "1", "N", "1", "E", *["9" * 400] * 20])
@example("AL", [])
def test_any_values_decode_or_raise_decode_error(word, values):
    content = ",".join([word, *values]).encode("utf-8", "surrogatepass")
    with suppress(DecodeError):
        json.dumps(msgspec.to_builtins(decode(b"[3G*8826264401*0000*" + content + b"]")))
