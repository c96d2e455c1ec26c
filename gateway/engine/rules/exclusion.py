"""Exclusion: entered a place that an order forbids (禁止令)."""

from typing import Final

from gateway.engine.account import Account
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import PLACE_PARAMETERS, fence_words, observed
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    area = fence_words(account, "禁止进入区域", "forbidden area")
    return observed(account, Words(f"在{area.zh}之内", f"inside the {area.en}"))


EXCLUSION: Final = Rule(
    name="exclusion",
    severity="critical",
    category="violation",
    title=Words("进入禁止区域", "entered a forbidden area"),
    explain=_explain,
    parameters=PLACE_PARAMETERS,
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
