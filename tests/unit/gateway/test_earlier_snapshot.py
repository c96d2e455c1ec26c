"""A snapshot that an earlier release wrote is read as what it says."""

import msgspec
import numpy as np

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from tests.unit.gateway.engine_world import directory_json, feed, make_engine, make_report


def test_counts_that_were_stored_wider_are_read_as_the_same_numbers():
    engine = make_engine()
    feed(engine, [make_report(60 * k, metres_east=1_000.0) for k in range(5)], at_s=700)
    stored = engine.dump()
    arrays = stored["book"]["arrays"]
    for name in ("now_count", "base_count"):
        arrays[name] = np.frombuffer(arrays[name], np.int32).astype(np.int64).tobytes()
    restored = Engine(compile_directory(directory_json()))
    restored.load(stored)
    assert msgspec.msgpack.encode(restored.dump()) == msgspec.msgpack.encode(engine.dump())
    assert np.frombuffer(restored.dump()["book"]["arrays"]["now_count"], np.int32).max() == 5
