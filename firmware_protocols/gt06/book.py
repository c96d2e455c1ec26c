"""All layouts of GT06 in the order in which they are tried."""

from typing import Final

from firmware_protocols.gt06.alarm_layouts import ALARM
from firmware_protocols.gt06.layout import Book
from firmware_protocols.gt06.positions import PLAIN
from firmware_protocols.gt06.states import LOGIN, STATUS_MESSAGES, SURROUNDINGS
from firmware_protocols.gt06.texts import INFORMATION, MEDIA, TEXTS, X1

BOOK: Final = Book(
    (
        *LOGIN,
        *PLAIN,
        *ALARM,
        *STATUS_MESSAGES,
        *SURROUNDINGS,
        *TEXTS,
        *INFORMATION,
        *MEDIA,
        *X1,
    )
)
