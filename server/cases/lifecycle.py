"""From reception to release or termination: which step is allowed when. Pure.

A step that is missing never keeps a person whose term is over from release (law-44): the act says
what was missing, and the deadline of the step has lapsed by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from server.cases.standing import Category, Stage, stage_refusal
from server.errors import Refusal

Step = Literal[
    "documents_checked",
    "identity_verified",
    "reported",
    "announced",
    "summary_filed",
    "appraised",
    "release_announced",
    "bodies_notified",
]
Ground = Literal["expired", "pardoned"]
Reason = Literal["revoked", "recommitted", "died"]

STEP_WORDS: Final[dict[str, tuple[str, str]]] = {
    "documents_checked": ("核对法律文书", "documents checked"),
    "identity_verified": ("核实身份", "identity verified"),
    "reported": ("报到", "the person reported"),
    "group": ("组成矫正小组", "the group is formed"),
    "announced": ("入矫宣告", "announcement"),
    "summary_filed": ("个人总结", "personal summary"),
    "appraised": ("书面鉴定", "written appraisal"),
    "release_announced": ("解矫宣告", "announcement of release"),
    "bodies_notified": ("通知有关机关", "bodies notified"),
}
STEP_ARTICLE: Final[dict[Step, str]] = {
    "documents_checked": "law-22",
    "identity_verified": "law-22",
    "reported": "law-21",
    "announced": "measures-20",
    "summary_filed": "measures-53",
    "appraised": "measures-53",
    "release_announced": "measures-54",
    "bodies_notified": "law-44",
}
_STAGES: Final[dict[Step, tuple[Stage, ...]]] = {
    "documents_checked": ("received",),
    "identity_verified": ("received",),
    "reported": ("received",),
    "announced": ("received",),
    "summary_filed": ("in_correction",),
    "appraised": ("in_correction",),
    "release_announced": ("in_correction", "released"),
    "bodies_notified": ("released", "terminated"),
}
_BEFORE: Final[dict[Step, tuple[str, ...]]] = {
    "announced": ("documents_checked", "identity_verified", "reported", "group"),
}
RELEASE_STEPS: Final = ("summary_filed", "appraised")
OPEN_STAGES: Final[tuple[Stage, ...]] = ("received", "in_correction")
_REVOCABLE: Final[dict[Reason, tuple[Category, ...]]] = {
    "revoked": ("probation", "parole"),
    "recommitted": ("medical",),
    "died": ("control", "probation", "parole", "medical"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file is at an instant.

    Attributes:
        done: Steps that are done; `group` when the group holds to the rules.
        today: The legal day of the act.
        is_ruled_ended: A ruling revokes or recommits, and the case has not been terminated.
    """

    stage: Stage
    category: Category
    done: frozenset[str]
    term_to: date
    today: date
    is_ruled_ended: bool = False


def stage_after(stage: Stage, step: Step) -> Stage:
    """Return the stage after a step that is allowed."""
    return "in_correction" if step == "announced" else stage


def step_faults(facts: Facts, step: Step) -> list[Refusal]:
    """Return why a step is not allowed; empty: it is."""
    article = STEP_ARTICLE[step]
    faults = _stage_faults(facts.stage, _STAGES[step], article)
    if step in facts.done:
        zh, en = STEP_WORDS[step]
        text = (f"{zh}已经完成", f"{en}: done already")
        faults.append(Refusal("/step", "once", article, *text, "不得重复", "it is done once"))
    for missing in (name for name in _BEFORE.get(step, ()) if name not in facts.done):
        zh, en = STEP_WORDS[missing]
        text = (f"尚未完成：{zh}", f"not before: {en}")
        faults.append(
            Refusal("/step", f"after_{missing}", article, *text, f"先{zh}", f"{en} first")
        )
    return faults


def release_faults(facts: Facts, ground: Ground) -> list[Refusal]:
    """Return why a person cannot be released; on the last day of the term it is allowed."""
    faults = _stage_faults(facts.stage, OPEN_STAGES, "law-44")
    if ground == "expired" and facts.today < facts.term_to:
        faults.append(
            Refusal(
                "/ground",
                "term_over",
                "law-44",
                f"矫正期限至{facts.term_to.isoformat()}",
                f"the term runs until {facts.term_to.isoformat()}",
                f"{facts.term_to.isoformat()}当日解除，或者依据特赦",
                f"on {facts.term_to.isoformat()}, or upon a pardon",
            )
        )
    if ground == "expired" and facts.is_ruled_ended:
        faults.append(
            Refusal(
                "/ground",
                "ruled_ended",
                "law-45",
                "已裁定撤销缓刑、假释或者决定收监执行",
                "a ruling revokes or recommits",
                "终止社区矫正；特赦的，依据特赦解除",
                "terminate the case, or release upon a pardon",
            )
        )
    return faults


def missing_steps(facts: Facts) -> list[str]:
    """Return what should have been done before the release and was not."""
    return [step for step in RELEASE_STEPS if step not in facts.done]


def termination_faults(facts: Facts, reason: Reason) -> list[Refusal]:
    """Return why supervision cannot be terminated for a reason."""
    faults = _stage_faults(facts.stage, OPEN_STAGES, "law-45")
    if facts.category not in _REVOCABLE[reason]:
        allowed = ", ".join(_REVOCABLE[reason])
        faults.append(
            Refusal(
                "/reason",
                "reason_of_category",
                "law-45",
                "该终止情形不适用于此矫正类别",
                f"{reason} does not apply to {facts.category}",
                "撤销适用于缓刑、假释；收监执行适用于暂予监外执行",
                f"for {allowed} only",
            )
        )
    return faults


def _stage_faults(stage: Stage, allowed: Sequence[Stage], article: str) -> list[Refusal]:
    refusal = stage_refusal(stage, allowed, article)
    return [] if refusal is None else [refusal]
