"""Accounts: who enters one cannot make it work, who grants it did not enter it."""

import pytest
from playwright.sync_api import expect

from tests.browser.people import cookies_of, signed_in
from tests.browser.place import ADMIN, COUNTY, SECURITY

pytestmark = pytest.mark.browser


def test_an_account_works_once_another_administrator_has_granted_it(new_context, site):
    def page_of(login: str):
        with signed_in(site.base_url, login) as client:
            context = new_context()
            context.add_cookies(cookies_of(client))
        page = context.new_page()
        page.goto("/accounts")
        return page

    admin = page_of(ADMIN)
    admin.get_by_test_id("act-enter").click()
    for name, value in {
        "login": "officer-new",
        "name": "何警官",
        "staff": "330100-0042",
        "org": COUNTY,
    }.items():
        admin.get_by_test_id(f"field-{name}").fill(value)
    admin.get_by_test_id("field-role").select_option("officer")
    admin.get_by_test_id("do-enter").click()
    entered = admin.get_by_test_id("account").filter(has_text="何警官")
    expect(entered).to_contain_text("待授权")
    expect(entered.get_by_test_id("act-grant")).to_have_count(0)

    security = page_of(SECURITY)
    granted = security.get_by_test_id("account").filter(has_text="何警官")
    granted.get_by_test_id("act-grant").click()
    granted.get_by_test_id("do-grant").click()
    expect(granted.get_by_test_id("act-told")).to_contain_text("只显示这一次")
    once = granted.get_by_test_id("act-told").inner_text().rsplit("：", 1)[1]
    security.reload()
    expect(security.get_by_text("只显示这一次")).to_have_count(0)

    new = new_context().new_page()
    new.goto("/")
    new.locator("#login").fill("officer-new")
    new.locator("#password").fill(once)
    new.locator("button[type=submit]").click()
    expect(new.get_by_text("请先设置自己的密码")).to_be_visible()
