"""The map shows places where they are and says when it no longer knows."""

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.browser.place import COUNTY, PHONE, SUBJECTS
from tests.browser.screen import colour_at, is_near, place_on_screen
from tests.browser.uplink import now_ms

pytestmark = pytest.mark.browser

SUBJECT_BLUE = 0x56B4E9
OFFICER_GREEN = 0x2EC4A0
ALERT_RED = 0xFF5A4F
STALE_GREY = 0x7F8EA6


@pytest.fixture(autouse=True)
def present(site):
    """Everybody was heard just now, however long the tests before these took."""
    site.gateway.send_first_fixes()


def wait_for_colour(page: Page, place: tuple[float, float], wanted: int) -> None:
    """Wait until the screen shows a colour at a place, degrees."""
    seen = []
    for _ in range(80):
        seen.append(colour_at(page, *place_on_screen(page, *place)))
        if is_near(seen[-1], wanted):
            return
        page.wait_for_function("() => new Promise((done) => requestAnimationFrame(done))")
    pytest.fail(f"wanted {wanted:06x} at {place}, saw {set(seen)}")


def test_subject_and_officer_stand_where_they_are_in_their_colours(page):
    wait_for_colour(page, SUBJECTS["s-eeeeee"][2], SUBJECT_BLUE)
    wait_for_colour(page, PHONE[2], OFFICER_GREEN)
    expect(page.get_by_test_id("map-summary")).to_have_text("6 名对象、1 名工作人员有位置")


def test_point_stands_at_its_place_on_a_dense_screen(new_context, cookies):
    context = new_context(device_scale_factor=2)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/")
    expect(page.get_by_test_id("map-summary")).to_contain_text("6 名对象")
    wait_for_colour(page, SUBJECTS["s-eeeeee"][2], SUBJECT_BLUE)


def test_new_fix_moves_the_point_by_itself(page, site):
    before, after = (119.81, 28.52), (119.99, 28.52)
    site.gateway.send_fixes((PHONE[0], *before, now_ms()))
    wait_for_colour(page, before, OFFICER_GREEN)
    site.gateway.send_fixes((PHONE[0], *after, now_ms()))
    wait_for_colour(page, after, OFFICER_GREEN)
    assert not is_near(colour_at(page, *place_on_screen(page, *before)), OFFICER_GREEN)
    site.gateway.send_fixes((PHONE[0], *PHONE[2], now_ms()))


def test_subject_of_a_critical_alert_turns_red(page, site):
    place = SUBJECTS["s-ffffff"][2]
    wait_for_colour(page, place, SUBJECT_BLUE)
    site.gateway.raise_alert("s-ffffff", "sos")
    wait_for_colour(page, place, ALERT_RED)


def test_click_on_a_point_shows_its_card_with_fix_time_and_zone(page):
    wait_for_colour(page, SUBJECTS["s-eeeeee"][2], SUBJECT_BLUE)
    page.mouse.click(*place_on_screen(page, *SUBJECTS["s-eeeeee"][2]))
    card = page.get_by_test_id("position-card")
    expect(card).to_contain_text("刘洋")
    expect(card).to_contain_text("+08:00")
    expect(card).to_contain_text("8 米")


def test_silent_feed_is_announced_and_greys_the_points(new_context, cookies, site):
    context = new_context()
    context.add_cookies(cookies)
    page = context.new_page()
    page.clock.install()
    page.goto("/")
    place = SUBJECTS["s-eeeeee"][2]
    expect(page.get_by_test_id("map-summary")).to_contain_text("6 名对象")
    wait_for_colour(page, place, SUBJECT_BLUE)
    with site.frozen():
        page.clock.fast_forward(27_000)
        expect(page.get_by_test_id("stale-banner")).to_contain_text("数据已停更")
        expect(page.get_by_test_id("live")).to_have_text("已停更")
        wait_for_colour(page, place, STALE_GREY)
    site.gateway.send_fixes((SUBJECTS["s-aaaaaa"][1], *SUBJECTS["s-aaaaaa"][2], now_ms()))
    expect(page.get_by_test_id("stale-banner")).to_have_count(0)


def test_old_fix_is_grey_although_the_feed_is_live(page):
    wait_for_colour(page, SUBJECTS["s-gggggg"][2], STALE_GREY)
    expect(page.get_by_test_id("live")).to_have_text("实时")


def test_gateway_that_never_connected_is_announced(page, site):
    with psycopg.connect(site.owner_dsn, autocommit=True) as owner:
        owner.execute(
            "INSERT INTO gateway (id, org_id, token_hash) VALUES ('gw-2', %s, '\\x00')", (COUNTY,)
        )
        page.reload()
        expect(page.get_by_test_id("gateway-silent")).to_contain_text("网关 gw-2 尚未连接过")
        owner.execute("DELETE FROM gateway WHERE id = 'gw-2'")
