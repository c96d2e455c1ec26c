"""One-time passwords by time (TOTP, RFC 6238: SHA-1, six digits, 30 s) and codes for their loss."""

import base64
import hashlib
import hmac
import io
import secrets
from datetime import datetime
from typing import Final

import pyotp
import segno

PERIOD_S: Final = 30
CODES: Final = 10
_SKEW_STEPS: Final = 1
_CODE_BYTES: Final = 10
_ISSUER: Final = "Guitu"


def new_secret() -> str:
    """Return a secret of 160 random bits in base32 (RFC 4226, section 4)."""
    return pyotp.random_base32(32)


def enrolment_uri(secret: str, login: str) -> str:
    """Return the otpauth URI that an authenticator app takes over."""
    return pyotp.TOTP(secret, interval=PERIOD_S).provisioning_uri(name=login, issuer_name=_ISSUER)


def qr_svg(uri: str) -> str:
    """Return a QR code (ISO/IEC 18004) as an SVG document without declaration."""
    sink = io.BytesIO()
    segno.make_qr(uri, error="m").save(
        sink, kind="svg", scale=5, border=4, light="#fff", xmldecl=False, nl=False
    )
    return sink.getvalue().decode()


def step_of(secret: str, code: str, at: datetime, *, after: int) -> int | None:
    """Return the time step that a code is of, None: of none that counts.

    Args:
        secret: In base32.
        code: Six digits.
        at: Now; the step before and the one after count too, for a clock that is off.
        after: The newest step that was used: that one and those before it do not count.
    """
    totp = pyotp.TOTP(secret, interval=PERIOD_S)
    now = int(at.timestamp()) // PERIOD_S
    found = None
    for step in range(now - _SKEW_STEPS, now + _SKEW_STEPS + 1):
        is_same = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if is_same and step > after and found is None:
            found = step
    return found


def new_codes() -> list[str]:
    """Return the codes that stand in for a lost factor, each of 80 random bits and good once."""
    return [_grouped(secrets.token_bytes(_CODE_BYTES)) for _ in range(CODES)]


def code_hash(code: str) -> bytes:
    """Return what the database keeps of a code; case, spaces and hyphens do not count."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def _grouped(content: bytes) -> str:
    text = base64.b32encode(content).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
