"""Classes of records, why and how long each is kept. Data; nothing here destroys.

Periods that no law sets are this product's own and flagged so; a site sets its own by
GUITU_SERVER_RETENTION_DAYS, never below what a law asks for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from server.errors import SettingsError
from server.law.articles import article
from server.law.text import Text

Does = Literal["destroyed", "elsewhere", "kept"]
"""`destroyed`: by the rounds of this package; `elsewhere`: by the feature and setting that `how`
names; `kept`: nothing destroys it."""

_MOST_DAYS: Final = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordClass:
    """One class.

    Attributes:
        name: Its key.
        text: What it holds.
        article: Key of the article that it is kept or ended by.
        is_verified: The period is the law's own words, read; else it is this product's choice.
        least_days: What a law asks for at least; 0: none does.
        days: How long it is kept unless the site says otherwise; None: for good.
        since: What the days count from.
        does: What ends it.
        how: By what, for people.
    """

    name: str
    text: Text
    article: str
    is_verified: bool
    least_days: int = 0
    days: int | None
    since: Text
    does: Does
    how: str


_ROW: Final = Text("记录时", "the record")
_END: Final = Text("解除、终止矫正或变更时", "the end of the correction, or of the entry")

CLASSES: Final = (
    RecordClass(
        name="security_log",
        text=Text("安全日志：查阅、导出记录", "Security logs: looks and exports"),
        article=article("csl-21").key,
        is_verified=True,
        least_days=184,
        days=None,
        since=_ROW,
        does="destroyed",
        how="access_log; the law sets six months at least and no most",
    ),
    RecordClass(
        name="contact",
        text=Text("联系方式：亲属、小组成员和本人的电话、住址", "How people are reached"),
        article=article("pipl-19").key,
        is_verified=False,
        days=1_825,
        since=_END,
        does="destroyed",
        how="file_contact rows; telephones and addresses of group_member and case_file",
    ),
    RecordClass(
        name="quarantine",
        text=Text("被拒收的上报数据", "Refused reports"),
        article=article("pipl-19").key,
        is_verified=False,
        days=180,
        since=_ROW,
        does="destroyed",
        how="ingest_quarantine",
    ),
    RecordClass(
        name="position",
        text=Text("定位轨迹及其归档日志", "Positions, and their archived journals"),
        article=article("pipl-47").key,
        is_verified=False,
        days=180,
        since=Text("定位决定终止时", "the end of the order"),
        does="elsewhere",
        how="upkeep: GUITU_SERVER_POSITION_KEEP_DAYS",
    ),
    RecordClass(
        name="notification",
        text=Text("通知送达记录", "Who was told what, and when"),
        article=article("pipl-19").key,
        is_verified=False,
        days=730,
        since=_ROW,
        does="elsewhere",
        how="notifications: GUITU_SERVER_NOTIFICATION_KEEP_DAYS",
    ),
    RecordClass(
        name="case_record",
        text=Text(
            "矫正档案：决定、文书、执法留痕、证据", "The file: decisions, papers, acts, evidence"
        ),
        article=article("law-18").key,
        is_verified=False,
        days=None,
        since=_END,
        does="kept",
        how="the period of the archive (档案保管期限) is not verified; nothing destroys it",
    ),
)
BY_NAME: Final[Mapping[str, RecordClass]] = MappingProxyType({one.name: one for one in CLASSES})


def periods(setting: str) -> dict[str, int | None]:
    """Return how many days each class is kept by a site; None: for good.

    Args:
        setting: `class=days` with commas, of classes that this package destroys.

    Raises:
        SettingsError: An unknown class, no number, or less than a law asks for.
    """
    found: dict[str, int | None] = {one.name: one.days for one in CLASSES}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, _, days = part.partition("=")
        one = BY_NAME.get(name.strip())
        if one is None or one.does != "destroyed":
            allowed = ", ".join(one.name for one in CLASSES if one.does == "destroyed")
            raise SettingsError(_said(part, f"no class that is set here: {allowed}"))
        if not days.strip().isdecimal() or not max(1, one.least_days) <= int(days) <= _MOST_DAYS:
            least = max(1, one.least_days)
            raise SettingsError(_said(part, f"give {least} to {_MOST_DAYS} days ({one.article})"))
        found[one.name] = int(days)
    return found


def _said(part: str, text: str) -> str:
    return f"GUITU_SERVER_RETENTION_DAYS: {part!r}: {text}"
