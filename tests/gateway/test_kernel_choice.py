"""The kernel is a setting; what it is stands in the journal, and either replays the other's."""

from contextlib import closing

import msgspec
import pytest

from gateway.engine.engine import Engine
from gateway.journal.entry import START
from gateway.recovery import recover
from gateway.verification import verify
from geofence.kernels import load_kernel
from tests.gateway.place import give_directory, journal_of, make_pipeline, make_settings, walk
from tests.gateway.test_journal import OUT, received, take
from tests.services.broker import NatsService


def written_with(folder, kernel):
    folder.mkdir()
    settings = make_settings(folder, NatsService(folder / "broker"), kernel=kernel)
    give_directory(settings)
    with closing(make_pipeline(settings)) as pipeline:
        for payload in walk(OUT):
            take(pipeline, received([payload]))
    for path in settings.data_dir.glob("snapshot-*.bin"):
        path.unlink()
    return settings


@pytest.mark.parametrize(("writer", "reader"), [("numpy", "numba"), ("numba", "numpy")])
def test_either_kernel_recovers_and_verifies_what_the_other_wrote(tmp_path, writer, reader):
    settings = written_with(tmp_path / "gateway", writer)
    with journal_of(settings) as journal:
        found = verify(journal, settings.data_dir)
        own, other = (
            recover(journal, settings.data_dir, load_kernel(name)).engine
            for name in (writer, reader)
        )
    assert (found.fault, found.outcomes) == (None, 1)
    assert isinstance(own, Engine)
    assert msgspec.msgpack.encode(own.dump()) == msgspec.msgpack.encode(other.dump())


@pytest.mark.parametrize("kernel", ["numpy", "numba"])
def test_the_journal_names_the_kernel_that_decided(tmp_path, kernel):
    settings = written_with(tmp_path / "gateway", kernel)
    with journal_of(settings) as journal:
        starts = [msgspec.msgpack.decode(e.body) for e in journal.entries() if e.kind == START]
    assert {start["kernel"] for start in starts[1:]} == {kernel}
