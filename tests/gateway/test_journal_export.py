"""The journal as Parquet: whole, by day, with digests; and what it says of itself."""

import hashlib
import json
from contextlib import closing

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from gateway.errors import JournalError
from gateway.intake.received import Received
from gateway.journal import export
from gateway.journal.export import MANIFEST, export_journal
from guitu.cli import main
from tests.gateway.place import (
    DAY_MS,
    give_directory,
    journal_of,
    make_pipeline,
    make_settings,
    now_ms,
    report,
    text,
    topic,
    walk,
)
from tests.services.broker import NatsService

OUT = [0.0, 0.0, 1_000.0, 1_000.0, 1_000.0, 1_000.0]
NOON_MS = now_ms() // DAY_MS * DAY_MS + DAY_MS // 2
"""Today: the day after is later than the entry of the start, whatever the hour."""


class NoOne:
    def acknowledge(self, _message): ...


@pytest.fixture
def clock():
    return {"ms": NOON_MS}


@pytest.fixture
def written(tmp_path, clock):
    """Two days: somebody leaves on the first, and is seen once on the second; one odd message."""
    settings = make_settings(tmp_path, NatsService(tmp_path / "broker"))
    give_directory(settings)
    with closing(make_pipeline(settings)) as pipeline:
        pipeline._last_at_us = 0
        pipeline._clock_us = lambda: clock["ms"] * 1_000
        walked = walk(OUT, end_ms=NOON_MS)
        later = report(50, at_ms=NOON_MS + DAY_MS, battery=61, speed=1.25)
        for n, payload in enumerate([*walked, later, b"{odd"]):
            clock["ms"] = NOON_MS + DAY_MS if n >= len(walked) else NOON_MS
            message = Received(
                topic("wb-1"),
                payload,
                received_at_us=clock["ms"] * 1_000,
                urgent=False,
                source=NoOne(),
                connection=1,
                packet_id=n + 1,
            )
            pipeline.commit(pipeline.evaluate([message]))
        clock["ms"] += 600_000  # back for long enough: the gap before it is told
        pipeline.tick()
    return settings


def export_to(settings, folder, *arguments):
    command = ["journal", "export", "--data", str(settings.data_dir), "--out", str(folder)]
    return CliRunner().invoke(main, [*command, *arguments])


