"""Drawn histories of files through the interface, on a clock that moves."""

import random

import pytest

from tests.server import case_work
from tests.server.case_work import change, receive, send, step
from tests.server.travelling import travel_of

STEPS = (
    *("documents_checked", "identity_verified", "reported", "announced", "summary_filed"),
    *("appraised", "release_announced", "bodies_notified"),
)
BORN = ({}, {"birth_date": "2010-05-01", "offence_date": "2026-02-01"})


async def act(travel, dice, subject):
    """Do something, allowed or not; return the call's answer, or None for a day that passes."""
    login = dice.choice(("officer-1", "officer-1", "officer", "supervisor", "head"))
    deed = dice.choice(("step", "step", "step", "group", "release", "terminate", "wait", "class"))
    if deed == "wait":
        await travel.move(days=dice.choice((1, 5, 30, 100)))
        return None
    if deed == "step":
        return await step(travel, subject, dice.choice(STEPS), login)
    if deed == "group":
        return await case_work.form_group(travel, subject, login=login)
    if deed == "class":
        body = {"to_class": dice.choice(("strict", "general")), "reason": "综合评估"}
        return await send(travel, login, "POST", f"/subjects/{subject}/class-proposals", body)
    if deed == "release":
        return await change(travel, login, subject, "POST /release", {"ground": "expired"})
    body = {"reason": "died", "instrument": "死亡证明", "decided_on": "2026-01-01"}
    return await change(travel, login, subject, "POST /termination", body)


@pytest.mark.slow
@pytest.mark.article("law-22", "law-44", "law-45", "law-54", "law-29")
@pytest.mark.parametrize("seed", range(4))
async def test_no_history_leaves_a_stage_out_or_anybody_tracked_after_the_end(site, seed):
    dice = random.Random(seed)  # noqa: S311 - drawn histories, no secret
    async with travel_of(site) as travel:
        born = dice.choice(BORN)
        subject = await receive(travel, **born)
        for _ in range(30):
            answer = await act(travel, dice, subject)
            if answer is not None:
                assert answer.status_code in {200, 201, 404, 409}, answer.text
        row = site.rows("SELECT * FROM case_file WHERE subject_id = %s", (subject,))[0]
        acts = [one["kind"] for one in travel.acts(subject_id=subject)]
        assert len([kind for kind in acts if kind in {"file.released", "file.died"}]) <= 1
        assert (row["stage"] == "released") is ("file.released" in acts)
        assert ("file.announced" in acts) or row["stage"] != "in_correction"
        if row["ended_at"] is not None:
            open_clocks = site.one(
                "SELECT count(*) FROM deadline WHERE subject_id = %s AND state = 'open'"
                " AND kind !~ '_notice$'",
                (subject,),
            )
            assert open_clocks == 0
        if born:
            outsiders = [
                one for one in travel.acts(subject_id=subject) if one["by_login"] == "officer"
            ]
            assert outsiders == []
