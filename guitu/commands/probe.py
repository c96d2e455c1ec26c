"""`guitu probe`: whether a server works, asked from outside, for cron and monitoring systems."""

import json
import math
import time
from typing import Any, Final

import click
import httpx

OK: Final = 0
DEGRADED: Final = 1
DOWN: Final = 2
CLOCK_SKEW_S: Final = 5.0


@click.command
@click.argument("url")
@click.option(
    "--timeout-s", type=click.FloatRange(0.1, 300), default=10.0, show_default=True,
    help="Longest wait for an answer.",
)  # fmt: skip
@click.option(
    "--feed-s", type=click.FloatRange(1, 3600), default=25.0, show_default=True,
    help="Oldest heartbeat of the live feed, and oldest look of the server's own watch.",
)  # fmt: skip
@click.option(
    "--telemetry-s", type=click.FloatRange(1, 1e7), default=300.0, show_default=True,
    help="Oldest that the newest telemetry may be.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def command(
    *, url: str, timeout_s: float, feed_s: float, telemetry_s: float, as_json: bool
) -> None:
    """Ask the server at URL whether it works. Exit 0: it does; 1: in part; 2: it does not."""
    began_s = time.monotonic()
    state, down = _asked(url, timeout_s)
    faults = [] if down else _faults(state, feed_s=feed_s, telemetry_s=telemetry_s)
    code = DOWN if down else DEGRADED if faults else OK
    said = [down] if down else faults
    status = ("ok", "degraded", "down")[code]
    if as_json:
        took_s = round(time.monotonic() - began_s, 3)
        result = {"status": status, "took_s": took_s, "faults": said, "server": state}
        click.echo(json.dumps(result, ensure_ascii=False))
    else:
        click.echo(f"{status}: {'; '.join(said) or 'all well'}")
    raise SystemExit(code)


def _asked(url: str, timeout_s: float) -> tuple[dict[str, Any], str | None]:
    """Return what /readyz says, and why the server is taken to be down, if it is."""
    try:
        answer = httpx.get(f"{url.rstrip('/')}/readyz", timeout=timeout_s)
        state = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return {}, f"{url} does not answer: {type(error).__name__}"
    except ValueError:
        return {}, f"{url}/readyz does not answer in JSON: is it a Guitu server?"
    if not isinstance(state, dict):
        return {}, f"{url}/readyz does not answer an object: is it a Guitu server?"
    if not answer.is_success:
        return state, f"not ready ({answer.status_code}): {state.get('detail', 'no reason given')}"
    return state, None


def _faults(state: dict[str, Any], *, feed_s: float, telemetry_s: float) -> list[str]:
    """Return what is wrong with a server that is ready."""
    faults = [f"task {name} fails again and again" for name in state.get("stuck", ())]
    if abs(skew_s := state.get("database_clock_skew_s") or 0.0) > CLOCK_SKEW_S:
        faults.append(
            f"the database's clock is off by {skew_s:.1f} s, at most {CLOCK_SKEW_S:.0f} s"
        )
    if state.get("unknown_migrations"):
        faults.append("the database was migrated by a newer version: start that one")
    limits = {"feed": feed_s, "watch": feed_s, "telemetry": telemetry_s}
    for name, limit_s in limits.items():
        age_s = state.get(f"{name}_age_s")
        if age_s is None:
            faults.append(f"{name}: none yet")
        elif not math.isfinite(age_s) or age_s > limit_s:
            faults.append(f"{name}: {age_s:.0f} s old, at most {limit_s:.0f} s")
    return faults
