"""The errors of this package; each request error knows its HTTP status and its problem type.

ServerError
├── SettingsError            the environment or a file of settings is wrong
├── MigrationError           the database's schema is not what the files say
├── SiteError                the site's first start could not be finished
└── RequestError             an answer to a request (RFC 9457 problem details)
├── UnauthorizedError        401 no valid session, token or password
├── ForbiddenError           403 the role may not, or the CSRF token is missing
├── NotFoundError            404 not there, or not in the caller's scope
├── ConflictError            409 the state does not allow it
│   ├── GapError                 journal entries between are missing
│   └── RefusedError             the law or a rule of the case files does not allow it
├── StaleVersionError        412 someone was faster
├── TooLargeError            413 more than one request may carry
├── InvalidError             422 the body or a parameter does not hold to the page
├── VersionWantedError       428 If-Match is missing
├── LockedOutError           429 too many wrong passwords
├── TooManyRequestsError     429 more requests than one caller may make
├── TooManyLooksError        429 looks at more people than one person may look at
└── UnavailableError         503 a part is away or full
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class ServerError(Exception):
    """Root of everything this package raises."""


class SettingsError(ServerError):
    """The environment or a file of settings is wrong."""


class SiteError(ServerError):
    """The site's first start could not be finished."""


class MigrationError(ServerError):
    """The database's schema is not what the migration files say."""


class RequestError(ServerError):
    """An answer to a request.

    Attributes:
        detail: What was wrong and what is allowed; no personal data.
        members: Further members of the problem object.
        headers: Further headers of the answer.
    """

    status: ClassVar[int]
    slug: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members: dict[str, Any] = {}
        self.headers: dict[str, str] = {}


class UnauthorizedError(RequestError):
    """No valid session, token or password."""

    status, slug, title = 401, "unauthorized", "Not signed in"


class ForbiddenError(RequestError):
    """The role may not do this, or the CSRF token is missing."""

    status, slug, title = 403, "forbidden", "Not allowed"


class NotFoundError(RequestError):
    """Not there, or not in the caller's scope: the answer does not tell which."""

    status, slug, title = 404, "not-found", "Not found"


class ConflictError(RequestError):
    """The state of the thing does not allow it."""

    status, slug, title = 409, "conflict", "Conflict"


class GapError(ConflictError):
    """Journal entries between the mark and this request are missing."""

    slug, title = "gap", "Entries are missing"

    def __init__(self, *, through: int, first: int) -> None:
        super().__init__(f"taken through {through}, got from {first}: send from {through + 1}")
        self.members = {"through": through}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is refused, and what would be allowed.

    Attributes:
        pointer: JSON pointer of the member at fault; empty: the whole request.
        rule: The rule's name, in English snake_case.
        article: Key of `server.law.articles`, if one says so.
        zh: What was wrong, in Chinese.
        en: The same in English.
        allowed_zh: What would be allowed.
        allowed_en: The same in English.
    """

    pointer: str
    rule: str
    article: str | None
    zh: str
    en: str
    allowed_zh: str
    allowed_en: str

    def described(self) -> dict[str, Any]:
        """Return it as the interface says it."""
        return {
            "pointer": self.pointer,
            "rule": self.rule,
            "article": self.article,
            "detail": {"zh": self.zh, "en": self.en},
            "allowed": {"zh": self.allowed_zh, "en": self.allowed_en},
        }


class RefusedError(ConflictError):
    """The law or a rule of the case files does not allow it."""

    slug, title = "refused", "Refused"

    def __init__(self, *refusals: Refusal) -> None:
        super().__init__("; ".join(f"{refusal.en} ({refusal.rule})" for refusal in refusals))
        self.members = {"errors": [refusal.described() for refusal in refusals]}


class StaleVersionError(RequestError):
    """Someone was faster."""

    status, slug, title = 412, "stale-version", "Someone was faster"

    def __init__(self, detail: str, *, current: Mapping[str, Any]) -> None:
        super().__init__(detail)
        self.members = {"current": current}


class TooLargeError(RequestError):
    """More than one request may carry."""

    status, slug, title = 413, "too-large", "Too large"


class InvalidError(RequestError):
    """The body or a parameter does not hold to the interface's page.

    Each fault is a pair of a JSON pointer and a text.
    """

    status, slug, title = 422, "invalid", "Not valid"
    most_faults: ClassVar[int] = 100

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        first = "; ".join(f"{pointer or '/'}: {text}" for pointer, text in faults[:3])
        more = len(faults) - 3
        super().__init__(first + (f"; and {more} more" if more > 0 else ""))
        shown = faults[: self.most_faults]
        self.members = {"errors": [{"pointer": at, "detail": text} for at, text in shown]}


class VersionWantedError(RequestError):
    """If-Match is missing."""

    status, slug, title = 428, "version-wanted", "If-Match is wanted"


class LockedOutError(RequestError):
    """Too many wrong passwords."""

    status, slug, title = 429, "locked-out", "Locked"

    def __init__(self, *, wait_s: int) -> None:
        super().__init__(f"too many wrong attempts: try again in {wait_s} s")
        self.headers = {"Retry-After": str(wait_s)}


class TooManyRequestsError(RequestError):
    """More requests than one session or address may make."""

    status, slug, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, *, wait_s: int) -> None:
        super().__init__(f"more requests than one caller may make: go on in {wait_s} s")
        self.headers = {"Retry-After": str(wait_s)}


class TooManyLooksError(RequestError):
    """Looks at more people, or more exports, than one person may have in the time."""

    status, slug, title = 429, "too-many-looks", "Too many looks"

    def __init__(self, what: str, *, wait_s: int) -> None:
        super().__init__(f"{what} by one person: go on in {wait_s} s, or let somebody else look")
        self.headers = {"Retry-After": str(wait_s)}


class UnavailableError(RequestError):
    """A part is away or full; the same request may succeed later."""

    status, slug, title = 503, "unavailable", "Try again"

    def __init__(self, detail: str, *, retry_after_s: int = 2) -> None:
        super().__init__(detail)
        self.headers = {"Retry-After": str(retry_after_s)}
