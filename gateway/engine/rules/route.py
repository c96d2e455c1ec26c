"""Route: off the corridor of an approved trip while the trip runs."""

from typing import Final

from gateway.engine.account import Account
from gateway.engine.rule import Rule
from gateway.engine.rules.absence import absence_words
from gateway.engine.rules.placed import PLACE_PARAMETERS, fence_words, joined, observed
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    route = fence_words(account, "批准路线", "approved route")
    seen = observed(account, Words(f"在{route.zh}之外", f"off the {route.en}"))
    return joined(seen, *absence_words(account, "批准的行程", "approved trip"))


ROUTE: Final = Rule(
    name="route",
    severity="major",
    category="violation",
    title=Words("偏离批准路线", "off the approved route"),
    explain=_explain,
    parameters=PLACE_PARAMETERS,
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
