"""Which parameters hold for whom and when, over many changes of the rules."""

import json

import numpy as np
import pytest

from gateway.directory.snapshot import compile_directory
from gateway.engine.settings import Settings
from gateway.engine.wearers import Wearer
from tests.unit.gateway.engine_world import T0_MS, directory_json

WEARERS = [Wearer(f"s-{n}", f"wb-{n}", "county", "wristband", T0_MS) for n in range(3)]
HOUR_MS = 3_600_000


def under(version, **layers):
    parameters = {"silence_s": 1_000 + version, "contact_stale_s": 60}
    rules = {"version": str(version), "parameters": parameters} | layers
    return compile_directory(directory_json(subjects=3, version=version, rules=rules))


def after(changes):
    settings = Settings()
    for n in range(changes):
        settings.use(under(n), WEARERS, T0_MS + n * HOUR_MS)
    return settings


def silence_s(settings, times_ms):
    wearer = np.arange(len(times_ms)) % len(WEARERS)
    return settings.limits(wearer, np.array(times_ms))["silence_s"].tolist()


@pytest.mark.parametrize("changes", [1, 2, 5])
def test_every_time_has_the_rules_that_held_then(changes):
    times_ms = [T0_MS + n * HOUR_MS + 1 for n in range(-1, changes)]
    expected = [1_000 + max(n, 0) for n in range(-1, changes)]
    assert silence_s(after(changes), times_ms) == expected


def test_before_all_rules_that_are_remembered_the_oldest_hold():
    assert silence_s(after(70), [T0_MS, T0_MS + 69 * HOUR_MS]) == [1_006, 1_069]


def test_a_wearer_who_is_new_is_judged_by_old_rules_too():
    settings = after(4)
    assert silence_s(settings, [T0_MS]) == [1_000]
    settings.grow([*WEARERS, Wearer("s-0", "wb-9", "county", "wristband", T0_MS)])
    late = settings.limits(np.array([3]), np.array([T0_MS + HOUR_MS]))
    assert late["silence_s"].tolist() == [1_001]


def test_the_most_is_that_of_every_layer_whoever_wears_what():
    classes = {"strict": {"contact_stale_s": 90}}
    settings = Settings()
    settings.use(under(1), WEARERS, T0_MS)
    settings.use(under(2, classes=classes), WEARERS, T0_MS + HOUR_MS)
    restored = Settings()
    restored.load(json.loads(json.dumps(settings.dump())), under(2, classes=classes), WEARERS)
    assert settings.most("contact_stale_s") == restored.most("contact_stale_s") == 90
