"""What people do with channels, in one transaction with the act that says so."""

import secrets
from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any, Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.errors import ConflictError, InvalidError, NotFoundError
from server.notifications import store
from server.notifications.admission import sealed_address, sealer_for
from server.notifications.channel import Address
from server.notifications.outbox import Notification, enqueue_test
from server.notifications.schemas import ChannelChange, NewChannel, Quiet
from server.notifications.webhook import new_secret
from server.policies.store import policy_of
from server.versions import check_version

OVERLAP: Final = timedelta(hours=24)
"""How long the secrets before sign beside a new one, so that a receiver can change over."""


async def enter(desk: Desk, body: NewChannel) -> dict[str, Any]:
    """Enter a channel.

    Raises:
        InvalidError: The organisation or login is not of the scope, or the address is not taken.
        UnavailableError: The site has no key to seal the address with.
    """
    org = await _org(desk, body)
    channel_id = f"nc-{secrets.token_hex(12)}"
    row = {
        **body.model_dump(include={"login", "kind", "name", "tells", "languages", "severities"}),
        **await _quiet(desk, org, body),
        **await sealed_address(desk.parts.settings, channel_id, body.kind, _address(body)),
        "id": channel_id,
        "org": org,
        "enabled": body.enabled,
        "by": desk.person.login,
    }
    await store.insert(desk.connection, row)
    await _note(desk, "entered", row)
    return await store.channel(desk.connection, channel_id) or {}


async def change(
    desk: Desk, channel_id: str, body: ChannelChange, *, if_match: str | None
) -> dict[str, Any]:
    """Change a channel; what waits for one that is switched off is given up.

    Raises:
        NotFoundError: No such channel in the scope.
        InvalidError: The address is not taken, or may not be told what is asked.
        StaleVersionError: Someone was faster.
    """
    held = await _held(desk, channel_id, if_match)
    asked = body.model_dump(include=body.model_fields_set)
    if asked.get("tells") == "name" and held["kind"] != "terminal":
        raise InvalidError([("/tells", "names are told on the site's own terminals only")])
    fields = ("name", "tells", "languages", "severities", "enabled")
    row = {name: _kept(asked, held, name) for name in fields}
    quiet = body.quiet if "quiet" in asked else _stands(held)
    if body.secret is not None and (held["kind"] != "robot" or body.address is None):
        raise InvalidError([("/secret", "goes with a robot, together with its address")])
    if body.address is not None and held["kind"] == "terminal":
        raise InvalidError([("/address", "a terminal has none")])
    sealed: dict[str, Any] = {"address_sealed": None, "address_shown": None}
    if (address := _address(body)) is not None:
        sealed = await sealed_address(desk.parts.settings, channel_id, held["kind"], address)
    await store.change(desk.connection, row | _hours(quiet) | sealed | {"id": channel_id})
    if not row["enabled"]:
        await store.give_up_waiting(desk.connection, channel_id, "the channel was switched off")
    changed = await store.channel(desk.connection, channel_id) or held
    await _note(desk, "changed", changed)
    return changed


async def renew_secret(desk: Desk, channel_id: str, *, if_match: str | None) -> dict[str, Any]:
    """Make a webhook's next secret; the ones before sign for a day yet.

    Raises:
        ConflictError: It is no webhook.
    """
    held = await _held(desk, channel_id, if_match)
    if held["kind"] != "webhook":
        raise ConflictError(f"a channel of kind {held['kind']} is not signed: only a webhook is")
    secret_id, secret = f"ns-{secrets.token_hex(12)}", new_secret()
    ends_at = desk.now + OVERLAP
    await store.end_secrets(desk.connection, channel_id, ends_at)
    row = {"id": secret_id, "org": held["org"], "channel": channel_id}
    sealed = sealer_for(desk.parts.settings).seal_secret(secret_id, secret)
    await store.insert_secret(desk.connection, row | {"sealed": sealed})
    await _note(desk, "secret_renewed", held)
    return {"id": secret_id, "secret": secret, "others_end_at": ends_at}


async def test(desk: Desk, channel_id: str, key: str) -> int:
    """Send a test over a channel, whether it is enabled or not; return the notification's id.

    Raises:
        NotFoundError: No such channel in the scope.
    """
    held = await store.channel(desk.connection, channel_id)
    if held is None:
        raise NotFoundError("no such channel in your scope")
    asked = Notification(key, held["org"], desk.person.login, "channel_test", "critical")
    await enqueue_test(desk.connection, asked, channel_id)
    await _note(desk, "tested", held)
    return await store.notification_id(desk.connection, key)


async def _held(desk: Desk, channel_id: str, if_match: str | None) -> dict[str, Any]:
    held = await store.channel(desk.connection, channel_id, lock=True)
    if held is None:
        raise NotFoundError("no such channel in your scope")
    check_version(if_match, held["version"], current={"version": held["version"]})
    return held


async def _org(desk: Desk, body: NewChannel) -> str:
    org = body.org or desk.person.org_id
    if not await store.has_org(desk.connection, org):
        raise InvalidError([("/org", "is no organisation of your scope")])
    if body.login is None:
        return org
    account_org = await store.account_org(desk.connection, body.login)
    if account_org is None or (body.org is not None and account_org != org):
        raise InvalidError([("/login", "nobody of your scope works there under it")])
    return account_org


async def _quiet(desk: Desk, org: str, body: NewChannel) -> dict[str, time | None]:
    quiet = body.quiet
    if "quiet" not in body.model_fields_set and body.login is not None:
        policy = await policy_of(desk.connection, org, desk.now)
        hours = [policy.number(f"notification_quiet_{end}_hour") for end in ("from", "to")]
        if hours[0] != hours[1]:
            quiet = Quiet(begins=time(hours[0]), ends=time(hours[1]))
    return _hours(quiet)


def _hours(quiet: Quiet | None) -> dict[str, time | None]:
    begins, ends = (quiet.begins, quiet.ends) if quiet else (None, None)
    return {"quiet_from": begins, "quiet_to": ends}


def _kept(asked: dict[str, Any], held: dict[str, Any], name: str) -> Any:
    given = asked.get(name)
    return held[name] if given is None else given


def _stands(held: dict[str, Any]) -> Quiet | None:
    return None if held["quiet"] is None else Quiet.model_validate(held["quiet"])


def _address(body: NewChannel | ChannelChange) -> Address | None:
    if body.address is None:
        return None
    secret = body.secret.get_secret_value() if body.secret else None
    return Address(body.address.get_secret_value(), secret)


async def _note(desk: Desk, what: str, row: Mapping[str, Any]) -> None:
    said = {"kind": row["kind"], "address": row["address_shown"]}
    reference = ("notification_channel", row["id"])
    kind = f"notification_channel.{what}"
    act = Act(kind, row["org"], None, *reference, desk.now, body=said)
    await record(desk.connection, act, desk.person)
