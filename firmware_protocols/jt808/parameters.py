"""Terminal parameters: 0x8103 sets, 0x8104 and 0x8106 ask, 0x0104 answers (JT/T 808-2019, 8.8 ff).

The ids are table 12 of JT/T 808-2019 with those that only the edition of 2013 has, and table 1 of
JT/T 1078-2016. What an id's value means stands in its name, units included.
"""

from typing import Any, Final, Literal

import msgspec

from firmware_protocols.errors import CommandError, LengthError
from firmware_protocols.jt808.body import BodyReader, write_number, write_text

Kind = Literal["byte", "word", "dword", "text", "bytes"]

_WIDTHS: Final[dict[Kind, int]] = {"byte": 1, "word": 2, "dword": 4}
_MAX_VALUE_BYTES: Final = 255

HEARTBEAT_INTERVAL: Final = 0x0001
REPORT_STRATEGY: Final = 0x0020
"""0: by time; 1: by distance; 2: by both."""
DEFAULT_INTERVAL: Final = 0x0029

PARAMETERS: Final[dict[int, tuple[str, Kind]]] = {
    0x0001: ("heartbeat_interval_s", "dword"),
    0x0002: ("tcp_answer_timeout_s", "dword"),
    0x0003: ("tcp_resends", "dword"),
    0x0004: ("udp_answer_timeout_s", "dword"),
    0x0005: ("udp_resends", "dword"),
    0x0006: ("sms_answer_timeout_s", "dword"),
    0x0007: ("sms_resends", "dword"),
    0x0010: ("main_server_apn", "text"),
    0x0011: ("main_server_dial_user", "text"),
    0x0012: ("main_server_dial_password", "text"),
    0x0013: ("main_server_address", "text"),
    0x0014: ("backup_server_apn", "text"),
    0x0015: ("backup_server_dial_user", "text"),
    0x0016: ("backup_server_dial_password", "text"),
    0x0017: ("backup_server_address", "text"),
    0x0018: ("server_tcp_port", "dword"),  # 2011 and 2013; later in the address
    0x0019: ("server_udp_port", "dword"),  # 2011 and 2013; later in the address
    0x001A: ("ic_card_server_address", "text"),
    0x001B: ("ic_card_server_tcp_port", "dword"),
    0x001C: ("ic_card_server_udp_port", "dword"),
    0x001D: ("ic_card_backup_server_address", "text"),
    0x0020: ("report_strategy", "dword"),
    0x0021: ("report_scheme", "dword"),
    0x0022: ("no_login_interval_s", "dword"),
    0x0023: ("second_server_apn", "text"),  # 2019
    0x0024: ("second_server_dial_user", "text"),  # 2019
    0x0025: ("second_server_dial_password", "text"),  # 2019
    0x0026: ("second_server_address", "text"),  # 2019
    0x0027: ("sleep_interval_s", "dword"),
    0x0028: ("emergency_interval_s", "dword"),
    0x0029: ("default_interval_s", "dword"),
    0x002C: ("default_distance_m", "dword"),
    0x002D: ("no_login_distance_m", "dword"),
    0x002E: ("sleep_distance_m", "dword"),
    0x002F: ("emergency_distance_m", "dword"),
    0x0030: ("corner_angle_deg", "dword"),
    0x0031: ("fence_radius_m", "word"),
    0x0032: ("forbidden_driving_period", "bytes"),  # 2019: BYTE[4], hour and minute twice
    0x0040: ("platform_phone", "text"),
    0x0041: ("reset_phone", "text"),
    0x0042: ("factory_reset_phone", "text"),
    0x0043: ("platform_sms_phone", "text"),
    0x0044: ("alarm_sms_phone", "text"),
    0x0045: ("call_answer_strategy", "dword"),
    0x0046: ("max_call_s", "dword"),
    0x0047: ("max_calls_in_month_s", "dword"),
    0x0048: ("listen_in_phone", "text"),
    0x0049: ("privileged_sms_phone", "text"),
    0x0050: ("alarm_mask_bits", "dword"),
    0x0051: ("alarm_sms_bits", "dword"),
    0x0052: ("alarm_photo_bits", "dword"),
    0x0053: ("alarm_photo_store_bits", "dword"),
    0x0054: ("key_alarm_bits", "dword"),
    0x0055: ("max_speed_kmh", "dword"),
    0x0056: ("overspeed_duration_s", "dword"),
    0x0057: ("continuous_driving_limit_s", "dword"),
    0x0058: ("daily_driving_limit_s", "dword"),
    0x0059: ("min_rest_s", "dword"),
    0x005A: ("max_parking_s", "dword"),
    0x005B: ("overspeed_warning_margin_dkmh", "word"),  # 1/10 km/h
    0x005C: ("fatigue_warning_margin_s", "word"),
    0x005D: ("collision_bits", "word"),
    0x005E: ("rollover_angle_deg", "word"),
    0x0064: ("timed_photo_bits", "dword"),
    0x0065: ("distance_photo_bits", "dword"),
    0x0070: ("image_quality", "dword"),
    0x0071: ("brightness", "dword"),
    0x0072: ("contrast", "dword"),
    0x0073: ("saturation", "dword"),
    0x0074: ("chroma", "dword"),
    0x0075: ("video_settings", "bytes"),  # JT/T 1078
    0x0076: ("video_channels", "bytes"),  # JT/T 1078
    0x0077: ("video_channel_settings", "bytes"),  # JT/T 1078
    0x0079: ("alarm_recording_settings", "bytes"),  # JT/T 1078
    0x007A: ("video_alarm_mask_bits", "dword"),  # JT/T 1078
    0x007B: ("image_analysis_settings", "bytes"),  # JT/T 1078
    0x007C: ("sleep_wake_settings", "bytes"),  # JT/T 1078
    0x0080: ("odometer_hm", "dword"),  # 1/10 km
    0x0081: ("province", "word"),
    0x0082: ("city", "word"),
    0x0083: ("plate", "text"),
    0x0084: ("plate_colour", "byte"),
    0x0090: ("gnss_mode_bits", "byte"),
    0x0091: ("gnss_baud_rate_code", "byte"),
    0x0092: ("gnss_output_rate_code", "byte"),
    0x0093: ("gnss_sampling_interval_s", "dword"),
    0x0094: ("gnss_upload_mode", "byte"),
    0x0095: ("gnss_upload_setting", "dword"),
    0x0100: ("can_1_sampling_interval_ms", "dword"),
    0x0101: ("can_1_upload_interval_s", "word"),
    0x0102: ("can_2_sampling_interval_ms", "dword"),
    0x0103: ("can_2_upload_interval_s", "word"),
    0x0110: ("can_id_settings", "bytes"),  # BYTE[8]; vendors go on to 0x01FF with more ids
}
"""Id to name and data type."""

