"""Check-in replay: an attempt that was not made anew. It counts for no check-in.

The same capture or the same attempt was there before, or it was answered before it was asked for.
Of several the one that was made first counts. Decided by attempts (engine/duties).
"""

from typing import Final

from gateway.engine.account import Account, clock, duration
from gateway.engine.rule import EVERY_KIND, Rule
from gateway.engine.words import Words

_S_PER_DAY: Final = 86_400
_WHY: Final = {
    "capture": Words("所采集的图像与先前一次核查完全相同", "the capture is that of an earlier one"),
    "attempt": Words("核查编号先前已用过", "its number was used before"),
    "clock": Words("作答时间早于要求作答的时间", "it was answered before it was asked for"),
}


def _explain(account: Account) -> Words:
    why, made = _WHY[account.facts["why"]], clock(account.facts["response_ms"])
    kiosk, attempt = account.facts["kiosk"], account.facts["attempt"]
    kept = duration(int(account.parameter("checkin_replay_days")) * _S_PER_DAY)
    return Words(
        f"{made}终端{kiosk}的核查{attempt}：{why.zh}，不予采信（比对期限{kept.zh}）",
        f"attempt {attempt} of {made} at kiosk {kiosk}: {why.en}; it is not relied on (captures "
        f"are compared over {kept.en})",
    )


CHECKIN_REPLAY: Final = Rule(
    name="checkin_replay",
    severity="major",
    category="integrity",
    title=Words("疑似重放核查", "suspected replay of a check-in"),
    explain=_explain,
    parameters=("checkin_replay_days",),
    closes=False,
    kinds=EVERY_KIND,
    clocked=True,
)
