"""The platform's dialogue opposite a terminal's talk, without a network between them."""

import msgspec

from device_sims.tcp.link import TALKS
from firmware_protocols.catalog import CODECS
from firmware_protocols.codec import Context
from firmware_protocols.dialogue import Admission
from firmware_protocols.message import Report

NOW_MS = 1_795_309_323_000
CODE = "4f1c9a02be77d351"

FIX = Report(
    device="tm-1",
    kind="fix",
    fix_time_ms=1_795_309_320_000,
    boot=5,
    seq=1,
    longitude_deg=119.9,
    latitude_deg=28.4,
    datum="WGS84",
    speed_mps=2.5,
    heading_deg=90.0,
    satellites=9,
    battery_pct=55,
)


def fix(seq, **fields):
    """A report; each seq is a second of its own."""
    time_ms = FIX.fix_time_ms + 1_000 * seq
    return msgspec.structs.replace(FIX, seq=seq, fix_time_ms=time_ms, **fields)


class Pair:
    """A talk and the dialogue that it speaks with.

    Attributes:
        turns: What the terminal's frames asked of the platform.
        kept: Names that the terminal let go, in order.
        heard: What else the platform said.
    """

    def __init__(self, terminal):
        self.terminal = terminal
        self.talk = TALKS[terminal.protocol](terminal)
        self.is_known = True
        self.is_committing = True
        self.waiting = b""
        self.turns, self.kept, self.heard = [], [], []
        self.dialogue = CODECS[terminal.protocol].dialogue()

    def connect(self):
        self.dialogue = CODECS[self.terminal.protocol].dialogue()
        self.waiting = b""
        self.up(self.talk.connect())

    def up(self, data):
        """Bring bytes to the platform and its answers back, until nobody has more to say."""
        while data:
            answers = b""
            for cut in self.dialogue.feed(data):
                assert cut.is_frame
                turn = self.dialogue.take(cut.data, NOW_MS, self._admit)
                self.turns.append(turn)
                answers += turn.at_once
                if self.is_committing:
                    answers += turn.after_commit
                else:
                    self.waiting += turn.after_commit
            data = self.down(answers)

    def down(self, answers):
        say = b""
        for heard in self.talk.hear(answers):
            self.heard.append(heard)
            self.kept += [seq for _, seq in heard.kept]
            say += heard.say
        return say

    def commit(self):
        self.is_committing = True
        self.up(self.down(self.waiting))

    def say(self, *reports):
        said = self.talk.say(reports)
        self.up(said.data)
        return said

    def reports(self):
        """What the journal would decode, in order."""
        profile = Context(device="tm-1", profile=self.terminal.model)
        return [
            message
            for turn in self.turns
            if turn.payload
            for message in CODECS[self.terminal.protocol].open(profile)(turn.payload)
            if isinstance(message, Report)
        ]

    def _admit(self, login):
        assert login.terminal == self.terminal.number
        if not self.is_known:
            return None
        return Admission(device="tm-1", profile=self.terminal.model, auth_code=CODE)
