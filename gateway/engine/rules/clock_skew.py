"""Clock skew: the device's clock is not ours. Times of its reports are then not to be trusted."""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.rule import EVERY_KIND, Carried, Judged, Memory, Rule, decided
from gateway.engine.stretch import NEVER_MS, Stretch
from gateway.engine.words import Words

_MS_PER_S: Final = 1_000


def _judge(stretch: Stretch, memory: Memory) -> Judged:
    time_ms, received_ms = stretch.time_ms, stretch.rows["received_ms"]
    age_ms = received_ms - time_ms
    is_first = stretch.previous_ms == NEVER_MS
    made_ms = np.where(is_first, 0, time_ms - stretch.previous_ms)
    came_ms = received_ms - stretch.previous(received_ms, memory["received_ms"])
    memory["received_ms"] = stretch.at_end(received_ms)
    # What waited for a link comes at once; what comes as it was made did not wait.
    keeps_pace = (made_ms > 0) & (2 * np.abs(came_ms - made_ms) <= made_ms)
    is_live = ~stretch.rows["backlog"]
    is_ahead = -age_ms > stretch.limits.ms("clock_ahead_s")
    is_old = is_live & (age_ms > stretch.limits.ms("clock_behind_s"))
    behind = is_old & keeps_pace
    right = is_live & ~is_ahead & ~is_old
    return Judged(decided(is_ahead | behind, right), {"ahead_s": -age_ms // _MS_PER_S})


def _explain(account: Account) -> Words:
    ahead_s = account.facts["ahead_s"]
    by = duration(abs(ahead_s))
    if ahead_s > 0:
        limit = duration(int(account.parameter("clock_ahead_s")))
        return Words(
            f"设备时钟比平台快{by.zh}（允许{limit.zh}）",
            f"the device's clock is {by.en} ahead of ours (allowed {limit.en})",
        )
    limit = duration(int(account.parameter("clock_behind_s")))
    return Words(
        f"实时上报到达时已有{by.zh}之久，且按原有节奏持续到达，设备时钟偏慢（允许{limit.zh}）",
        f"reports said to be live are {by.en} old when they arrive, and keep their pace: the "
        f"device's clock is behind (allowed {limit.en})",
    )


CLOCK_SKEW: Final = Rule(
    name="clock_skew",
    severity="minor",
    category="integrity",
    title=Words("设备时钟偏差", "device clock is wrong"),
    explain=_explain,
    judge=_judge,
    carry={"received_ms": Carried(np.int64, 0)},
    parameters=("clock_ahead_s", "clock_behind_s", "clock_skew_reports"),
    raise_reports="clock_skew_reports",
    clear_reports="clock_skew_reports",
    kinds=EVERY_KIND,
    by_arrival=True,
)
