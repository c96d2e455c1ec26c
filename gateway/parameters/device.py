"""Parameters of the rules about the device itself."""

from typing import Final

from gateway.parameters.parameter import Parameter

DEVICE: Final = (
    Parameter(
        "tamper_clear_s",
        300,
        0,
        86_400,
        "How long strap, case and skin must be quiet before their episode counts as ended; what "
        "comes back before is the same event. Five minutes, within which tamper alerts of loose "
        "straps clear themselves and come again. SOS is never merged.",
    ),
    Parameter("low_battery_pct", 20, 1, 90, "Charge at or below which the battery is low."),
    Parameter(
        "recovered_battery_pct",
        30,
        2,
        100,
        "Charge at or above which it is not; the gap is the hysteresis.",
    ),
    Parameter(
        "recovered_battery_s",
        600,
        0,
        86_400,
        "How long it must stay there until the alert has ended. Ten minutes: gauges waver by one "
        "or two per cent about any limit.",
    ),
    Parameter(
        "recording_gap_s",
        600,
        0,
        86_400,
        "How long an officer's recorder on a task may not record before it is told. Ten minutes: a "
        "drive, a form, a pause. Assumed.",
    ),
    Parameter("recording_gap_reports", 2, 1, 100, "Such reports in a row, at least."),
    Parameter(
        "recorder_off_s",
        600,
        60,
        86_400,
        "A task (or what was left of it when it became known here) that is shorter tells nothing "
        "of a recorder that made no report during it. Ten minutes, as above. Assumed.",
    ),
    Parameter(
        "recorder_off_wait_s",
        3_600,
        60,
        86_400,
        "How long after a task its reports are waited for before it is told that there are none; "
        "what comes later still withdraws the alert. An hour, as for a silence. Assumed.",
    ),
    Parameter(
        "recorder_storage_pct",
        10,
        1,
        90,
        "Share of free storage at or below which a recorder is nearly full: an hour of video of a "
        "recorder that holds ten. One value for all, taken from the first layer as reports come. "
        "Assumed.",
    ),
    Parameter(
        "recorder_storage_reports",
        3,
        1,
        100,
        "Such reports in a row, and likewise until it has ended.",
    ),
)
