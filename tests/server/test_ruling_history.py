"""Histories of revocations through the interface: a ruling ends the case, and nothing else does."""

import asyncio
import itertools
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from tests.server.clock_faults import clock_faults
from tests.server.conftest import TOKEN, http
from tests.server.measure_work import DETAILS, PEOPLE, Work
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A history that fails is told as it was drawn: to shorten it takes longer than to read it."""
DECIDERS = ("su-1", "su-2", "su-3")
COURT = "青溪县人民法院"
TERM_DAYS = 200
MOST_SWEEPS = 20
ENDS = {"file.revoked", "file.released", "file.died"}
OUTLIVE = {"termination_notice", "release_notice", "death_notice", "exit_ban_lifting"}
"""What is still owed once a case has ended."""

steps = st.sampled_from(
    [
        *("propose", "propose", "decide", "decide", "arrest", "rule", "rule", "annul", "annul"),
        *("end", "end", "release", "die", "order", "wait", "wait"),
    ]
)
drawn = st.tuples(steps, st.sampled_from((*DECIDERS, "of-1")), st.integers(0, 99))
REVOKED = [
    *(("order", "of-1", 0), ("propose", "of-1", 0), ("decide", "su-1", 0), ("rule", "of-1", 1)),
    *(("annul", "su-3", 0), ("wait", "su-1", 40), ("release", "su-1", 0), ("end", "su-1", 0)),
]


class History(Work):
    """One new person of the office; the same people work on each."""

    def __init__(self, travel, person) -> None:
        self.travel, self.person = travel, person
        self.of = f"/api/v1/subjects/{person}"
        self.ids: list[str] = []

    async def take(self, step, login, number):
        # No two acts of people are of one instant.
        self.travel.clock.move(seconds=1)
        if step == "wait":
            await self.wait(hours=5 * number)
        elif step == "order":
            self.order(number)
        elif step == "propose":
            await self.propose_revocation(login)
        elif step in {"release", "die"}:
            await self.end_otherwise(step, login)
        elif self.ids:
            measure = {"id": self.ids[-1 - (number % 5 == 0) % len(self.ids)]}
            answer = await self.step(login, measure, *self.body(step, number))
            assert answer.status_code in {200, 409}, answer.text

    def body(self, step, number):
        now = self.travel.clock.now
        ruling = {"by_body": COURT, "happened_time": (now - timedelta(seconds=1)).isoformat()}
        ruling |= {"about": "arrest" if number % 6 == 0 else "proposal"}
        ruling |= {"outcome": "granted" if number % 4 else "denied"}
        ruling |= {"number": f"（2026）浙0101刑更{number}号" if number % 7 else ""}
        return {
            "decide": (
                "decision",
                {"outcome": "decided", "reasons": "事实清楚", "details": DETAILS},
            ),
            "arrest": ("arrest", {"reasons": "去向不明，可能再犯"}),
            "rule": ("rulings", ruling),
            "annul": ("annulment", {"reasons": "认定有误，撤销"}),
            "end": ("termination", {"paper_sha256": "ab" * 32}),
        }[step]

    async def propose_revocation(self, login):
        body = {"kind": "absence", "begin_time": self.ago(days=40), "description": "去向不明"}
        found = await self.post(login, f"{self.of}/findings", body)
        assert found.status_code in {201, 409}, found.text
        if found.status_code == 409:
            return
        verdict = {"outcome": "established", "gravity": "serious", "verification": "情况属实"}
        path = f"/api/v1/findings/{found.json()['id']}/verification"
        verified = await self.post("co-1", path, verdict, version=found.json()["version"])
        assert verified.is_success, verified.text
        kind, ground = "revoke_probation", "measures-46.2"
        answer = await self.propose(kind, ground, found.json(), by=login, of=self.of)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            await self.step("of-1", answer.json(), "statement", {"words": "知道了"})
            self.ids.append(answer.json()["id"])

    async def end_otherwise(self, step, login):
        day = (self.travel.clock.now + timedelta(hours=8)).date()
        died = {"reason": "died", "instrument": "死亡证明", "decided_on": day.isoformat()}
        path, body = {
            "release": ("release", {"ground": "expired"}),
            "die": ("termination", died),
        }[step]
        query = "SELECT version FROM case_file WHERE subject_id = %s"
        version = self.travel.site.one(query, (self.person,))
        answer = await self.post(login, f"{self.of}/{path}", body, version=version)
        assert answer.status_code in {200, 409}, answer.text

    def order(self, number):
        """An order, with a wristband under it; one after another, as a registry may enter them."""
        values = {"person": self.person, "now": self.travel.clock.now, "id": f"eo-{self.person}"}
        values |= {"until": self.travel.clock.now + timedelta(days=5 + number % 80)}
        running = "SELECT id FROM positioning_order WHERE subject_id = %(person)s"
        if self.travel.site.rows(running, values) or self.ended():
            return
        self.travel.site.rows(
            "INSERT INTO positioning_order (id, org_id, subject_id, ground, approved_by,"
            " approved_at, valid_from, valid_to) VALUES (%(id)s, 'office-1', %(person)s, 3, 'head',"
            " %(now)s, %(now)s, %(until)s)",
            values,
        )
        self.travel.site.rows(
            "INSERT INTO binding (org_id, device_id, holder_kind, holder_id, valid_from)"
            " SELECT org_id, id, 'subject', %(person)s, %(now)s FROM device"
            " WHERE id = 'wb-' || %(person)s",
            values,
        )

    def ended(self):
        return [act for act in self.acts() if act["kind"] in ENDS]

    def acts(self):
        return self.travel.acts(subject_id=self.person)

    async def wait(self, **parts):
        """Let time pass, and sweep as often as the server would until nothing is over its time."""
        self.travel.clock.move(**parts)
        over = "SELECT count(*) FROM deadline WHERE state = 'open' AND due_at <= %s"
        for _ in range(MOST_SWEEPS):
            await self.travel.sweep()
            if not self.travel.site.one(over, (self.travel.clock.now,)):
                return
        pytest.fail("a clock is over its time and does not lapse")

    async def check(self):
        acts, ended = self.acts(), self.ended()
        assert len(ended) <= 1
        rows = "SELECT stage FROM case_file WHERE subject_id = %s"
        stage = {"file.released": "released", "file.revoked": "terminated"}
        stage |= {"file.died": "terminated"}
        wanted = stage[ended[0]["kind"]] if ended else "in_correction"
        assert self.travel.site.one(rows, (self.person,)) == wanted
        granted = self.check_rulings(acts)
        for act in ended:
            first = min([at for at in granted.values() if at <= act["id"]], default=None)
            assert (act["kind"] == "file.revoked") <= (first is not None)
            assert act["kind"] != "file.released" or first is None
            assert act["by_login"] in DECIDERS
        clocks = self.travel.site.rows(
            "SELECT * FROM deadline WHERE subject_id = %s", (self.person,)
        )
        assert clock_faults(clocks, acts, self.travel.clock.now) == []
        self.check_calls_for_the_end(acts, clocks, ended, granted)
        await self.check_tracking(ended)

    def check_rulings(self, acts):
        """Return the granted rulings by measure; after one nothing takes its measure back."""
        granted = {}
        for act in acts:
            if act["kind"] == "measure.ruled" and act["body"]["about"] == "proposal":
                assert act["ref_id"] not in granted
                if act["body"]["outcome"] == "granted":
                    granted[act["ref_id"]] = act["id"]
            if act["kind"] == "measure.annulled":
                assert act["ref_id"] not in granted
        return granted

    def check_calls_for_the_end(self, acts, clocks, ended, granted):
        """Each ruling that revokes asks for the end until it came; nothing else is owed after."""
        begun = {act["id"]: act["happened_time"] for act in acts}
        before = [at for at in granted.values() if not ended or at < ended[0]["id"]]
        calls = [one for one in clocks if one["kind"] == "case_ending"]
        assert len(calls) == len(before)
        assert all(one["begins_at"] >= min(begun[at] for at in before) for one in calls)
        open_kinds = {one["kind"] for one in clocks if one["state"] == "open"}
        assert not ended or open_kinds <= OUTLIVE
        if not ended and before:
            assert all(one["state"] in {"open", "lapsed"} for one in calls)

    async def check_tracking(self, ended):
        """Nobody is tracked from the end of the case on."""
        async with http(self.travel.app) as client:
            client.headers["Authorization"] = f"Bearer {TOKEN}"
            known = compile_directory((await client.get("/api/v1/gateway/directory")).content)
        for act in ended:
            for hours in (0, 1, 24, 24 * 60):
                instant = act["happened_time"] + timedelta(hours=hours)
                time_ms = int(instant.timestamp() * 1000)
                assert not known.is_ordered(self.person, time_ms)
                assert known.watched_since(self.person, f"wb-{self.person}", time_ms) is None


async def play(site, taken):
    person = f"s-revoked-{next(NUMBERS)}"
    begins = date.fromisoformat("2026-01-01")
    async with travel_of(site) as travel:
        # Gateways count milliseconds; the acts are held to them to the second.
        travel.clock.now = travel.clock.now.replace(microsecond=0) + timedelta(seconds=1)
        site.rows(
            "INSERT INTO subject (id, org_id, name, category, term_from, term_to)"
            " VALUES (%s, 'office-1', '孙七', 'probation', %s, %s)",
            (person, begins, travel.clock.now.date() + timedelta(days=TERM_DAYS)),
        )
        site.rows(
            "INSERT INTO device (id, org_id, kind, expected_interval_s)"
            " VALUES (%s, 'office-1', 'wristband', 60)",
            (f"wb-{person}",),
        )
        history = History(travel, person)
        for step in taken:
            await history.take(*step)
        await history.wait(seconds=1)
        await history.check()


@pytest.mark.slow
@pytest.mark.article("law-29", "law-44", "law-45", "law-46", "law-47", "measures-46")
def test_whatever_is_tried_a_ruling_ends_the_case_and_its_tracking_and_is_not_passed_over(site):
    for login, org, role in PEOPLE:
        site.add_account(login, org, role)

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES)
    @given(st.lists(drawn, min_size=8, max_size=20))
    @example(REVOKED)
    def history(taken):
        asyncio.run(play(site, taken))

    history()
