"""Every parameter there is, by name."""

from typing import Final

from gateway.parameters.body import BODY
from gateway.parameters.condition import CONDITION
from gateway.parameters.conduct import CONDUCT
from gateway.parameters.device import DEVICE
from gateway.parameters.duty import DUTY
from gateway.parameters.engine import ENGINE
from gateway.parameters.habit import HABIT
from gateway.parameters.parameter import Parameter
from gateway.parameters.person import PERSON
from gateway.parameters.place import PLACE
from gateway.parameters.reception import RECEPTION
from gateway.parameters.silence import SILENCE
from gateway.parameters.truth import TRUTH

PARAMETERS: Final[dict[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        *ENGINE,
        *PLACE,
        *CONDUCT,
        *DEVICE,
        *SILENCE,
        *PERSON,
        *BODY,
        *HABIT,
        *CONDITION,
        *TRUTH,
        *RECEPTION,
        *DUTY,
    )
}

ORDERED: Final = (
    ("low_battery_pct", "recovered_battery_pct"),
    ("apart_clear_mnat", "apart_raise_mnat"),
    ("critical_battery_pct", "critical_battery_over_pct"),
    ("fever_over_skin_cc", "fever_skin_cc"),
)
"""Pairs of which the first must be below the second."""
