"""Recorder off (执法记录仪): an officer's recorder made no report during a whole task.

Decided by the tasks of the directory and the passing of time (engine/duties).
"""

from typing import Final

from gateway.engine.account import Account, duration
from gateway.engine.rule import Rule
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    officer, lasted = account.said("officer"), duration(account.facts["task_s"])
    wait = duration(int(account.parameter("recorder_off_wait_s")))
    who = (
        Words("", "") if officer is None else Words(f"（持有人{officer}）", f" (held by {officer})")
    )
    return Words(
        f"执法记录仪{who.zh}在{lasted.zh}的任务中未产生任何报告（任务结束后已等候{wait.zh}），可能全程关机",
        f"the recorder{who.en} made no report during a task of {lasted.en} (waited for {wait.en} "
        f"after its end): it may have been switched off all the time",
    )


RECORDER_OFF: Final = Rule(
    name="recorder_off",
    severity="minor",
    category="device",
    title=Words("执法记录仪任务中未开机", "recorder off on a task"),
    explain=_explain,
    ended=Words("任务结束", "the task is over"),
    parameters=("recorder_off_s", "recorder_off_wait_s"),
    kinds=frozenset({"recorder"}),
    clocked=True,
)
