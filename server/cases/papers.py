"""The documents that end a file: certificate and notices (Arts. 44, 45)."""

from typing import Final

from server.auth.person import Desk
from server.cases import store
from server.cases.lifecycle import Ground, Reason
from server.cases.standing import Category, Standing
from server.documents.printable import issue_printable, papers_said
from server.law.days import LegalCalendar

_DAYS: Final = LegalCalendar()
_CERTIFICATE: Final = "release_certificate"
_RELEASE: Final = "release_notice"
_TERMINATION: Final = "termination_notice"
_TERMINATED: Final[dict[tuple[Reason, Category], str]] = {
    ("revoked", "probation"): "probation_revoked",
    ("revoked", "parole"): "parole_revoked",
}


async def release_papers(desk: Desk, file: Standing, ground: Ground) -> dict[str, list[str]]:
    """Issue the certificate of release and its notice; return what the act says of them.

    The release waits for neither: the act is `without` them where the file does not name the
    judgment or the font lacks a character, and they are issued by hand.
    """
    if not await store.names_judgment(desk.connection, file.subject_id):
        return papers_said({_CERTIFICATE: None, _RELEASE: None})
    about = ("file", file.subject_id)
    values = {"released_on": _DAYS.date_of(desk.now).isoformat(), "reason": ground}
    certificate = await issue_printable(desk, _CERTIFICATE, file.subject_id, values, *about)
    if certificate is None:
        # The notice names the certificate by its number.
        return papers_said({_CERTIFICATE: None, _RELEASE: None})
    told = values | {"certificate_number": certificate.number}
    notice = await issue_printable(desk, _RELEASE, file.subject_id, told, *about)
    return papers_said({_CERTIFICATE: certificate, _RELEASE: notice})


async def termination_papers(
    desk: Desk, file: Standing, reason: Reason, instrument: str
) -> dict[str, list[str]]:
    """Issue the notice of termination; return what the act says of it, as for a release."""
    if not await store.names_judgment(desk.connection, file.subject_id):
        return papers_said({_TERMINATION: None})
    values = {
        "ended_on": _DAYS.date_of(desk.now).isoformat(),
        "paper": instrument,
        "reason": _TERMINATED.get((reason, file.category), reason),
    }
    about = ("file", file.subject_id)
    notice = await issue_printable(desk, _TERMINATION, file.subject_id, values, *about)
    return papers_said({_TERMINATION: notice})
