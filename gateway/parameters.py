"""The parameters of the rules, with units, bounds and the reason for each default.

A directory may override any of them by name (`rules.parameters`); a value out of bounds refuses the
whole directory.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from gateway.errors import ParameterError


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One set of rule parameters.

    Attributes:
        persistence_reports: Violating reports in a row before a place rule alerts. Three, because
            single jumps of 200 m at a claimed 1.9 m are on record and may repeat once.
        persistence_s: How long they must last, by fix time. With one report a minute three take
            two minutes, which keeps the zone alert within NIJ 1004.00's four.
        clear_reports: Compliant reports in a row before a place episode counts as ended.
        tamper_clear_s: How long strap, case and skin must be quiet before their episode counts as
            ended; what comes back before is the same event. Five minutes, within which tamper
            alerts of loose straps clear themselves and come again. SOS is never merged.
        violation_ppm: Probability of violation from which a report counts as violating.
        compliant_ppm: Probability below which it counts as compliant; between, it cannot tell.
        accuracy_floor_m: No receiver is believed to be better than this (NIJ 1004.00's outdoor
            benchmark is 10 m; half of it as a 68 % radius).
        accuracy_default_m: Assumed when a report does not say.
        low_battery_pct: Charge at or below which the battery is low.
        recovered_battery_pct: Charge at or above which it is not; the gap is the hysteresis.
        silence_s: A gap in fix time longer than this is a silence.
        silence_intervals: ... or longer than this many expected reporting intervals.
        lateness_horizon_h: Reports up to this old are judged together with what came before.
        history_reports_max: Reports kept for that in memory; beyond it the oldest are let go
            and the horizon is shorter. Two million need about 250 MB.
    """

    persistence_reports: Annotated[int, Meta(ge=1, le=100)] = 3
    persistence_s: Annotated[int, Meta(ge=0, le=3_600)] = 30
    clear_reports: Annotated[int, Meta(ge=1, le=100)] = 2
    tamper_clear_s: Annotated[int, Meta(ge=0, le=86_400)] = 300
    violation_ppm: Annotated[int, Meta(ge=500_001, le=999_999)] = 950_000
    compliant_ppm: Annotated[int, Meta(ge=1, le=500_000)] = 500_000
    accuracy_floor_m: Annotated[float, Meta(ge=0.1, le=1_000)] = 5.0
    accuracy_default_m: Annotated[float, Meta(ge=1, le=10_000)] = 50.0
    low_battery_pct: Annotated[int, Meta(ge=1, le=90)] = 20
    recovered_battery_pct: Annotated[int, Meta(ge=2, le=100)] = 30
    silence_s: Annotated[int, Meta(ge=30, le=604_800)] = 900
    silence_intervals: Annotated[int, Meta(ge=2, le=1_000)] = 5
    lateness_horizon_h: Annotated[int, Meta(ge=1, le=720)] = 72
    history_reports_max: Annotated[int, Meta(ge=10_000, le=20_000_000)] = 2_000_000


def parameters_from(overrides: dict[str, object]) -> Parameters:
    """Return the defaults with `overrides` applied.

    Raises:
        ParameterError: A name is unknown, a value is of the wrong type or out of bounds.
    """
    try:
        parameters = msgspec.convert(overrides, Parameters)
    except msgspec.ValidationError as error:
        raise ParameterError(f"rules.parameters: {error}") from error
    if parameters.recovered_battery_pct <= parameters.low_battery_pct:
        raise ParameterError(
            "rules.parameters: recovered_battery_pct must be above low_battery_pct "
            f"({parameters.recovered_battery_pct} <= {parameters.low_battery_pct})"
        )
    return parameters
