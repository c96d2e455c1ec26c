"""Every rule there is. A new rule is a file, and a line here."""

from typing import Final

from gateway.engine.rule import Rule
from gateway.engine.rules.apart import APART
from gateway.engine.rules.case import CASE
from gateway.engine.rules.charging_neglect import CHARGING_NEGLECT
from gateway.engine.rules.checkin_inconclusive import CHECKIN_INCONCLUSIVE
from gateway.engine.rules.checkin_late import CHECKIN_LATE
from gateway.engine.rules.checkin_missed import CHECKIN_MISSED
from gateway.engine.rules.checkin_no_match import CHECKIN_NO_MATCH
from gateway.engine.rules.checkin_place import CHECKIN_PLACE
from gateway.engine.rules.checkin_replay import CHECKIN_REPLAY
from gateway.engine.rules.clock_skew import CLOCK_SKEW
from gateway.engine.rules.critical_battery import CRITICAL_BATTERY
from gateway.engine.rules.curfew import CURFEW
from gateway.engine.rules.datum_mistake import DATUM_MISTAKE
from gateway.engine.rules.duplicate_identity import DUPLICATE_IDENTITY
from gateway.engine.rules.dwell import DWELL
from gateway.engine.rules.exclusion import EXCLUSION
from gateway.engine.rules.firmware_fault import FIRMWARE_FAULT
from gateway.engine.rules.frozen import FROZEN
from gateway.engine.rules.gathering import GATHERING
from gateway.engine.rules.heart_rate import HEART_RATE
from gateway.engine.rules.impossible_speed import IMPOSSIBLE_SPEED
from gateway.engine.rules.inclusion import INCLUSION
from gateway.engine.rules.jamming import JAMMING
from gateway.engine.rules.lapse import LAPSE
from gateway.engine.rules.leave_overdue import LEAVE_OVERDUE
from gateway.engine.rules.leave_place import LEAVE_PLACE
from gateway.engine.rules.low_battery import LOW_BATTERY
from gateway.engine.rules.no_contact import NO_CONTACT
from gateway.engine.rules.outage import OUTAGE
from gateway.engine.rules.overconfident import OVERCONFIDENT
from gateway.engine.rules.position_lost import POSITION_LOST
from gateway.engine.rules.recorder_off import RECORDER_OFF
from gateway.engine.rules.recording_gap import RECORDING_GAP
from gateway.engine.rules.removed import REMOVED
from gateway.engine.rules.route import ROUTE
from gateway.engine.rules.silence import SILENCE
from gateway.engine.rules.sos import SOS
from gateway.engine.rules.sources_disagree import SOURCES_DISAGREE
from gateway.engine.rules.spoofing import SPOOFING
from gateway.engine.rules.storage_low import STORAGE_LOW
from gateway.engine.rules.strap import STRAP
from gateway.engine.rules.teleport import TELEPORT
from gateway.engine.rules.temperature import TEMPERATURE
from gateway.engine.rules.unusual import UNUSUAL

RULES: Final[dict[str, Rule]] = {
    rule.name: rule
    for rule in (
        SOS,
        STRAP,
        CASE,
        REMOVED,
        EXCLUSION,
        NO_CONTACT,
        CRITICAL_BATTERY,
        INCLUSION,
        CURFEW,
        ROUTE,
        LEAVE_OVERDUE,
        LEAVE_PLACE,
        APART,
        DWELL,
        CHECKIN_MISSED,
        CHECKIN_PLACE,
        CHECKIN_NO_MATCH,
        CHECKIN_REPLAY,
        OUTAGE,
        SILENCE,
        POSITION_LOST,
        RECORDER_OFF,
        RECORDING_GAP,
        STORAGE_LOW,
        DUPLICATE_IDENTITY,
        SPOOFING,
        JAMMING,
        TELEPORT,
        IMPOSSIBLE_SPEED,
        FROZEN,
        DATUM_MISTAKE,
        OVERCONFIDENT,
        SOURCES_DISAGREE,
        CLOCK_SKEW,
        CHECKIN_LATE,
        CHARGING_NEGLECT,
        LOW_BATTERY,
        FIRMWARE_FAULT,
        HEART_RATE,
        TEMPERATURE,
        UNUSUAL,
        GATHERING,
        CHECKIN_INCONCLUSIVE,
        LAPSE,
    )
}
"""By name, most urgent first."""

ALARM_RULES: Final = ("sos", "strap", "case", "removed")
"""Rules that are one urgent alarm bit each: they alert however old the report is."""
