"""Who the terminal says it is: 0x0100, 0x0102 and the attributes 0x0107 (clauses 8.5 to 8.11)."""

from struct import Struct
from typing import Final

import msgspec

from firmware_protocols.jt808.address import Address
from firmware_protocols.jt808.body import BodyReader
from firmware_protocols.message import Login, Reply

_MAKER_2019: Final = 11
_MAKER: Final = 5
_MODEL_2019: Final = 30
_MODEL: Final = 20
_MODEL_2011: Final = 8
_ID_2019: Final = 30
_ID: Final = 7
_COLOUR_BYTES: Final = 1
_PLACE: Final = Struct(">HH")
_IMEI_BYTES: Final = 15
_SOFTWARE_BYTES: Final = 20
_ICCID_BYTES: Final = 10
_KIND_BYTES: Final = 2
_BIT_FIELDS_BYTES: Final = 2
_REGISTER_2013_BYTES: Final = _PLACE.size + _MAKER + _MODEL + _ID + _COLOUR_BYTES


class Widths(msgspec.Struct, frozen=True):
    """Widths of maker, model and terminal id in one edition."""

    maker: int
    model: int
    id: int


WIDTHS_2011: Final = Widths(_MAKER, _MODEL_2011, _ID)
WIDTHS_2013: Final = Widths(_MAKER, _MODEL, _ID)
WIDTHS_2019: Final = Widths(_MAKER_2019, _MODEL_2019, _ID_2019)
ATTRIBUTE_WIDTHS_2019: Final = Widths(_MAKER, _MODEL_2019, _ID_2019)
"""0x0107 kept the 5 bytes of a maker's id when 0x0100 got 11; some firmware writes 11 here too."""

_ATTRIBUTE_FORMS: Final = (
    ATTRIBUTE_WIDTHS_2019,
    WIDTHS_2019,
    WIDTHS_2013,
    WIDTHS_2011,
)


def read_register(body: bytes, address: Address, device: str) -> Login:
    """Return what 0x0100 says; the edition of 2011 is known by its length alone.

    Raises:
        LengthError: It is shorter than the fixed fields of 2011.
    """
    reader = BodyReader(body)
    province, city = reader.number(2), reader.number(2)
    widths = WIDTHS_2019 if address.version is not None else WIDTHS_2013
    if widths is WIDTHS_2013 and len(body) < _REGISTER_2013_BYTES:
        widths = WIDTHS_2011
    maker, model = padded(reader.take(widths.maker)), padded(reader.take(widths.model))
    serial, colour = padded(reader.take(widths.id)), reader.number(1)
    extra = {
        "province": province,
        "city": city,
        "plate_colour": colour,
        "plate": padded(reader.rest()),
    }
    return Login(
        device=device,
        step="register",
        terminal=address.terminal,
        maker=maker or None,
        model=model or None,
        serial=serial or None,
        extra={name: value for name, value in extra.items() if value != ""},
    )


def write_register(login: Login, widths: Widths) -> bytes:
    """Return the body of 0x0100.

    Raises:
        ValueError: A text is longer than its field.
    """
    extra = login.extra
    return (
        _PLACE.pack(extra.get("province", 0), extra.get("city", 0))
        + pad(login.maker, widths.maker)
        + pad(login.model, widths.model)
        + pad(login.serial, widths.id)
        + bytes((extra.get("plate_colour", 0),))
        + str(extra.get("plate", "")).encode("gbk")
    )


def read_authenticate(body: bytes, address: Address, device: str) -> Login:
    """Return what 0x0102 says: a code, and in 2019 the IMEI and the software's version too."""
    size = body[0] if body else 0
    after = 1 + size + _IMEI_BYTES
    # Firmware exists that marks its header as of 2019 and writes the body of 2013.
    if address.version is None or len(body) < after:
        return Login(
            device=device,
            step="authenticate",
            terminal=address.terminal,
            auth_code=padded(body),
        )
    return Login(
        device=device,
        step="authenticate",
        terminal=address.terminal,
        auth_code=padded(body[1 : 1 + size]),
        imei=padded(body[1 + size : after]) or None,
        firmware=padded(body[after:]) or None,
    )


