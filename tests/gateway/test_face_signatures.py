"""Attempts of a kiosk whose key the gateway has: only what that key signed is taken at its word."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.errors import CameraError
from gateway.faces.camera import read_cameras
from tests.gateway.life import running
from tests.gateway.test_face_checks import (
    attempt,
    enrolled,
    key_file,
    pictures,
    send,
    settings,
    verdicts,
    with_camera,
)
from tests.unit.gateway.faces.portraits import astronaut, hopper

__all__ = ["key_file", "pictures", "settings"]


def camera_of(key):
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return json.dumps({"key": base64.b64encode(public).decode()})


async def test_only_what_the_kiosk_signed_is_a_match_or_a_mismatch(settings, anybody, pictures):
    token = enrolled(settings, pictures, "hopper")["token"]
    own, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    stranger = astronaut().resize((1_024, 1_024))
    settings = with_camera(settings, camera_of(own))
    async with running(settings):
        send(anybody, attempt(token, hopper(), number=1), sign=own.sign)
        send(anybody, attempt(token, stranger, number=2), sign=own.sign)
        send(anybody, attempt(token, hopper().rotate(9), number=3))
        send(anybody, attempt(token, hopper().rotate(-9), number=4), sign=other.sign)
        send(anybody, attempt(token, stranger.rotate(9), number=5))
        # Signed by the right key, for another kiosk.
        send(
            anybody,
            attempt(token, hopper().rotate(5), number=6),
            sign=lambda text: own.sign(text.replace(b"kk-1", b"kk-2")),
        )
        found = await verdicts(settings, 6)
    assert found == {
        "a-1": ("s-1", "match", ()),
        "a-2": ("s-1", "no_match", ("another_face",)),
        "a-3": ("s-1", "inconclusive", ("unsigned",)),
        "a-4": ("s-1", "inconclusive", ("wrong_signature",)),
        "a-5": ("s-1", "inconclusive", ("another_face", "unsigned")),
        "a-6": ("s-1", "inconclusive", ("wrong_signature",)),
    }


@pytest.mark.parametrize("key", ["", "no base64", base64.b64encode(bytes(31)).decode()])
def test_a_camera_whose_key_is_none_is_not_taken(tmp_path, key):
    (tmp_path / "kk-1.json").write_text(json.dumps({"key": key}))
    with pytest.raises(CameraError, match=r"kk-1\.json: key: base64 of an Ed25519 public key's 32"):
        read_cameras(tmp_path)
