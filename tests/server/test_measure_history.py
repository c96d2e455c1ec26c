"""Histories of measures through the interface: the ladder is what the acts say."""

import asyncio
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracles.ladder import Noted, recount
from tests.server.measure_work import DETAILS, PEOPLE, Work
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
DECIDERS = ("su-1", "su-2", "su-3")
LOGINS = (*DECIDERS, "of-1", "co-1")
STEPS = st.sampled_from(["decide", "decide", "serve", "annul", "object", "wait", "propose"])
DRAWN = st.tuples(STEPS, st.sampled_from(LOGINS), st.integers(0, 99))


class History(Work):
    """One new person of the office; the same people work on each."""

    def __init__(self, travel, person) -> None:
        self.travel, self.person = travel, person
        self.of = f"/api/v1/subjects/{person}"
        self.ids: list[str] = []

    async def take(self, step, login, drawn):
        if step == "wait":
            await self.travel.move(hours=drawn)
        elif step == "propose" or not self.ids:
            finding = await self.find("reporting", ("minor", "serious")[drawn % 2], of=self.of)
            grounds = await self.get(f"/api/v1/findings/{finding['id']}/grounds")
            one = grounds["items"][drawn % len(grounds["items"])]
            if one["key"].startswith("measures-36"):
                return
            answer = await self.propose(one["measure"], one["key"], finding, of=self.of)
            assert answer.status_code == 201, answer.text
            measure = answer.json()
            await self.step("of-1", measure, "statement", {"words": "知道了"})
            self.ids.append(measure["id"])
        else:
            await self.work_on({"id": self.ids[drawn % len(self.ids)]}, step, login)

    async def work_on(self, measure, step, login):
        body = {
            "decide": (
                "decision",
                {"outcome": "decided", "reasons": "事实清楚", "details": DETAILS},
            ),
            "serve": ("service", {"method": "direct", "recipient": "本人"}),
            "annul": ("annulment", {"reasons": "认定有误，撤销"}),
            "object": ("objections", {"words": "不服"}),
        }[step]
        answer = await self.step(login, measure, *body)
        assert answer.status_code in {200, 201, 409}, answer.text

    async def check(self):
        acts = self.travel.acts(subject_id=self.person)
        noted = [Noted(a["kind"], a["ref_id"], a["happened_time"], a["body"]) for a in acts]
        assert await self.counters(self.of) == recount(noted)
        by = {(act["kind"], act["ref_id"]): act for act in acts}
        for (kind, ref), act in by.items():
            if kind == "measure.decided":
                proposed = by["measure.proposed", ref]
                assert act["by_login"] != proposed["by_login"]
                assert act["by_login"] in DECIDERS
                assert act["happened_time"] >= proposed["happened_time"]
                assert by["measure.heard", ref]["id"] < act["id"]
            if kind in {"measure.served", "measure.annulled"}:
                assert act["happened_time"] >= by["measure.decided", ref]["happened_time"]


async def play(site, steps):
    person = f"s-history-{next(NUMBERS)}"
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
        " VALUES (%s, 'office-1', '孙七', 'probation', '2026-01-01', '2036-01-01')",
        (person,),
    )
    async with travel_of(site) as travel:
        history = History(travel, person)
        for step in steps:
            await history.take(*step)
        await history.check()


@pytest.mark.slow
@pytest.mark.article("law-28", "measures-34", "measures-35", "measures-32")
def test_whatever_is_tried_the_ladder_is_what_the_acts_say(site):
    for login, org, role in PEOPLE:
        site.add_account(login, org, role)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(st.lists(DRAWN, min_size=6, max_size=16))
    def history(steps):
        asyncio.run(play(site, steps))

    history()
