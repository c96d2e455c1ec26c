"""What a recording is called: the same at every hop. Pure."""

import hashlib


def media_id(device: str, recording: str) -> str:
    """Return the id of a device's recording: the same at every hop."""
    return f"md-{hashlib.sha256(f'{device}/{recording}'.encode()).hexdigest()[:32]}"
