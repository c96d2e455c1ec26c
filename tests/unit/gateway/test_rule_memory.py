"""What rules remember: kept by field, and read by builds with other rules."""

import random

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.directory.snapshot import compile_directory
from gateway.engine.engine import Engine
from gateway.engine.history.segments import DiskLog
from gateway.engine.memory import RuleMemory
from gateway.engine.record_types import carried_over, described, dtype_of
from gateway.engine.rule import Carried, Rule
from gateway.engine.rules.catalogue import RULES
from gateway.engine.words import Words
from tests.unit.gateway.engine_world import T0_MS, directory_json, feed, standing
from tests.unit.gateway.test_permutation import HOURS, SUBJECTS, a_day_of

WORDS = Words("甲", "a")
TYPES = (np.int64, np.int32, np.int16, np.uint8, np.bool_)
FIELDS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.tuples(st.sampled_from(TYPES), st.integers(1, 3)), min_size=1
)


def rule(name, **carry):
    return Rule(
        name=name,
        severity="minor",
        category="notice",
        title=WORDS,
        explain=lambda _: WORDS,
        carry=carry,
    )


def a_type(fields):
    return np.dtype([(name, of, (width,)) for name, (of, width) in fields.items()])


@given(FIELDS, FIELDS)
def test_fields_of_the_same_name_and_type_are_carried_over_and_no_others(old, new):
    stored = np.zeros(3, a_type(old))
    for name in old:
        stored[name] = np.arange(3)[:, None] % 2
    fresh = np.ones(1, a_type(new))
    found = carried_over(stored, fresh)
    assert found.dtype == fresh.dtype
    for name, of in new.items():
        expected = stored[name] if old.get(name) == of else np.repeat(fresh[name], 3, axis=0)
        assert np.array_equal(found[name], expected), name


@given(FIELDS)
def test_a_type_is_the_same_after_it_was_stored(fields):
    nested = np.dtype([("memory", a_type(fields)), ("time_ms", np.int64), ("two", np.int8, (2,))])
    stored = msgspec.msgpack.decode(msgspec.msgpack.encode(described(nested)))
    assert dtype_of(stored) == nested


def test_a_field_may_become_what_another_one_was():
    memory = RuleMemory([rule("turn", newest=Carried(np.int64, 0), older=Carried(np.int64, 0))])
    records = memory.records(np.array([0, 1]))
    for value in (1, 2, 3):
        before = memory.of("turn", records)
        after = {"newest": np.full(2, value), "older": before["newest"]}
        memory.keep("turn", records, after, before)
    assert memory.of("turn", records)["newest"].tolist() == [3, 3]
    assert memory.of("turn", records)["older"].tolist() == [2, 2]


def test_what_several_rules_carry_alike_is_kept_once():
    one = Carried(np.int64, -1, shared="line")
    memory = RuleMemory([rule("first", boot=one), rule("second", boot=one)])
    records = memory.records(np.array([0]))
    memory.keep("first", records, {"boot": np.array([7])})
    memory.keep("second", records, {"boot": np.array([9])})
    assert memory.of("second", records)["boot"].tolist() == [7]
    assert [name for name in memory.dtype.names if "boot" in name] == ["line.boot"]


def test_rules_that_share_a_field_must_agree_on_it():
    first = rule("first", boot=Carried(np.int64, -1, shared="line"))
    second = rule("second", boot=Carried(np.int64, 0, shared="line"))
    with pytest.raises(ValueError, match=r"second carries another line\.boot"):
        RuleMemory([first, second])


@pytest.mark.parametrize("missing", [("spoofing", "unusual"), ("teleport",)])
def test_a_dump_of_a_build_with_fewer_rules_is_gone_on_from(monkeypatch, tmp_path, missing):
    reports = sorted(a_day_of(3), key=lambda r: r.fix_time_ms)
    half = len(reports) // 2
    dice = random.Random(3)  # noqa: S311  # a play, not a secret
    held_back = dice.sample(reports[half // 2 : half], 20)
    before = [r for r in reports[:half] if r not in held_back]
    after = [*reports[half:], *held_back]
    directory = compile_directory(directory_json(subjects=SUBJECTS))

    def day_of(engine, later):
        engine.set_directory(directory, T0_MS)
        for begin in range(0, half, 60):
            feed(engine, before[begin : begin + 60])
        later = later(engine)
        for begin in range(0, len(after), 60):
            feed(later, after[begin : begin + 60], at_s=HOURS * 3_600)
        later.tick(T0_MS + (HOURS + 1) * 3_600_000)
        return [one for one in standing(later) if one[0] not in missing]

    def upgraded(engine):
        monkeypatch.undo()
        stored = msgspec.msgpack.decode(msgspec.msgpack.encode(engine.dump()))
        later = Engine(directory, log=DiskLog(tmp_path / "older"))
        later.load(stored)
        return later

    expected = day_of(Engine(directory, log=DiskLog(tmp_path / "same")), lambda engine: engine)
    fewer = {name: one for name, one in RULES.items() if name not in missing}
    monkeypatch.setattr("gateway.engine.engine.RULES", fewer)
    older = Engine(directory, log=DiskLog(tmp_path / "older"))
    assert day_of(older, upgraded) == expected
    assert expected
