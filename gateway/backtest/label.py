"""The truth about violations: label files, as the simulators write them."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Protocol

import msgspec

from gateway.errors import LabelError

_Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Labelled(Protocol):
    """The truth about one violation."""

    @property
    def rule(self) -> str:
        """Name of the rule that should find it."""

    @property
    def subject(self) -> str:
        """Pseudonym."""

    @property
    def fence(self) -> str | None:
        """Fence of the place rules, else None."""

    @property
    def begin_time(self) -> str:
        """RFC 3339."""

    @property
    def end_time(self) -> str:
        """RFC 3339."""

    @property
    def depth_m(self) -> float | None:
        """How far beyond the border it goes for four minutes in all, where that is known."""

    @property
    def also(self) -> tuple[str, ...]:
        """Rules whose alert about the same time is right too, without being asked for."""

    @property
    def group(self) -> str | None:
        """Labels of one group are one event, seen at several people; None: it stands alone."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a label file; the members are those of Labelled."""

    rule: str
    subject: str
    begin_time: str
    end_time: str
    fence: str | None = None
    depth_m: float | None = None
    also: tuple[str, ...] = ()
    group: str | None = None


def read_labels(path: Path) -> list[Label]:
    """Return the labels of a file, one JSON object per line.

    Raises:
        LabelError: A line is no label; says which.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise LabelError(f"label file {path}: {error.strerror}") from error
    decoder = msgspec.json.Decoder(Label)
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            label = decoder.decode(line)
            for text in (label.begin_time, label.end_time):
                msgspec.convert(text, _Instant)
            found.append(label)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise LabelError(f"label file {path}, line {number}: {error}") from error
    return found
