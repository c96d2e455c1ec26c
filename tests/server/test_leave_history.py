"""Histories of leave through the interface: days, levels and overlays are what the acts say."""

import asyncio
import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from tests.oracles.leave_days import LeaveBook
from tests.server.clock_faults import clock_faults
from tests.server.conftest import TOKEN, http
from tests.server.test_leave import Office
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
LEVELS = {
    "office": {"clerk", "clerk-2", "supervisor", "head"},
    "county": {"supervisor", "head"},
    "city": {"city"},
}
"""Who decides leave of a tier; the county may do what it delegated."""
PLACE = {"longitude_deg": 120.2, "latitude_deg": 30.25, "radius_m": 3000}
ARTICLE = "measures-27"
RETURN_H = 24
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A history that fails is told as it was drawn: to shorten it takes longer than to read it."""

steps = st.sampled_from(
    [
        *("apply", "apply", "verify", "approve", "approve", "refuse", "withdraw"),
        *("return", "delay", "copies", "wait", "wait"),
    ]
)
logins = st.sampled_from(["clerk", "clerk-2", "supervisor", "head", "city", "own"])
asked = st.fixed_dictionaries(
    {
        "begins": st.integers(1, 45),
        "days": st.sampled_from([1, 2, 6, 7, 8, 15, 30, 31]),
        "is_urgent": st.booleans(),
        "has_place": st.booleans(),
    }
)
granted = st.tuples(st.just("grant"), logins, asked)
drawn = st.one_of(granted, st.tuples(steps, logins, asked))


class History(Office):
    """One new person of the office; the same people decide on each."""

    def __init__(self, travel, person) -> None:
        self.travel, self.site, self.person = travel, travel.site, person
        self.leaves: list[str] = []

    async def take(self, step, login, asked):
        if step == "wait":
            await self.travel.move(hours=asked["begins"] * asked["days"])
        elif step in {"apply", "grant"} or not self.leaves:
            await self.ask(login, asked)
        if step == "grant" and self.leaves:
            await self.work_on(self.leaves[-1], "verify", "clerk-2")
            for decider in ("clerk-2", "supervisor", "city"):
                await self.work_on(self.leaves[-1], "approve", decider)
        elif step not in {"wait", "apply", "grant"} and self.leaves:
            leave = self.leaves[-1 - asked["days"] % min(3, len(self.leaves))]
            await self.work_on(leave, step, login)

    async def ask(self, login, asked):
        begin = self.travel.clock.now + timedelta(days=asked["begins"])
        body = {
            "ground": "medical",
            "reason": "到省人民医院复查",
            "proof": [{"title": "门诊预约单"}],
            "destination": "杭州市上城区",
            "from_time": begin.isoformat(),
            "to_time": (begin + timedelta(days=asked["days"], hours=-12)).isoformat(),
        }
        body |= {"urgent_reason": "父亲病危"} if asked["is_urgent"] else {}
        body |= {"place": PLACE} if asked["has_place"] else {}
        body |= {} if login == "own" else {"subject": self.person}
        answer = await self.post(self.named(login), f"{self.prefix(login)}/leaves", body)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            self.leaves.append(answer.json()["id"])

    async def work_on(self, leave, step, login):
        now = self.travel.clock.now
        what, body = {
            "verify": ("verification", {"opinion": "情况属实"}),
            "approve": ("approval", {}),
            "refuse": ("refusal", {"reason": "证明材料不实", "article": ARTICLE}),
            "withdraw": ("withdrawal", {}),
            "return": ("return", {"returned_time": now.isoformat()}),
            "delay": ("delay", {"reason": "列车停运", "until": (now + timedelta(1)).isoformat()}),
            "copies": ("copies", {"sent_time": now.isoformat()}),
        }[step]
        if login == "own" and step not in {"withdraw", "return", "delay"}:
            login = "clerk"
        found = await self.travel.sign_in("clerk").get(f"/api/v1/leaves/{leave}")
        path = f"{self.prefix(login)}/leaves/{leave}/{what}"
        answer = await self.post(self.named(login), path, body, of=found.json())
        # A return or a copy is not of a time before what it is about (422).
        assert answer.status_code in {200, 409, 422}, answer.text

    def prefix(self, login):
        return "/me" if login == "own" else ""

    def named(self, login):
        return f"own-{self.person}" if login == "own" else login

    async def check(self):
        rows = self.rows("SELECT * FROM leave_application WHERE subject_id = %s")
        applied = {row["id"]: row for row in rows}
        acts = self.travel.acts(subject_id=self.person)
        own = [act for act in acts if act["kind"].startswith("leave.")]
        book = LeaveBook({row["id"]: (row["from_time"], row["to_time"]) for row in rows})
        book.follow([act for act in own if act["kind"] != "leave.overdue"])
        for said, counted in book.sizes:
            assert said == counted
        self.check_deciders(own, applied)
        self.check_overdue(own, applied)
        clocks = self.rows("SELECT * FROM deadline WHERE subject_id = %s")
        assert clock_faults(clocks, acts, self.travel.clock.now) == []
        await self.check_overlays(book, applied)

    def rows(self, query):
        return self.site.rows(query, (self.person,))

    def check_deciders(self, acts, applied):
        """Decided by its level, by another than who applied, in order and never for the past."""
        told = [act["happened_time"] for act in acts if act["by_login"] is not None]
        assert told == sorted(told)
        for act in acts:
            what, row = act["kind"], applied[act["ref_id"]]
            if what in {"leave.approved", "leave.refused", "leave.verified"}:
                assert act["by_login"] != row["applied_by"]
            if what in {"leave.approved", "leave.refused"}:
                assert act["by_login"] in LEVELS[row["tier"]]
                assert row["tier"] == "office" or row["verified_by"] is not None
            if what == "leave.approved":
                assert act["body"]["tier"] == row["tier"]
                assert datetime.fromisoformat(act["body"]["valid_from"]) >= act["happened_time"]

    def check_overdue(self, acts, applied):
        """Who was not back a day after the end is overdue at that instant, and nobody else."""
        ended = {
            act["ref_id"]: act["happened_time"]
            for act in acts
            if act["kind"] in {"leave.returned", "leave.withdrawn"}
        }
        wanted = {}
        for leave in (act["ref_id"] for act in acts if act["kind"] == "leave.approved"):
            due = applied[leave]["to_time"] + timedelta(hours=RETURN_H)
            if due <= ended.get(leave, self.travel.clock.now):
                wanted[leave] = due
        overdue = [act for act in acts if act["kind"] == "leave.overdue"]
        assert {act["ref_id"]: act["happened_time"] for act in overdue} == wanted
        assert len(overdue) == len(wanted)

    async def check_overlays(self, book, applied):
        """The gateways hold each leave exactly as long as it stands, one at a time."""
        async with http(self.travel.app) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            known = compile_directory((await client.get("/api/v1/gateway/directory")).content)
        held = {
            one.leave: (one.valid_from_ms, one.valid_to_ms, one.fence is not None)
            for one in known.leaves.get(self.person, [])
            if one.valid_from_ms < one.valid_to_ms
        }
        assert held == {
            leave: (in_ms(begin), in_ms(end), applied[leave]["place"] is not None)
            for leave, (begin, end) in book.standing.items()
        }
        spans = sorted(book.standing.values())
        assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(spans))


def in_ms(instant):
    return int(instant.timestamp() * 1000)


async def play(site, taken):
    person = f"s-away-{next(NUMBERS)}"
    site.rows(
        "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
        " VALUES (%s, 'office-1', '孙七', 'probation', '2026-01-01', '2036-01-01')",
        (person,),
    )
    site.add_account(f"own-{person}", "office-1", "subject", person)
    async with travel_of(site) as travel:
        # Gateways count milliseconds; the acts are held to them to the second.
        travel.clock.now = travel.clock.now.replace(microsecond=0) + timedelta(seconds=1)
        history = History(travel, person)
        for step in taken:
            await history.take(*step)
        await history.check()


@pytest.mark.slow
@pytest.mark.article("law-27", "measures-26", "measures-27", "measures-28")
def test_whatever_is_tried_leave_is_counted_decided_and_overlaid_as_the_acts_say(site):
    site.rows("INSERT INTO org VALUES ('city-1', NULL, '/city-1/', 'city', '市', 'City')")
    site.rows("UPDATE org SET path = '/city-1' || path WHERE id <> 'city-1'")
    for login, org, role in (
        ("clerk", "office-1", "officer"),
        ("clerk-2", "office-1", "officer"),
        ("city", "city-1", "supervisor"),
    ):
        site.add_account(login, org, role)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES)
    @given(st.lists(drawn, min_size=8, max_size=20))
    def history(taken):
        asyncio.run(play(site, taken))

    history()
