"""The pictures of the documents are what the code draws."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.geofence_pictures import FOLDER, PICTURES

DOCUMENT = (Path(__file__).parents[2] / "docs" / "geofence.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_what_the_code_draws_today(name):
    drawn = PICTURES[name]()
    ET.fromstring(drawn)  # noqa: S314  # our own text
    assert (FOLDER / name).read_text(encoding="utf-8") == drawn


def test_the_document_shows_every_picture():
    assert {path.name for path in FOLDER.glob("*.svg")} == set(PICTURES)
    assert all(f"](pictures/{name})" in DOCUMENT for name in PICTURES)