SECRETS: Final = frozenset({0x0012, 0x0016, 0x0025})
"""Passwords: never in what a decoded answer shows."""


class Parameter(msgspec.Struct, frozen=True):
    """One parameter.

    Attributes:
        id: Its id.
        value: An integer or text where PARAMETERS says so; else, and where the value's length or
            text is not of that type, its bytes.
    """

    id: int
    value: int | str | bytes


class ParameterAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """0x0104: the terminal tells its parameters.

    Attributes:
        to_serial: Serial of the 0x8104 or 0x8106 that asked.
        count: How many the terminal says they are; firmware exists that counts wrongly.
        parameters: Those that follow.
    """

    to_serial: int
    count: int
    parameters: tuple[Parameter, ...]


def write_answer(answer: ParameterAnswer) -> bytes:
    """Return the body of 0x0104."""
    serial = write_number(answer.to_serial, 2, "serial")
    return serial + write_number(answer.count, 1, "count") + _write_list(answer.parameters)


def read_answer(body: bytes) -> ParameterAnswer:
    """Return what a body of 0x0104 says.

    Raises:
        LengthError: A parameter is cut short.
    """
    reader = BodyReader(body)
    serial, count = reader.number(2), reader.number(1)
    # The list goes to the end of the body whatever the count: see test_jt808_down_parameters.
    return ParameterAnswer(to_serial=serial, count=count, parameters=_read_list(reader))


def write_parameters(parameters: tuple[Parameter, ...]) -> bytes:
    """Return the body of 0x8103.

    Raises:
        CommandError: Too many of them, or a value that does not fit its type.
    """
    return write_number(len(parameters), 1, "count of parameters") + _write_list(parameters)


def read_parameters(body: bytes) -> tuple[Parameter, ...]:
    """Return what a body of 0x8103 sets.

    Raises:
        LengthError: A parameter is cut short, or there are more or fewer than the count says.
    """
    reader = BodyReader(body)
    count = reader.number(1)
    parameters = _read_list(reader)
    if len(parameters) != count:
        raise LengthError(
            f"{len(parameters)} parameters, the count says {count}", frame=body, offset=0
        )
    return parameters


def parameters_extra(parameters: tuple[Parameter, ...]) -> dict[str, Any]:
    """Return parameters by name, for a Reply's `extra`; bytes as hex, passwords as "***".

    Ids that are not in PARAMETERS stand under "0x0000f001" and the like.
    """
    shown: dict[str, Any] = {}
    for parameter in parameters:
        name = PARAMETERS.get(parameter.id, (f"{parameter.id:#010x}",))[0]
        value = "***" if parameter.id in SECRETS else parameter.value
        shown[name] = value.hex() if isinstance(value, bytes) else value
    return shown


def _write_list(parameters: tuple[Parameter, ...]) -> bytes:
    written = bytearray()
    for parameter in parameters:
        value = _write_value(parameter)
        if len(value) > _MAX_VALUE_BYTES:
            raise CommandError(
                f"parameter {parameter.id:#06x} takes {len(value)} bytes, {_MAX_VALUE_BYTES} fit"
            )
        written += write_number(parameter.id, 4, "parameter id")
        written.append(len(value))
        written += value
    return bytes(written)


def _write_value(parameter: Parameter) -> bytes:
    value = parameter.value
    if isinstance(value, bytes):
        return value
    name, kind = PARAMETERS.get(parameter.id, ("", "bytes"))
    if isinstance(value, str) and kind == "text":
        return write_text(value, name)
    if isinstance(value, int) and kind in _WIDTHS:
        return write_number(value, _WIDTHS[kind], name)
    raise CommandError(f"parameter {parameter.id:#06x} is of type {kind}, not {value!r:.40}")


def _read_list(reader: BodyReader) -> tuple[Parameter, ...]:
    parameters = []
    while reader.left:
        parameter_id = reader.number(4)
        parameters.append(Parameter(parameter_id, _read_value(parameter_id, reader)))
    return tuple(parameters)


def _read_value(parameter_id: int, reader: BodyReader) -> int | str | bytes:
    raw = reader.take(reader.number(1))
    _, kind = PARAMETERS.get(parameter_id, ("", "bytes"))
    if kind == "text":
        try:
            return raw.rstrip(b"\x00").decode("gbk")  # some terminals end text as C does
        except UnicodeDecodeError:
            return raw
    # Firmware writes a BYTE as a DWORD (0x0090 in captured answers).
    if kind in _WIDTHS and len(raw) in _WIDTHS.values():
        return int.from_bytes(raw, "big")
    return raw
