"""The plans that ship with the product, and what an organisation may enter."""

import msgspec
import pytest

from server.incidents.plan import entered, library

TASK = {"text": {"zh": "联系本人", "en": "Call"}, "who": "county", "within_minutes": 5}
TITLE = {"zh": "预案", "en": "Plan"}


def test_the_library_has_the_four_emergencies_in_both_languages():
    assert set(library()) == {"escape", "strap_violence", "mass_outage", "medical"}
    for plan in library().values():
        for text in (plan.title, *(task.text for task in plan.tasks)):
            assert any("一" <= letter <= "鿿" for letter in text.zh)
            assert text.en.isascii()


@pytest.mark.parametrize(
    "body",
    [
        {"title": TITLE, "tasks": []},
        {"title": TITLE, "tasks": [TASK | {"who": "anybody"}]},
        {"title": TITLE, "tasks": [TASK | {"within_minutes": 0}]},
        {"title": TITLE, "tasks": [TASK | {"more": 1}]},
    ],
)
def test_a_plan_without_tasks_people_or_times_is_none(body):
    with pytest.raises(msgspec.ValidationError):
        entered("flood", body, version="county-a/1", source="青司〔2026〕8号")
