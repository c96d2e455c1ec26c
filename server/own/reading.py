"""What a supervised person reads of the own case (domain facts 7.10)."""

from typing import Any, Final

from server.auth.person import Desk
from server.cases.reading import whole_file
from server.law.articles import article
from server.own import store
from server.schema import Words

_GROUND: Final = {
    "control": ("law-2", "crim-38"),
    "probation": ("law-2", "crim-72"),
    "parole": ("law-2", "crim-84"),
    "medical": ("law-2", "cpl-265"),
}
_RIGHTS: Final = (
    Words(
        zh="对考核、奖惩等决定有异议的，可以向作出决定的社区矫正机构提出，由其复查并告知结果（"
        + article("measures-32").cited.zh
        + "）。",
        en="You may object to an assessment or measure at the agency that decided it; it must look"
        f" into it and tell you the result ({article('measures-32').cited.en}).",
    ),
    Words(
        zh="认为合法权益受到侵害的，有权向人民检察院或者有关机关申诉、控告、检举（"
        + article("law-34").cited.zh
        + "）。",
        en="If your rights are infringed you may complain to the procuratorate or another body"
        f" concerned ({article('law-34').cited.en}).",
    ),
    Words(
        zh="不得仅由自动化方式作出对你权益有重大影响的决定，你可以要求说明（"
        + article("pipl-24").cited.zh
        + "）。",
        en="No decision of weight about you is made by a program alone; you may ask for an"
        f" explanation ({article('pipl-24').cited.en}).",
    ),
)
_KEPT: Final = (
    *("subject", "name", "category", "stage", "term_from", "term_to", "ended_at", "plan", "orders"),
    *("judgment_number", "deciding_body", "supervision_class", "prohibitions", "procuratorate"),
)


async def own_file(desk: Desk) -> dict[str, Any]:
    """Return the own file as `OwnFile` has it: no contact, no opinion of others."""
    person = desk.person
    file = await whole_file(desk, person.subject_id or "")
    grounds = (article(key).cited for key in _GROUND[file["category"]])
    members = ("role", "name", "phone")
    return {name: file[name] for name in _KEPT} | {
        "legal_ground": [Words(zh=cited.zh, en=cited.en) for cited in grounds],
        "org": {
            "id": person.org_id,
            "name_zh": person.org_name_zh,
            "name_en": person.org_name_en,
        },
        "group": [{name: one[name] for name in members} for one in file["group"]],
        "deadlines": [one for one in file["deadlines"] if one["who"] == "subject"],
        "rights": list(_RIGHTS),
    }


async def own_restrictions(desk: Desk) -> dict[str, Any]:
    """Return what an application for a place or a contact names, as `OwnRestrictions` has it.

    Neither a name nor a place: either may tell who is protected, and where.
    """
    areas = await store.forbidden_areas(desk.connection, desk.now)
    entries = await store.no_contact(desk.connection, desk.now)
    place, contact = (article(key) for key in ("measures-39", "measures-25"))
    return {
        "forbidden_areas": [
            {"fence": one["id"], "article": place.key, **_lasting(one)} for one in areas
        ],
        "no_contact": [
            {
                "pair": one["id"],
                "distance_m": one["distance_m"],
                "article": contact.key,
                **_lasting(one),
            }
            for one in entries
        ],
    }


def _lasting(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("valid_from", "valid_to")}
