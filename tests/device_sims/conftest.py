"""A small county and what happens in it."""

import pytest

from device_sims.cast import Cast
from device_sims.script import Script
from tests.device_sims.setting import SEED, START_S


@pytest.fixture(scope="session")
def cast():
    return Cast(SEED, subjects=550, wearing=30)


@pytest.fixture(scope="session")
def script(cast):
    return Script(cast, START_S)
