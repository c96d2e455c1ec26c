"""Check-in inconclusive: several attempts in a row could not tell. A notice.

Decided by attempts (engine/duties).
"""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    least, kiosk = account.parameter("checkin_inconclusive_attempts"), account.facts["kiosk"]
    first = clock(account.begin_ms)
    return Words(
        f"自{first}起连续{least}次核查无法判断是否本人，最近一次在终端{kiosk}",
        f"from {first} on {least} attempts in a row could not tell whether it was the person, the "
        f"last at kiosk {kiosk}",
    )


CHECKIN_INCONCLUSIVE: Final = Rule(
    name="checkin_inconclusive",
    severity="minor",
    category="notice",
    title=Words("核查无法判断", "check-in inconclusive"),
    explain=_explain,
    parameters=("checkin_inconclusive_attempts",),
    kinds=EVERY_KIND,
    clocked=True,
)
