"""The scoring policy as data, each figure with its source. A change of any figure is a new version.

1000 points = 400 (public credit, 40 % of the provincial figure) + 600 management: the Zhejiang
model. The indicators' points are proposals of this product where no public table exists.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

Part = Literal["public", "management"]
Grade = Literal["green", "blue", "yellow", "orange", "red"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing that a confirmed fact can be.

    Attributes:
        points: Points for one unit of quantity; negative takes away.
        monthly_quantity: Most that counts in one calendar month (Beijing time); None: no cap.
        by_hand: May be entered without an alert.
    """

    name: str
    dimension: str
    points: Decimal
    monthly_quantity: Decimal | None
    by_hand: bool
    reason_zh: str
    reason_en: str
    source: str


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the policy; `cut_offs` are the lowest totals of each grade, best first."""

    version: str
    public_share: Decimal
    public_most: Decimal
    management_most: Decimal
    management_start: Decimal
    indicators: dict[str, Indicator]
    rule_indicators: dict[str, str]
    cut_offs: tuple[tuple[Decimal, Grade], ...]


_PROPOSED: Final = "proposal of this product; no public table gives a figure"

_INDICATORS: Final = (
    Indicator(
        "unapproved_outing",
        "supervision",
        Decimal(-20),
        None,
        by_hand=False,
        reason_zh="未经批准外出或进入禁止区域（经确认）",
        reason_en="Left the permitted or entered a prohibited area without approval (confirmed)",
        source=_PROPOSED,
    ),
    Indicator(
        "device_removal",
        "supervision",
        Decimal(-30),
        None,
        by_hand=False,
        reason_zh="擅自拆除定位装置（经确认）",
        reason_en="Removed the positioning device (confirmed)",
        source=_PROPOSED,
    ),
    Indicator(
        "low_battery_neglect",
        "daily_conduct",
        Decimal(-3),
        Decimal(2),
        by_hand=False,
        reason_zh="经提醒仍未充电（经确认，每月最多计两次）",
        reason_en="Did not charge the device after a reminder (confirmed; twice a month at most)",
        source=_PROPOSED,
    ),
    Indicator(
        "public_service_hour",
        "public_service",
        Decimal(1),
        Decimal(12),
        by_hand=True,
        reason_zh="参加公益活动（每小时加一分，每月最多十二分）",
        reason_en="Took part in public service (one point an hour, twelve a month at most)",
        source=_PROPOSED + "; that public service adds points: Jiangshan's published practice",
    ),
)

CURRENT: Final = Policy(
    version="2026-11-22",
    # Zhejiang: 400 = public-credit score x 40 %.
    public_share=Decimal("0.4"),
    public_most=Decimal(400),
    management_most=Decimal(600),
    # 600 x 0.75, a proposal.
    management_start=Decimal(450),
    indicators={indicator.name: indicator for indicator in _INDICATORS},
    rule_indicators={
        "exclusion": "unapproved_outing",
        "inclusion": "unapproved_outing",
        "strap": "device_removal",
        "removed": "device_removal",
        "low_battery": "low_battery_neglect",
    },
    # Changqing's published cut-offs; the colours are Zhejiang's five grades, 诚实守信 to 严重失信.
    cut_offs=(
        (Decimal(800), "green"),
        (Decimal(750), "blue"),
        (Decimal(700), "yellow"),
        (Decimal(650), "orange"),
        (Decimal(0), "red"),
    ),
)

OPENING: Final = "opening"
OPENING_REASONS: Final = {
    "public": ("开户：公共信用分 × 40%", "Opening: 40 % of the public-credit score"),
    "management": ("开户：矫正管理起始分", "Opening: the policy's starting points"),
}


def reasons(part: str, indicator: str) -> tuple[str, str]:
    """Return why an entry stands, in Chinese and in English."""
    if indicator == OPENING:
        return OPENING_REASONS[part]
    known = CURRENT.indicators.get(indicator)
    return (known.reason_zh, known.reason_en) if known else (indicator, indicator)
