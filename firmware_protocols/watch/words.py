"""The words that contents begin with, by what a watch means with them."""

from typing import Final

LOCATION_WORDS: Final = ("UD", "AL", "WT")
"""A location's word begins so: UD, UD2, UD_LTE, AL_WCDMA, ALCUSTOMER1, ..."""

ALARM_WORD: Final = "AL"

BACKLOG_WORD: Final = "UD2"
"""Part I item 3, "blind spot data supplements"."""

# Parts II to VII: a watch answers a command with the command's word.
COMMAND_WORDS: Final = frozenset(
    {
        *("ACALL", "APN", "APPLOCK", "CALL", "CENTER", "CR", "FACTORY", "FALLDOWN", "FIND"),
        *("FLOWER", "HEALTHAUTOSET", "LOWBAT", "LSSET", "LZ", "MESSAGE", "MONITOR", "PHB"),
        *("PHB2", "POWEROFF", "PW", "REMIND", "REMOVE", "REMOVESMS", "RESET", "SILENCETIME"),
        *("SILENCETIME2", "SLEEPTIME", "SOS", "SOS1", "SOS2", "SOS3", "SOSSMS", "TS", "UPLOAD"),
        *("VERNO", "WALKTIME", "WHITELIST1", "WHITELIST2", "WIFICUR", "WIFIDEL", "WIFISEARCH"),
        *("WIFISET", "bodytemp", "bodytemp2", "hrtstart", "profile", "rcapture"),
    }
)

STATUS_WORDS: Final = frozenset({"TK", "TK2", "PHBX", "PHBX2", "TAKEPILLS"})
"""Commands whose answer says 1 for success and 0 for failure."""

REQUEST_BY_WORD: Final = {
    "TKQ": "voice",
    "TKQ2": "voice_of_friend",
    "CONFIG": "config",
    "wdimgq": "images",
}
"""What a watch asks for."""
