"""From an outcome at the server to officers' screens, channels and lists.

Claim: with 400 live streams an outcome is on every screen within 200 ms at p99, a storm
of 1,000 alerts within 5 s; a notification is handed over within 1 s at p99; a page of the list
takes under 100 ms at p99 beside five million past alerts; memory stays flat. Times begin before
the outcome is posted: taking it is part of them; the baseline is the answer to the same post.
Server, database and all streams share one machine; CPU time tells their parts.
"""

import os
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.alert_lists import list_rows
from benchmarks.alert_notices import notice_rows
from benchmarks.alert_screens import Screens, open_screens
from benchmarks.alert_site import Use, alert_site, gateway_client, outcomes, post, row, sign_in
from benchmarks.alert_soak import soak_row
from benchmarks.uplink_site import UplinkSite

_SCREENS: Final = 400
_SINGLE: Final = 200
_STORM: Final = 1_000
_PAUSE_S: Final = 0.1
_STORM_S: Final = 5.0
_SOAK_S: Final = 600.0


def run(seed: int, scale: float, past: int) -> list[dict[str, Any]]:
    """Return a row for each claim; each says how busy the machine was in the minute before.

    Args:
        seed: Of the registry.
        scale: Share of the 400 screens and of the soak's ten minutes.
        past: How many alerts the lists have beside them.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name, alert_site(Path(name), seed) as site:
        cookie = sign_in(site)
        with gateway_client(site) as gateway:
            with open_screens(site.url, cookie, round(_SCREENS * scale)) as screens:
                rows += [_loaded(one) for one in _single(site, gateway, screens)]
                rows.append(_loaded(_storm(site, gateway, screens)))
            rows += [_loaded(one) for one in notice_rows(site, cookie)]
            first = _SINGLE + _STORM + 1
            rows.append(
                _loaded(soak_row(site, gateway, cookie, first=first, seconds=_SOAK_S * scale))
            )
        rows += [_loaded(one) for one in list_rows(site, past)]
    return rows


def _loaded(found: dict[str, Any]) -> dict[str, Any]:
    return found | {"load": round(os.getloadavg()[0], 1)}


def _single(site: UplinkSite, gateway: httpx.Client, screens: Screens) -> list[dict[str, Any]]:
    answered, seen = [], []
    use = Use(site, screens.pid)
    for number in range(1, _SINGLE + 1):
        began = time.perf_counter()
        post(gateway, outcomes(site, [number]))
        answered.append(time.perf_counter() - began)
        seen += [at - began for at in screens.seen([number])[number]]
        time.sleep(_PAUSE_S)
    name = f"outcome posted -> on each of {screens.count} screens"
    return [
        row("outcome posted -> answered (baseline)", answered),
        row(name, seen, limit_ms=200) | use.seconds(),
    ]


def _storm(site: UplinkSite, gateway: httpx.Client, screens: Screens) -> dict[str, Any]:
    numbers = range(_SINGLE + 1, _SINGLE + 1 + _STORM)
    events = outcomes(site, numbers)
    use = Use(site, screens.pid)
    began = time.perf_counter()
    post(gateway, events)
    answered_s = time.perf_counter() - began
    took_s = max(max(at) for at in screens.seen(numbers).values()) - began
    return {
        "row": f"{_STORM} outcomes at once -> all on {screens.count} screens",
        "answered_s": round(answered_s, 2),
        "seconds": round(took_s, 2),
        "limit_s": _STORM_S,
        "holds": took_s <= _STORM_S,
    } | use.seconds()