def exported(settings, folder, *arguments):
    done = export_to(settings, folder, "--json", *arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def files_of(manifest, kind):
    return [file for file in manifest["files"] if file["kind"] == kind]


def outcomes_of(settings):
    with journal_of(settings) as journal:
        return journal.outcomes(0, 10_000)


def test_there_is_a_file_for_each_day_and_kind(written, tmp_path):
    manifest = exported(written, tmp_path / "out")
    days = [file["day"] for file in files_of(manifest, "reports")]
    assert len(days) == 2
    assert days == sorted({text(ms)[:10] for ms in (NOON_MS, NOON_MS + DAY_MS)})
    assert [file["rows"] for file in files_of(manifest, "reports")] == [6, 1]
    first, second = [file["rows"] for file in files_of(manifest, "outcomes")]
    assert first == 1
    assert (manifest["reports"], manifest["outcomes"]) == (7, len(outcomes_of(written)))
    assert first + second == manifest["outcomes"]


def test_a_row_says_who_where_and_when_in_units(written, tmp_path):
    exported(written, tmp_path / "out")
    table = pq.read_table(sorted((tmp_path / "out").glob("reports-*"))[1])
    (row,) = table.to_pylist()
    assert (row["org"], row["device"]) == ("county", "wb-1")
    assert (row["holder_kind"], row["holder"]) == ("subject", "s-1")
    assert (row["lon_e7"], row["lat_e7"], row["accuracy_mm"]) == (1_199_000_000, 284_000_000, 8_000)
    assert row["fix_time"].timestamp() * 1_000 == NOON_MS + DAY_MS
    assert row["received_at"].timestamp() * 1_000 == NOON_MS + DAY_MS
    assert row["heart_rate_bpm"] is None
    assert "party" not in table.column_names


def test_an_outcome_keeps_every_field_and_its_evidence(written, tmp_path):
    exported(written, tmp_path / "out")
    path = min((tmp_path / "out").glob("outcomes-*"))
    (row,) = pq.read_table(path).to_pylist()
    seq, outcome = outcomes_of(written)[0]
    assert (row["entry_seq"], row["id"], row["rule"]) == (seq, outcome.id, "inclusion")
    assert json.loads(row["evidence"]) == outcome.evidence
    assert row["begin_time"].timestamp() * 1_000 == outcome.begin_ms
    assert row["end_time"] is None


def test_the_manifest_tells_the_digest_of_every_file(written, tmp_path):
    manifest = exported(written, tmp_path / "out")
    assert json.loads((tmp_path / "out" / MANIFEST).read_text()) == manifest
    for file in manifest["files"]:
        raw = (tmp_path / "out" / file["name"]).read_bytes()
        assert file["sha256"] == hashlib.sha256(raw).hexdigest()
        assert file["size_bytes"] == len(raw)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {MANIFEST} | {file["name"] for file in manifest["files"]}


def test_only_its_owner_reads_an_export(written, tmp_path):
    exported(written, tmp_path / "out")
    modes = {
        path.stat().st_mode & 0o077 for path in [tmp_path / "out", *(tmp_path / "out").iterdir()]
    }
    assert modes == {0}


def test_from_and_to_are_times_of_the_commit(written, tmp_path):
    border = text(NOON_MS + DAY_MS)
    first = exported(written, tmp_path / "a", "--to", border)
    second = exported(written, tmp_path / "b", "--from", border)
    assert (first["reports"], second["reports"]) == (6, 1)
    assert first["last_entry"] < second["first_entry"]


def test_bounds_in_rows_change_nothing_but_the_row_groups(written, tmp_path, monkeypatch):
    whole = exported(written, tmp_path / "a")
    monkeypatch.setattr(export, "ROWS_MAX", 2)
    monkeypatch.setattr(export, "_ENTRIES_MAX", 3)
    parts = exported(written, tmp_path / "b")
    for one, other in zip(whole["files"], parts["files"], strict=True):
        assert one["rows"] == other["rows"]
        tables = [pq.read_table(tmp_path / n / one["name"]) for n in "ab"]
        assert tables[0].equals(tables[1])
    first = files_of(parts, "reports")[0]["name"]
    assert pq.ParquetFile(tmp_path / "b" / first).num_row_groups > 1


def test_a_folder_that_is_not_empty_is_refused(written, tmp_path):
    exported(written, tmp_path / "out")
    again = export_to(written, tmp_path / "out")
    assert again.exit_code == 1
    assert "is not empty" in again.stderr


def test_a_time_without_a_zone_is_refused(written, tmp_path):
    done = export_to(written, tmp_path / "out", "--from", "2026-11-22T00:00:00")
    assert done.exit_code == 2
    assert "has no zone" in done.stderr


def test_an_export_of_nothing_is_an_empty_one(written, tmp_path):
    manifest = exported(written, tmp_path / "out", "--from", "2090-01-01T00:00:00Z")
    assert (manifest["entries"], manifest["files"]) == (0, [])


def test_an_export_that_the_gateway_trims_under_says_so_and_leaves_no_manifest(
    written, tmp_path, monkeypatch
):
    monkeypatch.setattr(export, "_ENTRIES_MAX", 4)
    folder = tmp_path / "out"
    folder.mkdir()

    def trim(_done, _count):
        with closing(make_pipeline(written)) as pipeline:
            pipeline.journal.trim(6, 1 << 62)

    monkeypatch.setattr(export, "ROWS_MAX", 1)
    with journal_of(written) as journal, pytest.raises(JournalError, match="trimmed entry"):
        export_journal(journal, folder, begin_us=0, end_us=1 << 62, progress=trim)
    assert [path.name for path in folder.iterdir() if path.suffix != ".parquet"] == []


def test_progress_is_told_on_stderr(written, tmp_path):
    done = export_to(written, tmp_path / "out")
    assert "(100 %)" in done.stderr
    assert "reports and" in done.stdout


def test_stats_tell_ages_size_and_what_was_refused_for_which_reason(written):
    done = CliRunner().invoke(main, ["journal", "stats", "--data", str(written.data_dir), "--json"])
    found = json.loads(done.stdout)
    assert (found["reports"], found["outcomes"]) == (7, len(outcomes_of(written)))
    assert found["entries"]["batch"] == 8
    assert found["quarantined"] == {"syntax": 1}
    assert found["first"] == 1
    assert found["newest_at"] == text(NOON_MS + DAY_MS + 600_000).replace("Z", ".000Z")
    assert found["size_bytes"] > 4_096
    plain = CliRunner().invoke(main, ["journal", "stats", "--data", str(written.data_dir)])
    assert "quarantined syntax" in plain.stdout
