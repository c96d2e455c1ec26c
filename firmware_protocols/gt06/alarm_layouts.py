"""Layouts of the alarm messages that carry a position."""

from typing import Final

from firmware_protocols.gt06.alarms import (
    CAMERA_CODES,
    CAMERA_SHORT_CODES,
    TRX16I_CODES,
    VXT01_STATUS_ALARMS,
)
from firmware_protocols.gt06.blocks import STATUS, Battery, Clock, Event, Gps
from firmware_protocols.gt06.fields import Field, Number, Optional, Reserved, when_left
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.module_table import PART_MODULES
from firmware_protocols.gt06.positions import (
    CARD,
    CELL_FIX,
    CODE,
    DISTANCE,
    FIX,
    LANGUAGE,
    ODOMETER,
    SIGNAL,
    SUPPLY_V,
    TRIP,
    WIDE_CELL_FIX,
)
from firmware_protocols.gt06.radio import Cell, SizedCell, TypedCell
from firmware_protocols.gt06.strings import Digits, Rest

_TONGUE: Final = Optional(when_left(1), ("language",), (LANGUAGE,))
_STATE: Final[tuple[Field, ...]] = (STATUS, Battery(), SIGNAL, CODE)
_ALARM_TAIL: Final[tuple[Field, ...]] = (*_STATE, _TONGUE, TRIP, DISTANCE)
_FENCE_TAIL: Final[tuple[Field, ...]] = (STATUS, Battery(), SIGNAL, Event())
_FENCE: Final = Number("fence", 1)


def _alarm(message: int, cell: Field, *tail: Field, **rest: object) -> Layout:
    return Layout(type=message, fields=(*FIX, cell, *(tail or _ALARM_TAIL)), **rest)  # type: ignore[arg-type]


ALARM: Final = (
    Layout(
        type=0x16,
        variant="vxt01",
        lengths=(0x24, 0x24),
        fields=(*CELL_FIX, STATUS, SUPPLY_V, SIGNAL, Number("extension", 1)),
        status_alarms=VXT01_STATUS_ALARMS,
    ),
    _alarm(0x16, SizedCell(spare=4, cid_bytes=4), variant="seeworld", lengths=(0x26, 0x26)),
    _alarm(
        0x16,
        SizedCell(spare=13),
        *_STATE,
        LANGUAGE,
        CARD,
        variant="trx16i",
        lengths=(0x2D, 0x2D),
        codes=TRX16I_CODES,
    ),
    _alarm(0x16, Reserved("cell", 46), variant="empty_cells", lengths=(0x4A, 0x4A)),
    _alarm(0x16, SizedCell(spare=4)),
    _alarm(0x26, SizedCell(spare=4)),
    _alarm(0x27, SizedCell(spare=6), *_FENCE_TAIL, _FENCE),
    _alarm(
        0x32,
        SizedCell(spare=4, cid_bytes=4, is_mnc_wide=True),
        *_STATE,
        LANGUAGE,
        variant="sl4x",
        lengths=(0x27, 0x27),
    ),
    _alarm(
        0x32,
        SizedCell(spare=4, cid_bytes=4, is_mnc_wide=True),
        *_STATE,
        LANGUAGE,
        Number("altitude_m", 2, signed=True),
        variant="sl4x_altitude",
        lengths=(0x29, 0x29),
    ),
    _alarm(0x32, SizedCell(spare=4)),
    _alarm(0x39, TypedCell(), *_FENCE_TAIL, PART_MODULES),
    Layout(
        type=0xA2,
        variant="lw4g",
        lengths=(0x40, 0x40),
        fields=(
            *WIDE_CELL_FIX,
            Number("network_indicator", 1),
            STATUS,
            SUPPLY_V,
            Battery(),
            SIGNAL,
            CODE,
            LANGUAGE,
            ODOMETER,
            Number("engine_s", 4),
            Digits("imei", 8),
            Number("inputs", 2),
        ),
    ),
    Layout(
        type=0xA3,
        variant="fence",
        lengths=(0x22, 0xFF),
        fields=(*FIX, _FENCE, Cell(4, 8), *_STATE, _TONGUE),
    ),
    _alarm(0xA4, SizedCell(spare=6), *_FENCE_TAIL, _FENCE),
    Layout(
        type=0x95,
        variant="jc400",
        prefix=b"\xff\xff",
        fields=(
            Number("marker", 2),
            Number("version", 1),
            Clock(),
            Gps(speed_bytes=2, is_flags_first=True),
            Number("supply_v", 2, 10),
            CODE,
            Number("alarm_data", 2),
            Rest("files"),
        ),
        codes=CAMERA_CODES,
    ),
    Layout(
        type=0x95,
        variant="short",
        lengths=(5, 0x0C),
        fields=(Clock(), CODE),
        codes=CAMERA_SHORT_CODES,
    ),
    Layout(
        type=0x95,
        fields=(
            Clock(),
            Gps(has_satellites=False, speed_bytes=0),
            CODE,
            Number("alarm_data", 2),
            Rest("files"),
        ),
        codes=CAMERA_CODES,
    ),
)
