"""Parameters of the engine as a whole."""

from typing import Final

from gateway.parameters.parameter import Parameter

ENGINE: Final = (
    Parameter(
        "lateness_horizon_h",
        72,
        1,
        720,
        "Reports up to this old are judged together with what came before; older ones are late "
        "findings.",
    ),
    Parameter(
        "revision_quiet_s",
        2,
        0,
        600,
        "A device whose late reports have stopped coming for this long is judged again; until then "
        "its backlog is only stored. Alarms are never kept waiting.",
    ),
    Parameter(
        "revision_wait_s",
        30,
        1,
        3_600,
        "... and it is judged again at the latest this long after the first of them.",
    ),
)
