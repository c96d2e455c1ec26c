"""A journal as Parquet: a file for each UTC day of reports, and one of outcomes.

The day is that of our clock at the commit, so that entries are read once, in order, and one file
of each kind is open at a time, however late the reports in them are.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from gateway.errors import JournalError
from gateway.journal.entry import BATCH, Extent
from gateway.journal.outcome_table import OUTCOMES, outcome_batch
from gateway.journal.report_table import REPORTS, report_batch
from gateway.journal.store import Journal

FORMAT: Final = "guitu-journal-export/1"
MANIFEST: Final = "manifest.json"

ROWS_MAX: Final = 65_536
"""Reports in memory at once, and in one row group."""

_ENTRIES_MAX: Final = 2_000
_BYTES_MAX: Final = 16 << 20
_US_PER_S: Final = 1_000_000
_TIMES: Final = {
    "fix_time_ms": ("fix_time", pa.timestamp("ms", tz="UTC")),
    "received_at_us": ("received_at", pa.timestamp("us", tz="UTC")),
}
_SCHEMAS: Final = {
    "reports": pa.schema(
        [
            field if field.name not in _TIMES else pa.field(*_TIMES[field.name], nullable=False)
            for field in REPORTS
        ]
    ),
    "outcomes": OUTCOMES,
}


class ExportedFile(msgspec.Struct, frozen=True):
    """A file of an export: its rows, and the entries that they are from."""

    name: str
    kind: str
    day: str
    rows: int
    first_entry: int
    last_entry: int
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What an export holds; written last, so that a folder without one is no export."""

    format: str
    first_entry: int
    last_entry: int
    entries: int
    reports: int
    outcomes: int
    files: list[ExportedFile]


class _DayFile:
    """A Parquet file while it grows; under its final name once it is whole."""

    def __init__(self, folder: Path, kind: str, day: date) -> None:
        self._path = folder / f"{kind}-{day}.parquet"
        self._draft = self._path.with_suffix(".part")
        self._kind, self._day = kind, day
        self._first = self._last = self._rows = 0
        # Places and pseudonyms: nobody but the owner, whatever the folder says.
        self._file: IO[bytes] = os.fdopen(
            os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        )
        self._writer = pq.ParquetWriter(self._file, _SCHEMAS[kind], compression="zstd")

    def write(self, batch: pa.RecordBatch) -> None:
        """Append a batch, whose first column is the entry."""
        seqs = batch.column(0)
        self._first = self._first or int(seqs[0].as_py())
        self._last = int(seqs[-1].as_py())
        self._rows += batch.num_rows
        self._writer.write_batch(batch)

    def finish(self) -> ExportedFile:
        """Close the file durably and say what it holds."""
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        with self._draft.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._draft.replace(self._path)
        return ExportedFile(
            name=self._path.name,
            kind=self._kind,
            day=str(self._day),
            rows=self._rows,
            first_entry=self._first,
            last_entry=self._last,
            size_bytes=self._path.stat().st_size,
            sha256=digest,
        )

    def abandon(self) -> None:
        """Close the file and leave nothing of it."""
        with suppress(pa.ArrowException, OSError):
            self._writer.close()
        self._file.close()
        self._draft.unlink(missing_ok=True)


class _Export:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, _DayFile] = {}
        self._day = date.min
        self.files: list[ExportedFile] = []

    def write(self, kind: str, day: date, batch: pa.RecordBatch) -> None:
        if day != self._day:
            self.finish()
            self._day = day
        if batch.num_rows:
            if kind not in self._open:
                self._open[kind] = _DayFile(self._folder, kind, day)
            self._open[kind].write(batch)

    def finish(self) -> None:
        while self._open:
            self.files.append(self._open.popitem()[1].finish())

    def abandon(self) -> None:
        for file in self._open.values():
            file.abandon()


def export_journal(
    journal: Journal,
    folder: Path,
    *,
    begin_us: int,
    end_us: int,
    progress: Callable[[int, int], None],
) -> Manifest:
    """Write what was committed in [begin_us, end_us), our clock, to `folder`, an empty one.

    Args:
        journal: Open for reading; the gateway may be running.
        folder: Where the files go.
        begin_us: Microseconds since 1970 UTC.
        end_us: Likewise.
        progress: Told how many entries of how many are done.

    Raises:
        JournalError: The journal was trimmed meanwhile; the folder has no manifest.
        OSError: The folder cannot be written.
    """
    first, last = journal.span(begin_us, end_us) or (1, 0)
    export, count, done = _Export(folder), last - first + 1, 0
    try:
        for chunk in _chunks(journal, first, last):
            _export_chunk(journal, export, chunk)
            done += len(chunk)
            progress(done, count)
        export.finish()
    finally:
        export.abandon()
    files = sorted(export.files, key=lambda file: file.name)
    rows = {kind: sum(f.rows for f in files if f.kind == kind) for kind in _SCHEMAS}
    manifest = Manifest(
        format=FORMAT,
        first_entry=first if count else 0,
        last_entry=last,
        entries=count,
        reports=rows["reports"],
        outcomes=rows["outcomes"],
        files=files,
    )
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    path = folder / MANIFEST
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text + b"\n")
    return manifest


def _export_chunk(journal: Journal, export: _Export, chunk: list[Extent]) -> None:
    first, last, day = chunk[0].seq, chunk[-1].seq, _day_of(chunk[0])
    filled = [extent.seq for extent in chunk if extent.kind == BATCH and extent.rows]
    if filled:
        entries = journal.read_kind(BATCH, first, last)
        if [entry.seq for entry in entries if entry.rows] != filled:
            raise _trimmed(journal, first)
        export.write("reports", day, _with_times(report_batch([e for e in entries if e.rows])))
    if outcomes := journal.outcomes(first, last):
        export.write("outcomes", day, outcome_batch(outcomes))


def _chunks(journal: Journal, first: int, last: int) -> Iterator[list[Extent]]:
    """Yield the entries in runs of one day, each bounded in rows and bytes."""
    run: list[Extent] = []
    rows = size = 0
    after = first - 1
    while after < last:
        extents = journal.extents(after, min(_ENTRIES_MAX, last - after))
        if not extents or extents[0].seq != after + 1:
            raise _trimmed(journal, after + 1)
        for extent in extents:
            is_new_day = bool(run) and _day_of(extent) != _day_of(run[0])
            kept = extent.size if extent.kind == BATCH else 0
            if run and (is_new_day or rows + extent.rows > ROWS_MAX or size + kept > _BYTES_MAX):
                yield run
                run, rows, size = [], 0, 0
            run.append(extent)
            rows, size = rows + extent.rows, size + kept
        after = extents[-1].seq
    if run:
        yield run


def _trimmed(journal: Journal, seq: int) -> JournalError:
    return JournalError(
        f"journal {journal.path}: the gateway trimmed entry {seq} while it was exported: export "
        "again, from a later time, into another folder"
    )


def _day_of(extent: Extent) -> date:
    return datetime.fromtimestamp(extent.at_us // _US_PER_S, UTC).date()


def _with_times(batch: pa.RecordBatch) -> pa.RecordBatch:
    schema = _SCHEMAS["reports"]
    columns = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
