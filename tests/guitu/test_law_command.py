"""`guitu law`, the page that it prints the end of, and that no article acts unproven."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from guitu.cli import main
from guitu.law.sites import (
    HiddenArticleError,
    Site,
    UnknownArticleError,
    proof_sites,
    rule_sites,
)
from server.law.articles import ARTICLES
from server.law.clocks import CLOCKS
from server.law.policy import national

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "law.md").read_text()
TABLES_BEGIN = "## Articles that act\n"
RULES = rule_sites(ROOT / "server")
PROOFS = proof_sites(ROOT / "tests")
# The tables of the law prove figures, clocks and codes; a rule needs a test of its own.
OF_TABLES = "tests/unit/server/law/"


def printed(*options):
    found = CliRunner().invoke(main, ["law", *options])
    assert found.exit_code == 0, found.output
    return found.output


def test_the_page_ends_with_what_the_command_prints():
    tables = printed("--markdown", "--tests", str(ROOT / "tests"))
    assert PAGE[PAGE.index(TABLES_BEGIN) :] == tables, "run `make law`"


@pytest.mark.parametrize("key", RULES)
def test_an_article_that_acts_is_proven(key):
    assert PROOFS.get(key), f"mark the test of {key} by @pytest.mark.article({key!r})"


def test_an_article_that_acts_in_a_rule_is_proven_beside_the_tables_of_the_law():
    unproven = {
        key: [str(site) for site in sites if _is_rule(site)]
        for key, sites in RULES.items()
        if any(map(_is_rule, sites))
        and all(site.path.startswith(OF_TABLES) for site in PROOFS.get(key, ()))
    }
    assert unproven == {}, "mark a test of the rule by @pytest.mark.article"


def _is_rule(site):
    return site.path.endswith(".py") and not site.path.startswith("server/law/")


def test_a_line_names_every_article():
    assert [line.split()[0] for line in printed().splitlines()] == list(ARTICLES)


def test_json_has_every_article_figure_and_clock():
    document = json.loads(printed("--json", "--tests", str(ROOT / "tests")))
    articles = {one["key"]: one for one in document["articles"]}
    assert list(articles) == list(ARTICLES)
    assert articles["law-29"]["cited"]["zh"] == "《社区矫正法》第二十九条"
    assert "server/law/clocks.json" in articles["law-29"]["rules"]
    assert any("::test_" in place for place in articles["law-29"]["tests"])
    assert [one["name"] for one in document["figures"]] == list(national().parameters)
    assert [one["kind"] for one in document["clocks"]] == list(CLOCKS)
    assert {one["table"] for one in document["code_tables"]} >= {"category", "stage", "class"}


def test_two_forms_at_once_are_refused():
    found = CliRunner().invoke(main, ["law", "--json", "--markdown"], standalone_mode=False)
    assert found.exception is not None


@pytest.fixture
def sources(tmp_path):
    """A folder whose files are written by name and text."""

    def write(**files):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        return tmp_path

    return write


def test_a_rule_is_found_with_its_function_and_a_text_that_mentions_an_article_is_not(sources):
    root = sources(
        rule_py='"""See law-29."""\n\nclass Desk:\n    def allow(self):\n'
        '        return article("law-29"), ("law-30",), "law-29 and more"\n',
        table_json='{"article": "law-31", "text": "law-32 and more"}',
    )
    assert rule_sites(root) == {
        "law-29": (Site(f"{root.name}/rule.py", "Desk.allow"),),
        "law-30": (Site(f"{root.name}/rule.py", "Desk.allow"),),
        "law-31": (Site(f"{root.name}/table.json", ""),),
    }


def test_a_test_is_found_by_its_marker_alone(sources):
    root = sources(
        test_py="import pytest\n\n@pytest.mark.article('law-29', 'law-30')\ndef test_it():\n"
        "    assert article('law-31')\n"
    )
    place = (Site(f"{root.name}/test.py", "test_it"),)
    assert proof_sites(root) == {"law-29": place, "law-30": place}


def test_an_article_that_nobody_listed_is_refused_with_its_place(sources):
    root = sources(rule_py="def allow():\n    return 'law-290'\n")
    with pytest.raises(UnknownArticleError, match=r"rule\.py::allow names law-290"):
        rule_sites(root)


def test_a_marker_that_hides_its_article_is_refused(sources):
    root = sources(test_py="import pytest\n\n@pytest.mark.article(KEY)\ndef test_it(): ...\n")
    with pytest.raises(HiddenArticleError, match=r"test\.py:3"):
        proof_sites(root)
