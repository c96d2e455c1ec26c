"""A supervised child: restarts, patience, stopping, leash."""

import asyncio
import io
import os
import signal
import sys
from pathlib import Path

import pytest

from guitu.embedded.child import ChildSpec
from guitu.errors import ChildFailedError
from guitu.up.part import Part
from guitu.up.screen import Screen

APPEND_A_LINE = "import os; open(os.environ['RUNS'], 'a').write(f'{os.getpid()}\\n')\n"
STAY = "import signal; signal.pause()\n"
STAY_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"


def spec(code: str, runs: Path, **options) -> ChildSpec:
    argv = (sys.executable, "-c", code)
    return ChildSpec(name="child", argv=argv, env={"RUNS": str(runs)}, **options)


@pytest.fixture
def screen():
    screen = Screen(io.StringIO())
    yield screen
    screen.close()


def pids(runs: Path) -> list[int]:
    return [int(line) for line in runs.read_text().split()] if runs.exists() else []


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - other processes set no event of ours
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def part_of(child: ChildSpec, screen: Screen, tmp_path: Path, runs: Path, **options) -> Part:
    async def has_run() -> bool:
        return bool(pids(runs))

    return Part(child, screen=screen, logs=tmp_path, is_ready=has_run, **options)


async def test_a_killed_part_comes_back(screen, tmp_path):
    runs = tmp_path / "runs"
    part = part_of(spec(APPEND_A_LINE + STAY, runs), screen, tmp_path, runs)
    await part.start(10)

    os.kill(pids(runs)[0], signal.SIGKILL)
    await until(lambda: len(pids(runs)) == 2)

    assert part.restarts == 1
    await part.stop()
    assert not is_alive(pids(runs)[1])


async def test_a_part_that_keeps_dying_before_it_was_ready_is_an_error_that_names_its_log(
    screen, tmp_path
):
    async def never() -> bool:
        return False

    child = spec("import sys; sys.exit('broken on purpose')", tmp_path / "runs")
    part = Part(child, screen=screen, logs=tmp_path, is_ready=never)
    with pytest.raises(ChildFailedError, match=r"child died 5 times .* code 1; see .*child\.log"):
        await part.start(60)
    assert "broken on purpose" in (tmp_path / "child.log").read_text()
    await part.stop()


async def test_a_part_whose_log_cannot_be_opened_is_not_started(screen, tmp_path, caplog):
    caplog.set_level("INFO", "guitu.supervisor")
    runs = tmp_path / "runs"
    part = part_of(spec(APPEND_A_LINE + STAY, runs), screen, tmp_path / "no-folder", runs)
    try:
        with pytest.raises(ChildFailedError, match=r"cannot be started: .*child\.log"):
            await part.start(10)
        assert "started" not in caplog.messages
    finally:
        await part.stop()


async def test_a_part_that_never_answers_is_an_error_and_can_be_stopped(screen, tmp_path):
    async def never() -> bool:
        return False

    runs = tmp_path / "runs"
    part = Part(spec(APPEND_A_LINE + STAY, runs), screen=screen, logs=tmp_path, is_ready=never)
    with pytest.raises(ChildFailedError, match="child is not ready after 1 s"):
        await part.start(1)
    await part.stop()
    assert not any(is_alive(pid) for pid in pids(runs))


async def test_a_part_that_ignores_the_request_to_end_is_killed_after_its_grace(screen, tmp_path):
    runs = tmp_path / "runs"
    child = spec(STAY_DEAF + APPEND_A_LINE + STAY, runs, grace_s=0.1)
    part = part_of(child, screen, tmp_path, runs)
    await part.start(10)
    await part.stop()
    assert not is_alive(pids(runs)[0])


async def test_a_part_that_has_finished_is_not_started_again(screen, tmp_path):
    runs = tmp_path / "runs"
    part = part_of(spec(APPEND_A_LINE, runs), screen, tmp_path, runs, may_finish=True)
    await part.start(10)
    log = tmp_path / "child.log"
    await until(log.exists)
    await part.stop()
    assert part.restarts == 0
    assert len(pids(runs)) == 1


async def test_a_line_of_any_length_reaches_the_log_in_bounded_pieces(screen, tmp_path):
    runs = tmp_path / "runs"
    code = "print('x' * 100_000, flush=True)\n" + APPEND_A_LINE + STAY
    part = part_of(spec(code, runs), screen, tmp_path, runs)
    await part.start(10)
    await part.stop()
    lines = (tmp_path / "child.log").read_text().splitlines()
    assert sum(line.count("x" * 1000) for line in lines) >= 95
    assert max(map(len, lines)) < 20_000


async def test_a_child_dies_with_its_killed_parent(tmp_path):
    runs = tmp_path / "runs"
    parent = (
        "import subprocess, sys\n"
        "from guitu.embedded.child import ChildSpec\n"
        f"child = ChildSpec(name='c', argv=(sys.executable, '-c', {APPEND_A_LINE + STAY!r}))\n"
        "subprocess.Popen(child.command(), start_new_session=True).wait()\n"
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", parent), env={**os.environ, "RUNS": str(runs)}
    )
    await until(lambda: pids(runs))
    process.kill()
    await process.wait()
    await until(lambda: not is_alive(pids(runs)[0]))


async def test_a_part_that_cannot_be_started_again_for_now_comes_back_when_it_can(screen, tmp_path):
    runs = tmp_path / "runs"
    hindrance = tmp_path / "hindrance"

    def prepare() -> None:
        if hindrance.exists():
            raise OSError("no space left on device")

    child = spec(APPEND_A_LINE + STAY, runs)
    part = part_of(child, screen, tmp_path, runs, prepare=prepare)
    await part.start(10)

    hindrance.touch()
    os.kill(pids(runs)[0], signal.SIGKILL)
    await until(lambda: part.restarts >= 2)
    assert len(pids(runs)) == 1
    part.require_supervised()

    hindrance.unlink()
    await until(lambda: len(pids(runs)) == 2)
    await part.stop()


async def test_a_part_whose_first_start_is_impossible_says_why(screen, tmp_path):
    def prepare() -> None:
        raise OSError("no space left on device")

    runs = tmp_path / "runs"
    part = part_of(spec(STAY, runs), screen, tmp_path, runs, prepare=prepare)
    with pytest.raises(ChildFailedError, match="child cannot be started: no space left"):
        await part.start(10)
    await part.stop()
