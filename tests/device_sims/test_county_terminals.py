"""The county's wearers of terminals that speak TCP."""

import asyncio
import itertools
import sys
from datetime import UTC, datetime, timedelta

import pytest

from device_sims import county
from device_sims.cast import Cast
from device_sims.errors import ScenarioError
from device_sims.script import Script
from device_sims.terminal import UNTOLD
from device_sims.wristband import Wristband
from server.registry.schemas import RegistryFile
from tests.device_sims.setting import SEED, START_S

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
WRISTBANDS, TERMINALS = 4, 9


@pytest.fixture(scope="module")
def registry():
    return county.registry(SEED, wearing=WRISTBANDS, terminals=TERMINALS, now=NOW)


@pytest.fixture(scope="module")
def cast():
    return Cast(SEED, subjects=550, wearing=WRISTBANDS + TERMINALS, terminals=TERMINALS)


def test_the_registry_says_what_each_terminal_is_on_the_wire(registry, cast):
    said = {row["device"]: row["terminal"] for row in registry["devices"] if "terminal" in row}
    played = {wearer.device: wearer.terminal for wearer in cast.wearers if wearer.terminal}
    assert len(said) == TERMINALS
    assert {device: (t["protocol"], t["number"], t["model"]) for device, t in said.items()} == {
        device: (t.protocol, t.number, t.model) for device, t in played.items()
    }


def test_the_server_takes_such_a_registry(registry):
    taken = RegistryFile.model_validate(registry)
    assert sum(device.terminal is not None for device in taken.devices) == TERMINALS


def test_wearers_of_terminals_come_after_the_wristbands_and_are_under_an_order(registry):
    fewer = county.registry(SEED, wearing=WRISTBANDS, now=NOW)
    assert len(registry["orders"]) == WRISTBANDS + TERMINALS
    assert registry["orders"][:WRISTBANDS] == fewer["orders"]
    worn = [b["device"] for b in registry["bindings"] if b["holder_kind"] == "subject"]
    assert worn[:WRISTBANDS] == [f"wb-{n:06d}" for n in range(1, WRISTBANDS + 1)]
    assert worn[WRISTBANDS:] == [f"tm-{n:06d}" for n in range(5, 14)]


def test_a_terminal_plays_only_what_it_has_words_for(cast):
    script = Script(cast, START_S)
    acts = [act for number in range(48) for act in script.block(number)]
    played = {(act.wearer.terminal.protocol, act.kind) for act in acts if act.wearer.terminal}
    assert not {(name, kind) for name, kinds in UNTOLD.items() for kind in kinds} & played
    assert {("jt808", "strap"), ("gt06", "inclusion"), ("watch", "inclusion")} <= played


def test_a_terminal_reports_like_a_wristband_would(cast):
    script, wearer = Script(cast, START_S), cast.wearers[WRISTBANDS]
    band = Wristband(cast, wearer, script, interval_ms=10_000, boot=7)
    assert band.identity.terminal == wearer.terminal
    times = [e.report.fix_time_ms for e in itertools.islice(band.emissions(), 30)]
    assert timedelta(milliseconds=times[-1] - times[0]) >= timedelta(seconds=250)


def test_no_more_terminals_than_wearers():
    with pytest.raises(ScenarioError, match="5 terminals on 4 wearers"):
        Cast(SEED, subjects=550, wearing=4, terminals=5)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "say where the gateway listens with --tcp jt808=HOST:PORT"),
        (("--tcp", "jt809=127.0.0.1:1"), "does not begin with one of jt808, gt06, watch"),
        (("--tcp", "jt808=nowhere"), "'nowhere' is not HOST:PORT"),
    ],
    ids=["not said", "unknown protocol", "no port"],
)
async def test_a_wrong_call_is_one_line_that_says_what_to_do(tmp_path, options, words):
    key = tmp_path / "device_key"
    key.write_text("x" * 32)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "guitu", "sim", "run", "county", "--terminals", "3"),
        *("--broker", "127.0.0.1:1", "--device-key-file", str(key), *options),
        stderr=asyncio.subprocess.PIPE,
    )
    _, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode != 0
    assert words in err.decode()
    assert err.count(b"\n") == 1
