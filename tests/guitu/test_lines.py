"""What children print, in our own format."""

import io
import threading

import pytest

from guitu.up.lines import (
    SCREEN_LINES_MAX,
    SCREEN_WINDOW_S,
    ScreenBudget,
    log_line,
)
from guitu.up.screen import LogFile, Screen

OURS = "2026-11-22T01:02:03.456Z INFO gateway intake broker_connected"


def test_a_line_of_ours_stays_as_it_is():
    assert log_line("gateway", OURS).text == OURS
    assert log_line("gateway", OURS).for_screen


@pytest.mark.parametrize(
    ("said", "level", "for_screen"),
    [
        ("[12] 2026/11/22 01:02:03.456789 [INF] Server is ready", "INFO", False),
        ("[12] 2026/11/22 01:02:03.456789 [WRN] slow disk", "WARNING", True),
        ("LOG:  database system is ready", "INFO", False),
        ("ERROR:  duplicate key", "ERROR", True),
        ("FATAL:  the database system is starting up", "INFO", False),
        ("PANIC:  could not write", "CRITICAL", True),
        ("Traceback (most recent call last):", "INFO", True),
    ],
)
def test_a_foreign_line_gets_time_level_and_part(said, level, for_screen):
    line = log_line("part", said)
    assert line.text.split(" ")[1:4] == [level, "part", "said"]
    assert line.for_screen is for_screen


def test_a_log_file_is_bounded(tmp_path):
    file = LogFile(tmp_path / "part.log")
    for _ in range(60):
        file.write("x" * 1024**2)
    file.close()
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) == 4
    assert max(sizes) < 12 * 1024**2


def test_a_full_disk_does_not_stop_whoever_logs(tmp_path):
    (tmp_path / "part.log").symlink_to("/dev/full")
    file = LogFile(tmp_path / "part.log")
    file.write("lost")
    file.close()


class HeldTerminal(io.StringIO):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait()
        return super().write(text)


def test_a_held_terminal_holds_up_nobody_and_learns_what_it_missed():
    terminal = HeldTerminal()
    screen = Screen(terminal)
    for number in range(20_000):
        screen.show(f"line {number}")
    terminal.let_go.set()
    screen.close(timeout_s=10)
    shown = terminal.getvalue()
    assert "line 0\n" in shown
    assert "lines left out; see the log files)" in shown


def test_a_flood_of_foreign_lines_is_held_back_and_counted():
    budget = ScreenBudget()
    shown = [budget.admit(now_s=0.01 * n)[0] for n in range(SCREEN_LINES_MAX + 30)]
    assert sum(shown) == SCREEN_LINES_MAX
    assert budget.admit(now_s=SCREEN_WINDOW_S + 1) == (True, 30)
    assert budget.admit(now_s=SCREEN_WINDOW_S + 2) == (True, 0)


def test_our_own_lines_are_not_foreign():
    assert not log_line("gateway", "2026-11-22T01:02:03.456Z INFO gateway x y=1").is_foreign
    assert log_line("broker", "[1] 2026/11/22 01:02:03.456789 [ERR] Publish Violation").is_foreign
