"""Spells without link."""

import pytest

from device_sims.coverage import SPELL_S, Coverage
from device_sims.script import BLOCK_S
from tests.device_sims.setting import SEED, START_S


@pytest.fixture(scope="module")
def spells(cast, script):
    found = {}
    for wearer in cast.wearers:
        coverage = Coverage(SEED, wearer, script)
        times = range(0, 24 * BLOCK_S, 30)
        found[wearer.device] = {coverage.spell(START_S + s) for s in times} - {None}
    return found


def test_somebody_loses_the_link_in_the_first_minutes(cast, script):
    early = [Coverage(SEED, wearer, script).spell(START_S + 90) for wearer in cast.wearers]
    assert sum(spell is not None for spell in early) == 3


def test_spells_are_as_frequent_and_as_long_as_stated(spells):
    every = [spell for found in spells.values() for spell in found]
    assert 30 < len(every) < 120  # 30 wearers, 12 free hours each, one in five
    assert all(SPELL_S[0] <= s.end_s - s.begin_s <= SPELL_S[1] for s in every)
    assert 0.1 < sum(s.is_newest_first for s in every) / len(every) < 0.7


def test_nobody_is_without_link_while_playing(script, spells):
    for number in range(24):
        for act in script.block(number):
            if act.kind == "silence":
                continue
            for spell in spells[act.wearer.device]:
                assert spell.end_s <= act.begin_s or act.end_s <= spell.begin_s
