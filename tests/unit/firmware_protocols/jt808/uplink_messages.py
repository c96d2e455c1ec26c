"""Hypothesis strategies for what JT/T 808 terminals send, as both editions can carry it."""

import msgspec
from hypothesis import strategies as st

from firmware_protocols.jt808.location_words import STANDARD_ALARMS, STANDARD_STATES
from firmware_protocols.message import (
    Heartbeat,
    Login,
    Logout,
    Media,
    Reply,
    Report,
    Request,
    Unknown,
)

DEVICE = "13800138000"
_TRUE = st.sampled_from([True])

_U8, _U16, _U32 = (st.integers(0, (1 << bits) - 1) for bits in (8, 16, 32))


def text(size):
    """Return texts that fill at most `size` bytes of GBK and have no blanks around them."""
    return st.text("abcXYZ019-粤京", min_size=1, max_size=size // 2)


def _ordered(names):
    return st.sets(st.sampled_from(names)).map(
        lambda some: tuple(name for name in names if name in some)
    )


def _extra():
    return st.fixed_dictionaries(
        {},
        optional={
            "states": _ordered(list(STANDARD_STATES.values())).filter(bool),
            "mileage_m": _U32.map(lambda raw: raw * 100),
            "fuel_l": st.integers(0, 0x7FFF).map(lambda raw: raw / 10),
            "recorder_speed_mps": _U16.map(lambda raw: raw / 36),
            "confirm_alarm": _U16,
            "signal_bits": _U32,
            "io_bits": _U16,
            "network_signal": _U8,
            "video_lost_bits": _U32,
            "video_covered_bits": _U32,
            "video_storage_fault_bits": _U16,
            "alarm_bits_unknown": st.sampled_from([1 << 15, 1 << 16, 7 << 15]),
            "status_bits_unknown": st.sampled_from([1 << 26, 1 << 31]),
            "unknown": st.dictionaries(
                st.sampled_from(["05", "07", "aa", "f9"]),
                st.binary(min_size=1, max_size=40).map(bytes.hex),
                min_size=1,
            ),
        },
    )


def reports(*, backlog=False, items=True):
    """Return strategies for reports that a standard terminal can send, to wire resolution."""
    said = st.builds(
        Report,
        device=st.just(DEVICE),
        kind=st.just("fix"),
        # 2000-01-02 to 2099-12-30: two digits of a year at any offset.
        fix_time_ms=st.integers(946_771_200, 4_102_272_000).map(lambda time_s: time_s * 1000),
        boot=st.just(0),
        seq=st.just(0),
        valid=st.booleans(),
        longitude_deg=st.integers(-180_000_000, 180_000_000).map(lambda raw: raw / 1_000_000),
        latitude_deg=st.integers(-90_000_000, 90_000_000).map(lambda raw: raw / 1_000_000),
        datum=st.just("WGS84"),
        altitude_m=st.integers(-500, 9_000),
        speed_mps=_U16.map(lambda raw: raw / 36),
        heading_deg=st.integers(0, 359),
        satellites=st.none() | _U8 if items else st.none(),
        alarms=_ordered(list(STANDARD_ALARMS.values())),
        backlog=st.just(backlog),
        extra=_extra() if items else st.just({}),
    )
    return said.map(_with_general_alarm)


def _with_general_alarm(report):
    if "alarm_bits_unknown" not in report.extra:
        return report
    return msgspec.structs.replace(report, alarms=(*report.alarms, "general"))


_CODES = st.text("abcdef0123456789", min_size=1, max_size=20)


def messages(*, is_2019):
    """Return strategies for every record but reports."""
    maker = text(11 if is_2019 else 5)
    long, short = (text(30), text(30)) if is_2019 else (text(20), text(7))
    who = {"device": st.just(DEVICE), "terminal": st.just(DEVICE)}
    place = {"province": _U16, "city": _U16, "plate_colour": _U8, "plate": text(10)}
    register = st.builds(
        Login,
        step=st.just("register"),
        maker=maker,
        model=long,
        serial=short,
        extra=st.fixed_dictionaries(place),
        **who,
    )
    later = {"imei": st.just("866005024473037"), "firmware": text(20)} if is_2019 else {}
    authenticate = st.builds(Login, step=st.just("authenticate"), auth_code=_CODES, **later, **who)
    return st.one_of(register, authenticate, _others(long, short), _media(), _unknown())


def _others(long, short):
    device = st.just(DEVICE)
    attributes = st.fixed_dictionaries(
        {
            "terminal_type_bits": _U16,
            "maker": text(5),
            "model": long,
            "serial": short,
            "iccid": st.binary(min_size=10, max_size=10).map(bytes.hex),
            "hardware": text(40),
            "firmware": text(40),
            "gnss_bits": _U8,
            "communication_bits": _U8,
        }
    )
    resend = st.fixed_dictionaries({"serial": _U16, "parts": st.lists(_U16, max_size=9).map(tuple)})
    parameters = {"heartbeat_interval_s": 60, "plate": "京A1", "video_settings": "0102"}
    sound = st.fixed_dictionaries({"network_signal": _U8, "status_bits": _U8})
    return st.one_of(
        st.builds(Heartbeat, device=device),
        st.builds(Heartbeat, device=device, battery_pct=st.integers(0, 100), extra=sound),
        st.builds(Logout, device=device),
        st.builds(Request, device=device, request=st.just("time")),
        st.builds(Request, device=device, request=st.just("resend"), extra=resend),
        st.builds(
            lambda to, result: Reply(
                device=DEVICE, to=f"8103:{to}", ok=result == 0, extra={"result": result}
            ),
            _U16,
            _U8,
        ),
        st.builds(Reply, device=device, to=st.just("8107"), ok=_TRUE, extra=attributes),
        st.just(Reply(device=DEVICE, to="8104:7", ok=True, extra={"parameters": parameters})),
    )


def _media():
    extra = st.fixed_dictionaries({"coding": _U8, "event": _U8, "channel": _U8})
    common = {
        "device": st.just(DEVICE),
        "media": _U32.map(str),
        "media_type": st.sampled_from(["image", "audio", "video"]),
        "extra": extra,
    }
    image = st.binary(max_size=3000).map(lambda rest: b"\xff\xd8\xff" + rest)
    recording = image.flatmap(
        lambda payload: st.builds(
            Media, payload=st.just(payload), size_bytes=st.just(len(payload)), **common
        )
    )
    return st.builds(Media, **common) | recording


def _unknown():
    ids = st.sampled_from(["0x0900", "0x0702", "0xe001", "0x6006", "0x8103"])
    return st.builds(Unknown, device=st.just(DEVICE), message=ids, payload=st.binary(max_size=1200))
