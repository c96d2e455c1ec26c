"""Whether two devices would have one terminal number, which would make them one at the gateway."""

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile


async def terminal_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every terminal of a device that another device has already.

    Devices outside the caller's scope are not seen here; the database refuses their numbers.
    """
    first_of: dict[tuple[str, str], str] = {}
    faults: Faults = []
    for index, entry in enumerate(file.devices):
        if entry.terminal is None:
            continue
        key = (entry.terminal.protocol, entry.terminal.number)
        if key in first_of:
            faults.append((f"/devices/{index}/terminal/number", _text(*key, first_of[key])))
        first_of.setdefault(key, entry.device)
    holders = await _holders(connection, file, list(first_of))
    faults += [
        (f"/devices/{index}/terminal/number", _text(*key, holders[key]))
        for index, entry in enumerate(file.devices)
        if entry.terminal and (key := (entry.terminal.protocol, entry.terminal.number)) in holders
    ]
    return faults


async def _holders(
    connection: Connection, file: RegistryFile, keys: list[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    # A device of the file gives its old number up in the same transaction.
    rows = await fetch_all(
        connection,
        "SELECT d.id, d.protocol, d.terminal_number FROM device d"
        " JOIN unnest(%s::text[], %s::text[]) AS k (protocol, number)"
        " ON d.protocol = k.protocol AND d.terminal_number = k.number WHERE d.id <> ALL (%s)",
        (
            [protocol for protocol, _ in keys],
            [number for _, number in keys],
            [entry.device for entry in file.devices],
        ),
    )
    return {(row["protocol"], row["terminal_number"]): row["id"] for row in rows}


def _text(protocol: str, number: str, device: str) -> str:
    return f"{protocol} {number} is the terminal of {device}: each number once"
