"""A batch on its way into the journal: evaluated, then committed."""

from collections import Counter
from dataclasses import dataclass

from firmware_protocols.codec import AckRange
from firmware_protocols.message import Reply
from firmware_protocols.topics import Topic
from gateway.columns import ReportColumns
from gateway.engine.outcome import Outcome
from gateway.faces.challenging import Asked
from gateway.intake.decode import Decoded


@dataclass(frozen=True, slots=True)
class Committed:
    """What one batch came to, all of it durable.

    Attributes:
        acknowledge: The reports that devices may forget, by the topic that they came by.
        outcomes: What the engine found.
        accepted: Reports that entered the journal.
        counts: Refused messages and reports by reason, and `repeated`.
        replies: Answers to commands, with the device that gave them.
        signals: Messages that leave no row, by kind.
        announced: Entries of media indexes that entered the journal.
        shown: Attempts to check in that wait in the store of faces.
        asked: Requests of kiosks for a challenge.
    """

    acknowledge: dict[Topic, list[AckRange]]
    outcomes: list[Outcome]
    accepted: int
    counts: Counter[str]
    replies: list[tuple[str, Reply]]
    signals: Counter[str]
    announced: int
    shown: int
    asked: list[Asked]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A batch between evaluation and commit: the engine has moved on, the journal not yet."""

    decoded: Decoded
    columns: ReportColumns
    outcomes: list[Outcome]
    at_us: int
