"""What goes out over a channel: one message, of one notification or of several. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from server.notifications.template import Language, Said, filled

Tells = Literal["reference_only", "pseudonym", "name"]
"""What a channel may be told of the person: nothing, the pseudonym, or the name."""

_SEVERITIES: Final = {
    "critical": ("紧急", "critical"),
    "major": ("重要", "major"),
    "minor": ("一般", "minor"),
}
_RANK: Final = tuple(_SEVERITIES)
_SEVERAL: Final = {"zh": "多个机构", "en": "Several offices"}
_MOST_NUMBERS: Final = 20
_NUMBER_CHARS: Final = 8
"""A person finds an alert by the beginning of its id; a machine is told the whole."""
_JOINT: Final = {"zh": "、", "en": ", "}


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, and the key that the receiver knows a repetition by.

    Attributes:
        key: The same however often it is sent.
        kind: The template; `digest` for several notifications of different matters.
        severity: The gravest of its notifications.
        said: The texts, in the channel's languages and order.
        count: How many notifications it is of.
        data: The references alone, for machines.
        queued_at: When the first was handed over; aware.
    """

    key: str
    kind: str
    severity: str
    said: Mapping[Language, Said]
    count: int
    data: Mapping[str, Any]
    queued_at: datetime

    @property
    def title(self) -> str:
        """The titles, one after the other."""
        return " / ".join(one.title for one in self.said.values())

    @property
    def text(self) -> str:
        """The texts, a line each."""
        return "\n".join(one.text for one in self.said.values())


def key_of(keys: Sequence[str]) -> str:
    """Return the key of a message of these notifications; of one, its own."""
    if len(keys) == 1:
        return keys[0]
    return "fold-" + hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:40]


def composed(
    key: str, rows: Sequence[Mapping[str, Any]], *, tells: Tells, languages: Sequence[Language]
) -> Message:
    """Return the message of notifications that go out together.

    Args:
        key: The message's.
        rows: The notifications, the first first: `kind`, `severity`, `body`, `number`, `org`, and
            what the server knows of the matter in both languages: `rule_zh`, `office_zh` ...;
            `pseudonym` and `name` are None where the file is closed.
        tells: The channel's policy.
        languages: The channel's, in order.

    Raises:
        NotificationError: A template has no value for a placeholder.
    """
    first = rows[0]
    severity = min((row["severity"] for row in rows), key=_RANK.index)
    kind = first["kind"] if len(rows) == 1 else "digest"
    said = {
        language: filled(kind, language, _values(rows, severity, tells, language))
        for language in languages
    }
    return Message(
        key=key,
        kind=kind,
        severity=severity,
        said=said,
        count=len(rows),
        data=_data(rows, severity, tells),
        queued_at=first["queued_at"],
    )


def _values(
    rows: Sequence[Mapping[str, Any]], severity: str, tells: Tells, language: Language
) -> dict[str, str]:
    first = rows[0]
    offices = {row[f"office_{language}"] for row in rows}
    values = {
        "rule": first[f"rule_{language}"],
        "office": offices.pop() if len(offices) == 1 else _SEVERAL[language],
        "number": (first["number"] or "")[:_NUMBER_CHARS],
        "severity": _SEVERITIES[severity][language == "en"],
        "person": _bracketed(_person(first, tells), language),
    }
    if len(rows) == 1:
        return values | {name: str(value) for name, value in first["body"].items()}
    numbers = list(dict.fromkeys(row["number"][:_NUMBER_CHARS] for row in rows if row["number"]))
    shown = _JOINT[language].join(numbers[:_MOST_NUMBERS])
    return values | {
        "count": str(len(rows)),
        "critical": str(sum(row["severity"] == "critical" for row in rows)),
        "numbers": shown + (" …" if len(numbers) > _MOST_NUMBERS else ""),
    }


def _person(row: Mapping[str, Any], tells: Tells) -> str:
    # A closed file has neither: the database shows its person to nobody here.
    shown: str | None = {
        "reference_only": None,
        "pseudonym": row["pseudonym"],
        "name": row["name"],
    }[tells]
    return shown or ""


def _bracketed(person: str, language: Language) -> str:
    if not person:
        return ""
    return f"（{person}）" if language == "zh" else f" ({person})"


def _data(rows: Sequence[Mapping[str, Any]], severity: str, tells: Tells) -> dict[str, Any]:
    first = rows[0]
    alerts = list(dict.fromkeys(row["number"] for row in rows if row["number"]))
    data = {"severity": severity, "org": first["org"], "alerts": alerts, "values": first["body"]}
    data |= {"rule": first["rule"], "count": len(rows)}
    person = _person(first, tells)
    return data | ({"person": person} if person and len(rows) == 1 else {})
