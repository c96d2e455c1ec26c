"""Reports that a wristband of ours can make."""

from hypothesis import strategies as st

from firmware_protocols.alarm import ALARM_BITS, alarms_to_mask, mask_to_alarms
from firmware_protocols.message import Report

BOOTS = st.integers(0, 2**32 - 1)
SEQS_53 = st.integers(0, 2**53 - 1)
SEQS_32 = st.integers(0, 2**32 - 1)
TIMES_MS = st.integers(0, 2**53 - 1)


def optional(strategy):
    return st.none() | strategy


def number(low, high, **options):
    return st.floats(low, high, allow_nan=False, **options)


def stepped(low, high, per_unit):
    """Numbers of so many steps per unit, as fixed-point fields hold them."""
    return st.integers(low * per_unit, high * per_unit).map(lambda raw: raw / per_unit)


def in_bit_order(alarms):
    return mask_to_alarms(alarms_to_mask(alarms))


FREE = {
    "longitude_deg": number(-180, 180),
    "latitude_deg": number(-90, 90),
    "accuracy_m": number(0, 100_000),
    "altitude_m": number(-1_000, 20_000),
    "speed_mps": number(0, 1_000),
    "heading_deg": number(0, 360, exclude_max=True),
    "skin_temperature_c": number(-50, 100),
}
FIXED_POINT = {
    "longitude_deg": stepped(-180, 180, 10_000_000),
    "latitude_deg": stepped(-90, 90, 10_000_000),
    "accuracy_m": stepped(0, 100_000, 1_000),
    "altitude_m": stepped(-1_000, 20_000, 1_000),
    "speed_mps": stepped(0, 1_000, 1_000),
    "heading_deg": st.integers(0, 35_999).map(lambda raw: raw / 100),
    "skin_temperature_c": stepped(-50, 100, 100),
}


@st.composite
def reports(draw, boot, *, sent_time_ms=None, numbers=FREE, seqs=SEQS_53, device="wb-000001"):
    """Reports of one boot and one message."""
    has_position = draw(st.booleans())
    place = {}
    if has_position:
        place = {
            "longitude_deg": draw(numbers["longitude_deg"]),
            "latitude_deg": draw(numbers["latitude_deg"]),
            "datum": draw(st.sampled_from(["WGS84", "GCJ02", "BD09"])),
        }
    battery_pct = draw(optional(st.integers(0, 100)))
    alarms = draw(st.lists(st.sampled_from(sorted(ALARM_BITS)), max_size=8, unique=True))
    heart_rate_bpm = draw(optional(st.integers(0, 400)))
    skin_temperature_c = draw(optional(numbers["skin_temperature_c"]))
    has_vitals = heart_rate_bpm is not None or skin_temperature_c is not None
    kind = "vitals" if has_vitals and battery_pct is None and not alarms else "status"
    return Report(
        device=device,
        kind="fix" if has_position else kind,
        fix_time_ms=draw(TIMES_MS),
        boot=boot,
        seq=draw(seqs),
        sent_time_ms=sent_time_ms,
        valid=draw(st.booleans()),
        **place,
        accuracy_m=draw(optional(numbers["accuracy_m"])),
        altitude_m=draw(optional(numbers["altitude_m"])),
        speed_mps=draw(optional(numbers["speed_mps"])),
        heading_deg=draw(optional(numbers["heading_deg"])),
        satellites=draw(optional(st.integers(0, 255))),
        battery_pct=battery_pct,
        alarms=in_bit_order(alarms),
        backlog=draw(st.booleans()),
        skin_contact=draw(optional(st.booleans())),
        heart_rate_bpm=heart_rate_bpm,
        skin_temperature_c=skin_temperature_c,
        steps=draw(optional(st.integers(0, 2**32 - 1))),
    )


@st.composite
def batches(draw, *, max_size=12, **options):
    """One to `max_size` reports that go into one message."""
    boot = draw(BOOTS)
    sent_time_ms = draw(optional(TIMES_MS))
    one = reports(boot, sent_time_ms=sent_time_ms, **options)
    return draw(st.lists(one, min_size=1, max_size=max_size))
