"""What check-ins come to, the slow obvious way: everything looked at again from the whole list."""

from collections.abc import Sequence

from gateway.attempt import Attempt

MINUTE_MS = 60_000


def replays(made: Sequence[Attempt]) -> set[Attempt]:
    """Attempts that share number or capture with one made before, or were answered too early."""
    found = set()
    for one in made:
        before = [other for other in made if other.order < one.order]
        same = any(
            other.attempt == one.attempt or (other.capture and other.capture == one.capture)
            for other in before
        )
        if same or one.response_time_ms < one.challenge_time_ms:
            found.add(one)
    return found


def windows(
    made: Sequence[Attempt],
    spans: Sequence[tuple[int, int]],
    *,
    grace_ms: int,
    kiosk: str | None,
    wait_ms: int,
    now_ms: int,
) -> list[tuple[str, int]]:
    """Return (rule, begin) of every window of one person that something is wrong with."""
    bad = replays(made)
    found = []
    for start_ms, end_ms in spans:
        deadline_ms = end_ms + grace_ms
        good = sorted(
            (one.response_time_ms, one.kiosk)
            for one in made
            if one not in bad
            and one.verdict == "match"
            and start_ms <= one.response_time_ms < deadline_ms
        )
        proper = [time_ms for time_ms, where in good if kiosk is None or where == kiosk]
        if proper:
            if proper[0] >= end_ms:
                found.append(("checkin_late", proper[0]))
        elif now_ms - wait_ms >= deadline_ms:
            if good:
                found.append(("checkin_place", good[0][0]))
            else:
                found.append(("checkin_missed", end_ms))
    return found


def runs(made: Sequence[Attempt], *, least: int) -> list[tuple[str, int, int]]:
    """Return (rule, begin, end or -1) of what one person's attempts in a row come to."""
    bad = replays(made)
    good = sorted((one for one in made if one not in bad), key=lambda one: one.order)
    found = []
    no_match, unsure, inconclusive = None, [], None
    for one in good:
        time_ms = one.response_time_ms
        if one.verdict == "match":
            for name, begin in (
                ("checkin_no_match", no_match),
                ("checkin_inconclusive", inconclusive),
            ):
                if begin is not None:
                    found.append((name, begin, time_ms))
            no_match, unsure, inconclusive = None, [], None
        elif one.verdict == "no_match":
            no_match = time_ms if no_match is None else no_match
            unsure = []
        else:
            unsure.append(time_ms)
            if len(unsure) >= least and inconclusive is None:
                inconclusive = unsure[0]
    for name, begin in (("checkin_no_match", no_match), ("checkin_inconclusive", inconclusive)):
        if begin is not None:
            found.append((name, begin, -1))
    return found
