"""Check-in missed (信息化核查): the window and its grace passed without a check-in that matched.

Decided by attempts and the passing of time (engine/duties). A match that was made in time and comes
late withdraws it.
"""

from typing import Final

from gateway.engine.account import Account, duration
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.rules.checkin_words import tries_words, window_words
from gateway.engine.rules.placed import joined
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    grace = duration(account.facts["grace_s"])
    missed = Words(
        f"时段及宽限{grace.zh}内没有通过的核查",
        f"no check-in matched in it or within the grace of {grace.en}",
    )
    return joined(window_words(account), missed, tries_words(account))


CHECKIN_MISSED: Final = Rule(
    name="checkin_missed",
    severity="major",
    category="violation",
    title=Words("未按时核查", "check-in missed"),
    explain=_explain,
    parameters=("checkin_wait_s",),
    closes=False,
    kinds=EVERY_KIND,
    clocked=True,
)
