"""What attempts come to: of a window, and in a row. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from gateway.attempt import Attempt
from gateway.engine.episode import Stretched
from gateway.engine.rules.checkin_inconclusive import CHECKIN_INCONCLUSIVE
from gateway.engine.rules.checkin_late import CHECKIN_LATE
from gateway.engine.rules.checkin_missed import CHECKIN_MISSED
from gateway.engine.rules.checkin_no_match import CHECKIN_NO_MATCH
from gateway.engine.rules.checkin_place import CHECKIN_PLACE

_MS_PER_S = 1_000


class Window(msgspec.Struct, frozen=True, array_like=True):
    """One window of a duty to check in: [start_ms, end_ms), and until when a match is only late.

    Attributes:
        checkin: Id of the duty.
        start_ms: Milliseconds since 1970 UTC.
        end_ms: When it is over.
        grace_s: How long after that a match still counts, seconds.
        kiosk: Where it is due; None: anywhere.
    """

    checkin: str
    start_ms: int
    end_ms: int
    grace_s: int
    kiosk: str | None

    @property
    def deadline_ms(self) -> int:
        """From when on it is missed."""
        return self.end_ms + self.grace_s * _MS_PER_S

    def holds(self, time_ms: int) -> bool:
        """Return whether an attempt made then counts for it."""
        return self.start_ms <= time_ms < self.deadline_ms


class Result(NamedTuple):
    """What is wrong with a window: the rule, where it begins, where that is certain, why."""

    rule: str
    begin_ms: int
    confirmed_ms: int
    facts: dict[str, Any]


def result_of(
    window: Window, made: Sequence[Attempt], is_replay: Callable[[Attempt], bool], *, is_over: bool
) -> Result | None:
    """Return what is wrong with a window, None when nothing is, or not yet.

    Args:
        window: The window.
        made: The person's attempts in order.
        is_replay: Which of them count for nothing.
        is_over: Its grace has run out, and what may still come has been waited for.
    """
    within = [one for one in made if window.holds(one.response_time_ms)]
    counted = [one for one in within if not is_replay(one)]
    matched = [one for one in counted if one.verdict == "match"]
    proper = [one for one in matched if window.kiosk in (None, one.kiosk)]
    facts: dict[str, Any] = {
        "checkin": window.checkin,
        "start_ms": window.start_ms,
        "end_ms": window.end_ms,
        "grace_s": window.grace_s,
    }
    if proper:
        first_ms = proper[0].response_time_ms
        if first_ms < window.end_ms:
            return None
        return Result(CHECKIN_LATE.name, first_ms, first_ms, facts | attempt_facts(proper[0]))
    if not is_over:
        return None
    if matched:
        first_ms = matched[0].response_time_ms
        facts |= attempt_facts(matched[0]) | {"kiosk_named": window.kiosk}
        return Result(CHECKIN_PLACE.name, first_ms, max(first_ms, window.deadline_ms), facts)
    facts |= {
        "matched": 0,
        "no_match": sum(one.verdict == "no_match" for one in counted),
        "inconclusive": sum(one.verdict == "inconclusive" for one in counted),
        "replayed": len(within) - len(counted),
    }
    return Result(CHECKIN_MISSED.name, window.end_ms, window.deadline_ms, facts)


def attempt_facts(one: Attempt) -> dict[str, Any]:
    """Return an attempt as facts of a record."""
    return {
        "attempt": one.attempt,
        "kiosk": one.kiosk,
        "challenge_ms": one.challenge_time_ms,
        "response_ms": one.response_time_ms,
        "capture": one.capture.hex(),
    }


class Run(msgspec.Struct, array_like=True):
    """What attempts in a row have come to so far.

    Attributes:
        no_match: The episode without a match that is open: [begin_ms, confirmed_ms].
        unsure: Attempts in a row that could not tell.
        unsure_from_ms: When the first of them was made.
        inconclusive: The inconclusive episode that is open.
    """

    no_match: tuple[int, int] | None = None
    unsure: int = 0
    unsure_from_ms: int = 0
    inconclusive: tuple[int, int] | None = None


def in_a_row(
    run: Run, made: Iterable[Attempt], least: Callable[[int], int]
) -> tuple[Run, dict[str, list[Stretched]]]:
    """Go on with attempts that are no replays, in order.

    Args:
        run: What came before.
        made: The attempts.
        least: How many in a row that cannot tell are told, at a time.

    Returns:
        What they come to, and the episodes by rule; `run` is left as it was.
    """
    now = Run(run.no_match, run.unsure, run.unsure_from_ms, run.inconclusive)
    closed: dict[str, list[Stretched]] = {CHECKIN_NO_MATCH.name: [], CHECKIN_INCONCLUSIVE.name: []}
    for one in made:
        time_ms = one.response_time_ms
        if one.verdict == "no_match":
            now.no_match = now.no_match or (time_ms, time_ms)
            now.unsure = 0
        elif one.verdict == "inconclusive":
            now.unsure_from_ms = now.unsure_from_ms if now.unsure else time_ms
            now.unsure += 1
            if now.unsure >= least(time_ms) and now.inconclusive is None:
                now.inconclusive = (now.unsure_from_ms, time_ms)
        else:
            for name, opened in _opened(now):
                closed[name].append(Stretched(*opened, end_ms=time_ms, closed_ms=time_ms))
            now = Run()
    found = {name: list(episodes) for name, episodes in closed.items()}
    for name, opened in _opened(now):
        found[name].append(Stretched(*opened))
    return now, found


def _opened(run: Run) -> Iterable[tuple[str, tuple[int, int]]]:
    for rule, opened in (
        (CHECKIN_NO_MATCH, run.no_match),
        (CHECKIN_INCONCLUSIVE, run.inconclusive),
    ):
        if opened is not None:
            yield rule.name, opened
