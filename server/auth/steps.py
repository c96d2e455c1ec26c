"""What a sign-in still wants after the password: a code, a password of one's own, a factor."""

from typing import Final, Literal

Step = Literal["code", "password", "enrol"]
Policy = Literal["required", "optional"]

SESSION_PATH: Final = "/api/v1/session"
CODE_PATH: Final = "/api/v1/session/code"
FACTOR_PATH: Final = "/api/v1/session/factor"
CHANGE_PATH: Final = "/api/v1/me/password"

CALLS: Final[dict[Step, str]] = {
    "code": CODE_PATH,
    "password": CHANGE_PATH,
    "enrol": FACTOR_PATH,
}
"""The call that a step is done with; beside it and the session's own no other is open."""

_ALWAYS: Final = frozenset({"admin", "security", "auditor", "head", "procurator"})
_ABOVE_OFFICE: Final = frozenset({"county", "city", "province"})


def is_privileged(role: str, org_level: str) -> bool:
    """Return whether an account of this role, in an organisation of this level, is privileged."""
    return role in _ALWAYS or (role == "supervisor" and org_level in _ABOVE_OFFICE)


def next_step(
    *, is_privileged: bool, has_factor: bool, has_passed: bool, is_once: bool, policy: Policy
) -> Step | None:
    """Return the next step of a sign-in, None: it is finished.

    Args:
        is_privileged: The account is one of `is_privileged`.
        has_factor: It has enrolled a second factor.
        has_passed: The session has passed it.
        is_once: The password is the one that was shown once.
        policy: The site's.
    """
    if has_factor and not has_passed:
        return "code"
    if is_once:
        return "password"
    if is_privileged and not has_passed and policy == "required":
        return "enrol"
    return None
