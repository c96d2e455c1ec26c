"""Work on one alert by several people, on a site whose clock the test moves."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.server.conftest import TOKEN, http, post_outcomes
from tests.server.events import outcome
from tests.server.travelling import Travel, travel_of

PEOPLE = (
    ("of-1", "office-1", "officer"),
    ("of-2", "office-1", "officer"),
    ("su-1", "county-a", "supervisor"),
    ("su-2", "county-a", "supervisor"),
)
_KEYS = itertools.count(1)


class AlertWork:
    """What people and a gateway do with alerts."""

    def __init__(self, travel: Travel) -> None:
        self.travel = travel
        self.entries = itertools.count(1)
        self.gateway = http(travel.app)
        self.gateway.headers["Authorization"] = f"Bearer {TOKEN}"
        for login, org, role in PEOPLE:
            travel.site.add_account(login, org, role)

    async def comes(self, change: str = "raised", **given: Any) -> None:
        """One outcome; each has a begin of its own, so that none is a repeat."""
        number = next(self.entries)
        given = {"begin_time": f"2026-11-22T01:02:{number:02d}.000Z"} | given
        if given.get("rule", "exclusion") != "exclusion":
            given |= {"fence": None, "fence_version": None}
        event = outcome(change, entry_seq=number, **given)
        answer = await post_outcomes(self.gateway, [event], first=number)
        assert answer.json() == {"through": number}, answer.text

    async def alert(self, name: str = "episode-1", login: str = "of-1") -> dict[str, Any]:
        answer = await self.travel.sign_in(login).get(f"/api/v1/alerts/{name}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def post(
        self, login: str, path: str, body: Any, *, version: int | None = None
    ) -> httpx.Response:
        headers = {"Idempotency-Key": f"key-{next(_KEYS):08d}"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.travel.sign_in(login).post(f"/api/v1{path}", json=body, headers=headers)

    async def do(self, login: str, action: str, name: str = "episode-1", **body: Any) -> Any:
        """Do an action on an alert as it stands; the answer."""
        version = (await self.alert(name, login))["version"]
        if action != "acknowledge":
            body.setdefault("note", "已核实情况")
        return await self.post(login, f"/alerts/{name}/{action}", body, version=version)

    async def get(self, reader: str, path: str, status: int = 200, **asked: Any) -> Any:
        """What a reader is answered, which has this status."""
        answer = await self.travel.sign_in(reader).get(path, params=asked)
        assert answer.status_code == status, answer.text
        return answer

    async def verify(self, login: str, name: str = "episode-1", **given: Any) -> Any:
        """Ask a person to verify, who reports; the answer of the report."""
        version = (await self.alert(name))["version"]
        task = {"means": "call", "assigned_to": login}
        asked = await self.post("of-1", f"/alerts/{name}/verifications", task, version=version)
        assert asked.status_code == 201, asked.text
        result = {
            "means": "call",
            "outcome": "unfounded",
            "happened_time": self.travel.clock.now.isoformat(),
            "report": "经核实表带完好",
        } | given
        path = f"/alert-verifications/{asked.json()['id']}/result"
        return await self.post(login, path, result, version=1)


@asynccontextmanager
async def alert_work_of(site: Any) -> AsyncIterator[AlertWork]:
    """An alert desk with people, on a clock that travels."""
    async with travel_of(site) as travel:
        work = AlertWork(travel)
        yield work
        await work.gateway.aclose()


def refused(answer: httpx.Response) -> str:
    """The rule of a refusal that says in both languages what is allowed."""
    assert answer.status_code == 409, answer.text
    (error,) = answer.json()["errors"]
    assert error["detail"]["zh"]
    assert error["allowed"]["en"]
    rule: str = error["rule"]
    return rule
