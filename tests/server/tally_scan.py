"""The tallies of alerts beside a scan of all alerts: they must say the same."""

from tests.server.conftest import Site

_KEYS = "org_id, day, rule, device_model, fence_kind, is_heard, standing"
_TALLY = f"""
  SELECT {_KEYS}, sum(n)::int AS n FROM (
    SELECT {_KEYS}, n FROM alert_tally UNION ALL
    SELECT up.id, day, rule, device_model, fence_kind, is_heard, standing, n
    FROM alert_tally_change c JOIN org o ON o.id = c.org_id
    JOIN org up ON starts_with(o.path, up.path)) t
  GROUP BY {_KEYS} HAVING sum(n) <> 0"""  # noqa: S608 - constants of this file
_SCAN = """
  SELECT up.id, (a.raised_at AT TIME ZONE 'Asia/Shanghai')::date AS day, a.rule,
    coalesce(a.device_model, '') AS device_model, coalesce(a.fence_kind, '') AS fence_kind,
    NOT (a.category IN ('care', 'notice') OR a.subject_id IS NULL AND a.device_id IS NOT NULL)
      AS is_heard,
    CASE WHEN a.state = 'superseded' THEN 'superseded' ELSE coalesce(a.verdict, 'undecided') END
      AS standing,
    count(*)::int AS n
  FROM alert a JOIN org o ON o.id = a.org_id JOIN org up ON starts_with(o.path, up.path)
  GROUP BY 1, 2, 3, 4, 5, 6, 7"""


def tallied(site: Site) -> dict[tuple[object, ...], object]:
    """Counts by key, as they are kept."""
    return _by_key(site, _TALLY)


def scanned(site: Site) -> dict[tuple[object, ...], object]:
    """Counts by key, as all alerts say."""
    return _by_key(site, _SCAN)


def _by_key(site: Site, query: str) -> dict[tuple[object, ...], object]:
    rows = [tuple(row.values()) for row in site.rows(query)]
    return {row[:-1]: row[-1] for row in rows}
