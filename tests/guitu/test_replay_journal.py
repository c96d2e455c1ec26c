"""`guitu replay --journal`: figures as text, JSON and a page."""

import json
import sqlite3

import pytest
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from guitu.cli import main
from tests.conftest import absent
from tests.gateway.backtest_world import write_journal
from tests.services.browser import chromium_program
from tests.unit.gateway.engine_world import HOME, METRES_PER_DEGREE_LON, T0_MS, directory_json, text

QUIET = {"silence_s": 1_800, "silence_gap_s": 1_800, "gathering_enabled": 0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    write_journal(folder, subjects=4, minutes=150)
    return folder


@pytest.fixture
def quiet(tmp_path):
    path = tmp_path / "quiet.json"
    path.write_text(json.dumps({"version": "安静<b>", "parameters": QUIET}))
    return path


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl"
    label = {
        "rule": "exclusion",
        "subject": "s-0",
        "device": "wb-0",
        "fence": "f-school",
        "begin_time": text(T0_MS + 3_600_000),
        "end_time": text(T0_MS + 4_500_000),
        "note": "at school",
    }
    path.write_text(json.dumps(label) + "\n\n")
    return path


def replay(*words):
    return CliRunner().invoke(main, ["replay", *map(str, words)])


def test_json_tells_the_figures_of_both_rule_sets_and_what_differs(folder, quiet):
    done = replay("--journal", folder, "--diff", quiet, "--json", "--processes", 1)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert (record["a"]["version"], record["b"]["version"]) == ("journal", "安静<b>")
    assert record["a"]["rules"]["silence"]["raised"] == len(record["difference"]["only_a"]) > 0
    assert {one["rule"] for one in record["difference"]["only_a"]} == {"silence"}
    assert record["difference"]["only_b"] == []
    assert sum(record["a"]["days"].values()) == record["a"]["total"]["raised"] > 0
    assert record["as_recorded"] is None


def test_text_tells_that_the_own_rules_give_what_was_recorded(folder):
    done = replay("--journal", folder, "--processes", 1)
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("as recorded\n")
    assert "rule set A: journal" in done.stdout
    assert "upper bound" in done.stdout


def test_what_was_not_recorded_so_is_told_and_exits_one(tmp_path):
    write_journal(tmp_path, subjects=2, minutes=90)
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("DELETE FROM outcome")
    done = replay("--journal", tmp_path, "--processes", 1)
    assert done.exit_code == 1
    assert "NOT as recorded" in done.stdout
    assert "0 outcomes recorded" in done.stdout


def test_labels_add_recall_and_precision(folder, labels):
    done = replay("--journal", folder, "--labels", labels, "--json", "--processes", 1)
    record = json.loads(done.stdout)
    truth = record["a"]["rules"]["exclusion"]["truth"]
    assert (truth["labels"], truth["recall"]) == (1, 1.0)
    assert "recall" in replay("--journal", folder, "--labels", labels, "--processes", 1).stdout


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ((), "give either --journal or --fixes"),
        (("--journal", "{folder}", "--start", "2026-11-22T00:00:00Z"), "--start goes with --fixes"),
        (("--fixes", "{quiet}", "--to", "2026-11-22T00:00:00Z"), "--to goes with --journal"),
        (("--journal", "{folder}", "--from", "2026-11-22"), "has no zone"),
        (("--journal", "{folder}", "--labels", "{quiet}"), "line 1: Object missing required"),
        (("--journal", "{folder}", "--html", "{folder}/none/report.html"), "No such file"),
    ],
    ids=["neither", "start", "to", "from", "labels", "html"],
)
def test_wrong_words_are_one_line_that_says_what_is_wrong(folder, quiet, words, fault):
    done = replay(*(word.format(folder=folder, quiet=quiet) for word in words))
    assert done.exit_code != 0
    assert fault in done.output
    assert "Traceback" not in done.output


def test_a_garbage_rule_file_is_refused_with_the_place(folder, tmp_path):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"version": "x", "parameters": {}, "colours": {"red": {"silence_s": -1}}}')
    done = replay("--journal", folder, "--rules", wrong)
    assert done.exit_code == 1
    assert "wrong.json refused: rules.colours.red: `silence_s` is -1; allowed are" in done.output


def test_a_track_takes_rule_sets_with_a_directory_too(tmp_path, quiet):
    (tmp_path / "directory.json").write_bytes(directory_json())
    away_deg = 900.0 / METRES_PER_DEGREE_LON
    rows = [
        f"{T0_MS + n * 60_000},{HOME[0] + (away_deg if 20 <= n < 40 else 0)},{HOME[1]},8"
        for n in range(60)
    ]
    (tmp_path / "track.csv").write_text("\n".join(["t,lon,lat,acc", *rows, ""]))
    patient = tmp_path / "patient.json"
    patient.write_text(
        json.dumps({"version": "patient", "parameters": {"persistence_reports": 30}})
    )
    shown = ("--fixes", tmp_path / "track.csv", "--directory", tmp_path / "directory.json")
    done = replay(*shown, "--device", "wb-0", "--rules", quiet, "--diff", patient)
    assert done.exit_code == 0, done.output
    only = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(one["only_in"], one["rule"]) for one in only} == {("first", "inclusion")}


@pytest.mark.browser
def test_the_report_renders_and_asks_for_nothing_from_outside(folder, quiet, labels, tmp_path):
    program = chromium_program()
    if program is None:
        absent("Chromium", "install one, or name it in GUITU_CHROMIUM")
    page_file = tmp_path / "report.html"
    done = replay(
        *("--journal", folder, "--diff", quiet, "--labels", labels, "--html", page_file),
        *("--processes", 1),
    )
    assert done.exit_code == 0, done.output
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1_100, "height": 900})
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(page_file.as_uri())
        assert page.locator("svg").count() == 3
        assert page.locator("h1").inner_text().startswith("规则回放报告")
        # A version is a stranger's text.
        assert "安静<b>" in page.locator("header").inner_text()
        assert page.locator("table tbody tr").count() > 5
        for picture in page.locator("svg").all():
            box = picture.bounding_box()
            assert box["width"] > 600
            assert box["height"] > 40
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        browser.close()
    assert asked == [page_file.as_uri()]
    assert (said, wide <= 0) == ([], True)
