"""Parameters of what the passing of time decides: check-ins, lapses, the nuisance budget."""

from typing import Final

from gateway.parameters.parameter import Parameter

DUTY: Final = (
    Parameter(
        "lapse_notice_h",
        72,
        1,
        720,
        "An order, permit, leave or binding that ends within so many hours is told: three days, "
        "time for an application and its approval. Assumed.",
    ),
    Parameter(
        "checkin_wait_s",
        600,
        0,
        86_400,
        "How long after the grace has run out a check-in is waited for that a kiosk has taken and "
        "not delivered yet; what comes later still withdraws the alert. Ten minutes. Assumed.",
    ),
    Parameter(
        "checkin_inconclusive_attempts",
        3,
        1,
        100,
        "Check-ins in a row that could not tell before it is told: once or twice is bad light.",
    ),
    Parameter(
        "checkin_replay_days",
        30,
        1,
        400,
        "How long the digest of a capture is remembered; the same capture within that time was "
        "not taken anew.",
    ),
    Parameter(
        "nuisance_budget_centi_per_day",
        26,
        1,
        10_000,
        "Alerts per watched person and day, in hundredths, above which an organisation's alerts "
        "are reported as too many: 0.26, the budget set for this product. Nothing is hidden.",
    ),
)
