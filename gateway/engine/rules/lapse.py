"""Lapse: an order, permit, leave or binding is about to end and nothing continues it. A notice.

Decided by the directory and the passing of time (engine/duties).
"""

from typing import Final

from gateway.engine.account import Account, clock, duration
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.words import Words

_S_PER_H: Final = 3_600
_KIND: Final = {
    "order": Words("电子定位决定", "positioning order"),
    "permit": Words("许可", "permit"),
    "leave": Words("请假外出", "approved leave"),
    "binding": Words("设备佩戴", "wearing of the device"),
}


def _explain(account: Account) -> Words:
    kind, until = _KIND[account.facts["kind"]], clock(account.facts["valid_to_ms"])
    limit = duration(int(account.parameter("lapse_notice_h")) * _S_PER_H)
    name = account.facts["lapse"]
    return Words(
        f"{kind.zh}（{name}）将于北京时间{until}到期，尚无续接登记（提前{limit.zh}提示）",
        f"the {kind.en} ({name}) ends at {until} (Beijing) and nothing is registered that "
        f"continues it (told {limit.en} ahead)",
    )


LAPSE: Final = Rule(
    name="lapse",
    severity="minor",
    category="notice",
    title=Words("即将到期", "about to lapse"),
    explain=_explain,
    parameters=("lapse_notice_h",),
    kinds=EVERY_KIND,
    clocked=True,
)
