"""The console in a browser: 40,000 who all move each second, and 200 alerts a minute.

Claim, for the one of eight tabs that shows the map, without a GPU, with WebGL and without: frames
under 33 ms at p95, a position drawn within 250 ms of its stamp at p95, no alert shown later than
1 s after it was posted, memory flat over ten minutes. Positions come from a seeded feed
(`console_feed`), alerts through a real server; what is drawn is read from the pixels of the points.
Browser, feed, server and database share one machine.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any, Final

import httpx
from playwright.sync_api import BrowserContext, Page, sync_playwright

from benchmarks.alert_site import alert_site, desk_client, gateway_client, outcomes, post, sign_in
from benchmarks.console_feed import BEACONS, STAMPS, Box, relay
from benchmarks.uplink_site import UplinkSite

_POINTS: Final = 40_000
_TABS: Final = 8
_BEHIND: Final = "/work"
"""What the other tabs show. A headless Chromium hides none, so they stand where no map is drawn;
they take every frame of the feed, as hidden ones do."""
_SECONDS: Final = 600.0
_ALERT_EVERY_S: Final = 0.3
_FEWEST: Final = 20
"""Of fewer than these no share is told: the claim does not hold."""
_FRAME_MS: Final = 33.4
_DRAWN_MS: Final = 250.0
_ALERT_MS: Final = 1000.0
_GROWTH_MIB: Final = 8.0
_WARM_S: Final = 20.0
_PATIENCE_MS: Final = 120_000
_SIZE: Final = {"width": 1920, "height": 1080}
_PROBE: Final = Path(__file__).with_name("console_probe.js")
_FLAGS: Final = {
    "with WebGL": ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"],
    "without WebGL": ["--disable-gpu", "--disable-3d-apis"],
}


def run(seed: int, scale: float) -> list[dict[str, Any]]:
    """Return a row with WebGL and one without.

    Args:
        seed: Of the registry and of the feed.
        scale: Share of the ten minutes.

    Raises:
        RuntimeError: There is no Chromium, or the console does not come up.
    """
    rows = []
    with tempfile.TemporaryDirectory() as name, alert_site(Path(name), seed) as site:
        cookie = sign_in(site)
        with desk_client(site, cookie) as desk:
            box = _box(desk.get("/api/v1/map").raise_for_status().json()["boundaries"])
        first = 1
        for kind, flags in _FLAGS.items():
            with relay(site.url, box, points=_POINTS, seed=seed) as url:
                watch = _Watch(site, url, cookie, box)
                found = watch.measure(flags, seconds=_SECONDS * scale, first=first)
                first += found["alerts"]
                rows.append({"row": f"{_POINTS} points, {_TABS} tabs, {kind}"} | found)
    return rows


class _Watch:
    def __init__(self, site: UplinkSite, url: str, cookie: str, box: Box) -> None:
        self._site = site
        self._url = url
        self._cookie = cookie
        self._box = box

    def measure(self, flags: Sequence[str], *, seconds: float, first: int) -> dict[str, Any]:
        """Watch for so long; alerts are numbered from `first` on."""
        with _context(flags) as context, gateway_client(self._site) as gateway:
            pages = self._open(context)
            page = pages[0]
            page.wait_for_timeout(_WARM_S * 1000)
            begin_mib = _heap_mib(page)
            page.evaluate("() => { guituBench.frames.length = guituBench.draws.length = 0 }")
            posted_ms = _raise_alerts(self._site, gateway, page, seconds=seconds, first=first)
            page.wait_for_timeout(3_000)
            noted = page.evaluate("() => guituBench")
            stamps = httpx.get(self._url + STAMPS, trust_env=False).json()
            has_webgl = page.evaluate(
                "() => document.createElement('canvas').getContext('webgl2') !== null"
            )
            return {
                "seconds": round(seconds),
                "has_webgl": has_webgl,
                **_judged("frame", noted["frames"], _FRAME_MS),
                **_judged("stamp_to_drawn", _drawn_ms(noted["draws"], stamps), _DRAWN_MS),
                **_alerts(posted_ms, noted["alerts"]),
                **_memory(begin_mib, _heap_mib(page)),
                "load": round(os.getloadavg()[0], 1),
            }

    def _open(self, context: BrowserContext) -> list[Page]:
        context.add_cookies([{"name": "guitu_session", "value": self._cookie, "url": self._url}])
        probe = _PROBE.read_text().replace("__BEACONS__", json.dumps(self._box.beacons()))
        context.add_init_script(probe)
        pages = []
        for number in range(_TABS):
            page = context.new_page()
            page.goto(self._url + (_BEHIND if number else ""), timeout=_PATIENCE_MS)
            pages.append(page)
        pages[0].bring_to_front()
        # Asked by a timer: where frames are slow, what asks with each frame would be too.
        pages[0].wait_for_function(
            "() => window.guituBench.draws.length > 2", polling=1000, timeout=_PATIENCE_MS
        )
        return pages


@contextmanager
def _context(flags: Sequence[str]) -> Iterator[BrowserContext]:
    program = os.environ.get("GUITU_CHROMIUM") or shutil.which("chromium")
    if program is None:
        raise RuntimeError("no Chromium: apt-get install chromium, or set GUITU_CHROMIUM to one")
    # Chromium's sandbox refuses root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*flags, *sandbox])
        try:
            yield browser.new_context(viewport=_SIZE, locale="zh-CN")  # type: ignore[arg-type]
        finally:
            browser.close()


def _raise_alerts(
    site: UplinkSite, gateway: httpx.Client, page: Page, *, seconds: float, first: int
) -> dict[str, float]:
    """Raise alerts for so long; return when each was about to be posted, ms since 1970."""
    begin_s = time.monotonic()
    posted_ms: dict[str, float] = {}
    number = first
    while time.monotonic() - begin_s < seconds:
        events = outcomes(site, [number])
        posted_ms[f"bench-{number}"] = time.time() * 1000
        post(gateway, events)
        number += 1
        late_s = begin_s + (number - first) * _ALERT_EVERY_S - time.monotonic()
        page.wait_for_timeout(max(1.0, late_s * 1000))
    return posted_ms


def _drawn_ms(draws: Sequence[tuple[int, int]], stamps: Sequence[tuple[int, int]]) -> list[float]:
    """Return how long after its stamp each place of the beacon was drawn."""
    found = []
    for place, at_ms in draws:
        past = [stamp for number, stamp in stamps if number % BEACONS == place and stamp <= at_ms]
        if past:
            found.append(float(at_ms - past[-1]))
    return found


def _judged(what: str, took_ms: Sequence[float], limit_ms: float) -> dict[str, Any]:
    found: dict[str, Any] = {f"{what}s": len(took_ms)}
    if len(took_ms) < _FEWEST:
        return found | {f"{what}_holds": False}
    cuts = quantiles(took_ms, n=100, method="inclusive")
    return found | {
        f"{what}_p50_ms": round(cuts[49], 1),
        f"{what}_p95_ms": round(cuts[94], 1),
        f"{what}_most_ms": round(max(took_ms), 1),
        f"{what}_holds": cuts[94] <= limit_ms,
    }


def _alerts(posted_ms: dict[str, float], shown_ms: dict[str, float]) -> dict[str, Any]:
    took = [shown_ms[alert] - at_ms for alert, at_ms in posted_ms.items() if shown_ms.get(alert)]
    missing = len(posted_ms) - len(took)
    found = {"alerts": len(posted_ms), "alerts_never_shown": missing}
    if not took:
        return found | {"alert_holds": False}
    return found | {
        "alert_p50_ms": round(median(took)),
        "alert_most_ms": round(max(took)),
        "alert_holds": missing == 0 and max(took) <= _ALERT_MS,
    }


def _memory(begin_mib: float, end_mib: float) -> dict[str, Any]:
    growth_mib = end_mib - begin_mib
    return {
        "heap_begin_mib": round(begin_mib, 1),
        "heap_end_mib": round(end_mib, 1),
        "heap_holds": growth_mib <= _GROWTH_MIB,
    }


def _heap_mib(page: Page) -> float:
    """Return what the page's scripts hold once the garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 2**20


def _box(boundaries: dict[str, Any]) -> Box:
    """Return the box of all boundaries, a collection of GeoJSON polygons."""
    places = [place for feature in boundaries["features"] for place in _places(feature["geometry"])]
    east, north = [place[0] for place in places], [place[1] for place in places]
    return Box(min(east), min(north), max(east), max(north))


def _places(geometry: dict[str, Any]) -> Iterator[Sequence[float]]:
    parts = geometry["coordinates"]
    for part in [parts] if geometry["type"] == "Polygon" else parts:
        yield from part[0]
