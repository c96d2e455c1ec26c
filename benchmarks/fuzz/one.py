"""One target in a process of its own: `python -m benchmarks.fuzz.one TARGET LIBFUZZER-OPTION...`.

The engine ends the process: with 0 when the time is up, with another code on a finding.
"""

import sys
from collections.abc import Callable

import atheris


def main() -> None:
    """Run the target that the command line names."""
    _, name, *options = sys.argv
    with atheris.instrument_imports(
        include=["firmware_protocols"], enable_loader_override=False
    ):  # what is imported here is watched; the rest of the house is not
        from benchmarks.fuzz.target import target_of  # noqa: PLC0415
    run: Callable[[bytes], None] = target_of(name)
    atheris.Setup([sys.argv[0], *options], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
