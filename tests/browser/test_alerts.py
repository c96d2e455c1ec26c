"""The alert desk, with people who work at the same time and a network that fails."""

import json
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import signed_in
from tests.browser.place import AUDITOR, PASSWORD

pytestmark = pytest.mark.browser


def open_alert(page: Page, alert_id: str) -> None:
    """Open an alert that has reached somebody: from then on only people change it."""
    page.goto(f"/alerts/{alert_id}")
    expect(page.get_by_test_id("steps")).to_contain_text("已分派")


def choose(page: Page, verdict: str) -> None:
    page.get_by_test_id("actions").get_by_text(verdict, exact=True).click()


def state_of(page: Page):
    return page.get_by_test_id("alert-state")


def test_alert_appears_by_itself_and_is_counted(page, site):
    rows = page.get_by_test_id("alert-row")
    count = page.get_by_test_id("critical-open").locator("b")
    before_rows, before_count = rows.count(), int(count.inner_text())
    page.evaluate("() => { window.sameDocument = true }")
    site.gateway.raise_alert("s-aaaaaa", "exclusion", fence="f-school")
    expect(rows).to_have_count(before_rows + 1)
    expect(rows.first).to_contain_text("进入禁止区域")
    expect(rows.first).to_contain_text("城关小学")
    expect(count).to_have_text(str(before_count + 1))
    expect(page).to_have_title(re.compile(rf"^\({before_count + 1}\) 归途"))
    expect(page.locator("[aria-live=polite]").first).to_have_text(
        "新告警：紧急，进入禁止区域，张志强"
    )
    assert page.evaluate("() => window.sameDocument")


def test_acknowledging_moves_the_alert_and_says_who(page, site):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "silence")
    open_alert(page, alert_id)
    page.get_by_test_id("acknowledge").click()
    expect(state_of(page)).to_have_text("办理：处理中")
    expect(page.get_by_test_id("outcome")).to_have_text("已确认接收")
    expect(page.get_by_test_id("steps")).to_contain_text("王警官")
    page.get_by_role("tab", name="处理中").click()
    # A row's address keeps the queue that was chosen.
    row = page.locator(f"[data-test=alert-row][href^='/alerts/{alert_id}']")
    expect(row).to_be_visible()


def test_an_alert_that_is_routed_meanwhile_is_taken_on_all_the_same(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "strap")
    open_alert(page, alert_id)
    tries = []

    def let_it_change(route) -> None:
        tries.append(route.request.headers["if-match"])
        if len(tries) == 1:
            with signed_in(site.base_url, "officer-2") as other:
                path = f"/api/v1/alerts/{alert_id}/notes"
                other.post(path, json={"note": "已通知值班室"}).raise_for_status()
        route.continue_()

    page.route("**/acknowledge", let_it_change)
    page.get_by_test_id("acknowledge").click()
    expect(state_of(page)).to_have_text("办理：处理中")
    expect(page.get_by_test_id("outcome")).to_have_text("已确认接收")
    assert len(tries) == 2
    complaints[:] = [text for text in complaints if "412" not in text]


def test_second_of_two_officers_is_told_who_was_faster(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "strap")
    open_alert(page, alert_id)

    def let_the_other_be_faster(route) -> None:
        with signed_in(site.base_url, "officer-2") as other:
            taken = other.post(
                f"/api/v1/alerts/{alert_id}/acknowledge",
                json={},
                headers={"If-Match": route.request.headers["if-match"]},
            )
        assert taken.status_code == httpx.codes.OK, taken.text
        route.continue_()

    page.route("**/acknowledge", let_the_other_be_faster)
    page.get_by_test_id("acknowledge").click()
    outcome = page.get_by_test_id("outcome")
    expect(outcome).to_contain_text("已有人先一步处理")
    expect(outcome).to_contain_text("李警官")
    expect(outcome).to_contain_text("当前状态：处理中")
    expect(state_of(page)).to_have_text("办理：处理中")
    complaints[:] = [text for text in complaints if "412" not in text]


def test_words_survive_when_another_officer_resolves_meanwhile(new_context, sign_in, page, site):
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    open_alert(page, alert_id)
    page.get_by_test_id("note").fill("已电话联系本人")
    other = new_context().new_page()
    sign_in(other, "officer-2", path=f"/alerts/{alert_id}")
    choose(other, "误报")
    other.get_by_test_id("note").fill("信号遮挡")
    other.get_by_test_id("resolve").click()
    expect(other.get_by_test_id("outcome")).to_contain_text("已办结：误报")
    expect(page.get_by_test_id("outcome")).to_contain_text("已有人先一步处理")
    expect(page.get_by_test_id("outcome")).to_contain_text("李警官")
    expect(page.get_by_test_id("note")).to_have_value("已电话联系本人")
    expect(page.get_by_test_id("resolve")).to_be_disabled()


