"""Inclusion: left the area that the person may not leave without approval."""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import PLACE_PARAMETERS, after, fence_words, joined, observed
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    area = fence_words(account, "活动区域", "permitted area")
    seen = observed(account, Words(f"在{area.zh}之外", f"outside the {area.en}"))
    leave_ms = account.said("leave_begin_ms")
    if leave_ms is None:
        return seen
    leave, early = account.said("leave"), after(account.begin_ms, leave_ms)
    return joined(
        seen,
        Words(
            f"批准的外出（{leave}）于{clock(leave_ms)}开始，提前{early.zh}",
            f"an approved leave ({leave}) begins at {clock(leave_ms)}, {early.en} later",
        ),
    )


INCLUSION: Final = Rule(
    name="inclusion",
    severity="major",
    category="violation",
    title=Words("离开活动区域", "left the permitted area"),
    explain=_explain,
    parameters=(*PLACE_PARAMETERS, "leave_early_s"),
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
