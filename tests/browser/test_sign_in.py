"""Who gets in, and what they then may see."""

import pyotp
import pytest
from playwright.sync_api import expect

from tests.browser.place import ADMIN, ENROLLING, PASSWORD, SUBJECTS

pytestmark = pytest.mark.browser


def test_wrong_password_is_refused_in_the_words_for_an_unknown_account(new_context):
    page = new_context().new_page()
    said = []
    for login in ("officer-1", "nobody-at-all"):
        page.goto("/sign-in")
        page.locator("#login").fill(login)
        page.locator("#password").fill("wrong password 1")
        page.locator("button[type=submit]").click()
        complaint = page.get_by_role("alert")
        expect(complaint).to_have_text("账号或密码不正确")
        said.append(complaint.inner_text())
    assert said[0] == said[1]
    expect(page.locator("#password")).to_have_value("")


def test_right_password_leads_to_the_page_that_was_asked_for(new_context, sign_in):
    page = new_context().new_page()
    sign_in(page, path="/subjects/s-bbbbbb")
    expect(page.get_by_test_id("subject-detail")).to_be_visible()
    expect(page.get_by_role("heading", level=2)).to_have_text("李秀英")


def test_reload_keeps_the_session_and_signing_out_ends_it(new_context, sign_in):
    page = new_context().new_page()
    sign_in(page)
    page.reload()
    # Calls that are still on their way would be answered 401 after the sign-out.
    expect(page.get_by_test_id("map-summary")).to_contain_text("名对象")
    page.get_by_test_id("sign-out").click()
    expect(page.locator("#login")).to_be_visible()
    page.goto("/")
    expect(page.locator("#login")).to_be_visible()
    kept = page.evaluate("() => JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert not any(name in kept for name, _, _ in SUBJECTS.values())


def test_signing_out_in_one_tab_ends_the_other_tab(new_context, sign_in, complaints):
    page = new_context().new_page()
    sign_in(page)
    other = page.context.new_page()
    other.goto("/")
    expect(other.get_by_test_id("map-summary")).to_contain_text("名对象")
    page.get_by_test_id("sign-out").click()
    expect(page.locator("#login")).to_be_visible()
    expect(other.locator("#login")).to_be_visible(timeout=15_000)
    complaints[:] = [text for text in complaints if "401" not in text]


def test_admin_is_told_that_case_data_is_not_for_this_role(new_context, sign_in):
    page = new_context().new_page()
    sign_in(page, ADMIN)
    # The start page is each role's own.
    expect(page.get_by_test_id("account").first).to_be_visible()
    page.goto("/subjects/s-aaaaaa")
    expect(page.get_by_text("没有查看权限")).to_be_visible()
    expect(page.get_by_test_id("alerts")).to_have_count(0)
    assert PASSWORD not in page.content()


def test_a_second_factor_is_enrolled_from_its_qr_code_and_asked_for(new_context, sign_in):
    page = new_context().new_page()
    sign_in(page, ENROLLING)
    page.get_by_test_id("second-factor").click()
    expect(page.get_by_role("img", name="动态口令二维码")).to_be_visible()
    width = page.get_by_role("img", name="动态口令二维码").evaluate("image => image.naturalWidth")
    assert width > 0
    totp = pyotp.TOTP(page.get_by_test_id("secret").inner_text())
    page.locator("#code").fill(totp.now())
    page.locator("button[type=submit]").click()
    codes = page.get_by_test_id("recovery-codes").locator("li")
    expect(codes).to_have_count(10)
    kept = codes.first.inner_text()
    page.get_by_test_id("codes-kept").click()
    page.get_by_test_id("sign-out").click()

    page.locator("#login").fill(ENROLLING)
    page.locator("#password").fill(PASSWORD)
    page.locator("button[type=submit]").click()
    page.locator("#code").fill("no code")
    page.locator("button[type=submit]").click()
    expect(page.get_by_role("alert")).to_have_text("请输入6位数字，或者完整的恢复码")
    page.goto("/")
    # A reload does not get around it.
    page.locator("#code").fill(kept)
    page.locator("button[type=submit]").click()
    expect(page.get_by_test_id("sign-out")).to_be_visible()