def test_undelivered_action_says_so_and_keeps_what_was_typed(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    open_alert(page, alert_id)
    choose(page, "设备或技术原因")
    page.get_by_test_id("note").fill("地下车库无信号")
    page.route("**/resolve", lambda route: route.abort("connectionreset"))
    page.get_by_test_id("resolve").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("未送达")
    expect(page.get_by_test_id("note")).to_have_value("地下车库无信号")
    page.unroute("**/resolve")
    page.get_by_test_id("resolve").click()
    expect(state_of(page)).to_have_text("办理：已办结")
    complaints[:] = [text for text in complaints if "ERR_CONNECTION_RESET" not in text]


def test_resolving_needs_a_verdict_and_a_note(page, site):
    open_alert(page, site.gateway.raise_alert("s-cccccc", "silence"))
    complaint = page.get_by_test_id("actions").get_by_role("alert")
    page.get_by_test_id("resolve").click()
    expect(complaint).to_have_text("请选择核实结论")
    choose(page, "误报")
    page.get_by_test_id("resolve").click()
    expect(complaint).to_have_text("请填写核实说明（1 至 2000 字）")
    expect(state_of(page)).to_have_text("办理：待处理")


def test_confirmed_alert_becomes_a_line_in_the_ledger(page, site):
    open_alert(page, site.gateway.raise_alert("s-aaaaaa", "exclusion", fence="f-school"))
    page.get_by_test_id("open-subject").click()
    page.get_by_role("tab", name="计分").click()
    expect(page.get_by_test_id("score-total")).to_have_text("778")
    page.go_back()
    choose(page, "属实")
    page.get_by_test_id("note").fill("现场核实，本人承认")
    page.get_by_test_id("resolve").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("已办结：属实")
    with page.expect_download() as record:
        page.get_by_test_id("fact").click()
    assert json.loads(record.value.path().read_text())["subject"] == "s-aaaaaa"
    page.get_by_test_id("open-subject").click()
    page.get_by_role("tab", name="计分").click()
    entry = page.get_by_test_id("ledger-entry").first
    expect(entry).to_contain_text("−20")
    expect(entry).to_contain_text("758")
    expect(entry).to_contain_text("现场核实，本人承认")
    expect(entry).to_contain_text("officer-1")
    expect(page.get_by_test_id("score-total")).to_have_text("758")
    expect(page.get_by_test_id("score")).to_contain_text("信用良好")


def test_auditor_reads_but_has_no_actions(new_context, sign_in, site):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "silence")
    page = new_context().new_page()
    sign_in(page, AUDITOR, path=f"/alerts/{alert_id}")
    expect(page.get_by_text("当前角色只能查看，不能处理告警。")).to_be_visible()
    expect(page.get_by_test_id("acknowledge")).to_have_count(0)
    expect(page.get_by_test_id("resolve")).to_have_count(0)


def test_page_finds_its_way_back_after_a_server_restart(page, site, complaints):
    rows = page.get_by_test_id("alert-row")
    expect(page.get_by_test_id("live")).to_have_text("实时")
    before = rows.count()
    site.stop()
    expect(page.get_by_test_id("live")).to_have_text("重新连接中")
    site.start()
    site.gateway.raise_alert("s-bbbbbb", "sos")
    expect(rows).to_have_count(before + 1, timeout=20_000)
    expect(page.get_by_test_id("live")).to_have_text("实时")
    complaints[:] = [text for text in complaints if "ERR_" not in text]


def test_j_and_k_walk_the_queue_but_not_while_typing(page, site):
    site.gateway.raise_alert("s-bbbbbb", "silence")
    newest = site.gateway.raise_alert("s-cccccc", "silence")
    expect(page.get_by_test_id("alert-row").first).to_have_attribute("href", f"/alerts/{newest}")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(newest))
    page.keyboard.press("j")
    expect(page).not_to_have_url(re.compile(newest))
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile(newest))
    page.get_by_test_id("note").press_sequentially("jk")
    expect(page).to_have_url(re.compile(newest))


