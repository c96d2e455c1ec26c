"""People of one county who order, wear and lift: calls as they make them."""

import secrets
from typing import Any

SUBJECT, OTHER = "s-4k2m9q", "s-7h3n2c"


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(8)}


def seen(body: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{body["version"]}"'}


def add_evidence(site: Any, subject: str = SUBJECT) -> str:
    """An act of the person's record, such as a warning."""
    return str(
        site.one(
            "INSERT INTO act (org_id, subject_id, kind, authority, by_login, by_org, happened_time,"
            " ref_kind, ref_id) VALUES ('office-1', %s, 'measure.served', 'own', 'officer',"
            " 'county-a', now(), 'measure', 'm-1') RETURNING id",
            (subject,),
        )
    )


class Bureau:
    """A county that decides on orders, at a clock that moves."""

    def __init__(self, travel: Any) -> None:
        self.travel = travel
        self.site = travel.site
        self.evidence = {s: add_evidence(travel.site, s) for s in (SUBJECT, OTHER)}

    async def post(self, login: str, path: str, body: Any = None, **headers: str) -> Any:
        client = self.travel.sign_in(login)
        return await client.post(f"/api/v1{path}", json=body or {}, headers=key() | headers)

    async def apply(self, login: str = "officer", **changed: Any) -> Any:
        subject = changed.get("subject", SUBJECT)
        body = {
            "subject": subject,
            "ground": 3,
            "reason": "拒不按规定报告活动情况，已被给予警告",
            "evidence": [{"kind": "act", "id": self.evidence[subject]}],
            "months": 3,
        }
        return await self.post(login, "/order-applications", body | changed)

    async def decide(self, application: dict[str, Any], what: str = "approval", **body: Any) -> Any:
        login = body.pop("login", "head")
        path = f"/order-applications/{application['id']}/{what}"
        return await self.post(login, path, body, **seen(application))

    async def order(self, **asked: Any) -> dict[str, Any]:
        """An order from application to approval."""
        application = await self.apply(**asked)
        assert application.status_code == 201, application.text
        approved = await self.decide(application.json())
        assert approved.status_code == 200, approved.text
        return await self.read(approved.json()["order"])

    async def read(self, order_id: str) -> dict[str, Any]:
        answer = await self.travel.sign_in("officer").get(f"/api/v1/orders/{order_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def tell(self, order: dict[str, Any], **body: Any) -> Any:
        return await self.post("officer", f"/orders/{order['id']}/notice", body, **seen(order))

    async def assess(self, order: dict[str, Any], conclusion: str = "extend") -> Any:
        body = {"conclusion": conclusion, "text": "仍有再次违反规定的现实可能"}
        return await self.post("officer", f"/orders/{order['id']}/assessments", body)

    async def lift(self, order: dict[str, Any], login: str = "supervisor") -> Any:
        newest = await self.read(order["id"])
        body = {"reason": "已无继续使用的必要"}
        return await self.post(login, f"/orders/{order['id']}/lifting", body, **seen(newest))

    async def bind(self, device: str = "wb-000002", subject: str = SUBJECT) -> Any:
        return await self.post("officer", f"/devices/{device}/binding", {"subject": subject})
