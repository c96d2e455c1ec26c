"""Curfew (宵禁): not inside by schedule. Absent at its start, left during it, or late back."""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import (
    PLACE_PARAMETERS,
    after,
    between,
    fence_words,
    joined,
    observed,
)
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000


def _explain(account: Account) -> Words:
    area = fence_words(account, "规定场所", "curfew place")
    seen = observed(account, Words(f"在{area.zh}之外", f"outside the {area.en}"))
    begin_ms, end_ms = account.said("window_begin_ms"), account.said("window_end_ms")
    if begin_ms is None or end_ms is None:
        return seen
    window = between(begin_ms, end_ms)
    hours = Words(f"宵禁时段为{window.zh}", f"curfew {window.en}")
    return joined(seen, hours, *_kind(account, begin_ms, end_ms))


def _kind(account: Account, begin_ms: int, end_ms: int) -> list[Words]:
    into = after(begin_ms, account.begin_ms)
    at_start = account.begin_ms - begin_ms <= account.parameter("curfew_absent_s") * _MS_PER_S
    told = [
        Words(
            f"开始后{into.zh}即不在场，属开始时缺席",
            f"absent {into.en} after its start: absent at the start",
        )
        if at_start
        # Whoever was not heard of before that in this window may have been away all the time.
        else Words(
            f"开始后{into.zh}起不在场，属期间离开，或此前无报告",
            f"absent from {into.en} after its start: left during it, or no reports before",
        )
    ]
    if account.end_ms is not None and account.end_ms < end_ms:
        back = after(begin_ms, account.end_ms)
        told.append(
            Words(
                f"于{clock(account.end_ms)}返回，晚于开始时间{back.zh}",
                f"back at {clock(account.end_ms)}, {back.en} after the start",
            )
        )
    return told


CURFEW: Final = Rule(
    name="curfew",
    severity="major",
    category="violation",
    title=Words("违反宵禁规定", "curfew not kept"),
    explain=_explain,
    parameters=(*PLACE_PARAMETERS, "curfew_absent_s"),
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