def write_authenticate(login: Login, *, is_2019: bool) -> bytes:
    """Return the body of 0x0102.

    Raises:
        ValueError: A text is longer than its field.
    """
    code = (login.auth_code or "").encode("gbk")
    if not is_2019:
        return code
    return (
        bytes((len(code),))
        + code
        + pad(login.imei, _IMEI_BYTES)
        + pad(login.firmware, _SOFTWARE_BYTES)
    )


def read_attributes(body: bytes, address: Address, device: str) -> Reply:
    """Return what 0x0107 says. It does not name the serial of the 0x8107 that it answers.

    The form is the one that fills the body to the byte, for terminals mix those of the editions;
    when none does, that of the header's edition, with the rest under `extra["unknown"]`.

    Raises:
        LengthError: It is cut short.
    """
    usual = ATTRIBUTE_WIDTHS_2019 if address.version is not None else WIDTHS_2013
    fitting = (form for form in (usual, *_ATTRIBUTE_FORMS) if _fits(body, form))
    widths = next(fitting, usual)
    reader = BodyReader(body)
    extra = {
        "terminal_type_bits": reader.number(_KIND_BYTES),
        "maker": padded(reader.take(widths.maker)),
        "model": padded(reader.take(widths.model)),
        "serial": padded(reader.take(widths.id)),
        "iccid": reader.take(_ICCID_BYTES).hex(),
        "hardware": padded(reader.take(reader.number(1))),
        "firmware": padded(reader.take(reader.number(1))),
        "gnss_bits": reader.number(1),
        "communication_bits": reader.number(1),
    }
    if reader.left:
        extra["unknown"] = reader.rest().hex()
    return Reply(device=device, to="8107", ok=True, extra=extra)


def _fits(body: bytes, widths: Widths) -> bool:
    at = _KIND_BYTES + widths.maker + widths.model + widths.id + _ICCID_BYTES
    for _ in range(2):  # hardware and firmware, a length before each
        if at >= len(body):
            return False
        at += 1 + body[at]
    return at + _BIT_FIELDS_BYTES == len(body)


def write_attributes(reply: Reply, widths: Widths) -> bytes:
    """Return the body of 0x0107.

    Raises:
        ValueError: A text is longer than its field.
    """
    extra = reply.extra
    hardware, firmware = (str(extra[name]).encode("gbk") for name in ("hardware", "firmware"))
    return (
        int(extra["terminal_type_bits"]).to_bytes(_KIND_BYTES, "big")
        + pad(extra["maker"], widths.maker)
        + pad(extra["model"], widths.model)
        + pad(extra["serial"], widths.id)
        + bytes.fromhex(extra["iccid"])
        + bytes((len(hardware),))
        + hardware
        + bytes((len(firmware),))
        + firmware
        + bytes((extra["gnss_bits"], extra["communication_bits"]))
        + bytes.fromhex(extra.get("unknown", ""))
    )


def padded(raw: bytes) -> str:
    """Return text without the NULs and blanks around it; what is no GBK text as hex."""
    kept = raw.strip(b"\x00 ")
    try:
        text = kept.decode("gbk")
    except UnicodeDecodeError:
        return kept.hex()
    return text if text.isprintable() else kept.hex()


def pad(text: str | None, size: int) -> bytes:
    """Return text in GBK, filled with NULs on the right.

    Raises:
        ValueError: It is longer than `size`.
    """
    raw = (text or "").encode("gbk")
    if len(raw) > size:
        raise ValueError(f"{text!r} takes {len(raw)} bytes, the field has {size}")
    return raw.ljust(size, b"\x00")
