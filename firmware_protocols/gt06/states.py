"""Layouts of login, status and of the messages that tell radio surroundings instead of a place."""

from typing import Final

from firmware_protocols.gt06.alarms import AZ735_CODES, MODULE_CODES
from firmware_protocols.gt06.blocks import STATUS, Battery, Clock, Epoch, Event, Gps, SizedFix
from firmware_protocols.gt06.fields import (
    Bits,
    Field,
    Flag,
    Magnitude,
    ModeValue,
    Number,
    Optional,
    Reserved,
    at_least,
    when_left,
)
from firmware_protocols.gt06.frame import TYPE_LOGIN
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.module_table import MODULAR, PART_MODULES, PERIPHERALS, STATE_MODULES
from firmware_protocols.gt06.radio import AccessPoints, Cell, Cells, LegacyWifi, SizedCell
from firmware_protocols.gt06.strings import Digits, Hex, SizedHex, Text

_SIGNAL: Final = Number("signal", 1)
_CODE: Final = Number("alarm_code", 1)
_LANGUAGE: Final = Number("language", 1)
_TONGUE: Final = Optional(when_left(1), ("language",), (_LANGUAGE,))
_SUPPLY_V: Final = Number("supply_v", 2, 100)
_TIMING_ADVANCE: Final = Number("timing_advance", 1)
_LANGUAGE_TAIL: Final = Optional(when_left(2), ("language",), (Number("language", 2),))

LOGIN: Final = (
    Layout(
        type=TYPE_LOGIN,
        sort="login",
        fields=(
            Digits("imei", 8),
            Optional(at_least(2), ("terminal_type",), (Hex("terminal_type", 2),)),
            Optional(
                at_least(2),
                ("utc_offset_hhmm",),
                (
                    Bits(
                        2,
                        (
                            ("language_bits", 0, 3),
                            ("is_west", 3, 1),
                            ("utc_offset_hhmm", 4, 12),
                        ),
                    ),
                ),
            ),
        ),
    ),
)

_OBD6_HEAD: Final = (
    STATUS,
    Bits(
        2,
        (
            ("signal", 0, 5),
            ("gps_satellites", 5, 5),
            ("bds_satellites", 10, 5),
            ("is_signal_said", 15, 1),
        ),
    ),
    _CODE,
    _LANGUAGE,
    Battery(has_levels=False),
)
_VOLTAGE_STATE: Final = (
    Number("supply_v", 2, 100),
    Reserved("reserved", 1),
    Number("work_raw", 2),
)

STATUS_MESSAGES: Final = (
    Layout(
        type=0x13,
        variant="obd6_temperature",
        lengths=(0x13, 0x13),
        fields=(
            *_OBD6_HEAD,
            Number("mode", 1),
            *_VOLTAGE_STATE,
            ModeValue(),
        ),
    ),
    Layout(
        type=0x13,
        variant="obd6_long",
        lengths=(0x15, 0x15),
        fields=(
            *_OBD6_HEAD,
            Number("mode", 1),
            *_VOLTAGE_STATE,
            Number("work_time_raw", 2),
            Magnitude("temperature_c", 10, "positive"),
        ),
    ),
    Layout(
        type=0x13,
        variant="volts",
        by_profile=True,
        fields=(STATUS, Battery(), _SIGNAL, Number("supply_v", 1), _TONGUE),
    ),
    Layout(
        type=0x13,
        variant="centivolts",
        by_profile=True,
        fields=(STATUS, _SUPPLY_V, _SIGNAL, _CODE),
    ),
    Layout(
        type=0x13,
        variant="supply",
        by_profile=True,
        fields=(
            STATUS,
            Battery(),
            _SIGNAL,
            Bits(2, (("supply_decivolt", 0, 12), ("supply_flags", 12, 4))),
        ),
    ),
    Layout(type=0x13, fields=(STATUS, Battery(), _SIGNAL, _CODE, _TONGUE)),
    Layout(
        type=0x23,
        status_alarms={},
        fields=(
            STATUS,
            Optional(at_least(2), ("battery_v",), (Number("battery_v", 2, 100),)),
            Optional(at_least(1), ("signal",), (_SIGNAL,)),
            _LANGUAGE_TAIL,
        ),
    ),
    Layout(
        type=0x36,
        fields=(STATUS, Battery(), _SIGNAL, _CODE, _LANGUAGE, PART_MODULES),
    ),
    Layout(
        type=0xA3,
        variant="seeworld",
        lengths=(0x0C, 0x0C),
        fields=(
            STATUS,
            Number("status_extension", 2),
            Battery(),
            _SIGNAL,
            Number("supply_v", 1),
            _LANGUAGE,
        ),
    ),
    Layout(
        type=0xA3,
        variant="seeworld_steps",
        lengths=(0x18, 0x18),
        fields=(
            STATUS,
            Number("status_extension", 2),
            Number("voltage_level", 1),
            _SIGNAL,
            Number("supply_v", 1),
            _LANGUAGE,
            Flag("sound"),
            Flag("light"),
            Number("steps", 4),
            Battery(has_levels=False),
            Number("charge_state", 1),
            Flag("moving"),
        ),
    ),
    Layout(type=0xF1, is_long=None, fields=(Epoch(), STATE_MODULES)),
    Layout(type=0xF2, is_long=None, fields=(Epoch(), PERIPHERALS)),
    Layout(type=0x70, is_long=None, fields=(MODULAR,), codes=MODULE_CODES),
)


