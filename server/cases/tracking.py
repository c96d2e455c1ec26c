"""Who leaves correction is not tracked any more: orders, bindings and fences end there and then."""

from typing import Final

from server.acts.act import Act
from server.acts.store import record
from server.auth.person import Desk
from server.cases.standing import Standing
from server.db import fetch_all
from server.law.articles import article
from server.registry.store import lock, next_directory_version

_REASON: Final = "社区矫正解除、终止或者转出"
# A wristband ends with its order, also when that ran out since the last round.
_END_DUE: Final = "SELECT device_id FROM end_wristbands_here(%(subject)s, %(now)s)"
# An order or a binding that had not begun never does.
_LIFT: Final = """
  UPDATE positioning_order SET lifted_at = %(now)s, lifted_by = %(by)s, lift_reason = %(reason)s,
    version = version + 1
  WHERE subject_id = %(subject)s AND lifted_at IS NULL AND valid_to > %(now)s
  RETURNING id, org_id"""
_UNBIND: Final = """
  UPDATE binding SET valid_to = greatest(%(now)s, valid_from + interval '1 microsecond')
  WHERE holder_kind = 'subject' AND holder_id = %(subject)s
    AND coalesce(valid_to, 'infinity') > greatest(%(now)s, valid_from + interval '1 microsecond')
  RETURNING org_id"""

_END_FENCES: Final = "SELECT end_fences(%(subject)s, %(now)s) AS fence"


async def end_tracking(desk: Desk, file: Standing) -> None:
    """End every order, binding and fence of a person now, and tell the gateways' directory."""
    await lock(desk.connection)
    values = {"subject": file.subject_id, "now": desk.now}
    lifting = values | {"by": desk.person.login, "reason": _REASON}
    await desk.connection.execute(_END_DUE, values)
    lifted = await fetch_all(desk.connection, _LIFT, lifting)
    unbound = await fetch_all(desk.connection, _UNBIND, values)
    ended = await fetch_all(desk.connection, _END_FENCES, values)
    orgs = {row["org_id"] for row in [*lifted, *unbound]}
    version = await next_directory_version(desk.connection, {*orgs, file.org_id}, desk.person.login)
    for row in lifted:
        act = Act(
            kind="order.lifted",
            org_id=row["org_id"],
            subject_id=file.subject_id,
            ref_kind="order",
            ref_id=row["id"],
            happened_time=desk.now,
            articles=(article("law-29").key,),
            body={"reason": _REASON, "directory_version": version},
        )
        await record(desk.connection, act, desk.person)
    if ended:
        act = Act(
            kind="fences.ended",
            org_id=file.org_id,
            subject_id=file.subject_id,
            ref_kind="file",
            ref_id=file.subject_id,
            happened_time=desk.now,
            articles=(article("law-34").key,),
            body={"fences": [row["fence"] for row in ended], "directory_version": version},
        )
        await record(desk.connection, act, desk.person)
