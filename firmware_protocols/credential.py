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
_LABEL: Final = b"guitu/mqtt-password/1\0"


def device_password(site_key: bytes, device: str) -> str:
    """Return the MQTT password of `device`, 43 URL-safe characters.

    Raises:
        ValueError: The site key is shorter than 32 bytes.
    """
    if len(site_key) < MIN_KEY_BYTES:
        raise ValueError(f"device key of {len(site_key)} bytes, at least {MIN_KEY_BYTES} wanted")
    digest = hmac.new(site_key, _LABEL + device.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
