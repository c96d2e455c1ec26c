"""Recording gap (执法记录仪): an officer's recorder does not record while it is on a task.

A device that does not say so counts as recording.
"""

from typing import Final

import numpy as np

from gateway.engine.account import Account, duration
from gateway.engine.rule import Judged, Memory, Rule, decided
from gateway.engine.stretch import Stretch
from gateway.engine.words import Words


def _judge(stretch: Stretch, _: Memory) -> Judged:
    on_task = stretch.on_task
    if on_task is None:
        on_task = np.zeros(len(stretch), np.bool_)
    gap = on_task & stretch.has_alarm("not_recording")
    return Judged(decided(gap, ~gap))


def _explain(account: Account) -> Words:
    lasted, officer = account.span(), account.said("officer")
    who = (
        Words("", "") if officer is None else Words(f"（持有人{officer}）", f" (held by {officer})")
    )
    limit = duration(int(account.parameter("recording_gap_s")))
    return Words(
        f"任务时段内执法记录仪{who.zh}已{lasted.zh}未录制（时限{limit.zh}）",
        f"on a task the recorder{who.en} has not been recording for {lasted.en} (limit {limit.en})",
    )


RECORDING_GAP: Final = Rule(
    name="recording_gap",
    severity="minor",
    category="device",
    title=Words("执法记录仪任务中未录制", "recorder not recording on a task"),
    explain=_explain,
    judge=_judge,
    parameters=("recording_gap_s", "recording_gap_reports"),
    raise_reports="recording_gap_reports",
    raise_s="recording_gap_s",
    kinds=frozenset({"recorder"}),
)
