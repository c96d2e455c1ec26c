"""Journeys across screens: from the county to a person, on a wall, and through a lost network."""

import re
import secrets
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.people import own_account, signed_in
from tests.browser.place import AUDITOR, COUNTY, OFFICE, SUBJECTS
from tests.browser.uplink import now_ms

pytestmark = pytest.mark.browser


def test_one_press_goes_a_level_down_and_the_address_keeps_it(page):
    shown = page.get_by_test_id("map")
    page.get_by_test_id("org-below").select_option(COUNTY)
    expect(page).to_have_url(re.compile(f"org={COUNTY}"))
    county = float(str(shown.get_attribute("data-resolution")))
    page.get_by_test_id("org-below").select_option(OFFICE)
    crumbs = page.get_by_test_id("crumbs")
    expect(crumbs.locator("[aria-current=true]")).to_have_text("城关司法所")
    page.wait_for_function(
        "(county) => Number(document.querySelector('[data-test=map]').dataset.resolution) < county",
        arg=county,
    )
    page.reload()
    expect(crumbs.locator("[aria-current=true]")).to_have_text("城关司法所")
    crumbs.get_by_role("button", name="青溪县").click()
    expect(page).to_have_url(re.compile(f"org={COUNTY}"))


def test_the_wall_has_no_navigation_and_shows_what_arrives(page, site):
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.get_by_test_id("wall").click()
    expect(page).to_have_url(re.compile("wall=1"))
    expect(page.get_by_test_id("nav")).to_have_count(0)
    newest = site.gateway.raise_alert("s-cccccc", "silence")
    expect(page.locator(f"a[href^='/alerts/{newest}']")).to_be_visible()
    fits = "() => document.documentElement.scrollHeight <= innerHeight"
    assert page.evaluate(fits), "a wall scrolls"
    page.get_by_test_id("wall").click()
    expect(page.get_by_test_id("nav")).to_be_visible()


def test_playback_goes_from_fix_to_fix_and_says_where_nothing_is_known(page, site):
    device = SUBJECTS["s-eeeeee"][1]
    start_ms = now_ms() - 3_000_000
    legs = [(119.80, 0), (119.82, 60_000), (119.88, 1_260_000), (119.90, 1_320_000)]
    site.gateway.send_fixes(*((device, lon, 28.41, start_ms + after) for lon, after in legs))
    page.goto("/subjects/s-eeeeee?part=track")
    page.get_by_text("最近 1 小时").click()
    page.get_by_test_id("purpose").get_by_text("日常监督管理").click()
    page.get_by_test_id("show-track").click()
    head = page.get_by_test_id("playhead")
    expect(head).to_contain_text("119.80000")
    page.get_by_test_id("next-fix").click()
    expect(head).to_contain_text("119.82000")
    middle = (start_ms + 660_000) // 1_000 * 1_000
    page.get_by_test_id("scrubber").fill(str(start_ms + (middle - start_ms) // 1_000 * 1_000))
    expect(head).to_contain_text("20 分钟")
    expect(head).not_to_contain_text("119.8")
    page.get_by_test_id("next-fix").click()
    expect(head).to_contain_text("119.88000")


def test_a_device_is_found_by_its_trouble_and_its_gateway_was_heard(page, site):
    site.gateway.send_first_fixes()
    site.gateway.ask_directory()
    page.goto("/devices")
    fleet = page.get_by_test_id("fleet")
    expect(fleet).to_contain_text("wb-000007")
    page.get_by_test_id("fleet-counts").get_by_role("button", name="位置超过5分钟").click()
    expect(fleet).to_contain_text("wb-000007")
    expect(fleet).not_to_contain_text("wb-000001")
    fleet.get_by_role("button", name="指令").first.click()
    expect(fleet.get_by_test_id("device-commands")).to_be_visible()
    page.goto("/devices?tab=gateways")
    expect(page.get_by_test_id("gateways")).to_contain_text("gw-1")


def test_what_a_person_did_stands_in_the_record_that_an_auditor_reads(page_of, site):
    begins = datetime.now(UTC) + timedelta(days=4)
    leave = {
        "ground": "medical",
        "reason": "到市人民医院复查",
        "destination": "市人民医院",
        "from_time": begins.isoformat(),
        "to_time": (begins + timedelta(hours=9)).isoformat(),
        "proof": [{"title": "门诊预约单"}],
    }
    with signed_in(site.base_url, "officer-1") as officer:
        login, password = own_account(officer, "s-eeeeee")
    with signed_in(site.base_url, login, password) as own:
        key = {"Idempotency-Key": secrets.token_hex(8)}
        own.post("/api/v1/me/leaves", json=leave, headers=key).raise_for_status()
    page = page_of(AUDITOR, "/oversight")
    page.get_by_test_id("acts-subject").fill("s-eeeeee")
    page.get_by_test_id("acts-subject").press("Enter")
    acts = page.get_by_test_id("acts")
    expect(acts).to_contain_text("leave")
    expect(acts).to_contain_text(login)
    expect(acts).not_to_contain_text("s-aaaaaa")
    page.get_by_role("tab", name="现行参数").click()
    expect(page.get_by_test_id("policy")).to_contain_text("nuisance_budget")


def test_what_was_done_without_a_network_is_kept_said_and_sent(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-cccccc", "strap")
    page.goto(f"/alerts/{alert_id}")
    expect(page.get_by_test_id("steps")).to_contain_text("已分派")
    page.context.set_offline(True)
    page.get_by_test_id("acknowledge").click()
    expect(page.get_by_test_id("unsent")).to_contain_text("1 项操作尚未送达")
    page.context.set_offline(False)
    expect(page.get_by_test_id("alert-state")).to_have_text("办理：处理中", timeout=30_000)
    expect(page.get_by_test_id("unsent")).to_have_count(0)
    complaints[:] = [text for text in complaints if "ERR_" not in text]
