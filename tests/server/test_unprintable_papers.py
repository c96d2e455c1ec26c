"""No act waits for a character that the font lacks: it stands, and says which paper is missing."""

import pytest

from tests.server.case_work import announce, change, today
from tests.server.orders_world import Bureau
from tests.server.test_leave import Office
from tests.server.test_step_papers import NO_GLYPH, papers, said
from tests.server.test_transfers import NOTE, SUBJECT, agreed, do
from tests.server.test_transfers import travel as counties  # noqa: F401 - a fixture
from tests.server.travelling import travel_of

NAME = f"赵{NO_GLYPH}"


@pytest.fixture
async def travel(site):
    async with travel_of(site) as one:
        yield one


def rename(site, subject=SUBJECT):
    site.rows("UPDATE subject SET name = %s WHERE id = %s", (NAME, subject))


@pytest.mark.article("law-44")
async def test_a_name_that_the_font_lacks_keeps_nobody_from_release(travel):
    subject = await announce(travel, name=NAME)
    pardon = {"ground": "pardoned", "instrument": "特赦令"}
    answer = await change(travel, "supervisor", subject, "POST /release", pardon)
    assert answer.json()["stage"] == "released", answer.text
    missing = ["release_certificate", "release_notice"]
    assert answer.json()["without"][-2:] == missing
    noted = said(travel, subject, "file.released")
    assert (noted["documents"], noted["without"][-2:]) == ([], missing)
    other = await announce(travel, name="钱七")
    await change(travel, "supervisor", other, "POST /release", pardon)
    (paper,) = papers(travel, other, "release_certificate")
    assert "第1号" in paper["number"]
    issued = said(travel, other, "file.released")
    assert issued["documents"][0] == paper["id"]
    assert not set(issued["without"]) & set(missing)


@pytest.mark.article("law-45")
@pytest.mark.parametrize("instrument", ["死亡证明", f"{NO_GLYPH}县死亡证明"])
async def test_a_termination_says_whether_its_notice_could_be_printed(travel, instrument):
    subject = await announce(travel)
    body = {"reason": "died", "instrument": instrument, "decided_on": str(today(travel))}
    answer = await change(travel, "supervisor", subject, "POST /termination", body)
    assert answer.json()["stage"] == "terminated", answer.text
    noted = said(travel, subject, "file.died")
    is_printed = NO_GLYPH not in instrument
    assert len(papers(travel, subject, "termination_notice")) == len(noted["documents"])
    assert ("without" not in noted) is is_printed
    assert bool(noted["documents"]) is is_printed


@pytest.mark.article("measures-30", "measures-31")
@pytest.mark.parametrize("approves", [True, False])
async def test_a_transfer_is_asked_and_decided_without_papers_in_a_rare_name(
    counties,  # noqa: F811
    approves,
):
    rename(counties.site)
    transfer = await agreed(counties)
    assert said(counties, SUBJECT, "transfer.asked")["without"] == ["transfer_inquiry"]
    answer = await do(counties, "boss", transfer, "decision", NOTE | {"approve": approves})
    state = "approved" if approves else "refused"
    assert answer.json()["state"] == state, answer.text
    assert said(counties, SUBJECT, f"transfer.{state}")["without"] == ["transfer_decision"]


@pytest.mark.article("measures-27")
async def test_a_rare_name_gets_its_leave_and_its_refusal(travel):
    office = Office(travel)
    rename(office.site)
    await office.approved()
    assert said(travel, SUBJECT, "leave.approved")["without"] == ["leave_permit"]
    assert len(office.overlay()) == 1
    leave = (await office.apply(begins=10)).json()
    body = {"reason": "证明材料不实", "article": "measures-27"}
    assert (await office.act(leave, "refusal", body)).json()["state"] == "refused"
    assert said(travel, SUBJECT, "leave.refused")["without"] == ["leave_refusal"]
    assert office.site.one("SELECT count(*) FROM document") == 0


@pytest.mark.article("law-29")
async def test_nobody_is_tracked_longer_for_a_name_that_the_font_lacks(travel):
    travel.site.rows("DELETE FROM binding")
    travel.site.rows("DELETE FROM positioning_order")
    bureau = Bureau(travel)
    order = await bureau.order()
    rename(travel.site)
    answer = await bureau.lift(order)
    assert answer.status_code == 200, answer.text
    assert travel.site.one("SELECT lifted_at FROM positioning_order") == travel.clock.now
    noted = said(travel, SUBJECT, "order.lifted")
    assert noted["without"] == ["positioning_lifting_notice"]


@pytest.mark.article("law-44")
async def test_a_paper_with_a_wrong_value_still_refuses_its_act(travel):
    subject = await announce(travel)
    body = {"reason": "died", "instrument": "证" * 3000, "decided_on": str(today(travel))}
    answer = await change(travel, "supervisor", subject, "POST /termination", body)
    assert answer.status_code in {409, 422}
    row = "SELECT stage FROM case_file WHERE subject_id = %s"
    assert travel.site.one(row, (subject,)) == "in_correction"
