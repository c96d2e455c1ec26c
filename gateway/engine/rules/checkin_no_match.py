"""Check-in without a match: the face of an attempt did not match, and none has since.

Decided by attempts (engine/duties).
"""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    made, kiosk = clock(account.facts["response_ms"]), account.facts["kiosk"]
    return Words(
        f"{made}终端{kiosk}的人脸比对不一致（核查{account.facts['attempt']}），是否本人须由人员核实",
        f"at {made} the face at kiosk {kiosk} did not match (attempt "
        f"{account.facts['attempt']}); whether it was the person must be verified by somebody",
    )


CHECKIN_NO_MATCH: Final = Rule(
    name="checkin_no_match",
    severity="major",
    category="integrity",
    title=Words("人脸比对不一致", "check-in did not match"),
    explain=_explain,
    kinds=EVERY_KIND,
    clocked=True,
)
