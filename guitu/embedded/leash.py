"""Start a program on a leash: it dies when its parent does. Run as a script, by path.

    python -I -S leash.py PARENT_PID SIGNAL USER PROGRAM [ARGUMENT...]

USER is a numeric user and group to become, or -1. A preexec function of `subprocess` could do
the same, but runs between fork and exec of a process that has threads, which Python 3.12 warns
about. Uses the standard library only: it may run before anything is installed.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def _hold(parent_pid: int, death_signal: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent_pid:  # it died before the leash was on
        sys.exit(1)


def _become(user: int) -> None:
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)


if __name__ == "__main__":
    parent, signal_number, user_id = (int(word) for word in sys.argv[1:4])
    if user_id >= 0:
        _become(user_id)
    # After the change of user: the kernel clears the setting when credentials change.
    _hold(parent, signal_number)
    os.execv(sys.argv[4], sys.argv[4:])  # noqa: S606 - no shell is the point
