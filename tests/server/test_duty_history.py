"""Histories of duties through the interface: no period is left out, and none passes silently."""

import asyncio
import itertools
from calendar import monthrange
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server.law.clocks import CLOCKS
from server.law.days import ZONE
from server.law.policy import national
from tests.server.clock_faults import clock_faults
from tests.server.measure_work import PEOPLE, Work
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
KINDS = ("periodic_report", "written_report", "health_report", "medical_review", "visits", "talks")
MOST_SWEEPS = 200
"""A sweep lapses one period of a duty; the next one runs from then on."""

steps = st.sampled_from(
    ["record", "record", "record", "own", "plan", "class", "wait", "wait", "wait"]
)
drawn = st.tuples(
    steps,
    st.sampled_from(KINDS),
    st.sampled_from(["done", "done", "done", "excused", "missed"]),
    st.integers(1, 40),
)


class History(Work):
    """One new person of the office; the same people work on each."""

    def __init__(self, travel, person) -> None:
        self.travel, self.person = travel, person
        self.of = f"/api/v1/subjects/{person}"

    async def take(self, step, kind, outcome, number):
        if step == "wait":
            self.travel.clock.move(days=2 * number)
            await self.settle()
        elif step == "class":
            await self.move_class(("strict", "general", "lenient")[number % 3])
        else:
            told = {"kind": kind, "result": "无异常"}
            login, path, body = {
                "plan": ("of-1", f"{self.of}/duties", {}),
                "own": (f"own-{self.person}", "/api/v1/me/reports", told),
                "record": ("of-1", "/api/v1/duties/records", self.entry(kind, outcome)),
            }[step]
            answer = await self.post(login, path, body)
            # Visits and talks are no reports of the person (422).
            assert answer.status_code in {200, 201, 409, 422}, answer.text

    def entry(self, kind, outcome):
        entries = [{"subject": self.person, "outcome": outcome}]
        return {"kind": kind, "form": "in_person", "entries": entries}

    async def move_class(self, to_class):
        body = {"to_class": to_class, "reason": "综合评估"}
        answer = await self.post("of-1", f"{self.of}/class-proposals", body)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            path = f"/api/v1/class-proposals/{answer.json()['id']}/decision"
            await self.done("su-1", path, {"approve": True}, version=answer.json()["version"])
        await self.done("of-1", f"{self.of}/duties")

    async def settle(self):
        """Sweep as often as the server would until nothing is over its time."""
        over = "SELECT count(*) FROM deadline WHERE state = 'open' AND due_at <= %s"
        for _ in range(MOST_SWEEPS):
            await self.travel.sweep()
            if not self.travel.site.one(over, (self.travel.clock.now,)):
                return
        pytest.fail("a clock is over its time and does not lapse")

    def check(self):
        acts = self.travel.acts(subject_id=self.person)
        clocks = self.rows("SELECT * FROM deadline WHERE subject_id = %s ORDER BY begins_at")
        assert clock_faults(clocks, acts, self.travel.clock.now) == []
        schedules = self.rows("SELECT * FROM duty_schedule WHERE subject_id = %s")
        records = self.rows("SELECT * FROM duty_record WHERE subject_id = %s")
        for schedule in schedules:
            periods = [row for row in clocks if row["ref_id"] == schedule["id"]]
            self.check_periods(schedule, periods)
            for period in periods:
                self.check_records(
                    schedule,
                    period,
                    [
                        one
                        for one in records
                        if (one["schedule_id"], one["period_due"])
                        == (schedule["id"], period["due_at"])
                    ],
                )

    def rows(self, query):
        return self.travel.site.rows(query, (self.person,))

    def check_periods(self, schedule, periods):
        """From the anchor on one after another, without a gap; one runs until the duty ends."""
        clock = CLOCKS[periods[0]["kind"]]
        length = national().number(clock.parameter)
        begins = [row["begins_at"].astimezone(ZONE).date() for row in periods]
        anchor = schedule["anchor"]
        wanted = [begin_of(anchor, clock.counts, length, number) for number in range(len(begins))]
        assert begins == wanted
        running = [row for row in periods if row["state"] == "open"]
        assert len(running) <= 1
        assert (len(running) == 1) is (schedule["ended_at"] is None)
        assert all(row["due_at"] > self.travel.clock.now for row in running)

    def check_records(self, schedule, period, records):
        """Missed once by the system where it lapsed; met only by what was done or explained."""
        missed = [one for one in records if one["outcome"] == "missed" and not one["by_login"]]
        assert len(missed) == (period["state"] == "lapsed")
        said = [one for one in records if one["by_login"] and one["outcome"] != "done"]
        done = sum(one["amount"] for one in records if one["outcome"] == "done")
        is_settled = bool(said) or done >= wanted_of(schedule)
        assert is_settled is (period["state"] == "met" or period["met_late"])


def begin_of(anchor, counts, length, number):
    """The day of a period by its number, counted from the first."""
    if counts == "days":
        return anchor + number * timedelta(days=length)
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + number * length, 12)
    return anchor.replace(
        year=year, month=month + 1, day=min(anchor.day, monthrange(year, month + 1)[1])
    )


def wanted_of(schedule):
    """How often a period asks for it under the national policy."""
    if schedule["kind"] == "visits":
        return national().number("visits_per_quarter")
    if schedule["kind"] == "talks":
        return national().number(f"talks_per_quarter_{schedule['class']}")
    return 1


async def play(site, category, taken):
    person = f"s-owing-{next(NUMBERS)}"
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
        " VALUES (%s, 'office-1', '孙七', %s, '2026-01-01', '2036-01-01')",
        (person, category),
    )
    site.add_account(f"own-{person}", "office-1", "subject", person)
    async with travel_of(site) as travel:
        history = History(travel, person)
        await history.done("of-1", f"{history.of}/duties")
        for step in taken:
            await history.take(*step)
        await history.settle()
        history.check()


@pytest.mark.slow
@pytest.mark.article("law-24", "law-26", "law-36", "measures-24")
def test_whatever_is_done_or_left_undone_no_period_of_a_duty_passes_silently(site):
    for login, org, role in PEOPLE:
        site.add_account(login, org, role)

    @settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES)
    @given(st.sampled_from(["probation", "medical"]), st.lists(drawn, min_size=8, max_size=20))
    def history(category, taken):
        asyncio.run(play(site, category, taken))

    history()
