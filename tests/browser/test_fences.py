"""Fences drawn by hand on the map, kept by the server, and out again as a file."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import cookies_of, signed_in
from tests.browser.screen import place_on_screen

pytestmark = pytest.mark.browser


@pytest.fixture
def drawing(new_context, site) -> Page:
    """A supervisor at the page of fences, the county on the map."""
    with signed_in(site.base_url, "supervisor-1") as supervisor:
        context = new_context(reduced_motion="reduce", accept_downloads=True)
        context.add_cookies(cookies_of(supervisor))
    page = context.new_page()
    page.goto("/fences")
    expect(page.get_by_test_id("fence-row").first).to_be_visible()
    return page


def test_a_drawn_polygon_becomes_a_fence_of_those_who_were_chosen(drawing, tmp_path):
    page = drawing
    page.get_by_test_id("new-fence").click()
    expect(page.get_by_test_id("fence-faults")).to_contain_text("还没有绘制形状")
    page.get_by_test_id("draw-polygon").click()
    # Around the first positions of s-cccccc and s-eeeeee, and nobody else's.
    corners = [(119.79, 28.37), (119.835, 28.37), (119.835, 28.46), (119.79, 28.46)]
    for longitude_deg, latitude_deg in corners:
        page.mouse.click(*place_on_screen(page, longitude_deg, latitude_deg))
    page.mouse.click(*place_on_screen(page, *corners[0]))
    preview = page.get_by_test_id("fence-preview")
    expect(preview).to_contain_text("现在位于其中的对象：2 人")
    expect(preview).to_contain_text("陈小龙")
    page.get_by_test_id("fence-name").fill("河西仓库")
    page.get_by_test_id("fence-subject-search").fill("陈小")
    page.get_by_test_id("fence-subject").click()
    expect(page.get_by_test_id("fence-faults")).to_have_count(0)
    page.get_by_test_id("act-save").click()
    page.get_by_test_id("do-save").click()
    expect(page.get_by_test_id("fence-row").filter(has_text="河西仓库")).to_contain_text(
        "约束 1 人"
    )

    with page.expect_download() as downloading:
        page.get_by_test_id("export-fences").click()
    saved = tmp_path / "fences.geojson"
    downloading.value.save_as(saved)
    file = json.loads(saved.read_text())
    assert file["datum"] == "WGS84"
    drawn = next(one for one in file["features"] if one["properties"]["name"] == "河西仓库")
    ring = drawn["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert len(ring) == len(corners) + 1
    # A pixel of the map is some 60 m here.
    assert ring[0] == pytest.approx(corners[0], abs=0.002)


def test_a_file_without_a_datum_is_refused_and_says_what_it_needs(drawing):
    file = {"type": "FeatureCollection", "features": []}
    drawing.get_by_test_id("import-fences").set_input_files(
        {
            "name": "a.geojson",
            "mimeType": "application/geo+json",
            "buffer": json.dumps(file).encode(),
        }
    )
    expect(drawing.get_by_role("alert").filter(has_text="GCJ02")).to_be_visible()
