"""What an alert's record says about the ground of a place rule: its schedule, leave or site.

An explanation reads it from the record alone; nothing of it is looked up later.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from gateway.directory.compiled import Leave, PlacedFence
from gateway.directory.moment import FOREVER_MS
from gateway.engine.placing.placement import Placement
from gateway.engine.placing.question import RULE_OF, Question

_MS_PER_S: Final = 1_000
_MM_PER_M: Final = 1_000


def grounds_of(
    placement: Placement,
    question: Question,
    begin_ms: int,
    *,
    parameters: Mapping[str, int | float],
    reports: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the members of the evidence that the rule's explanation reads; plain JSON values.

    By rule: curfew `schedule`, `window_begin_ms`, `window_end_ms`; route and
    leave_place and leave_overdue `leave`, `leave_begin_ms`, `leave_end_ms`; inclusion the same of a
    leave that begins soon; dwell `site`, `site_kind`, `site_name`, `site_radius_m`.

    Args:
        placement: Under the directory in force.
        question: The episode's.
        begin_ms: Where the episode begins.
        parameters: The rule's, as they go into the evidence.
        reports: The deciding reports of the evidence; a site is looked for around the first.
    """
    if question.rule == "curfew":
        return _window(placement, question, begin_ms)
    if question.rule == "dwell":
        return _site(placement, begin_ms, parameters, reports)
    leave = _leave(placement, question, begin_ms, parameters)
    if leave is None:
        return {}
    return {
        "leave": leave.leave,
        "leave_begin_ms": leave.valid_from_ms,
        "leave_end_ms": leave.valid_to_ms,
    }


def until_ms(placement: Placement, question: Question) -> int:
    """Return until when a question is asked at most: the end of its fence, or of its leaves.

    0: the directory does not ask it. An episode that is still open then has lost its ground.

    Args:
        placement: Under the directory in force.
        question: The question.
    """
    if question.rule == "dwell":
        return FOREVER_MS if placement.dwell.is_asked else 0
    asked = "inclusion" if question.rule == "leave_overdue" else question.rule
    fences = [one for one in _fences(placement, question) if RULE_OF[one.use] == asked]
    until = max((one.valid_to_ms for one in fences), default=0)
    leaves = placement.directory.leaves.get(question.subject, ())
    if question.rule in ("route", "leave_place"):
        mine = (one.valid_to_ms for one in leaves if one.fence == question.target)
        until = min(until, max(mine, default=0))
    if question.rule == "leave_overdue" and not leaves:
        until = 0
    return until


def _window(placement: Placement, question: Question, begin_ms: int) -> dict[str, Any]:
    for fence in _fences(placement, question):
        if fence.use == "curfew" and fence.valid_from_ms <= begin_ms < fence.valid_to_ms:
            window = placement.timetables.window(placement.lists.schedule_of(fence), begin_ms)
            if window is not None:
                names = ("schedule", "window_begin_ms", "window_end_ms")
                return dict(zip(names, (fence.schedule, *window), strict=True))
    return {}


def _fences(placement: Placement, question: Question) -> list[PlacedFence]:
    fences = [placement.directory.fences[row] for row in placement.lists.rows_of(question.subject)]
    return [fence for fence in fences if fence.fence == question.target]


def _leave(
    placement: Placement,
    question: Question,
    begin_ms: int,
    parameters: Mapping[str, int | float],
) -> Leave | None:
    leaves = placement.directory.leaves.get(question.subject, ())
    if question.rule in ("route", "leave_place"):
        found = [v for v in leaves if v.fence == question.target and _runs(v, begin_ms)]
    elif question.rule == "leave_overdue":
        found = [v for v in leaves if v.valid_to_ms <= begin_ms]
        found.sort(key=lambda v: (v.valid_to_ms, v.leave), reverse=True)
    elif question.rule == "inclusion":
        until_ms = begin_ms + int(parameters.get("leave_early_s", 0)) * _MS_PER_S
        found = [v for v in leaves if begin_ms < v.valid_from_ms <= until_ms]
    else:
        return None
    return found[0] if found else None


def _runs(leave: Leave, time_ms: int) -> bool:
    return leave.valid_from_ms <= time_ms < leave.valid_to_ms


def _site(
    placement: Placement,
    begin_ms: int,
    parameters: Mapping[str, int | float],
    reports: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    placed = [report for report in reports if "longitude_deg" in report]
    if not placed:
        return {}
    sites = placement.dwell.sensitive
    _, found, _ = sites.nearest(
        np.array([placed[0]["longitude_deg"]], np.float64),
        np.array([placed[0]["latitude_deg"]], np.float64),
        np.array([begin_ms], np.int64),
        np.array([int(parameters.get("dwell_margin_m", 0)) * _MM_PER_M], np.int64),
    )
    if not len(found):
        return {}
    site = sites.rows[int(found[0])]
    return {
        "site": site.site,
        "site_kind": site.kind,
        "site_name": site.name,
        "site_radius_m": site.radius_m,
    }
