"""Scores over people: distribution, movement, decline and comparison on one screen."""

from datetime import UTC, datetime

import psycopg
import pytest
from playwright.sync_api import expect
from psycopg.types.json import Jsonb

from server.scoring.closing import last_month
from tests.browser.place import OFFICE, SUBJECTS
from tests.browser.test_for_everybody import AXE, AXE_RUN, switch_to

pytestmark = pytest.mark.browser

FALLING = (410_000, 421_000, 429_000, 437_000, 445_000)
STEADY = (455_000,) * 5
GRADES = ((480_000, "green"), (450_000, "blue"), (420_000, "yellow"), (0, "orange"))


@pytest.fixture
def closed(site):
    """Five closed months of everybody; one person's score falls."""
    last, _ = last_month(datetime.now(UTC))
    with psycopg.connect(site.owner_dsn) as owner:
        for subject in SUBJECTS:
            for back, points in enumerate(FALLING if subject == "s-cccccc" else STEADY):
                grade = next(name for limit, name in GRADES if points >= limit)
                owner.execute(
                    "INSERT INTO score_month (org_id, subject_id, month, management_milli,"
                    " dimensions, grade, out_of_milli) VALUES (%s, %s, %s, %s, %s, %s, 600000)"
                    " ON CONFLICT DO NOTHING",
                    (OFFICE, subject, last - back, points, Jsonb({"employment": points}), grade),
                )


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_scores_over_people_are_read_in_bars_tables_and_words(new_context, sign_in, language):
    context = new_context(reduced_motion="reduce")
    if AXE.is_file():
        context.add_init_script(path=AXE)
    page = context.new_page()
    sign_in(page)
    switch_to(page, language)
    page.goto("/analysis")
    expect(page.get_by_test_id("grade-blue")).to_have_text("6")
    expect(page.get_by_test_id("grade-orange")).to_have_text("1")
    faults = [*_axe(page)]
    page.goto("/analysis?tab=movement")
    expect(page.get_by_test_id("movement").get_by_role("row")).to_have_count(6)
    faults += _axe(page)
    page.goto("/analysis?tab=decline")
    declining = page.get_by_test_id("declining")
    expect(declining).to_have_count(1)
    expect(declining).to_contain_text("8.0分" if language == "zh-CN" else "8.0 points a month")
    faults += _axe(page)
    page.goto("/analysis?tab=comparison")
    expect(page.get_by_test_id("comparison").get_by_role("row")).not_to_have_count(0)
    faults += _axe(page)
    assert faults == []
    with page.expect_download() as download:
        page.get_by_test_id("analysis-file").click()
    assert download.value.suggested_filename.startswith("score-comparison-")


def _axe(page):
    return page.evaluate(AXE_RUN) if AXE.is_file() else []
