"""docs/security.md: each threat has a test that exists, or a reason; each key has its row."""

import re
from pathlib import Path

import pytest

from gateway.config import GatewaySettings
from server.config import ServerSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text()


def rows(heading):
    part = TEXT.split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@pytest.mark.parametrize("row", rows("Threats"), ids=lambda row: row[0][:40])
def test_a_threat_has_a_test_that_exists_or_a_reason(row):
    _, defence, proof = row
    assert defence
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", proof)
    assert named or "reason: " in proof
    for path, name in named:
        text = (ROOT / path).read_text()
        assert f"def {name or 'test_'}" in text, f"{path}::{name}"


def test_every_key_has_holder_store_rotation_and_trust_root():
    told = rows("Keys")
    assert all(len(row) == 5 and all(row) for row in told)
    listed = {name for row in told for name in re.findall(r"`(\w+_file)`", row[0])}
    fields = {
        name
        for settings in (ServerSettings, GatewaySettings)
        for name in settings.model_fields
        if name.endswith("_file")
    }
    assert listed == fields


def test_what_was_not_verified_of_the_standard_is_flagged():
    for control, where, state in rows("等保"):
        assert where
        assert re.match(r"met|in part|not met", state), control
        assert "[U]" in control or "CSL" in control or "PIPL" in control, control
