"""What the engine finds: an outcome is one change of one episode."""

import hashlib
from typing import Any, Final, Literal

import msgspec

from gateway.engine.words import Words

Change = Literal["raised", "amended", "cleared", "superseded"]
EndedBy = Literal["reports", "fence", "order", "binding", "date", "directory", "checkin"]
"""What ends an episode: reports that say so, the end of its fence, order or binding, a date that
has come, a change of the directory, or a check-in that matched."""

_ID_HEX_DIGITS: Final = 32


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one episode.

    Attributes:
        id: Function of (episode, change, begin, end, revision): a repeat has the same id.
        episode: Function of (rule, subject, target, anchor). The anchor is where the episode began
            when it was first raised; late data that moves the begin keeps it.
        change: What happened to the episode.
        rule: Name of a rule (docs/rules.md).
        org: Organisation of the device, or of the person where no device decided.
        subject: Pseudonym; empty: it is about the organisation.
        device: Device whose report decided, or whose silence it is; empty: no device did.
        fence: Fence id of the place rules.
        fence_version: Its version at the begin of the episode.
        begin_ms: Begin of the episode, fix time.
        end_ms: Its end, if it ended.
        late: Found by data that came after newer data.
        evidence: What the decision rests on; plain JSON values.
        explanation: Why, in Chinese and in English, made from this record alone.
    """

    id: str
    episode: str
    change: Change
    rule: str
    org: str
    subject: str
    device: str
    fence: str | None
    fence_version: int | None
    begin_ms: int
    end_ms: int | None
    late: bool
    evidence: dict[str, Any]
    explanation: Words


def episode_id(rule: str, subject: str, target: str, anchor_ms: int) -> str:
    """Return the id of an episode, 32 hexadecimal digits."""
    return _digest(rule, subject, target, str(anchor_ms))


def outcome_id(
    episode: str, change: Change, begin_ms: int, end_ms: int | None, revision: int
) -> str:
    """Return the id of an outcome, 32 hexadecimal digits."""
    return _digest(episode, change, str(begin_ms), str(end_ms), str(revision))


def _digest(*parts: str) -> str:
    # NUL cannot occur in the parts, so no two lists of parts join to the same text.
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_ID_HEX_DIGITS]
