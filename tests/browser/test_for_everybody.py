"""Two languages, assistive technology, a phone, many tabs."""

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.conftest import absent

pytestmark = pytest.mark.browser

AXE = Path("server/web/node_modules/axe-core/axe.min.js")
AXE_RUN = """() => axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
}).then((found) => found.violations.map(
    (rule) => `${rule.id}: ${rule.nodes.map((node) => node.html).join(' | ')}`))"""

TOO_SMALL = """() => [...document.querySelectorAll('button, a, [role=tab], input')]
    .map((element) => [element, element.closest('label') ?? element])
    .filter(([element]) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest('.visually-hidden, dd, .meta, .skip, .el-radio, .el-radio-button')
        && !element.classList.contains('skip'))
    .map(([element, target]) => [element.outerHTML.slice(0, 90), target.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
    .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""

COVERED = """() => document.elementFromPoint(innerWidth / 2, 160).closest('#list') !== null"""


def switch_to(page: Page, language: str) -> None:
    if page.locator("html").get_attribute("lang") != language:
        page.get_by_test_id("language").click()
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_language_changes_everything_at_once_and_is_remembered(page):
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    switch_to(page, "en")
    expect(page.get_by_role("tab", name="Alerts")).to_be_visible()
    expect(page.get_by_test_id("sign-out")).to_have_text("Sign out")
    page.reload()
    expect(page.get_by_role("tab", name="Alerts")).to_be_visible()
    assert "告警" not in page.locator("body").inner_text().replace("核实告警", "")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_axe_finds_nothing_on_any_page(new_context, sign_in, site, language):
    if not AXE.is_file():
        absent("axe-core", "npm ci in server/web")
    alert_id = site.gateway.raise_alert("s-bbbbbb", "silence")
    context = new_context(reduced_motion="reduce")
    context.add_init_script(path=AXE)
    page = context.new_page()
    page.goto("/sign-in")
    switch_to(page, language)
    found = {"sign-in": page.evaluate(AXE_RUN)}
    sign_in(page)
    expect(page.get_by_test_id("alert-row").first).to_be_visible()
    found["queue"] = page.evaluate(AXE_RUN)
    page.goto(f"/alerts/{alert_id}")
    expect(page.get_by_test_id("steps")).to_be_visible()
    found["alert"] = page.evaluate(AXE_RUN)
    page.goto("/subjects/s-bbbbbb")
    for tab, shown in enumerate(["order", "purpose", "command-form", "ledger"]):
        page.get_by_role("tablist").last.get_by_role("tab").nth(tab).click()
        expect(page.get_by_test_id(shown)).to_be_visible()
        found[shown] = page.evaluate(AXE_RUN)
    assert found == {name: [] for name in found}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_phone_shows_map_over_list_with_targets_for_fingers(new_context, sign_in, site, language):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "silence")
    page = new_context(
        viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True
    ).new_page()
    page.goto("/sign-in")
    switch_to(page, language)
    sign_in(page)
    row = page.locator(f"a[href='/alerts/{alert_id}']")
    expect(row).to_be_visible()
    map_box = page.get_by_test_id("map").bounding_box()
    row_box = row.bounding_box()
    assert map_box is not None
    assert row_box is not None
    assert map_box["y"] + map_box["height"] <= row_box["y"]
    too_small = page.evaluate(TOO_SMALL)
    row.tap()
    expect(page.get_by_test_id("acknowledge")).to_be_visible()
    too_small += page.evaluate(TOO_SMALL)
    assert too_small == []
    assert page.evaluate("() => document.documentElement.scrollWidth") == PHONE["width"]


def test_sheet_covers_the_map_and_gives_it_back(new_context, sign_in):
    page = new_context(viewport=PHONE, is_mobile=True, has_touch=True).new_page()
    sign_in(page)
    handle = page.get_by_test_id("sheet-handle")
    expect(handle).to_have_attribute("aria-expanded", "false")
    handle.tap()
    expect(handle).to_have_attribute("aria-expanded", "true")
    # The sheet lies over the map: what is at the map's place belongs to the sheet.
    assert page.evaluate(COVERED)
    handle.tap()
    assert not page.evaluate(COVERED)


def test_eight_tabs_share_one_stream_and_none_starves(page, site):
    tabs = [page.context.new_page() for _ in range(7)]
    for tab in tabs:
        tab.goto("/")
        expect(tab.get_by_test_id("live")).to_have_text("实时")
    # HTTP/1.1 has six connections: with a stream per tab the later ones would hang.
    metrics = httpx.get(f"{site.base_url}/metrics").text
    assert "guitu_live_clients 1.0" in metrics
    newest = site.gateway.raise_alert("s-cccccc", "silence")
    for tab in [page, *tabs]:
        expect(tab.locator(f"a[href='/alerts/{newest}']")).to_be_visible()
