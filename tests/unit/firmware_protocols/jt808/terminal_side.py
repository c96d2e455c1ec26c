"""The other side of a JT/T 808 connection: a terminal that speaks and reads what comes back."""

from firmware_protocols.dialogue import Admission
from firmware_protocols.jt808.address import address_of
from firmware_protocols.jt808.dialogue import Jt808Dialogue
from firmware_protocols.jt808.down import read_down
from firmware_protocols.jt808.framing import FrameCutter
from firmware_protocols.jt808.header import build_frame, build_frames, parse_frame
from firmware_protocols.jt808.registration import WIDTHS_2013, WIDTHS_2019, write_authenticate
from firmware_protocols.jt808.registration import write_register as register_body
from firmware_protocols.message import Login

PHONE = "13800138000"
CODE = "4f1c9a02be77d351"
NOW_MS = 1_795_309_323_000
OLD = address_of(PHONE)
NEW = address_of(PHONE, version=1)

STRICT = Admission(device="wb-000001", auth_code=CODE)
"""Of a model that must show its code."""

SOS, STRAP = 0x0000_0001, 0x0001_0000


def location_body(alarm_bits=0, status_bits=0x0000_0002, second=3):
    """A position near 20.0 N, 110.3 E at 2026-11-22 09:02 GMT+8."""
    words = (alarm_bits, status_bits, 20_000_000, 110_300_000)
    position = b"".join(word.to_bytes(4, "big") for word in words)
    motion = b"".join(word.to_bytes(2, "big") for word in (12, 36, 90))
    return position + motion + bytes.fromhex(f"2611220902{second:02d}")


class Door:
    """Admits by turn: the n-th question gets the n-th admission, later ones the last."""

    def __init__(self, *admissions):
        self.admissions = admissions
        self.asked = []

    def __call__(self, login):
        self.asked.append(login)
        return self.admissions[min(len(self.asked), len(self.admissions)) - 1]


class Terminal:
    """Builds frames with a serial of its own and reads down-links."""

    def __init__(self, address=OLD):
        self.address = address
        self.serial = 100

    @property
    def is_2019(self):
        return self.address.version is not None

    def frame(self, message_id, body=b"", **parts):
        self.serial += 1
        return build_frame(self.address, message_id, self.serial, body, **parts)

    def frames(self, message_id, body, part_bytes):
        frames = build_frames(self.address, message_id, self.serial + 1, body, part_bytes)
        self.serial += len(frames)
        return frames

    def register(self, serial="A000001"):
        login = Login(
            device="", step="register", terminal=PHONE, maker="GT", model="W1", serial=serial
        )
        widths = WIDTHS_2019 if self.is_2019 else WIDTHS_2013
        return self.frame(0x0100, register_body(login, widths))

    def authenticate(self, code=CODE):
        login = Login(device="", step="authenticate", terminal=PHONE, auth_code=code)
        return self.frame(0x0102, write_authenticate(login, is_2019=self.is_2019))

    def hear(self, data):
        """Return what the platform wrote, as (our serial, message); the header must be ours."""
        cuts = FrameCutter().feed(data)
        assert b"".join(cut.data for cut in cuts) == data
        assert all(cut.is_frame for cut in cuts)
        heard = [parse_frame(cut.data) for cut in cuts]
        assert all(frame.address == self.address for frame in heard)
        return [
            read_down(frame.message_id, frame.body, is_2019=self.is_2019)
            for frame in heard
            if not frame.parts
        ]


def admitted(terminal, admission=STRICT):
    """Return a dialogue that has let the terminal in."""
    dialogue = Jt808Dialogue()
    dialogue.take(terminal.authenticate(), NOW_MS, Door(admission))
    assert dialogue.admission == admission
    return dialogue


def nobody(login):
    raise AssertionError(f"asked again for {login}")
