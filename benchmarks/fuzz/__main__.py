"""`make fuzz ARGS="[TARGET ...] [--seconds N] [--seed N]"`: each target for N seconds.

Exits with 1 when a target found something; its input is kept and its trace is shown.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from benchmarks.fuzz.seeds import seeds
from benchmarks.fuzz.target import SEPARATOR, target_names

OUT: Final = Path(__file__).parents[2] / "var" / "fuzz"
_MAX_INPUT_BYTES: Final = 4_096
_MEMORY_MB: Final = 1_024
_TIMEOUT_S: Final = 10
_GRACE_S: Final = 60
_TAIL_LINES: Final = 40


def main() -> int:
    """Run the targets one after another and return the exit code."""
    arguments = _arguments()
    found = [name for name in arguments.targets if not _run(name, arguments)]
    if found:
        print(f"findings in: {', '.join(found)}; their inputs are in {OUT}")
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fuzz")
    known = target_names()
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(known))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    unknown = sorted(set(arguments.targets) - set(known))
    if unknown or arguments.seconds < 1:
        parser.error(f"no such target: {unknown}; there are {', '.join(known)}; --seconds from 1")
    if importlib.util.find_spec("atheris") is None:
        parser.error("the fuzzing engine (atheris) is not installed: it needs Linux on x86-64")
    arguments.targets = arguments.targets or known
    return arguments


def _run(name: str, arguments: argparse.Namespace) -> bool:
    """Return whether a target ran its time without a finding."""
    folder = OUT / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    first = seeds(name)
    for number, data in enumerate(first):
        (corpus / f"seed-{number:04d}").write_bytes(data)
    words = folder / "words"
    words.write_text('"' + "".join(f"\\x{byte:02x}" for byte in SEPARATOR) + '"\n')
    options = [
        f"-max_total_time={arguments.seconds}",
        f"-seed={arguments.seed}",
        f"-max_len={max([_MAX_INPUT_BYTES, *map(len, first)])}",
        f"-rss_limit_mb={_MEMORY_MB}",
        f"-timeout={_TIMEOUT_S}",
        f"-artifact_prefix={folder}/",
        f"-dict={words}",
        "-print_final_stats=1",
        str(corpus),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fuzz.one", name, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
        timeout=arguments.seconds + _GRACE_S,
    )
    runs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
    reached = re.findall(r"cov: (\d+)", done.stdout)
    is_clean = done.returncode == 0
    print(
        f"{name:24} {'clean' if is_clean else 'FINDING':8} "
        f"runs={runs.group(1) if runs else '?'} "
        f"branches={reached[-1] if reached else '?'} seeds={len(first)}",
        flush=True,
    )
    if not is_clean:
        print("\n".join(done.stdout.splitlines()[-_TAIL_LINES:]), flush=True)
    return is_clean


if __name__ == "__main__":
    sys.exit(main())
