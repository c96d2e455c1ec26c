"""Findings and measures through the interface, by the people who do each step."""

import itertools
from datetime import timedelta
from typing import Any

PERSON = "s-4k2m9q"
PAROLEE = "s-7h3n2c"
OF = f"/api/v1/subjects/{PERSON}"
PEOPLE = (
    ("of-1", "office-1", "officer"),
    ("co-1", "county-a", "officer"),
    ("su-1", "county-a", "supervisor"),
    ("su-2", "county-a", "supervisor"),
    ("su-3", "county-a", "head"),
)
DETAILS = {"judgment": "青溪县人民法院（2026）浙刑初字第8号刑事判决书", "court": "青溪县人民法院"}
_KEYS = itertools.count(1)


def refusal(answer) -> tuple[str, str | None]:
    """The rule and the article of a refusal that says what is allowed in both languages."""
    assert answer.status_code == 409, answer.text
    (error, *_) = answer.json()["errors"]
    assert error["detail"]["zh"]
    assert error["detail"]["en"]
    assert error["allowed"]["zh"]
    assert error["allowed"]["en"]
    return error["rule"], error["article"]


class Work:
    """Calls of several people on one travelling site."""

    def __init__(self, travel) -> None:
        self.travel = travel
        for login, org, role in PEOPLE:
            travel.site.add_account(login, org, role)
        travel.site.add_account("person", "office-1", "subject", PERSON)

    def ago(self, **parts: float) -> str:
        return (self.travel.clock.now - timedelta(**parts)).isoformat()

    async def get(self, path: str, login: str = "su-1") -> Any:
        answer = await self.travel.sign_in(login).get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def post(self, login: str, path: str, body: Any = None, *, version: int = 0):
        headers = {"Idempotency-Key": f"key-{next(_KEYS):08d}", "If-Match": f'"{version}"'}
        return await self.travel.sign_in(login).post(path, json=body or {}, headers=headers)

    async def done(self, login: str, path: str, body: Any = None, *, version: int = 0):
        answer = await self.post(login, path, body, version=version)
        assert answer.is_success, answer.text
        return answer.json()

    async def find(self, kind="reporting", gravity="minor", by="of-1", of=OF, **given):
        """Report and establish a finding."""
        body = {"kind": kind, "begin_time": self.ago(minutes=5), "description": "未按规定报告"}
        verdict = {"outcome": "established", "gravity": gravity, "verification": "情况属实"}
        for name in ("was_educated", "has_proper_reason"):
            if name in given:
                verdict[name] = given.pop(name)
        found = await self.done(by, f"{of}/findings", body | given)
        return await self.done(
            by, f"/api/v1/findings/{found['id']}/verification", verdict, version=found["version"]
        )

    async def propose(self, kind, ground, finding, by="of-1", of=OF):
        body = {"kind": kind, "ground": ground, "reasons": "违反规定，经核实无误"}
        return await self.post(by, f"{of}/measures", body | {"findings": [finding["id"]]})

    async def step(self, login, measure, name, body):
        path = f"/api/v1/measures/{measure['id']}/{name}"
        version = (await self.get(f"/api/v1/measures/{measure['id']}"))["version"]
        return await self.post(login, path, body, version=version)

    async def decided(self, kind, ground, finding, *, by="su-1", of=OF):
        """Propose, hear, decide."""
        answer = await self.propose(kind, ground, finding, of=of)
        assert answer.status_code == 201, answer.text
        measure = answer.json()
        await self.step("of-1", measure, "statement", {"words": "知道错了"})
        decision = {"outcome": "decided", "reasons": "事实清楚", "details": DETAILS}
        answer = await self.step(by, measure, "decision", decision)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def served(self, measure):
        body = {"method": "direct", "recipient": "本人"}
        answer = await self.step("of-1", measure, "service", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def counters(self, of=OF):
        ladder = await self.get(f"{of}/ladder")
        return ladder["admonitions"], ladder["warnings"], ladder["police_penalties"]
