"""Which accounts of a broker have a default, shared, weak or never changed credential. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from guitu.brokers.account_files import KeptAccount
from guitu.brokers.accounts import Account
from guitu.brokers.default_logins import DEFAULT_LOGINS

Weak = Literal[
    "anonymous",
    "default",
    "shared",
    "weak",
    "superuser",
    "foreign",
    "stranger",
    "unreadable",
    "missing",
    "never_rotated",
]
_NOTES: Final[frozenset[Weak]] = frozenset({"never_rotated", "missing"})
LEAST_PASSWORD_CHARS: Final = 20
"""Of a gateway's password; ours have 43. Devices' are derived and always that long."""


@dataclass(frozen=True)
class Weakness:
    """What is wrong with one account.

    Attributes:
        user: The account; empty: of the broker as a whole.
        what: Which kind.
        detail: What was found and what to do; never a password that is not in a public list.
    """

    user: str
    what: Weak
    detail: str

    @property
    def is_fault(self) -> bool:
        """Whether it is to be put right now; else it is told and stays no fault."""
        return self.what not in _NOTES

    def described(self) -> dict[str, str | bool]:
        """Return it as JSON."""
        return {
            "user": self.user,
            "what": self.what,
            "fault": self.is_fault,
            "detail": self.detail,
        }


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the site knows of its accounts; None: not given, and not compared.

    Attributes:
        gateway: The gateway's account.
        devices: Accounts of the registry's credentials, by user name.
    """

    gateway: Account | None = None
    devices: Mapping[str, Account] | None = field(default=None)


def weaknesses(kept: Sequence[KeptAccount], expected: Expected) -> Iterator[Weakness]:
    """Yield what is wrong, account by account."""
    secrets = Counter(one.secret for one in kept)
    for account in kept:
        yield from _of_its_form(account, secrets)
        if account.holds is not None:
            yield from _well_known(account.user, account.holds)
            yield from _of_the_site(account.user, account.holds, expected)
    yield from _gateways_password(expected.gateway)
    if expected.devices is not None:
        yield from _rotation(expected.devices, {one.user for one in kept})


def _of_its_form(account: KeptAccount, secrets: Mapping[str, int]) -> Iterator[Weakness]:
    user = account.user
    if account.is_clear:
        told = "its password stands in the file in the clear: guitu broker config writes hashes"
        yield Weakness(user, "weak", told)
    if account.is_superuser:
        told = "no ACL binds a superuser: set is_superuser to false"
        yield Weakness(user, "superuser", told)
    if secrets[account.secret] > 1:
        told = f"{secrets[account.secret]} accounts have this password: give each its own"
        yield Weakness(user, "shared", told)
    if account.holds is None:
        told = "its hash is of no kind that is known here: write the file anew"
        yield Weakness(user, "unreadable", told)


def _well_known(user: str, holds: Callable[[str], bool]) -> Iterator[Weakness]:
    for login in DEFAULT_LOGINS.login:
        if login.user == user and holds(login.password):
            told = f"the default login of {login.of} ({login.source}): change it now"
            yield Weakness(user, "default", told)
            return
    for password in (user, *DEFAULT_LOGINS.common.passwords):
        if holds(password):
            named = "its own name" if password == user else f"the common {password!r}"
            yield Weakness(user, "weak", f"its password is {named}: change it now")
            return


def _of_the_site(user: str, holds: Callable[[str], bool], expected: Expected) -> Iterator[Weakness]:
    gateway = expected.gateway
    if gateway is not None and user == gateway.user:
        if not holds(gateway.password):
            told = "its password is not that of the gateway's file: guitu broker config"
            yield Weakness(user, "foreign", told)
        return
    if gateway is not None and holds(gateway.password):
        told = "it has the gateway's password: give each its own"
        yield Weakness(user, "shared", told)
    if expected.devices is None:
        return
    device = expected.devices.get(user)
    if device is None:
        told = "no credential of the registry that holds now: take it out (guitu broker config)"
        yield Weakness(user, "stranger", told)
    elif not holds(device.password):
        told = "its password is not the one derived from the site's device key"
        yield Weakness(user, "foreign", told)


def _gateways_password(gateway: Account | None) -> Iterator[Weakness]:
    if gateway is not None and len(gateway.password) < LEAST_PASSWORD_CHARS:
        told = f"its password is shorter than {LEAST_PASSWORD_CHARS} characters: make a random one"
        yield Weakness(gateway.user, "weak", told)


def _rotation(devices: Mapping[str, Account], users: set[str]) -> Iterator[Weakness]:
    for user in sorted(devices):
        if user not in users:
            told = "the registry has this credential, the broker's file does not"
            yield Weakness(user, "missing", told)
        # A later credential of a device is named DEVICE~GENERATION; its id has no tilde.
        elif "~" not in user and not any(other.startswith(f"{user}~") for other in devices):
            told = "it has its first credential: docs/devices.md tells how it is changed"
            yield Weakness(user, "never_rotated", told)
