"""Why a line of the ledger stands, in both languages."""

from collections.abc import Mapping
from typing import Any, Final

from server.law.text import Text
from server.scoring.kinds import PUBLIC_CREDIT
from server.scoring.posting import REVERSAL
from server.scoring.schedule import Schedule
from server.scoring.score import OPENING

_OPENING: Final = {
    "public": Text("开户：公共信用分 × 40%", "Opening: 40 % of the public-credit score"),
    "management": Text("开户：矫正管理起始分", "Opening: the policy's starting points"),
}
_REVIEWED: Final = Text("事实经复核撤销，冲回原记分", "The fact was reversed on review")
_RECOMPUTED: Final = Text(
    "因其他事实变动重新计算，冲回原记分", "Taken back to be counted again: another fact changed it"
)
_CREDIT: Final = Text("公共信用分更新 × 40%", "40 % of a new public-credit figure")


def reason(entry: Mapping[str, Any], schedule: Schedule) -> Text:
    """Return why a line stands, in the words of the policy that it was posted by."""
    if entry["indicator"] == OPENING:
        return _OPENING[entry["part"]]
    if entry["indicator"] == REVERSAL:
        return _RECOMPUTED if entry.get("is_recomputed") else _REVIEWED
    if entry["indicator"] == PUBLIC_CREDIT:
        return _CREDIT
    known = schedule.of_version(entry["policy_version"]).indicators.get(entry["indicator"])
    return known.text if known else Text(entry["indicator"], entry["indicator"])
