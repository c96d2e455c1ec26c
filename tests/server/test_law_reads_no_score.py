"""The law's own ladder never reads a score: over imports, SQL, and the database's functions."""

import ast
import re
from pathlib import Path

import pytest

LAWFUL = (
    *("acts", "alerts", "cases", "checks", "deadlines", "dispatch", "documents", "duties", "law"),
    *("measures", "movement", "orders", "policies", "reviews", "search", "transfers"),
)
WRITES = {
    ("server.scoring.intake", "take"),
    ("server.scoring.kinds", "OF_RULE"),
    ("server.scoring.posting", "Fact"),
    ("server.scoring.posting", "record_fact"),
    ("server.scoring.posting", "void_fact"),
}
"""What a lawful act may know of scoring: that a fact of a kind is told to it, or falls."""
READERS = re.compile(r"server\.(scoring|score_notices|score_trials|treatments|trends|redemption)\b")
TABLES = re.compile(
    r"\bscore_(entry|month|month_facts|close|notice|policy|policies|trial|treatment\w*)\b|\bredemption\w*\b"
)
SOURCES = sorted(
    path
    for folder in LAWFUL
    for path in Path("server", folder).rglob("*")
    if path.suffix in {".py", ".json", ".toml"}
)


def imported(path: Path) -> set[tuple[str, str]]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {(node.module, one.name) for one in node.names}
        elif isinstance(node, ast.Import):
            found |= {(one.name, "*") for one in node.names}
    return {one for one in found if READERS.match(f"{one[0]}.{one[1]}")}


@pytest.mark.parametrize("folder", LAWFUL)
def test_a_lawful_act_tells_facts_and_imports_nothing_that_reads_a_score(folder):
    sources = sorted(Path("server", folder).rglob("*.py"))
    assert sources
    for path in sources:
        assert imported(path) <= WRITES, path


def test_no_lawful_act_keeps_what_telling_a_fact_answers():
    kept = []
    for path in SOURCES:
        if path.suffix != ".py" or ("server.scoring.intake", "take") not in imported(path):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        told = [one for one in ast.walk(tree) if _is_call_of(one, "take")]
        alone = [
            one.value
            for one in ast.walk(tree)
            if isinstance(one, ast.Expr)
            and isinstance(one.value, ast.Await)
            and _is_call_of(one.value.value, "take")
        ]
        kept += [path.name] * (len(told) - len(alone))
    assert kept == []


def test_no_query_or_rule_of_a_lawful_act_names_a_table_of_scores():
    named = [path.name for path in SOURCES if TABLES.search(path.read_text(encoding="utf-8"))]
    assert named == []


def test_no_function_view_or_trigger_outside_scoring_reads_a_table_of_scores(site):
    found = site.rows(
        "SELECT p.proname AS name FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace"
        " AND p.prosrc ~ %(tables)s UNION"
        " SELECT v.viewname FROM pg_views v WHERE v.schemaname = 'public'"
        " AND v.definition ~ %(tables)s",
        {"tables": TABLES.pattern.replace(r"\b", r"\y")},
    )
    names = {row["name"] for row in found}
    assert names
    assert {name for name in names if not name.startswith(("score_", "keep_"))} == set()


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
