"""Memory of a server at steady work: alerts, screens, lists and decisions for ten minutes.

Claim: flat. The first third warms pools and caches; over the rest a line is laid.
"""

import time
from statistics import linear_regression
from typing import Any, Final

import httpx

from benchmarks.alert_screens import open_screens
from benchmarks.alert_site import Use, desk_client, outcomes, post
from benchmarks.process_use import resident_mib
from benchmarks.uplink_site import UplinkSite

_SCREENS: Final = 50
_EVERY_S: Final = 0.25
_GROWTH_MIB: Final = 8.0
"""What the line may rise over its length: an allocator's noise, less than 40 bytes for each event
that a screen is sent."""


def soak_row(
    site: UplinkSite, gateway: httpx.Client, cookie: str, *, first: int, seconds: float
) -> dict[str, Any]:
    """Return the row of a soak; its alerts are numbered from `first` on."""
    use = Use(site)
    began_s = time.monotonic()
    times: list[float] = []
    sizes: list[float] = []
    number = first
    with (
        open_screens(site.url, cookie, _SCREENS) as screens,
        desk_client(site, cookie) as desk,
    ):
        while (now_s := time.monotonic() - began_s) < seconds:
            post(gateway, outcomes(site, [number]))
            screens.seen([number])
            _work(desk, number)
            times.append(now_s)
            sizes.append(resident_mib(site.server_pid))
            number += 1
            time.sleep(max(0.0, began_s + (number - first) * _EVERY_S - time.monotonic()))
    warm = len(times) // 3
    rise, begin = linear_regression(times[warm:], sizes[warm:])
    growth_mib = rise * (times[-1] - times[warm])
    return {
        "row": f"soak of {times[-1]:.0f} s: {len(times)} alerts to {_SCREENS} screens and handled",
        "first_mib": round(sizes[0], 1),
        "warm_mib": round(begin + rise * times[warm], 1),
        "last_mib": round(sizes[-1], 1),
        "growth_mib": round(growth_mib, 2),
        "limit_mib": _GROWTH_MIB,
        "holds": growth_mib <= _GROWTH_MIB,
    } | use.seconds()


def _work(desk: httpx.Client, number: int) -> None:
    """Do with an alert as an officer does: read it in the list and by itself, take it on."""
    desk.get("/api/v1/alerts?state=open").raise_for_status()
    found = desk.get(f"/api/v1/alerts/bench-{number}").raise_for_status()
    path = f"/api/v1/alerts/bench-{number}/acknowledge"
    # Routing may have come in between; then it stays as it is.
    desk.post(path, json={}, headers={"If-Match": found.headers["ETag"]})
    desk.get("/api/v1/alerts/counts").raise_for_status()
