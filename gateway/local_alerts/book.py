"""Which alerts wait to be seen on a terminal: a state machine without I/O or clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from msgspec.structs import replace

from firmware_protocols.local_alert import AlertTitle, LocalAlert
from gateway.engine.outcome import Outcome
from gateway.engine.rules.catalogue import RULES
from gateway.journal.telling import Telling, Told

NEVER_WITHDRAWN: Final = ("sos", "strap", "case", "removed")
LOCAL_RULES: Final = (*NEVER_WITHDRAWN, "exclusion", "no_contact")
"""What cannot wait for a server, the gravest first: a call for help, the strap and the case, a
forbidden place, a person who must be left alone."""

WAITING_MAX: Final = 5_000
"""Alerts that nobody has seen; what comes beyond it waits in the journal for room."""

_KNOWN_MAX: Final = 50_000
_RETRY_FIRST_MS: Final = 5_000
_RETRY_MAX_MS: Final = 60_000
"""What is at the broker is on the screen within a second: somebody who has not answered after 5 s
has not looked, or the terminal was not there."""


@dataclass(slots=True)
class Waiting:
    """An alert that nobody has seen.

    Attributes:
        seq: Journal entry of its outcome.
        alert: What terminals are told.
        tries: How often it was told, or nobody was there to be told.
        next_ms: When it is told again, milliseconds since 1970 UTC.
    """

    seq: int
    alert: LocalAlert
    tries: int = 0
    next_ms: int = 0
    _delay_ms: int = field(default=_RETRY_FIRST_MS)

    def tried(self, now_ms: int) -> None:
        """Note a try."""
        self.tries += 1
        self.next_ms = now_ms + self._delay_ms
        self._delay_ms = min(self._delay_ms * 2, _RETRY_MAX_MS)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What a terminal was told of and late data contradict.

    Attributes:
        seq: Journal entry of the outcome that says so.
    """

    seq: int
    alert: LocalAlert
    device: str


class LocalBook:
    """Alerts that the server has not confirmed, and what terminals were told and answered."""

    def __init__(self, tellings: Iterable[Telling]) -> None:
        """Start with what the journal says of earlier lives."""
        self._waiting: dict[str, Waiting] = {}
        self._known: dict[tuple[str, str, Told], None] = {}
        self._seen: dict[str, None] = {}
        self._withdrawn: dict[tuple[str, str], Withdrawal] = {}
        for one in tellings:
            self._note(one)

    @property
    def waiting_count(self) -> int:
        """Alerts that nobody has seen and the server has not confirmed."""
        return len(self._waiting)

    def offer(self, seq: int, outcome: Outcome) -> bool:
        """Take an outcome that the server has not confirmed; False: there is no room for it."""
        if outcome.rule not in LOCAL_RULES:
            return True
        if outcome.change == "superseded" and outcome.rule not in NEVER_WITHDRAWN:
            self._waiting.pop(outcome.episode, None)
            self._withdraw(seq, outcome)
        is_new = outcome.change == "raised" and outcome.episode not in self._seen
        if not is_new or outcome.episode in self._waiting:
            return True
        if len(self._waiting) >= WAITING_MAX:
            return False
        self._waiting[outcome.episode] = Waiting(seq, alert_of(outcome))
        return True

    def confirm(self, through: int) -> None:
        """Let go what the server has: everything up to an entry."""
        for episode in [key for key, one in self._waiting.items() if one.seq <= through]:
            del self._waiting[episode]
        for key in [key for key, one in self._withdrawn.items() if one.seq <= through]:
            del self._withdrawn[key]

    def withdrawals(self, most: int) -> list[Withdrawal]:
        """Return what terminals are still to be told that it is nothing, the oldest first."""
        return list(islice(self._withdrawn.values(), most))

    def took(self, one: Withdrawal) -> None:
        """Note that the broker has a withdrawal."""
        self._withdrawn.pop((one.alert.id, one.device), None)

    def due(self, now_ms: int, most: int) -> list[Waiting]:
        """Return what is to be told now, the gravest and oldest first."""
        due = [one for one in self._waiting.values() if one.next_ms <= now_ms]
        due.sort(key=lambda one: (one.tries, LOCAL_RULES.index(one.alert.rule), one.seq))
        return due[:most]

    def note(self, telling: Telling) -> bool:
        """Take what a terminal was told or answered; False when that was known."""
        if telling.change == "seen":
            self._waiting.pop(telling.episode, None)
        if (telling.episode, telling.device, telling.change) in self._known:
            return False
        self._note(telling)
        return True

    def _withdraw(self, seq: int, outcome: Outcome) -> None:
        alert = replace(alert_of(outcome), withdrawn=True)
        for episode, device, change in self._known:
            # What beyond the bound is not withdrawn here, the desk calls back.
            is_told = episode == outcome.episode and change == "told"
            if is_told and len(self._withdrawn) < WAITING_MAX:
                self._withdrawn[episode, device] = Withdrawal(seq, alert, device)

    def _note(self, telling: Telling) -> None:
        self._known[telling.episode, telling.device, telling.change] = None
        if telling.change == "seen":
            self._seen[telling.episode] = None
        while len(self._known) > _KNOWN_MAX:
            del self._known[next(iter(self._known))]
        while len(self._seen) > _KNOWN_MAX:
            del self._seen[next(iter(self._seen))]


def alert_of(outcome: Outcome) -> LocalAlert:
    """Return what terminals are told of an outcome."""
    rule = RULES[outcome.rule]
    return LocalAlert(
        id=outcome.episode,
        rule=outcome.rule,
        severity=rule.severity,
        title=AlertTitle(*rule.title),
        org=outcome.org,
        subject=outcome.subject,
        begin_time_ms=max(outcome.begin_ms, 0),
    )
