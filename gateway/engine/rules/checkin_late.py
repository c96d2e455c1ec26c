"""Check-in late: it matched after the window, within the grace.

Decided by attempts (engine/duties). A match within the window that comes later withdraws it.
"""

from typing import Final

from gateway.engine.account import Account, clock, duration
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.rules.checkin_words import window_words
from gateway.engine.rules.placed import joined
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000


def _explain(account: Account) -> Words:
    made_ms = account.facts["response_ms"]
    late = duration((made_ms - account.facts["end_ms"]) // _MS_PER_S)
    grace = duration(account.facts["grace_s"])
    said = Words(
        f"{clock(made_ms)}通过核查，迟{late.zh}（宽限{grace.zh}）",
        f"it matched at {clock(made_ms)}, {late.en} late (the grace is {grace.en})",
    )
    return joined(window_words(account), said)


CHECKIN_LATE: Final = Rule(
    name="checkin_late",
    severity="minor",
    category="violation",
    title=Words("核查迟到", "check-in late"),
    explain=_explain,
    closes=False,
    kinds=EVERY_KIND,
    clocked=True,
)
