"""The monthly report of an alert desk: frozen once the month is over, and the same bytes again."""

import hashlib
from datetime import UTC, datetime

import pytest

from server.documents.rendering import render
from server.documents.template import templates
from server.precision.period import local_day
from tests.server.alert_work import alert_work_of
from tests.server.pdf_reading import text_of

REPORTS = "/api/v1/alert-reports"


@pytest.fixture
async def work(site):
    async with alert_work_of(site) as desk:
        yield desk


def this_month():
    return f"{local_day(datetime.now(UTC)):%Y-%m}"


async def month_with_alerts(work):
    """Two alerts of this month, one of them decided; and the next month has come."""
    await work.comes(episode="e-1")
    await work.comes(episode="e-2", rule="low_battery", severity="minor")
    await work.do("of-1", "resolve", "e-1", verdict="false")
    work.travel.site.rows(
        "INSERT INTO alert (id, org_id, rule, severity, condition, begin_time, late, evidence)"
        " VALUES ('own-1', 'county-a', 'gateway_silent', 'critical', 'active', now(), false,"
        """ '{"source": "gw-1", "unwatched": 30}')"""
    )
    work.travel.clock.move(days=32)
    return this_month()


async def test_a_month_is_reported_once_it_is_over_and_once(work):
    month = await month_with_alerts(work)
    future = f"{local_day(work.travel.clock.now):%Y-%m}"
    early = await work.post("of-1", "/alert-reports", {"month": future})
    assert early.status_code == 422, early.text
    made = await work.post("of-1", "/alert-reports", {"month": month})
    assert made.status_code == 201, made.text
    again = await work.post("of-1", "/alert-reports", {"month": month})
    assert again.status_code == 409
    report = made.json()
    assert (report["org"], report["made_by"]) == ("office-1", "of-1")
    assert "矫警月字第1号" in report["number"]
    listed = (await work.get("su-1", REPORTS)).json()["items"]
    assert listed == [report]
    work.travel.site.add_org("county-b", "/")
    work.travel.site.add_account("su-b", "county-b", "supervisor")
    assert (await work.get("su-b", REPORTS)).json()["items"] == []
    await work.get("su-b", f"{REPORTS}/{report['id']}", 404)


async def test_a_report_stays_as_it_was_when_a_verdict_comes_later(work):
    month = await month_with_alerts(work)
    report = (await work.post("of-1", "/alert-reports", {"month": month})).json()
    before = (await work.get("of-1", f"{REPORTS}/{report['id']}")).json()
    await work.do("of-1", "resolve", "e-2", verdict="technical")
    assert (await work.get("of-1", f"{REPORTS}/{report['id']}")).json() == before
    figures = before["figures"]
    assert (figures["total"]["raised"], figures["total"]["undecided"]) == (2, 1)
    assert [one["key"] for one in figures["rules"]] == ["exclusion", "low_battery"]
    assert [one["severity"] for one in figures["times"]] == ["critical", "minor"]
    (silence,) = figures["silences"]
    assert (silence["gateway"], silence["unwatched"]) == ("gw-1", None)
    now = (await work.get("of-1", REPORTS + "/figures", month=month)).json()
    assert now["total"]["undecided"] == 0
    content = work.travel.site.one("SELECT content FROM alert_report")
    assert hashlib.sha256(content.encode()).hexdigest() == report["sha256"]


async def test_the_print_can_be_made_again_to_the_byte_and_names_nobody(work):
    month = await month_with_alerts(work)
    report = (await work.post("su-1", "/alert-reports", {"month": month})).json()
    path = f"/api/v1/documents/{report['document_id']}/content"
    printed = (await work.get("su-1", path)).content
    (kept,) = work.travel.site.rows("SELECT kind, body, sha256 FROM document")
    assert hashlib.sha256(printed).hexdigest() == kept["sha256"]
    assert render(templates()[kept["kind"]], kept["body"]) == printed
    text = "".join(text_of(printed).split())
    assert "报警处置月报" in text
    assert report["sha256"] in text
    assert "网关gw-1" in text
    assert "无人监测30人" in text
    assert "张三" not in text
    table = (await work.get("su-1", f"{REPORTS}/{report['id']}/file")).content
    lines = table.decode("utf-8-sig").splitlines()
    assert "rules,exclusion,false,1" in lines
    assert "budget,,nuisance,3" in lines
