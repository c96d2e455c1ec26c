"""Objections to facts, incidents, and what the office's own figures say."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.people import cookies_of, own_account, signed_in

pytestmark = pytest.mark.browser

TRIES_MOST = 50


def confirm(client: httpx.Client, alert_id: str) -> None:
    """Confirm an alert as it is by then: routing may change it meanwhile."""
    for _ in range(TRIES_MOST):
        version = client.get(f"/api/v1/alerts/{alert_id}").raise_for_status().json()["version"]
        answer = client.post(
            f"/api/v1/alerts/{alert_id}/resolve",
            json={"verdict": "confirmed", "note": "现场核实，本人承认"},
            headers={"If-Match": f'"{version}"'},
        )
        if answer.status_code != httpx.codes.PRECONDITION_FAILED:
            answer.raise_for_status()
            return
    pytest.fail(f"alert {alert_id} changed {TRIES_MOST} times")


def test_a_person_objects_to_a_point_and_reads_the_answer(new_context, page_of, site):
    with signed_in(site.base_url, "officer-1") as officer:
        confirm(officer, site.gateway.raise_alert("s-gggggg", "strap"))
        login, password = own_account(officer, "s-gggggg")
    with signed_in(site.base_url, login, password) as own:
        phone = new_context(viewport=PHONE, is_mobile=True, has_touch=True)
        phone.add_cookies(cookies_of(own))
        mine = phone.new_page()
        mine.goto("/own?tab=score")
        mine.get_by_test_id("act-object").click()
        mine.get_by_test_id("field-fact").select_option(index=1)
        mine.get_by_test_id("field-words").fill("腕带是被机器夹断的，不是我剪的")
        mine.get_by_test_id("do-object").click()
        objection = mine.get_by_test_id("score-objection")
        expect(objection).to_contain_text("待答复")
        expect(mine.get_by_text("异议期间不计")).to_be_visible()

        desk = page_of("supervisor-1", "/work?tab=reviews")
        review = desk.get_by_test_id("review").filter(has_text="机器夹断")
        expect(review).to_contain_text("本人异议")
        review.get_by_test_id("act-upheld").click()
        review.get_by_test_id("field-reason").fill("现场照片显示切口平整")
        review.get_by_test_id("do-upheld").click()
        expect(review).to_have_count(0)
        mine.reload()
        expect(objection).to_contain_text("现场照片显示切口平整")
        expect(mine.get_by_text("异议期间不计")).to_have_count(0)


def test_an_incident_is_opened_worked_through_and_its_course_told(page_of, site):
    site.gateway.raise_alert("s-aaaaaa", "exclusion", fence="f-school")
    page = page_of("supervisor-1", "/incidents")
    page.get_by_test_id("act-open").click()
    page.get_by_test_id("field-title").fill("城关小学附近")
    page.get_by_test_id("field-plan").select_option("escape")
    page.get_by_test_id("field-alert").select_option(index=1)
    page.get_by_test_id("do-open").click()
    incident = page.get_by_test_id("incident")
    expect(incident).to_contain_text("城关小学附近")
    task = incident.get_by_test_id("task").first
    task.get_by_test_id("act-done").click()
    task.get_by_test_id("field-note").fill("已联系家属")
    task.get_by_test_id("do-done").click()
    expect(task).to_contain_text("已联系家属")
    expect(page.get_by_test_id("timeline")).to_contain_text("任务完成")
    page.get_by_test_id("back").click()
    expect(page.get_by_test_id("incidents")).to_contain_text("城关小学附近")


def test_the_figures_of_the_office_are_read_on_one_screen(page_of, site):
    with signed_in(site.base_url, "officer-1") as officer:
        confirm(officer, site.gateway.raise_alert("s-bbbbbb", "strap"))
    page = page_of("officer-1", "/quality")
    row = page.get_by_test_id("precision").get_by_role("row").filter(has_text="表带被剪断")
    expect(row).to_contain_text("%")
    page.get_by_role("tab", name="打扰预算").click()
    expect(page.get_by_test_id("budget")).to_be_visible()
    expect(page.get_by_test_id("reasons")).to_contain_text("表带被剪断")
    page.get_by_role("tab", name="处置用时").click()
    expect(page.get_by_test_id("times")).to_contain_text("紧急")
    page.get_by_role("tab", name="履职记录").click()
    expect(page.get_by_test_id("record")).to_contain_text("已办结")
    with page.expect_download() as download:
        page.get_by_test_id("record-file").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_a_month_is_reported_once(page_of, complaints):
    page = page_of("supervisor-1", "/quality?tab=reports")
    page.get_by_test_id("act-make").click()
    page.get_by_test_id("do-make").click()
    expect(page.get_by_test_id("act-told")).to_contain_text("已")
    expect(page.get_by_test_id("reports")).to_contain_text("supervisor-1")
    page.get_by_test_id("act-make").click()
    page.get_by_test_id("do-make").click()
    expect(page.get_by_test_id("act-complaint")).to_contain_text("409")
    complaints[:] = [text for text in complaints if "409" not in text]
