"""Histories of a minor's file through the interface: a look or the group opens it, nothing else."""

import asyncio
import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.server.case_work import MEMBERS, change, receive, send
from tests.server.clock_faults import clock_faults
from tests.server.travelling import travel_of

NUMBERS = itertools.count(1)
PHASES = [Phase.explicit, Phase.reuse, Phase.generate]
"""A history that fails is told as it was drawn: to shorten it takes longer than to read it."""
BORN = {"birth_date": "2010-05-01", "offence_date": "2026-02-01"}
CLERKS = ("clerk", "clerk-2")
DECIDERS = ("su", "su-2")
LOGINS = (*CLERKS, *DECIDERS, "stranger")
MOST_SWEEPS = 20

steps = st.sampled_from(
    ["ask", "ask", "decide", "decide", "group", "read", "read", "write", "wait", "wait"]
)
drawn = st.tuples(steps, st.sampled_from(LOGINS), st.integers(0, 11))


class History:
    """One minor, whom an officer received under a name that nobody else has."""

    def __init__(self, travel, subject, name) -> None:
        self.travel, self.subject, self.name = travel, subject, name
        self.group = "clerk"
        self.looks: list[str] = []
        self.granted: list[tuple[str, datetime]] = []
        self.seen: list[str] = []

    async def take(self, step, login, number):
        # No two acts of people are of one instant.
        self.travel.clock.move(seconds=1)
        if step == "wait":
            await self.wait(hours=number)
        elif step == "ask":
            await self.ask(login)
        elif step == "decide" and self.looks:
            await self.decide(self.looks[-1 - number % min(3, len(self.looks))], login, number)
        elif step == "group":
            await self.form_group(login, CLERKS[number % 2])
        elif step == "write":
            phone = {"phone": f"138{number:08}"}
            answer = await change(self.travel, login, self.subject, "PATCH /file", phone)
            assert answer.status_code == (200 if self.is_open_to(login) else 404), answer.text
        await self.look_around()

    async def ask(self, login):
        body = {"ground": "supervision", "reason": "核实腕带告警，联系监护人"}
        answer = await send(self.travel, login, "POST", f"/subjects/{self.subject}/looks", body)
        assert answer.status_code in ({404} if login == "stranger" else {201, 409}), answer.text
        if answer.status_code == 201:
            self.looks.append(answer.json()["id"])

    async def decide(self, look, login, number):
        row = "SELECT asked_by, state, version FROM file_look WHERE id = %s"
        (before,) = self.travel.site.rows(row, (look,))
        body, version = {"approve": number % 4 > 0}, before["version"]
        path = f"/looks/{look}/decision"
        answer = await send(self.travel, login, "POST", path, body, version=version)
        may = login in DECIDERS and login != before["asked_by"] and before["state"] == "asked"
        assert answer.is_success is may, answer.text
        if may and body["approve"]:
            ends_at = datetime.fromisoformat(answer.json()["ends_at"])
            assert ends_at == self.travel.clock.now + timedelta(hours=answer.json()["hours"])
            self.granted.append((before["asked_by"], ends_at))

    async def form_group(self, login, member):
        members = [MEMBERS[0] | {"login": member}, *MEMBERS[1:]]
        answer = await change(self.travel, login, self.subject, "PUT /group", {"members": members})
        assert answer.is_success is self.is_open_to(login), answer.text
        if answer.is_success:
            self.group = member

    def is_open_to(self, login):
        now = self.travel.clock.now
        return login == self.group or any(
            who == login and now < ends_at for who, ends_at in self.granted
        )

    async def look_around(self):
        """Everybody tries to read the file, and every list of people: the name is nowhere else."""
        for login in LOGINS:
            client = self.travel.sign_in(login)
            of = f"/api/v1/subjects/{self.subject}"
            file = await client.get(f"{of}/file")
            assert file.status_code == (200 if self.is_open_to(login) else 404), login
            assert (self.name in file.text) is file.is_success
            self.seen += [login] * file.is_success
            for path in (
                "/api/v1/subjects",
                "/api/v1/duties",
                f"/api/v1/acts?subject={self.subject}",
            ):
                answer = await client.get(path)
                assert answer.status_code in {200, 404}
                assert self.name not in answer.text, (login, path)

    async def wait(self, **parts):
        """Let time pass, and sweep as often as the server would until nothing is over its time."""
        self.travel.clock.move(**parts)
        over = "SELECT count(*) FROM deadline WHERE state = 'open' AND due_at <= %s"
        for _ in range(MOST_SWEEPS):
            await self.travel.sweep()
            if not self.travel.site.one(over, (self.travel.clock.now,)):
                return
        pytest.fail("a clock is over its time and does not lapse")

    def check(self):
        acts = self.travel.acts(subject_id=self.subject)
        told = [act["happened_time"] for act in acts if act["by_login"] is not None]
        assert told == sorted(told)
        noted = [act["by_login"] for act in acts if act["kind"] == "file.looked_at"]
        assert {login: noted.count(login) >= self.seen.count(login) for login in LOGINS} == (
            dict.fromkeys(LOGINS, True)
        )
        assert set(noted) <= {*CLERKS, *(login for login, _ in self.granted)}
        clocks = self.travel.site.rows(
            "SELECT * FROM deadline WHERE subject_id = %s", (self.subject,)
        )
        assert clock_faults(clocks, acts, self.travel.clock.now) == []


async def play(site, taken):
    name = f"周小满之{next(NUMBERS)}"
    async with travel_of(site) as travel:
        travel.clock.now = travel.clock.now.replace(microsecond=0)
        subject = await receive(travel, "clerk", name=name, identity_number=None, **BORN)
        history = History(travel, subject, name)
        for step in taken:
            await history.take(*step)
        await history.wait(seconds=1)
        history.check()


@pytest.mark.slow
@pytest.mark.article("law-54", "law-58", "cpl-286")
def test_whatever_is_tried_a_minors_file_opens_to_its_group_and_to_granted_looks_only(site):
    site.add_org("county-b", "/")
    site.add_account("stranger", "county-b", "supervisor")
    for login in CLERKS:
        site.add_account(login, "office-1", "officer")
    for login in DECIDERS:
        site.add_account(login, "county-a", "supervisor")

    @settings(max_examples=6, suppress_health_check=list(HealthCheck), deadline=None, phases=PHASES)
    @given(st.lists(drawn, min_size=6, max_size=14))
    def history(taken):
        asyncio.run(play(site, taken))

    history()
