"""Masked fields shown to one caller, once, for a purpose that is noted."""

from datetime import timedelta
from typing import Any, Final

from server.auth.person import Desk
from server.cases.reading import whole_file
from server.looks.purposes import Reason, note_look

SHOWN_FOR: Final = timedelta(minutes=5)
"""For how long a caller may show what was revealed; nothing of it is kept here, each time asks."""
_FIELDS: Final = ("subject", "identity_number", "phone", "residence", "group", "contacts")


async def reveal(desk: Desk, subject_id: str, reason: Reason) -> dict[str, Any]:
    """Return a person's masked fields in full, as `RevealInfo` has them, and note the look.

    Raises:
        NotFoundError: Not there, not in the scope, or closed to who asks.
        ForbiddenError: The role may not have this purpose.
        InvalidError: What the purpose belongs to is not this person's.
    """
    file = await whole_file(desk, subject_id)
    await note_look(desk, {"id": subject_id, "org": file["org"]}, "reveal", reason)
    return {name: file[name] for name in _FIELDS} | {"shown_until": desk.now + SHOWN_FOR}
