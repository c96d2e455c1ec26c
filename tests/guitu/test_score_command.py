"""`guitu score`: mistakes with their places, on the terminal and as JSON."""

import json
from pathlib import Path

from click.testing import CliRunner

from guitu.commands.score import command
from guitu.errors import ScorePolicyError
from guitu.score_trial_text import lines


def run(*arguments):
    return CliRunner().invoke(command, [str(one) for one in arguments])


def test_a_policy_begins_from_the_default_and_each_mistake_has_its_place(tmp_path):
    printed = run("policy")
    assert printed.exit_code == 0
    file = tmp_path / "policy.yaml"
    file.write_text(printed.output, encoding="utf-8")
    assert json.loads(run("lint", file, "--json").output) == {"ok": True, "faults": []}
    file.write_text(printed.output.replace("points: 80", "points: many"), encoding="utf-8")
    refused = run("lint", file)
    assert isinstance(refused.exception, ScorePolicyError)
    line = printed.output[: printed.output.index("points: 80")].count("\n") + 1
    assert f"{file}:{line}:21: wrong_value: points应当是数字" in refused.output


def test_a_policy_with_mistakes_is_tried_on_nobody(tmp_path):
    file = tmp_path / "policy.yaml"
    file.write_text("format: guitu-score-policy/1\n", encoding="utf-8")
    asked = ("--since", "2026-10", "--until", "2026-10", "--login", "su", "--password-file", file)
    assert isinstance(run("what-if", file, *asked).exception, ScorePolicyError)


def test_a_trial_is_told_in_both_languages_with_its_warnings():
    figures = {"since": "2026-08", "until": "2026-10", "people": 12, "moved": 1, "better": 0}
    figures |= {"worse": 1, "mean_before": 470.0, "mean_after": 460.0}
    figures["indicators"] = [{"zh": "受到表扬", "en": "Praise", "people": 1, "mean": -20.0}]
    figures["warnings"] = [{"zh": "性别相差", "en": "Sex differs"}]
    mover = {"subject": "s-1", "from_grade": "green", "to_grade": "blue", "reasons": []}
    told = "\n".join(lines({"figures": figures, "movers": [mover]}))
    assert "等级变动1人（上升0，下降1）" in told
    assert "1 would change grade (0 up, 1 down)" in told
    assert "s-1: green -> blue (limits)" in told
    assert "! 性别相差 · Sex differs" in told
    assert list(lines({"figures": {"people": None}, "movers": []})) == [
        "人数不足，不作统计。 Too few people to say anything."
    ]


def test_the_page_has_the_table_of_the_policy_that_ships():
    page = Path("docs/scoring.md").read_text(encoding="utf-8")
    assert run("policy", "--markdown").output in page


def test_the_page_has_the_sample_in_both_languages():
    page = Path("docs/scoring.md").read_text(encoding="utf-8")
    assert f"```\n{run('sample').output}```" in page
