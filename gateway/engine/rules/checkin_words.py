"""Words that the check-in rules share."""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.words import Words

TRIES: Final = ("matched", "no_match", "inconclusive", "replayed")
"""How attempts are counted in the facts of a window."""


def window_words(account: Account) -> Words:
    """Return which window it was: [start, end) and which duty."""
    start, end = clock(account.facts["start_ms"]), clock(account.facts["end_ms"])
    duty = account.facts["checkin"]
    return Words(
        f"核查任务{duty}的时段为{start}至{end}",
        f"the window of check-in {duty} was {start} to {end}",
    )


def tries_words(account: Account) -> Words:
    """Return what attempts there were in a window."""
    matched, no_match, inconclusive, replayed = (account.facts[name] for name in TRIES)
    return Words(
        f"其间共有{matched + no_match + inconclusive + replayed}次核查：通过{matched}次、"
        f"不一致{no_match}次、无法判断{inconclusive}次、疑似重放{replayed}次",
        f"attempts in it: {matched} matched, {no_match} did not match, {inconclusive} could not "
        f"tell, {replayed} suspected replays",
    )
