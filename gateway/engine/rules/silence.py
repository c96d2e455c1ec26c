"""Silence: a gap in fix time. Decided by reports and by the passing of time (engine/silence.py)."""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import WORN, Rule
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    lasted, since = account.span(), clock(account.begin_ms)
    return Words(
        f"自{since}起{lasted.zh}没有收到设备记录的数据",
        f"no report recorded for {lasted.en} since {since}",
    )


SILENCE: Final = Rule(
    name="silence",
    severity="major",
    category="device",
    title=Words("设备失联", "device silent"),
    explain=_explain,
    parameters=("silence_gap_s", "silence_s", "silence_intervals", "silence_return_s"),
    kinds=WORN,
    clocked=True,
)
