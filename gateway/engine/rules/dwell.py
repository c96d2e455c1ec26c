"""Dwell: a long stay near a sensitive site (敏感场所). A notice; staying somewhere is no breach."""

from typing import Final

from gateway.engine.account import Account, duration, metres
from gateway.engine.rule import Rule
from gateway.engine.rules.placed import PLACE_PARAMETERS, joined, observed
from gateway.engine.words import Words


def _explain(account: Account) -> Words:
    site, kind = account.said("site"), account.said("site_kind")
    name = account.said("site_name") or site
    called = Words("敏感场所", "sensitive site")
    if site is not None:
        called = Words(
            f"敏感场所{name}（{kind}，{site}）", f"sensitive site {name} ({kind}, {site})"
        )
    seen = observed(account, Words(f"在{called.zh}附近", f"near the {called.en}"))
    limit = duration(int(account.parameter("dwell_s")))
    told = [Words(f"停留标准为{limit.zh}", f"the limit of a stay is {limit.en}")]
    if account.said("site_radius_m") is not None:
        reach = metres(account.said("site_radius_m") + account.parameter("dwell_margin_m"))
        told.append(Words(f"附近指{reach.zh}以内", f"near is within {reach.en}"))
    return joined(seen, *told)


DWELL: Final = Rule(
    name="dwell",
    severity="minor",
    category="notice",
    title=Words("在敏感场所附近长时间停留", "long stay near a sensitive site"),
    explain=_explain,
    parameters=(*PLACE_PARAMETERS, "dwell_s", "dwell_margin_m"),
    raise_reports="persistence_reports",
    raise_s="dwell_s",
    clear_reports="clear_reports",
)
