"""What the commands of a broker read: the devices of a registry file, and the site's key."""

import json
from pathlib import Path

from firmware_protocols.credential import MIN_KEY_BYTES
from guitu.brokers.accounts import DeviceRow
from guitu.errors import SettingsError


def site_key(path: Path) -> bytes:
    """Return the site's device key.

    Raises:
        SettingsError: It is too short.
    """
    key = path.read_text().strip().encode()
    if len(key) < MIN_KEY_BYTES:
        raise SettingsError(f"{path} holds {len(key)} bytes, a device key has {MIN_KEY_BYTES}")
    return key


def registry_rows(registry: Path) -> list[DeviceRow]:
    """Return the first credentials of a registry file's devices (docs/wire/registry-v1.md).

    Raises:
        SettingsError: It is no registry file, or an id is not allowed.
    """
    try:
        devices = json.loads(registry.read_text())["devices"]
        return [DeviceRow(item["device"], item["org"], item["kind"]) for item in devices]
    except (ValueError, TypeError, KeyError) as error:
        raise SettingsError(
            f"{registry} is not a registry file (docs/wire/registry-v1.md): {error!r}"
        ) from error
