"""The papers that the law wants come with their step, in its transaction."""

import pytest

from tests.server.case_work import announce, change, form_group, receive, send, step
from tests.server.pdf_reading import text_of
from tests.server.test_transfers import SUBJECT, agreed, apply, do
from tests.server.test_transfers import travel as counties  # noqa: F401 - a fixture
from tests.server.travelling import travel_of

PLAN = {"basis": "初犯，认罪悔罪", "measures": ["每周电话报告", "每月走访一次"]}
NO_GLYPH = "\U00030729"
"""A character of a later plane than the font's."""


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


def papers(travel, subject, kind):
    return travel.site.rows(
        "SELECT id, number, ref_kind, ref_id, content FROM document"
        " WHERE subject_id = %s AND kind = %s ORDER BY seq",
        (subject, kind),
    )


def said(travel, subject, kind):
    row = travel.site.rows(
        "SELECT body FROM act WHERE subject_id = %s AND kind = %s ORDER BY id DESC LIMIT 1",
        (subject, kind),
    )
    return row[0]["body"]


async def reported(travel, **changed):
    subject = await receive(travel, **changed)
    for name in ("documents_checked", "identity_verified", "reported"):
        answer = await step(travel, subject, name)
        assert answer.status_code == 200, answer.text
    return subject


@pytest.mark.article("law-22", "law-23")
async def test_who_reports_is_told_duties_and_rights_on_paper(travel):
    subject = await reported(travel)
    (paper,) = papers(travel, subject, "reception_notice")
    text = text_of(paper["content"])
    assert "至少每15日报告一次" in text
    assert "申诉、控告和检举" in text
    assert said(travel, subject, "file.reported") == {"documents": [paper["id"]]}


@pytest.mark.article("law-25", "measures-20")
async def test_the_announcement_is_printed_with_the_group_and_the_judgment(travel):
    subject = await announce(travel)
    (paper,) = papers(travel, subject, "announcement")
    text = text_of(paper["content"])
    assert all(word in text for word in ("陈社工", "社会工作者", "刑初1号"))
    assert said(travel, subject, "file.announced") == {"documents": [paper["id"]]}


@pytest.mark.article("measures-20")
async def test_an_announcement_without_the_judgment_is_made_and_says_what_is_missing(travel):
    subject = await reported(travel)
    travel.site.rows(
        "UPDATE case_file SET judgment_number_sealed = NULL WHERE subject_id = %s", (subject,)
    )
    await form_group(travel, subject)
    assert (await step(travel, subject, "announced")).status_code == 200
    assert papers(travel, subject, "announcement") == []
    assert said(travel, subject, "file.announced")["without"] == ["announcement"]


@pytest.mark.article("law-24", "measures-22")
async def test_each_version_of_a_plan_is_a_paper_of_its_own(travel):
    subject = await announce(travel)
    for _ in range(2):
        await send(travel, "officer-1", "POST", f"/subjects/{subject}/plans", PLAN)
    first, second = papers(travel, subject, "plan")
    assert [one["ref_id"] for one in (first, second)] == [f"{subject}/1", f"{subject}/2"]
    assert "第2版" in text_of(second["content"])
    assert "每月走访一次" in text_of(second["content"])
    assert said(travel, subject, "plan.adjusted") == {"documents": [second["id"]]}


@pytest.mark.article("law-22")
async def test_a_name_that_the_font_lacks_keeps_nobody_from_reception(travel):
    subject = await reported(travel, name=f"赵{NO_GLYPH}")
    assert papers(travel, subject, "reception_notice") == []
    assert said(travel, subject, "file.reported")["without"] == ["reception_notice"]
    other = await reported(travel, name="钱七")
    (paper,) = papers(travel, other, "reception_notice")
    assert "第1号" in paper["number"]


@pytest.mark.article("law-22")
async def test_a_step_that_is_refused_leaves_no_paper_and_no_number(travel):
    subject = await reported(travel)
    assert (await step(travel, subject, "announced")).status_code == 409
    assert papers(travel, subject, "announcement") == []
    await form_group(travel, subject)
    stale = await send(
        travel, "officer-1", "POST", f"/subjects/{subject}/steps", {"step": "announced"}, version=1
    )
    assert stale.status_code == 412
    answer = await change(travel, "officer-1", subject, "POST /steps", {"step": "announced"})
    assert answer.status_code == 200, answer.text
    assert "第1号" in papers(travel, subject, "announcement")[0]["number"]


@pytest.mark.article("measures-30")
async def test_the_question_to_the_new_county_is_a_letter_with_its_last_day(counties):  # noqa: F811
    transfer = await agreed(counties)
    (paper,) = papers(counties, SUBJECT, "transfer_inquiry")
    due = counties.site.one("SELECT due_at FROM deadline WHERE kind = 'transfer_answer'")
    last = due.astimezone().date()
    assert (paper["ref_kind"], paper["ref_id"]) == ("transfer", transfer)
    text = text_of(paper["content"])
    assert "随配偶迁居" in text
    assert f"{last.month}月" in text
    assert said(counties, SUBJECT, "transfer.asked")["document"] == paper["id"]


@pytest.mark.article("measures-30")
async def test_a_question_that_is_refused_is_no_letter(counties):  # noqa: F811
    transfer = (await apply(counties)).json()["id"]
    assert (await do(counties, "supervisor", transfer, "question")).status_code == 409
    assert papers(counties, SUBJECT, "transfer_inquiry") == []
