"""Far out the map counts people by area; only who has an alert is a point of their own."""

import re

import psycopg
import pytest
from playwright.sync_api import Page, expect
from psycopg.types.json import Jsonb

from tests.browser.place import COUNTY, OFFICE, SUBJECTS
from tests.browser.screen import IN_THE_COUNTY, colour_at, is_near, place_on_screen
from tests.browser.test_for_everybody import AXE, AXE_RUN
from tests.browser.test_map import ALERT_RED, SUBJECT_BLUE, wait_for_colour
from tests.conftest import absent

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("two_grounds")]

CALM = SUBJECTS["s-eeeeee"][2]
ALARMED = SUBJECTS["s-bbbbbb"][2]
# Only CALM is in the western ground, only ALARMED in the eastern, both away from the middle.
WEST = (119.7, 28.38, 119.83, 28.42)
EAST = (119.84, 28.28, 119.94, 28.39)
# Beside the number in the middle of a mark, pixels.
BESIDE_PX = 11


def _box(west: float, south: float, east: float, north: float) -> Jsonb:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return Jsonb({"type": "Polygon", "coordinates": [ring]})


def _middle(ground: tuple[float, float, float, float]) -> tuple[float, float]:
    west, south, east, north = ground
    return (west + east) / 2, (south + north) / 2


@pytest.fixture
def two_grounds(site):
    """Two offices with a boundary under a county without one: the offices are counted."""
    site.gateway.send_first_fixes()
    with psycopg.connect(site.owner_dsn, autocommit=True) as owner:
        county = owner.execute("SELECT boundary, path FROM org WHERE id = %s", (COUNTY,)).fetchone()
        office = owner.execute("SELECT boundary FROM org WHERE id = %s", (OFFICE,)).fetchone()
        assert county is not None
        assert office is not None
        owner.execute("UPDATE org SET boundary = NULL WHERE id = %s", (COUNTY,))
        owner.execute("UPDATE org SET boundary = %s WHERE id = %s", (_box(*WEST), OFFICE))
        owner.execute(
            "INSERT INTO org (id, parent_id, path, level, name_zh, name_en, boundary) VALUES"
            " ('office-east', %s, %s, 'office', '城东司法所', 'Chengdong Office', %s)",
            (COUNTY, f"{county[1]}office-east/", _box(*EAST)),
        )
        try:
            yield
        finally:
            owner.execute("DELETE FROM org WHERE id = 'office-east'")
            for org, (boundary, *_) in ((COUNTY, county), (OFFICE, office)):
                owner.execute("UPDATE org SET boundary = %s WHERE id = %s", (Jsonb(boundary), org))


def _settled(page: Page) -> None:
    """Wait until the zoom's animation is over."""
    page.wait_for_function(
        """() => new Promise((done) => {
            const map = document.querySelector('[data-test=map]')
            const before = map.dataset.resolution
            setTimeout(() => done(map.dataset.resolution === before), 400)
        })"""
    )


def _far_out(page: Page) -> None:
    """Zoom out twice: the offices are marks then."""
    expect(page.get_by_test_id("map")).to_have_attribute("data-centre", IN_THE_COUNTY)
    for _ in range(2):
        before = str(page.get_by_test_id("map").get_attribute("data-resolution"))
        page.locator(".zoom button").nth(1).click()
        expect(page.get_by_test_id("map")).not_to_have_attribute("data-resolution", before)
        _settled(page)
    expect(page.get_by_test_id("areas")).to_be_visible()


def _beside(page: Page, ground: tuple[float, float, float, float]) -> tuple[float, float]:
    """Return a place on the mark of a ground, beside its number, degrees."""
    longitude, latitude = _middle(ground)
    x, _ = place_on_screen(page, longitude, latitude)
    further, _ = place_on_screen(page, longitude + 0.01, latitude)
    return longitude - BESIDE_PX * 0.01 / (further - x), latitude


def test_far_out_an_area_has_its_number_in_the_colour_of_its_worst_state(page, site):
    site.gateway.raise_alert("s-bbbbbb", "sos")
    page.reload()
    _far_out(page)
    wait_for_colour(page, _beside(page, WEST), SUBJECT_BLUE)
    wait_for_colour(page, _beside(page, EAST), ALERT_RED)
    # Who has an alert is a point of their own; who has none is only in the number.
    wait_for_colour(page, ALARMED, ALERT_RED)
    assert not is_near(colour_at(page, *place_on_screen(page, *CALM)), SUBJECT_BLUE)
    page.get_by_test_id("areas").locator("summary").click()
    rows = page.get_by_test_id("areas").get_by_role("button")
    expect(rows.filter(has_text="城关司法所")).to_contain_text("1 人")
    expect(rows.filter(has_text="城东司法所")).to_contain_text("紧急告警")
    if not AXE.is_file():
        absent("axe-core", "npm ci in server/web")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert page.evaluate(AXE_RUN) == []


def test_press_on_an_area_goes_down_to_its_people_one_by_one(page):
    page.reload()
    _far_out(page)
    page.mouse.click(*place_on_screen(page, *_middle(WEST)))
    expect(page).to_have_url(re.compile(f"org={OFFICE}$"))
    expect(page.get_by_test_id("areas")).to_have_count(0)
    _settled(page)
    wait_for_colour(page, CALM, SUBJECT_BLUE)
