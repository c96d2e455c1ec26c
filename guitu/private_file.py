"""Files with password hashes: for their owner only, whole or not at all."""

from pathlib import Path


def write_changed(path: Path, text: str) -> bool:
    """Write the text unless the file holds it already; return whether it was written."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(path.name + ".new")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(path)
    return True
