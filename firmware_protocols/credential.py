"""A device's MQTT password, derived from the site's device key.

One secret per site is kept (a file that only its owner reads); the broker stores only the bcrypt
hash of each derived password. HMAC-SHA-256 keyed by the site, over a label and the device id
(RFC 2104; the label separates this use of the key from any other).
"""

import base64
import hashlib
import hmac
from typing import Final

MIN_KEY_BYTES: Final = 32
MAX_GENERATION: Final = 9_999
"""Most credentials that one device has in its life, less one."""
_LABEL: Final = b"guitu/mqtt-password/1\0"


def device_user(device: str, generation: int = 0) -> str:
    """Return the MQTT user name of a device's credential; the first one's is the device id.

    Two credentials of one device hold at once while it changes over, and a broker knows one
    password per user name. No device id has a tilde.
    """
    return f"{device}~{generation}" if generation else device


def device_password(site_key: bytes, device: str, generation: int = 0) -> str:
    """Return the MQTT password of a device's credential, 43 URL-safe characters.

    Args:
        site_key: The site's device key.
        device: Device id.
        generation: Number of the credential, from 0.

    Raises:
        ValueError: The site key is shorter than 32 bytes.
    """
    if len(site_key) < MIN_KEY_BYTES:
        raise ValueError(f"device key of {len(site_key)} bytes, at least {MIN_KEY_BYTES} wanted")
    numbered = f"{device}\0{generation}" if generation else device
    digest = hmac.new(site_key, _LABEL + numbered.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
