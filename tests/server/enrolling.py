"""A second factor, enrolled as an authenticator app and a person do it."""

from datetime import datetime
from typing import Any

import httpx
import pyotp

FACTOR = "/api/v1/session/factor"


async def enrolled(client: httpx.AsyncClient, now: datetime) -> tuple[str, Any]:
    """Enrol; return the factor's secret and the answer."""
    offer = (await client.post(FACTOR)).json()
    code = pyotp.TOTP(offer["secret"]).at(now)
    answer = await client.put(FACTOR, json={"ticket": offer["ticket"], "code": code})
    assert answer.status_code == httpx.codes.OK, answer.text
    return offer["secret"], answer.json()
