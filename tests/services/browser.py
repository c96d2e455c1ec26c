"""A Chromium for the browser tests."""

import os
import shutil
import subprocess
from pathlib import Path

_SPARTICUZ = Path("server/web/node_modules/@sparticuz/chromium")
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_program() -> str | None:
    """Return a Chromium: GUITU_CHROMIUM, one on PATH, or npm's @sparticuz/chromium; else None."""
    named = os.environ.get("GUITU_CHROMIUM")
    if named:
        assert Path(named).is_file(), f"GUITU_CHROMIUM={named} is not a file"
        return named
    for name in _NAMES:
        found = shutil.which(name)
        if found:
            return found
    return _unpacked_sparticuz()


def _unpacked_sparticuz() -> str | None:
    node = shutil.which("node")
    if node is None or not _SPARTICUZ.is_dir():
        return None
    script = (
        "import('@sparticuz/chromium').then(m => m.default.executablePath())"
        ".then(p => console.log(p))"
    )
    done = subprocess.run(
        [node, "--input-type=module", "-e", script],
        cwd=_SPARTICUZ.parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
