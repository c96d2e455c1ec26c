"""The demo county's case life: a month of one office's work, through the interface.

Whoever opens the demo finds deadlines that run, a leave that waits, an admonition with its paper:
entered by the same calls and under the same rules as anybody's, on a clock that moves from a month
ago to now. The moments that the database notes are those of the first start.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from server.app import create_app
from server.config import ServerSettings
from server.errors import SiteError
from server.law.days import LegalCalendar

_BASE: Final = "http://127.0.0.1"
_MONTH: Final = timedelta(days=30)
_STRENGTH: Final = "会木工，修缮社区座椅"


@dataclass
class _Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class _Office:
    """The interface, as people of one office and its county use it.

    Attributes:
        people: Persons of the office, by pseudonym; minors' files are closed and not among them.
    """

    app: Any
    clock: _Clock
    passwords: Mapping[str, str]
    officers: tuple[str, str]
    clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)
    keys: Any = field(default_factory=lambda: itertools.count(1))

    async def ask(
        self, login: str, method: str, path: str, body: Any = None, version: int | None = None
    ) -> Any:
        client = self.clients.get(login) or await self._sign_in(login)
        headers = {"Idempotency-Key": f"demo-{next(self.keys):06}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        answer = await client.request(method, f"/api/v1{path}", json=body, headers=headers)
        if not answer.is_success:
            raise SiteError(f"the demo county: {login} {method} {path}: {answer.text}")
        return answer.json() if answer.content else None

    async def act(self, login: str, thing: str, action: str, body: Any = None) -> Any:
        """Act on a thing as it stands."""
        version = (await self.ask(login, "GET", thing))["version"]
        return await self.ask(login, "POST", f"{thing}/{action}", body or {}, version)

    async def on_file(self, person: str, method: str, what: str, body: Any) -> Any:
        """Change a person's file as it stands."""
        officer, of = self.officers[0], f"/subjects/{person}"
        version = (await self.ask(officer, "GET", f"{of}/file"))["version"]
        return await self.ask(officer, method, f"{of}/{what}", body, version)

    async def _sign_in(self, login: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=self.app)
        client = httpx.AsyncClient(transport=transport, base_url=_BASE)
        body = {"login": login, "password": self.passwords[login]}
        answer = await client.post("/api/v1/session", json=body)
        if not answer.is_success:
            raise SiteError(f"the demo county: {login} cannot sign in: {answer.text}")
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        self.clients[login] = client
        return client


def play_cases(
    settings: ServerSettings, *, passwords: Mapping[str, str], officers: tuple[str, str]
) -> tuple[str, str]:
    """Play a month of an office's work; return the login and password of one supervised person.

    Args:
        settings: The site's, with a migrated and filled database.
        passwords: By login: `supervisor` and `head` of the county, and the office's officers.
        officers: Two of one office: what one enters the other decides.

    Raises:
        SiteError: A call was refused; says which and why.
    """
    work = _play(settings, passwords, officers)
    # A thread of its own: the caller may have an event loop running.
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


async def _play(
    settings: ServerSettings, passwords: Mapping[str, str], officers: tuple[str, str]
) -> tuple[str, str]:
    end = datetime.now(UTC)
    clock = _Clock(end - _MONTH)
    async with _open(settings, clock, passwords, officers) as office:
        found = await office.ask(officers[0], "GET", "/subjects?limit=12")
        office.people = [row["id"] for row in found["items"]]
        await _begin_files(office)
        clock.now = end - timedelta(days=20)
        await _admonish(office, office.people[1])
        clock.now = end - timedelta(days=9)
        await _teach(office)
        clock.now = end - timedelta(days=3)
        await _receive(office)
        await _propose_class(office, office.people[3])
        clock.now = end - timedelta(hours=2)
        await _leaves(office)
        clock.now = end
        account = await office.ask(officers[0], "PUT", f"/subjects/{office.people[0]}/account")
    return account["login"], account["one_time_password"]


@asynccontextmanager
async def _open(
    settings: ServerSettings,
    clock: _Clock,
    passwords: Mapping[str, str],
    officers: tuple[str, str],
) -> AsyncIterator[_Office]:
    # The month was before anybody could have enrolled a second factor.
    app = create_app(settings.model_copy(update={"second_factor": "optional"}), clock=clock)
    async with app.router.lifespan_context(app):
        office = _Office(app, clock, passwords, officers)
        yield office
        for client in office.clients.values():
            await client.aclose()