def test_expired_session_loses_no_word(new_context, sign_in, site, complaints):
    context = new_context()
    page = context.new_page()
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    sign_in(page, "officer-2", path=f"/alerts/{alert_id}")
    choose(page, "有正当理由")
    page.get_by_test_id("note").fill("已批准就医外出")
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    cookies = {one["name"]: one["value"] for one in context.cookies()}

    def let_it_expire(route) -> None:
        with httpx.Client(base_url=site.base_url, cookies=cookies) as same:
            headers = {"X-CSRF-Token": token}
            same.delete("/api/v1/session", headers=headers).raise_for_status()
        route.continue_()

    page.route("**/resolve", let_it_expire)
    page.get_by_test_id("resolve").click()
    expect(page.locator("#login")).to_be_visible()
    page.locator("#login").fill("officer-2")
    page.locator("#password").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(page.get_by_test_id("note")).to_have_value("已批准就医外出")
    complaints[:] = [text for text in complaints if "401" not in text]


def test_queue_that_cannot_be_fetched_says_so_and_comes_by_itself(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    page.route("**/api/v1/alerts?*", lambda route: route.abort("connectionrefused"))
    page.reload()
    expect(page.get_by_text("无法取得数据，正在自动重试")).to_be_visible()
    page.unroute("**/api/v1/alerts?*")
    expect(page.locator(f"a[href='/alerts/{alert_id}']")).to_be_visible(timeout=15_000)
    complaints[:] = [text for text in complaints if "ERR_CONNECTION_REFUSED" not in text]


def test_open_ledger_shows_what_another_officer_confirms(new_context, sign_in, page, site):
    alert_id = site.gateway.raise_alert("s-bbbbbb", "strap")
    page.goto("/subjects/s-bbbbbb")
    page.get_by_role("tab", name="计分").click()
    expect(page.get_by_test_id("ledger-entry").first).to_be_visible()
    before = page.get_by_test_id("ledger-entry").count()
    other = new_context().new_page()
    sign_in(other, "officer-2", path=f"/alerts/{alert_id}")
    choose(other, "属实")
    other.get_by_test_id("note").fill("腕带被剪断，现场取证")
    other.get_by_test_id("resolve").click()
    expect(page.get_by_test_id("ledger-entry")).to_have_count(before + 1)
    expect(page.get_by_test_id("ledger-entry").first).to_contain_text("−30")


def test_an_action_without_an_answer_is_sent_later_by_itself(page, site, complaints):
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    open_alert(page, alert_id)
    page.route("**/acknowledge", lambda route: route.abort("connectionreset"))
    page.get_by_test_id("acknowledge").click()
    expect(page.get_by_test_id("unsent")).to_contain_text("1 项操作尚未送达")
    page.unroute("**/acknowledge")
    expect(state_of(page)).to_have_text("办理：处理中", timeout=25_000)
    expect(page.get_by_test_id("unsent")).to_have_count(0)
    complaints[:] = [text for text in complaints if "ERR_CONNECTION_RESET" not in text]


def test_an_alert_is_set_aside_with_a_reason_and_taken_back(page, site):
    alert_id = site.gateway.raise_alert("s-cccccc", "silence")
    open_alert(page, alert_id)
    desk = page.get_by_test_id("desk")
    desk.get_by_test_id("act-shelve").click()
    desk.get_by_test_id("do-shelve").click()
    expect(desk.get_by_text("此项必填")).to_be_visible()
    desk.get_by_test_id("field-note").fill("设备送修，明日换新")
    desk.get_by_test_id("do-shelve").click()
    expect(state_of(page)).to_have_text("办理：已搁置")
    desk.get_by_test_id("act-unshelve").click()
    desk.get_by_test_id("field-note").fill("已提前修好")
    desk.get_by_test_id("do-unshelve").click()
    expect(state_of(page)).to_have_text("办理：待处理")
    expect(page.get_by_test_id("steps")).to_contain_text("设备送修，明日换新")


def test_a_cut_strap_is_never_set_aside_and_somebody_is_sent(page, site):
    open_alert(page, site.gateway.raise_alert("s-bbbbbb", "strap"))
    desk = page.get_by_test_id("desk")
    desk.get_by_test_id("act-dispatch").click()
    expect(desk.get_by_test_id("act-shelve")).to_have_count(0)
    desk.get_by_test_id("field-login").select_option("officer-2")
    desk.get_by_test_id("do-dispatch").click()
    expect(desk).to_contain_text("已派 李警官")
    expect(state_of(page)).to_have_text("办理：已派员")
