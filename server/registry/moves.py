"""Whether a file would take somebody or something to another organisation, which is refused.

Orders, bindings and ledgers stand with the organisation that they were written in, and the old
gateway's journal still names the person or the device: half a move would block its uplink.
"""

from typing import Final

from server.db import Connection, fetch_all
from server.registry.checks import Faults
from server.registry.schemas import RegistryFile

_ORGS: Final = {
    "officers": "SELECT login AS id, org_id FROM app_user WHERE login = ANY (%s)",
    "subjects": "SELECT id, org_id FROM subject WHERE id = ANY (%s)",
    "devices": "SELECT id, org_id FROM device WHERE id = ANY (%s)",
    "protected": "SELECT id, org_id FROM protected_person WHERE id = ANY (%s)",
    "schedules": "SELECT id, org_id FROM schedule WHERE id = ANY (%s)",
}


async def move_faults(connection: Connection, file: RegistryFile) -> Faults:
    """Return a fault for every known person, device or schedule that has another org in the file.

    Rows outside the caller's scope are not seen here; writing them is refused by the database.
    """
    entries = {
        "officers": [(entry.login, entry.org) for entry in file.officers],
        "subjects": [(entry.subject, entry.org) for entry in file.subjects],
        "devices": [(entry.device, entry.org) for entry in file.devices],
        "protected": [(entry.protected, entry.org) for entry in file.protected],
        "schedules": [(entry.schedule, entry.org) for entry in file.schedules],
    }
    faults: Faults = []
    for section, given in entries.items():
        rows = await fetch_all(connection, _ORGS[section], ([name for name, _ in given],))
        standing = {row["id"]: row["org_id"] for row in rows}
        faults += [
            (f"/{section}/{index}/org", _text(name, standing[name]))
            for index, (name, org) in enumerate(given)
            if standing.get(name, org) != org
        ]
    return faults


def _text(name: str, org: str) -> str:
    return f"{name} belongs to {org}: a transfer between organisations is not built yet, keep {org}"