def _surroundings(message: int, cells: Field, *rest: Field, **kind: object) -> Layout:
    return Layout(type=message, fields=(Clock(), cells, *rest), **kind)  # type: ignore[arg-type]


SURROUNDINGS: Final = (
    *(
        Layout(
            type=message,
            variant="wifi",
            has_serial=False,
            ack="wifi",
            fields=(LegacyWifi(),),
        )
        for message in (0x17, 0x69)
    ),
    _surroundings(0xF3, AccessPoints(signal_first_bytes=2)),
    _surroundings(0x18, Cells(), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    _surroundings(0x28, Cells(), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    _surroundings(0x2E, Cells(), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    Layout(
        type=0x24,
        variant="wanway",
        lengths=(0x31, 0x31),
        fields=(Clock(), _TIMING_ADVANCE, Cells(slots=0)),
    ),
    _surroundings(0x24, Cells(), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    _surroundings(0x2C, Cells(), _TIMING_ADVANCE, AccessPoints(), _LANGUAGE_TAIL),
    _surroundings(0x33, Cells(2, 4, slots=6), _TIMING_ADVANCE, AccessPoints(), _LANGUAGE_TAIL),
    Layout(
        type=0x34,
        variant="sl4x",
        lengths=(0x37, 0x37),
        fields=(Clock(), _TIMING_ADVANCE, Cells(2, 4, slots=5, is_mnc_wide=True)),
    ),
    _surroundings(0xA1, Cells(4, 8), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    _surroundings(0xA2, Cells(4, 8), _TIMING_ADVANCE, AccessPoints(), _LANGUAGE_TAIL),
    _surroundings(
        0xA9,
        Cells(slots=0, has_generation=True),
        _TIMING_ADVANCE,
        AccessPoints(),
        Event(),
    ),
    Layout(
        type=0x19,
        lengths=(0x05, 0x16),
        fields=(Cell(), STATUS, Battery(), _SIGNAL, _CODE, _TONGUE),
    ),
    Layout(type=0xA5, fields=(Cell(4, 8), STATUS, Battery(), _SIGNAL, _CODE, _TONGUE)),
    Layout(
        type=0xA7,
        ack="address",
        fields=(Cell(4, 8), Text("phone", 21), Number("language", 2)),
    ),
    Layout(
        type=0x1E,
        fields=(Clock(), Gps(), Cells(), _TIMING_ADVANCE, _LANGUAGE_TAIL),
    ),
    Layout(
        type=0xB2,
        fields=(
            Clock(),
            Number("tag_rssi_dbm", 1, signed=True),
            Hex("tag", 6),
            Hex("tag_uuid", 16),
            Number("tag_major", 2),
            Number("tag_minor", 2),
            Number("tag_battery_v", 2, 100),
            Number("clock_in_bits", 1),
        ),
    ),
    *(
        Layout(
            type=message,
            is_long=True,
            ack="long",
            codes=codes,
            fields=(
                Clock(),
                SizedFix(),
                SizedCell(spare=4, has_signal=True),
                SizedHex("neighbour_cells"),
                AccessPoints(is_sized=True),
                _CODE,
                SizedHex("extension"),
            ),
        )
        for message, codes in ((0x32, {}), (0x33, AZ735_CODES))
    ),
)
