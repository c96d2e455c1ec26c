"""Storage low (执法记录仪): an officer's recorder is nearly full; what comes next may be lost."""

from typing import Final

from gateway.engine.account import Account
from gateway.engine.rule import Judged, Memory, Rule, decided
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words


def _judge(stretch: Stretch, _: Memory) -> Judged:
    low = stretch.has_alarm("storage_low")
    return Judged(decided(low, ~low))


def _explain(account: Account) -> Words:
    limit_pct, officer = account.parameter("recorder_storage_pct"), account.said("officer")
    who = (
        Words("", "") if officer is None else Words(f"（持有人{officer}）", f" (held by {officer})")
    )
    return Words(
        f"执法记录仪{who.zh}剩余存储空间不高于{limit_pct}%，须导出后清理",
        f"at most {limit_pct} % of the recorder's storage{who.en} is free: take its files over",
    )


STORAGE_LOW: Final = Rule(
    name="storage_low",
    severity="minor",
    category="device",
    title=Words("执法记录仪存储空间不足", "recorder's storage nearly full"),
    explain=_explain,
    judge=_judge,
    parameters=("recorder_storage_pct", "recorder_storage_reports"),
    raise_reports="recorder_storage_reports",
    clear_reports="recorder_storage_reports",
    kinds=frozenset({"recorder"}),
)
