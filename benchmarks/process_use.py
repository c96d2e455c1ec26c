"""What a process has used, from /proc (Linux): CPU time and memory."""

import os
from pathlib import Path
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PAGE_MIB: Final = os.sysconf("SC_PAGE_SIZE") / 2**20


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process with those of its children that have ended."""
    # The name in brackets may hold spaces; user, system and the children's stand 11 behind it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def tree_cpu_s(pid: int) -> float:
    """Return the CPU time of a process and of its children, ended or not."""
    total = cpu_s(pid)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        try:
            total += cpu_s(int(child))
        except FileNotFoundError:
            continue
    return total


def resident_mib(pid: int) -> float:
    """Return what a process holds in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_MIB
