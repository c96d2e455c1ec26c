"""Leave place: not at the destination of an approved leave while it runs."""

from typing import Final

from gateway.engine.account import Account, duration
from gateway.engine.rule import Rule
from gateway.engine.rules.absence import absence_words
from gateway.engine.rules.placed import PLACE_PARAMETERS, fence_words, joined, observed
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    area = fence_words(account, "批准的外出目的地", "approved destination")
    seen = observed(account, Words(f"在{area.zh}之外", f"outside the {area.en}"))
    travel = duration(int(account.parameter("leave_travel_s")))
    return joined(
        seen,
        *absence_words(account, "批准的外出", "approved leave"),
        Words(f"首尾各留路途{travel.zh}", f"travel of {travel.en} at either end is allowed for"),
    )


LEAVE_PLACE: Final = Rule(
    name="leave_place",
    severity="major",
    category="violation",
    title=Words("外出期间不在批准目的地", "not at the approved destination"),
    explain=_explain,
    parameters=(*PLACE_PARAMETERS, "leave_travel_s"),
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
