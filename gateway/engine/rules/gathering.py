"""Gathering (聚集): several supervised people together outside official places. A notice.

Decided minute by minute over everybody's newest reports (engine/encounters); what comes later than
that is not looked at again.
"""

from typing import Final

from gateway.engine.account import Account, clock, duration, metres
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import joined
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    members = account.said("members") or []
    least, span = account.parameter("gathering_people"), account.span()
    limit = duration(int(account.parameter("gathering_s")))
    near = metres(account.parameter("gathering_radius_m"))
    since = clock(account.begin_ms)
    return joined(
        Words(
            f"自{since}起{len(members)}名监管对象聚在一处，历时{span.zh}：{'、'.join(members)}",
            f"{len(members)} supervised people together since {since}, for {span.en}: "
            f"{', '.join(members)}",
        ),
        Words(
            f"标准为{least}人以上（同住者计一人）、彼此相距{near.zh}以内、{limit.zh}以上，"
            "官方场所和本人住所除外",
            f"the limit is {least} people (of one residence as one) within {near.en} of each "
            f"other for {limit.en}, official places and one's own residence apart",
        ),
    )


GATHERING: Final = Rule(
    name="gathering",
    severity="minor",
    category="notice",
    title=Words("多名监管对象聚集", "supervised people gathered"),
    explain=_explain,
    parameters=("gathering_people", "gathering_radius_m", "gathering_s", "gathering_gap_s"),
    by_arrival=True,
    clocked=True,
)
