"""`guitu sim` as people call it."""

import asyncio
import json
import signal
import sys

import pytest

from guitu.brokers.accounts import DeviceRow
from tests.device_sims.gateway_stand_in import listening

TRACK = """t,lon,lat,acc
1795309320000,119.9,28.4,8
1795309321000,119.9001,28.4,8
1795309321000,119.9002,28.4,8
1795309325000,119.9003,28.4,8
"""


@pytest.fixture
def site(broker, tmp_path):
    """A broker that knows the load profile's first devices, and its device key file."""
    broker.site_key = broker.site_key.hex().encode()
    rows = [DeviceRow(f"wb-{n:06d}", f"qingxi-office-{n % 6 + 1}", "wristband") for n in (1, 2, 3)]
    broker.add_devices([*rows, DeviceRow("wb-track", "office-1", "wristband")])
    key = tmp_path / "device_key"
    key.write_bytes(broker.site_key + b"\n")
    return broker, ["--broker", f"{broker.host}:{broker.port}", "--device-key-file", str(key)]


async def guitu(*arguments):
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "guitu", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def output(process):
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, out.decode(), err.decode()


async def test_the_load_profile_ends_after_its_messages_with_nothing_outstanding(site):
    broker, options = site
    async with listening(broker) as gateway:
        gateway.is_acknowledging = True
        process = await guitu(
            *("sim", "run", "load", "--devices", "3", "--messages", "50", "--scale", "200"),
            *("--json", *options),
        )
        code, out, _ = await output(process)
        await gateway.until(lambda: len({(r.device, r.boot, r.seq) for r in gateway.reports}) == 50)
    counts = json.loads(out)
    assert code == 0
    assert (counts["reports"], counts["acknowledged_by_gateway"]) == (50, 50)
    assert counts["outstanding"] == 0
    assert counts["acknowledged_by_broker"] == counts["published"]


async def test_a_track_is_published_with_its_last_fix_now(site, tmp_path):
    broker, options = site
    track = tmp_path / "walk.csv"
    track.write_text(TRACK)
    async with listening(broker) as gateway:
        gateway.is_acknowledging = True
        process = await guitu(
            *("sim", "track", str(track), "--device", "wb-track", "--org", "office-1"),
            *("--scale", "50", *options),
        )
        code, out, _ = await output(process)
        await gateway.until(lambda: len(gateway.reports) == 4)
    assert code == 0
    assert "reports=4" in out
    assert [r.fix_time_ms - gateway.reports[0].fix_time_ms for r in gateway.reports] == [
        *(0, 1_000, 1_000, 5_000),
    ]
    assert [r.longitude_deg for r in gateway.reports] == [119.9, 119.9001, 119.9002, 119.9003]


async def test_an_interrupt_lets_the_devices_leave_in_order(site):
    broker, options = site
    async with listening(broker) as gateway:
        process = await guitu("sim", "run", "load", "--devices", "3", "--scale", "1", *options)
        await gateway.until(lambda: len(gateway.reports) >= 1)
        process.send_signal(signal.SIGINT)
        code, out, _ = await output(process)
    assert code == 0
    assert "outstanding=" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "county", "--scale", "5"), "needs a duration"),
        (("run", "load", "--devices", "0"), "0 is not in the range"),
        (("track", "no-such.csv", "--device", "d", "--org", "o"), "no-such.csv"),
        (("run", "county", "--labels", "no/such/folder/x"), "label file no/such/folder/x"),
    ],
    ids=["scale without end", "no devices", "no file", "labels nowhere"],
)
async def test_a_wrong_call_is_one_line(tmp_path, arguments, words):
    key = tmp_path / "device_key"
    key.write_text("x" * 32)
    process = await guitu(
        "sim", *arguments, "--broker", "127.0.0.1:1", "--device-key-file", str(key)
    )
    code, _, err = await output(process)
    assert code != 0
    assert words in err
    assert err.count("\n") == 1


async def test_a_registry_is_written(tmp_path):
    for name, count in (("county", 60), ("load", 20)):
        out = tmp_path / f"{name}.json"
        devices = "30" if name == "county" else "20"
        process = await guitu("sim", "registry", name, "--devices", devices, "--out", str(out))
        assert (await output(process))[0] == 0
        assert len(json.loads(out.read_text())["devices"]) == count
