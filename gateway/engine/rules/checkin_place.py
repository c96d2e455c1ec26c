"""Check-in at another place: it matched at another kiosk than the one that is named.

Decided by attempts and the passing of time (engine/duties), once the window and its grace are over:
until then the person may still check in where it is due.
"""

from typing import Final

from gateway.engine.account import Account, clock
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.rules.checkin_words import window_words
from gateway.engine.rules.placed import joined
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    made, kiosk = clock(account.facts["response_ms"]), account.facts["kiosk"]
    named = account.facts["kiosk_named"]
    said = Words(
        f"{made}在终端{kiosk}通过核查，指定终端为{named}，在指定终端没有通过的核查",
        f"it matched at {made} at kiosk {kiosk}; the one named is {named}, where none matched",
    )
    return joined(window_words(account), said)


CHECKIN_PLACE: Final = Rule(
    name="checkin_place",
    severity="major",
    category="violation",
    title=Words("未在指定地点核查", "check-in at another place"),
    explain=_explain,
    parameters=("checkin_wait_s",),
    closes=False,
    kinds=EVERY_KIND,
    clocked=True,
)
