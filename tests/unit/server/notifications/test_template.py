"""What notifications say, and what their files may not say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.notifications.errors import NotificationError
from server.notifications.template import LANGUAGES, STANDING, TEMPLATES, filled, parse

GOOD = """
version = 1
[kind]
values = ["task"]
title = { zh = "任务 {task}", en = "Task {task}" }
text = { zh = "{office}", en = "{office}" }
"""


@pytest.mark.parametrize("kind", sorted(TEMPLATES))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_says_something_with_its_values(kind, language):
    names = STANDING | set(TEMPLATES[kind].values)
    said = filled(kind, language, {name: f"<{name}>" for name in names})
    assert said.title
    assert said.text
    assert "{" not in said.title + said.text
    assert bool(re.search(r"[一-鿿]", said.text)) == (language == "zh")


@pytest.mark.parametrize(
    ("was", "becomes", "text"),
    [
        ('"{office}", en = "{office}"', '"{office}", en = ""', "office stands in one language"),
        ("{office}", "{subject_name}", "{subject_name} is not declared"),
        ("{task}", "", "task is declared and not used"),
        ('["task"]', '["task", "rule"]', "rule is not for who tells to give"),
        ("version = 1", "version = 0", "version"),
        ("title =", "headline =", "unknown field"),
    ],
)
def test_a_file_that_says_too_much_or_too_little_is_refused(was, becomes, text):
    with pytest.raises(NotificationError, match=re.escape(text)):
        parse(GOOD.replace(was, becomes))


def test_a_kind_without_a_value_is_an_error_that_names_it():
    with pytest.raises(NotificationError, match=r"alert_escalated has no value for .*level"):
        filled("alert_escalated", "zh", {"rule": "x", "severity": "x"})


@given(st.text(max_size=60))
def test_a_value_is_never_taken_for_a_placeholder(value):
    names = STANDING | {"level"}
    said = filled("alert_escalated", "en", dict.fromkeys(names, "x") | {"level": "{rule}" + value})
    assert "{rule}" in said.text
