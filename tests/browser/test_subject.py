"""One person: the order, the track, the score."""

import pytest
from playwright.sync_api import expect

from tests.browser.place import SUBJECTS
from tests.browser.screen import colour_at, is_near, place_on_screen
from tests.browser.uplink import now_ms

pytestmark = pytest.mark.browser

TRACK_VIOLET = 0xB98CFF


def test_order_shows_its_legal_ground_and_its_end(page):
    page.goto("/subjects/s-bbbbbb")
    order = page.get_by_test_id("order")
    expect(order).to_contain_text("第二十九条第一款第（2）项")
    expect(order).to_contain_text("剩余 31 天")
    expect(order).to_contain_text("+08:00")


def test_subject_without_an_order_has_no_position_and_the_file_says_why(page):
    page.goto("/subjects/s-dddddd")
    expect(page.get_by_test_id("order")).to_contain_text("不采集连续位置")


def test_track_needs_a_purpose_and_shows_its_gap_as_a_gap(page, site):
    device = SUBJECTS["s-cccccc"][1]
    start_ms = now_ms() - 3_000_000
    west, gap, east = 119.80, 119.84, 119.88
    legs = [(west, 0), (west + 0.02, 60_000), (east, 1_260_000), (east + 0.02, 1_320_000)]
    site.gateway.send_fixes(*((device, lon, 28.4, start_ms + after) for lon, after in legs))
    page.goto("/subjects/s-cccccc")
    page.get_by_role("tab", name="轨迹").click()
    page.get_by_test_id("show-track").click()
    expect(page.get_by_text("请选择查询事由")).to_be_visible()
    expect(page.get_by_test_id("track-result")).to_have_count(0)
    page.get_by_text("最近 1 小时").click()
    page.get_by_test_id("purpose").get_by_text("日常监督管理").click()
    page.get_by_test_id("show-track").click()
    result = page.get_by_test_id("track-result")
    expect(result).to_contain_text("20 分钟")
    on_the_line = colour_at(page, *place_on_screen(page, west + 0.01, 28.4))
    in_the_gap = colour_at(page, *place_on_screen(page, gap, 28.4))
    assert is_near(on_the_line, TRACK_VIOLET, by=60), on_the_line
    assert not is_near(in_the_gap, TRACK_VIOLET, by=60), in_the_gap


def test_subject_is_found_by_name(page):
    page.get_by_role("tab", name="对象").click()
    expect(page.get_by_test_id("subject-row")).to_have_count(len(SUBJECTS))
    page.get_by_test_id("subject-search").fill("陈小")
    expect(page.get_by_test_id("subject-row")).to_have_count(1)
    page.get_by_test_id("subject-row").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("陈小龙")


def test_unknown_subject_is_said_to_be_unknown(page, complaints):
    page.goto("/subjects/s-zzzzzz")
    expect(page.get_by_text("没有找到，或不在您的管辖范围内")).to_be_visible()
    complaints[:] = [text for text in complaints if "404" not in text]
