"""Commands to a device: entered, followed as they go, and approved by a second person."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.browser.place import SUBJECTS, SUPERVISORS

pytestmark = pytest.mark.browser

SUBJECT = "s-ffffff"
DEVICE = SUBJECTS[SUBJECT][1]


def open_commands(page: Page, subject: str = SUBJECT) -> None:
    page.goto(f"/subjects/{subject}")
    page.get_by_role("tab", name="指令").click()
    expect(page.get_by_test_id("device-commands")).to_be_visible()


def give(page: Page, name: str, purpose: str) -> None:
    form = page.get_by_test_id("command-form")
    form.get_by_text(name, exact=True).click()
    page.get_by_test_id("command-purpose").fill(purpose)
    page.get_by_test_id("give-command").click()
    expect(form.get_by_role("status")).to_contain_text("已提交")


def test_an_officer_sets_an_interval_and_sees_the_device_do_it(page, site):
    open_commands(page)
    form = page.get_by_test_id("command-form")
    form.get_by_text("设置上报间隔", exact=True).click()
    page.get_by_test_id("command-interval").fill("0")
    page.get_by_test_id("give-command").click()
    expect(form.get_by_role("alert")).to_contain_text("1 至 65535")
    page.get_by_test_id("command-interval").fill("30")
    page.get_by_test_id("give-command").click()
    expect(form.get_by_role("alert")).to_contain_text("事由")
    give(page, "设置上报间隔", "核实告警期间加密")
    row = page.get_by_test_id("command-row").first
    expect(row).to_contain_text("30 秒")
    expect(row).to_contain_text("王警官 提出")
    state = row.get_by_test_id("command-state")
    expect(state).to_have_text("待下发")
    (command,) = [each for each in site.gateway.waiting_commands() if each["device"] == DEVICE]
    site.gateway.report_command(command["command"], "sent")
    expect(state).to_have_text("已下发")
    site.gateway.report_command(command["command"], "answered", "interval 30")
    expect(state).to_have_text("设备已执行")
    expect(row).to_contain_text("interval 30")


def test_an_officer_withdraws_a_command_and_is_offered_none_that_stops_a_device(page):
    open_commands(page, "s-gggggg")
    expect(page.get_by_test_id("command-form")).not_to_contain_text("关机")
    give(page, "立即定位", "核实所在位置")
    row = page.get_by_test_id("command-row").first
    row.get_by_test_id("withdraw-command").click()
    expect(row.get_by_test_id("command-state")).to_have_text("已撤回")


def test_a_second_supervisor_approves_what_the_first_one_cannot(new_context, sign_in, site):
    first, second = (new_context().new_page() for _ in SUPERVISORS)
    for page, login in zip((first, second), SUPERVISORS, strict=True):
        sign_in(page, login)
        open_commands(page, "s-cccccc")
    give(first, "关机", "设备送修前关机")
    own, other = (page.get_by_test_id("command-row").first for page in (first, second))
    expect(own).to_contain_text("等待另一名负责人批准")
    expect(own.get_by_test_id("approve-command")).to_have_count(0)
    assert not [each for each in site.gateway.waiting_commands() if each["name"] == "power_off"]
    other.get_by_test_id("approve-command").click()
    for row in (own, other):
        expect(row.get_by_test_id("command-state")).to_have_text("待下发")
        expect(row).to_contain_text("吴队长 批准")
    (command,) = [each for each in site.gateway.waiting_commands() if each["name"] == "power_off"]
    assert command["approved_by"] == list(SUPERVISORS)
    other.get_by_test_id("withdraw-command").click()
    expect(own.get_by_test_id("command-state")).to_have_text("已撤回")


def test_an_auditor_reads_commands_and_gives_none(new_context, sign_in):
    page = new_context().new_page()
    sign_in(page, "auditor-1")
    open_commands(page)
    expect(page.get_by_text("指令记录")).to_be_visible()
    expect(page.get_by_test_id("command-form")).to_have_count(0)


def test_a_phone_shows_the_whole_form(new_context, cookies):
    context = new_context(viewport=PHONE)
    context.add_cookies(cookies)
    page = context.new_page()
    open_commands(page, "s-bbbbbb")
    page.get_by_test_id("give-command").scroll_into_view_if_needed()
    expect(page.get_by_test_id("give-command")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
