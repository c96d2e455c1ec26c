"""Journeys of daily work: a leave from the person's phone to the decision and back."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.browser.people import cookies_of, own_account, signed_in

pytestmark = pytest.mark.browser


def test_leave_goes_from_the_phone_to_the_county_and_back(new_context, site, complaints):
    with signed_in(site.base_url, "supervisor-1") as supervisor:
        login, password = own_account(supervisor, "s-ffffff")
        with signed_in(site.base_url, login, password) as own:
            phone = new_context(viewport=PHONE, is_mobile=True, has_touch=True)
            phone.add_cookies(cookies_of(own))
            mine = phone.new_page()
            # The start page is each role's own.
            mine.goto("/")
            expect(mine.get_by_test_id("own-case")).to_contain_text("天期满")
            mine.get_by_role("tab", name="请假").click()
            mine.get_by_test_id("act-apply").click()
            mine.get_by_test_id("do-apply").click()
            expect(mine.get_by_text("此项必填").first).to_be_visible()
            mine.get_by_test_id("field-ground").select_option("family")
            mine.get_by_test_id("field-reason").fill("母亲住院需要陪护")
            mine.get_by_test_id("field-destination").fill("市人民医院")
            mine.get_by_test_id("field-from").fill("2099-03-02T08:00")
            mine.get_by_test_id("field-to").fill("2099-03-01T08:00")
            mine.get_by_test_id("do-apply").click()
            # The server's word is shown, and what was typed is still there.
            expect(mine.get_by_test_id("act-complaint")).to_contain_text(
                "截止时间不晚于起始时间（应为：晚于起始时间）"
            )
            expect(mine.get_by_test_id("field-destination")).to_have_value("市人民医院")
            complaints[:] = [text for text in complaints if "409" not in text]
            mine.get_by_role("button", name="取消").click()
            expect(mine.get_by_test_id("act-apply")).to_be_focused()
            mine.get_by_test_id("act-apply").click()
            _fill_tomorrow(mine)
            mine.get_by_test_id("do-apply").click()
            expect(mine.get_by_test_id("act-told")).to_contain_text("已提交")

            desk = new_context()
            desk.add_cookies(cookies_of(supervisor))
            page = desk.new_page()
            page.goto("/work?tab=leaves")
            card = page.get_by_test_id("leave").filter(has_text="母亲住院")
            expect(card).to_contain_text("赵敏")
            card.get_by_test_id("act-approve").click()
            card.get_by_test_id("do-approve").click()
            expect(card).to_have_count(0)
            mine.reload()
            expect(mine.get_by_test_id("own-leaves")).to_contain_text("已批准")


def _fill_tomorrow(page):
    tomorrow = page.evaluate("() => new Date(Date.now() + 32 * 3600e3).toISOString().slice(0, 10)")
    page.get_by_test_id("field-ground").select_option("family")
    page.get_by_test_id("field-reason").fill("母亲住院需要陪护")
    page.get_by_test_id("field-destination").fill("市人民医院")
    page.get_by_test_id("field-from").fill(f"{tomorrow}T08:00")
    page.get_by_test_id("field-to").fill(f"{tomorrow}T18:00")
    page.get_by_test_id("field-urgent").fill("母亲今日入院")