async def _begin_files(office: _Office) -> None:
    """Groups, plans and duties of the office's people."""
    for person in office.people[:6]:
        file = await office.ask(office.officers[0], "GET", f"/subjects/{person}/file")
        sex = file["sex"] or "female"
        members = [
            {"role": "officer", "name": "责任民警", "sex": "male", "login": office.officers[0]},
            {"role": "social_worker", "name": "陈社工", "sex": "female", "knows_minors": True},
            {"role": "family", "name": "家属", "sex": sex},
        ]
        await office.on_file(person, "PUT", "group", {"members": members})
        plan = {"basis": "认罪悔罪，家庭支持较好", "measures": ["每周电话报告", "每月走访一次"]}
        await office.on_file(person, "POST", "plans", plan)
        await office.ask(office.officers[0], "POST", f"/subjects/{person}/duties", {})


async def _admonish(office: _Office, person: str) -> None:
    """A finding, its verification, and the admonition from proposal to service."""
    first, second = office.officers
    of = f"/subjects/{person}"
    begin = (office.clock.now - timedelta(days=1)).isoformat()
    told = {"kind": "reporting", "begin_time": begin, "description": "未按规定电话报告"}
    finding = await office.ask(first, "POST", f"{of}/findings", told)
    verdict = {"outcome": "established", "gravity": "minor", "verification": "电话询问，情况属实"}
    await office.act(second, f"/findings/{finding['id']}", "verification", verdict)
    proposal = {
        "kind": "admonition",
        "ground": "measures-34.2",
        "reasons": "违反规定，经核实无误",
        "findings": [finding["id"]],
    }
    thing = f"/measures/{(await office.ask(first, 'POST', f'{of}/measures', proposal))['id']}"
    await office.act(first, thing, "statement", {"words": "知道错了，今后按时报告"})
    decision = {"outcome": "decided", "reasons": "事实清楚，予以训诫"}
    await office.act("supervisor", thing, "decision", decision)
    await office.act(first, thing, "service", {"method": "direct", "recipient": "本人"})


async def _teach(office: _Office) -> None:
    """A session of education, with everybody's attendance in one call."""
    begins_at = office.clock.now
    session = {
        "kind": "education",
        "title": "集中学习：社区矫正法",
        "place": "司法所会议室",
        "begins_at": (begins_at + timedelta(hours=1)).isoformat(),
        "ends_at": (begins_at + timedelta(hours=3)).isoformat(),
        "invited": [{"subject": person, "strength": _STRENGTH} for person in office.people[:6]],
    }
    made = await office.ask(office.officers[0], "POST", "/activities", session)
    office.clock.now = begins_at + timedelta(hours=3)
    took = [
        {"subject": person, "outcome": "attended", "minutes": 120}
        if index != 1
        else {"subject": person, "outcome": "absent"}
        for index, person in enumerate(office.people[:6])
    ]
    thing = f"/activities/{made['id']}"
    await office.act(office.officers[0], thing, "attendance", {"entries": took})


async def _receive(office: _Office) -> None:
    """A person who has reported and waits for the announcement."""
    officer = office.officers[0]
    session = await office.ask(officer, "GET", "/session")
    day = LegalCalendar().date_of(office.clock.now)
    body = {
        "org": session["org"]["id"],
        "name": "赵六",
        "category": "probation",
        "sex": "male",
        "birth_date": "1990-05-01",
        "offence_date": (day - timedelta(days=300)).isoformat(),
        "judged_on": (day - timedelta(days=12)).isoformat(),
        "effective_on": (day - timedelta(days=2)).isoformat(),
        "term_from": (day - timedelta(days=2)).isoformat(),
        "term_to": (day + timedelta(days=720)).isoformat(),
        "judgment_number": "（2026）刑初1号",
        "deciding_body": "本县人民法院",
        "residence": "本县城关镇人民路1号",
    }
    person = (await office.ask(officer, "POST", "/subjects", body))["subject"]
    for step in ("documents_checked", "identity_verified", "reported"):
        await office.on_file(person, "POST", "steps", {"step": step})


async def _propose_class(office: _Office, person: str) -> None:
    """A change of class that the county has to decide on."""
    proposal = {"to_class": "lenient", "reason": "连续三个月遵守规定，考核优秀"}
    await office.ask(office.officers[0], "POST", f"/subjects/{person}/class-proposals", proposal)


async def _leaves(office: _Office) -> None:
    """A leave that is granted, and one that waits."""
    first, second = office.officers
    leaves = []
    for person, days in ((office.people[2], 2), (office.people[4], 5)):
        begin = office.clock.now + timedelta(days=4)
        asked = {
            "subject": person,
            "ground": "medical",
            "reason": "到省人民医院复查，预约单附后",
            "proof": [{"title": "门诊预约单"}],
            "destination": "省城",
            "from_time": begin.isoformat(),
            "to_time": (begin + timedelta(days=days)).isoformat(),
        }
        leaves.append(await office.ask(first, "POST", "/leaves", asked))
    await office.act(second, f"/leaves/{leaves[0]['id']}", "approval")
