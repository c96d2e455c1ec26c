"""Layouts of the messages that carry a position.

Lengths in brackets are the length field of the short form, by which models are told apart; they
are facts of captured frames, compared with Traccar's decoder at commit 9e5c458.
"""

from typing import Final

from firmware_protocols.gt06.alarms import (
    VXT01_STATUS_ALARMS,
)
from firmware_protocols.gt06.blocks import STATUS, Clock, Gps
from firmware_protocols.gt06.fields import (
    Bits,
    Field,
    Flag,
    Magnitude,
    Number,
    Optional,
    at_least,
    when_left,
)
from firmware_protocols.gt06.layout import Layout
from firmware_protocols.gt06.module_table import PART_MODULES
from firmware_protocols.gt06.radio import Cell, SizedCell, TypedCell
from firmware_protocols.gt06.strings import Digits, Hex, SizedHex, Text

FIX: Final[tuple[Field, ...]] = (Clock(), Gps())
CELL_FIX: Final[tuple[Field, ...]] = (*FIX, Cell())
WIDE_CELL_FIX: Final[tuple[Field, ...]] = (*FIX, Cell(4, 8))
IGNITION: Final = Flag("ignition")
_MODE: Final = Number("upload_mode", 1)
_BACKLOG: Final = Flag("backlog")
ODOMETER: Final = Number("odometer_raw", 4)
SIGNAL: Final = Number("signal", 1)
CODE: Final = Number("alarm_code", 1)
LANGUAGE: Final = Number("language", 1)
SUPPLY_V: Final = Number("supply_v", 2, 100)
_FUEL_V: Final = Number("battery_v", 2, 100)

TRIP: Final = Optional(when_left(3, 7), ("upload_mode",), (IGNITION, _MODE, _BACKLOG))
_EVENT_TRIP: Final = Optional(at_least(3), ("upload_mode",), (IGNITION, _MODE, _BACKLOG))
DISTANCE: Final = Optional(when_left(4), ("odometer_raw",), (ODOMETER,))
CARD: Final = Hex("card", 8)


_NT_HEAD: Final[tuple[Field, ...]] = (
    Number("source", 1),
    Digits("imei", 8),
    Clock("sent_time_ms"),
    *FIX,
)
_NT_STATE: Final[tuple[Field, ...]] = (
    STATUS,
    SUPPLY_V,
    Number("battery_v", 1, 10),
    SIGNAL,
    CODE,
    LANGUAGE,
    Number("odometer_raw", 3),
    Number("engine_min", 3),
)
_DRIVER: Final = Optional(at_least(1), ("driver",), (SizedHex("driver"),))

