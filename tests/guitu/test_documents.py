"""What the pages promise."""

import re
from pathlib import Path

import click
import pytest

from gateway.config import GatewaySettings
from guitu.cli import main
from guitu.environment import LogSettings
from server.config import ServerSettings

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
README_LINES = 150


@pytest.mark.parametrize("settings", [ServerSettings, GatewaySettings, LogSettings])
def test_every_setting_has_its_row_with_its_default(settings):
    prefix = settings.model_config["env_prefix"]
    rows = dict(re.findall(r"^\| `(GUITU_\w+)` \| (.*?) \|", OPERATIONS, re.MULTILINE))
    told = {name: default for name, default in rows.items() if name.startswith(prefix)}
    wanted = {
        f"{prefix}{name.upper()}": "required" if field.is_required() else str(field.default)
        for name, field in settings.model_fields.items()
    }
    assert told == wanted


def test_every_flag_of_up_is_described():
    up = main.get_command(click.Context(main), "up")
    assert up is not None
    flags = {option for parameter in up.params for option in parameter.opts}
    assert flags <= set(re.findall(r"--[a-z-]+", OPERATIONS))


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_a_readme_is_short_and_its_links_lead_somewhere(name):
    text = (ROOT / name).read_text()
    assert len(text.splitlines()) <= README_LINES
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_a_readme_names_only_commands_that_exist(name):
    text = (ROOT / name).read_text()
    with click.Context(main) as context:
        listed = main.list_commands(context)
    assert set(re.findall(r"`guitu ([a-z]+)", text)) <= set(listed)


def test_every_decision_has_the_parts_of_its_template():
    for path in (ROOT / "docs" / "decisions").glob("*.md"):
        headings = re.findall(r"^## (\w+)", path.read_text(), re.MULTILINE)
        assert headings[:2] == ["Context", "Decision"], path.name
        assert "Consequences" in headings, path.name
