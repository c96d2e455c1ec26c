"""The bill of materials is whole and stable; advisories find what they are about, and no more."""

import json
import re
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from guitu.cli import main
from guitu.supply.advisories import matches
from guitu.supply.components import Component, normal, product, python_components

ROOT = Path(__file__).parents[2]
ONE = Component("PyPI", "made-up", "2.4.1")


def printed(*flags):
    done = CliRunner().invoke(main, ["sbom", *flags])
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_every_package_that_is_asked_for_is_in_the_bill_with_its_locked_version():
    bill = printed("--source", str(ROOT))
    versions = {one["name"]: one["version"] for one in bill["components"]}
    text = (ROOT / "pyproject.toml").read_text()
    asked = text.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    names = [normal(name) for name in re.findall(r'^  "([\w.-]+)', asked, re.MULTILINE)]
    assert len(names) > 30
    assert [name for name in names if name not in versions] == []
    text = (ROOT / "requirements.lock").read_text()
    # Some stand there twice: for an older and a newer Python.
    lines = re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)
    locked = {(normal(name), version) for name, version in lines}
    drifted = {
        one["name"]
        for one in bill["components"]
        if one["purl"].startswith("pkg:pypi") and (one["name"], one["version"]) not in locked
    }
    assert drifted == set()
    assert {"vue", "ol"} <= versions.keys()


def test_the_bill_is_what_the_format_wants_and_the_same_each_time():
    bill = printed()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    refs = {one["bom-ref"] for one in bill["components"]} | {
        bill["metadata"]["component"]["bom-ref"]
    }
    assert len(refs) == len(bill["components"]) + 1
    assert {one["ref"] for one in bill["dependencies"]} == refs
    assert {ref for one in bill["dependencies"] for ref in one["dependsOn"]} <= refs
    assert bill == printed()


def test_only_what_is_asked_for_on_this_system_is_in_the_bill(tmp_path, monkeypatch):
    # Older Pythons need it; here it is somebody else's, found on the path.
    there = tmp_path / "importlib_metadata-8.7.1.dist-info"
    there.mkdir()
    (there / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: importlib_metadata\nVersion: 8.7.1\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    names = {one.name for one in python_components(product(ROOT))}
    assert "importlib-metadata" not in names
    # Asked for as extras of another: `psycopg[binary,pool]`.
    assert {"psycopg", "psycopg-binary", "psycopg-pool"} <= names


def record(package="Made_Up", *, ecosystem="PyPI", **about):
    affected = {"package": {"ecosystem": ecosystem, "name": package}} | about
    return {"id": "OSV-1", "summary": "a fault", "affected": [affected]}


def spans(*events):
    return {"ranges": [{"type": "ECOSYSTEM", "events": [dict([one]) for one in events]}]}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (record(versions=["2.4.1"]), True),
        (record(versions=["2.4.10"]), False),
        (record(**spans(("introduced", "0"), ("fixed", "2.4.2"))), True),
        (record(**spans(("introduced", "0"), ("fixed", "2.4.1"))), False),
        (record(**spans(("introduced", "0"), ("fixed", "2.4.2rc1"))), True),
        (record(**spans(("introduced", "2.10"))), False),
        (record(**spans(("introduced", "2"), ("last_affected", "2.4.1"))), True),
        (record(**spans(("introduced", "1"), ("fixed", "2"), ("introduced", "2.4"))), True),
        (record("another", versions=["2.4.1"]), False),
        (record(ecosystem="npm", versions=["2.4.1"]), False),
        (record(versions=["2.4.1"]) | {"withdrawn": "2026-01-01T00:00:00Z"}, False),
    ],
)
def test_a_component_with_an_advisory_is_named(tmp_path, found, told):
    path = tmp_path / "one.json"
    path.write_text(json.dumps(found))
    assert [one.component for one in matches([ONE], path)] == ([ONE] if told else [])


def test_a_zip_of_records_is_read_and_the_command_fails_on_a_find(tmp_path):
    ours = next(one for one in python_components(product()) if one.name == "httpx")
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", json.dumps(record("httpx", versions=[ours.version])))
        archive.writestr("b.json", json.dumps(record("another")))
    done = CliRunner().invoke(main, ["sbom", "--advisories", str(path)])
    assert done.exit_code == 1
    assert "OSV-1" in done.stdout


def test_what_holds_no_advisories_is_refused_in_one_line(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("<html>")
    done = CliRunner().invoke(main, ["sbom", "--advisories", str(path)])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"guitu: {path} holds no advisories")