PLAIN: Final = (
    Layout(type=0x10, fields=FIX),
    Layout(type=0x11, fields=(*FIX, Cell(2, 4, is_mnc_wide=True), TRIP, DISTANCE)),
    Layout(
        type=0x12,
        variant="vxt01",
        lengths=(0x24, 0x24),
        fields=(*CELL_FIX, STATUS, SUPPLY_V, SIGNAL, Number("extension", 1)),
        status_alarms=VXT01_STATUS_ALARMS,
    ),
    Layout(
        type=0x12,
        variant="gt06e_card",
        lengths=(0x71, 0xFF),
        fields=(
            *CELL_FIX,
            ODOMETER,
            Text("card_text"),
            Number("card_alarm_raw", 1),
            Number("card_swiped_raw", 1),
        ),
    ),
    Layout(
        type=0x12,
        variant="benway",
        lengths=(0x21, 0x21),
        fields=(
            *CELL_FIX,
            Bits(
                2,
                (
                    ("io_value", 0, 9),
                    ("io_bit_9", 9, 1),
                    ("io_bits_10_11", 10, 2),
                    ("io_is_temperature", 12, 1),
                    ("io_is_voltage", 13, 1),
                    ("input_2", 14, 1),
                    ("ignition", 15, 1),
                ),
            ),
        ),
    ),
    Layout(
        type=0x12,
        variant="s5",
        lengths=(0x2B, 0x2B),
        fields=(
            *CELL_FIX,
            STATUS,
            SUPPLY_V,
            SIGNAL,
            CODE,
            Number("oil_raw", 2),
            Bits(1, (("temperature_magnitude_c", 0, 7), ("is_temperature_negative", 7, 1))),
            Number("odometer_10m", 4),
        ),
    ),
    Layout(
        type=0x12,
        variant="wetrust",
        lengths=(0x29, 0x29),
        fields=(
            *CELL_FIX,
            ODOMETER,
            Text("card_text"),
            Flag("card_alarm"),
            Number("card_status", 1),
            Number("driving_time_raw", 2),
        ),
    ),
    Layout(
        type=0x12,
        variant="imei",
        lengths=(0x27, 0x27),
        prefix=b"\x08",  # IMEIs begin with 08; the year 2008 is past
        fields=(Digits("imei", 8), *CELL_FIX, TRIP, DISTANCE),
    ),
    Layout(type=0x12, fields=(*CELL_FIX, TRIP, DISTANCE)),
    Layout(
        type=0x22,
        variant="nt",
        lengths=(0x3B, 0x3E),
        fields=(*_NT_HEAD, SizedCell(spare=14), *_NT_STATE),
    ),
    Layout(
        type=0x22,
        variant="seeworld",
        lengths=(0x2F, 0x2F),
        fields=(
            *FIX,
            Cell(2, 4),
            IGNITION,
            _MODE,
            _BACKLOG,
            ODOMETER,
            Number("travel_time_raw", 4),
            Magnitude("temperature_c", 100),
            Number("humidity_pct", 2, 100),
        ),
    ),
    Layout(type=0x22, fields=(*CELL_FIX, _EVENT_TRIP, DISTANCE)),
    Layout(
        type=0x25,
        variant="nt_driver",
        lengths=(0x3C, 0xFF),
        fields=(
            *_NT_HEAD,
            SizedCell(spare=14, cid_bytes=4, counts_itself=False),
            *_NT_STATE,
            _DRIVER,
        ),
    ),
    Layout(type=0x25, fields=(*FIX, Cell(2, 4), TRIP, DISTANCE)),
    Layout(type=0x2D, fields=(*CELL_FIX, _EVENT_TRIP, DISTANCE)),
    Layout(
        type=0x31,
        variant="sl4x",
        lengths=(0x2A, 0x2A),
        fields=(
            *FIX,
            Cell(2, 4, is_mnc_wide=True),
            IGNITION,
            _MODE,
            _BACKLOG,
            ODOMETER,
            Number("altitude_m", 2, signed=True),
        ),
    ),
    Layout(type=0x31, fields=(*CELL_FIX, _EVENT_TRIP, DISTANCE)),
    Layout(type=0x37, fields=(*CELL_FIX, IGNITION, _MODE, _BACKLOG, PART_MODULES)),
    Layout(type=0x38, is_long=None, fields=(*FIX, _MODE, _BACKLOG, TypedCell(), PART_MODULES)),
    Layout(type=0x1A, fields=(*FIX, Optional(at_least(21), ("phone",), (Text("phone", 21),)))),
    Layout(
        type=0x2A,
        ack="address",
        fields=(*FIX, Text("phone", 21), Number("language", 2)),
    ),
    Layout(type=0xA0, fields=(*WIDE_CELL_FIX, TRIP, DISTANCE)),
    Layout(
        type=0x17,
        variant="rfid",
        lengths=(0x28, 0x28),
        fields=(*CELL_FIX, CARD, Number("card_status", 1)),
    ),
    Layout(
        type=0x61,
        fields=(Digits("imei", 8), *FIX, Cell(2, 4), Number("driver_number", 6)),
    ),
    Layout(
        type=0x24,
        variant="sr411",
        lengths=(0x2E, 0x2E),
        fields=(*CELL_FIX, IGNITION, SUPPLY_V, _FUEL_V),
    ),
    Layout(
        type=0x36,
        variant="trx16i",
        lengths=(0x35, 0x35),
        fields=(
            *FIX,
            Cell(2, 4),
            IGNITION,
            _MODE,
            _BACKLOG,
            ODOMETER,
            SUPPLY_V,
            Number("battery_v", 1, 10),
            Number("engine_min", 3),
            CARD,
        ),
    ),
)
