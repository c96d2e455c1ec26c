"""Leave overdue (请假逾期未归): the leave is over and the person has not been back since.

While it stands, the same absence is no exit from the permitted area: one fact, one alert. Somebody
who was back and leaves again has left the area.
"""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.rule import Carried, Rule
from gateway.engine.rules.absence import absence_words
from gateway.engine.rules.placed import PLACE_PARAMETERS, after, fence_words, joined, observed
from gateway.engine.stretch import NEVER_MS
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    area = fence_words(account, "活动区域", "permitted area")
    seen = observed(account, Words(f"仍在{area.zh}之外", f"still outside the {area.en}"))
    told = absence_words(account, "批准的外出", "approved leave")
    end_ms = account.said("leave_end_ms")
    if end_ms is not None:
        late = after(end_ms, account.confirmed_ms)
        grace = duration(int(account.parameter("leave_grace_s")))
        told.append(
            Words(
                f"判定时已逾期{late.zh}，允许延迟{grace.zh}",
                f"{late.en} past its end when confirmed, {grace.en} are allowed",
            )
        )
        if account.end_ms is not None:
            back = after(end_ms, account.end_ms)
            told.append(Words(f"返回时逾期{back.zh}", f"back {back.en} after its end"))
    return joined(seen, *told)


LEAVE_OVERDUE: Final = Rule(
    name="leave_overdue",
    severity="major",
    category="violation",
    title=Words("请假逾期未归", "not back from leave"),
    explain=_explain,
    carry={"away_since_ms": Carried(np.int64, NEVER_MS)},
    parameters=(*PLACE_PARAMETERS, "leave_grace_s"),
    raise_reports="persistence_reports",
    raise_s="persistence_s",
    clear_reports="clear_reports",
)
