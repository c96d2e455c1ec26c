"""Directories at a gateway: whole, and what a click changes, from the click to the new body."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

import httpx

from benchmarks.cases_world import COUNTY_PEOPLE
from gateway.directory.delta import apply_delta, digest_of

PATH: Final = "/api/v1/gateway/directory"
_WAIT_S: Final = 20.0


@contextmanager
def gateway_client(url: str, token: str) -> Iterator[httpx.Client]:
    """Return a client with a gateway's credentials."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, trust_env=False, timeout=60, headers=headers) as client:
        yield client


class Changes:
    """Lifts orders one after another, while a gateway waits for what that changes."""

    def __init__(self, supervisor: httpx.Client, gateway: httpx.Client) -> None:
        """Take the two clients and read the directory once."""
        self._supervisor, self._gateway = supervisor, gateway
        first = gateway.get(PATH).raise_for_status()
        self._body, self._etag = first.content, first.headers["ETag"]
        self._people = iter(COUNTY_PEOPLE)

    def take(self) -> tuple[float, int]:
        """Lift an order; return the seconds from click to new body, and its delta's size."""
        path = f"/api/v1/orders/order-{next(self._people)}"
        seen = self._supervisor.get(path).raise_for_status().headers["ETag"]
        with ThreadPoolExecutor(1) as pool:
            waiting: Future[tuple[float, int]] = pool.submit(self._await_change)
            began_s = time.perf_counter()
            self._supervisor.post(
                f"{path}/lifting", json={"reason": "已无继续使用的必要"}, headers={"If-Match": seen}
            ).raise_for_status()
            ended_s, size = waiting.result()
        return ended_s - began_s, size

    def _await_change(self) -> tuple[float, int]:
        answer = self._gateway.get(
            PATH,
            params={"wait_s": _WAIT_S},
            headers={"If-None-Match": self._etag, "Guitu-Base": digest_of(self._body)},
        ).raise_for_status()
        self._body = apply_delta(self._body, answer.content)
        self._etag = answer.headers["ETag"]
        return time.perf_counter(), len(answer.content)
