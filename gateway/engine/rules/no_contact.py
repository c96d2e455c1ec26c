"""No contact (禁止接触): nearer to a protected person or co-offender than the order allows.

Decided minute by minute of fix time from the reports of both (engine/encounters).
"""

from typing import Final

from gateway.engine.account import Account, clock, duration, metres
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import deciding, distances, joined, percent
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    other, limit_m = _other(account), account.said("limit_m")
    since, span = clock(account.begin_ms), account.span()
    told = [Words(f"自{since}起与{other.zh}接近", f"near {other.en} since {since}")]
    met = deciding(account)
    if met:
        apart = distances([r["distance_m"] for r in met])
        least = percent(min(r["violation_ppm"] for r in met))
        told = [
            Words(
                f"自{since}起{len(met)}个时段与{other.zh}相距{apart.zh}，历时{span.zh}，"
                f"按双方定位误差计算的概率不低于{least}",
                f"since {since} in {len(met)} minutes {apart.en} from {other.en}, over {span.en}; "
                f"probability from both error circles at least {least}",
            )
        ]
    if limit_m is not None:
        limit, stale = metres(limit_m), duration(int(account.parameter("contact_stale_s")))
        told.append(
            Words(
                f"禁止接触距离为{limit.zh}，双方定位相差不超过{stale.zh}",
                f"the order keeps them {limit.en} apart; their reports are at most "
                f"{stale.en} from each other",
            )
        )
    return joined(*told)


_KINDS: Final = {
    "protected": Words("受保护人", "the protected person"),
    "subject": Words("同受监管、须相互回避的", "the co-supervised person"),
}


def _other(account: Account) -> Words:
    """Return who it is as far as a gateway knows: what kind of person, by which order."""
    kind = _KINDS.get(account.said("other_kind") or "", Words("", "somebody to be avoided,"))
    other, pair = account.said("other"), account.said("target")
    if pair is None:
        return Words(f"{kind.zh}{other}", f"{kind.en} {other}")
    return Words(f"{kind.zh}{other}（禁止接触令{pair}）", f"{kind.en} {other} (order {pair})")


NO_CONTACT: Final = Rule(
    name="no_contact",
    severity="critical",
    category="violation",
    title=Words("违反禁止接触规定", "no-contact distance not kept"),
    explain=_explain,
    parameters=(
        "contact_reports",
        "contact_s",
        "contact_stale_s",
        "contact_drift_mmps",
        "violation_ppm",
        "accuracy_floor_m",
    ),
    raise_reports="contact_reports",
    raise_s="contact_s",
    clear_reports="contact_clear_reports",
)
