"""The cipher and the key file, without a database."""

import base64
import secrets
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from pyarrow.parquet import encryption

from server.errors import SettingsError
from server.secrecy.cipher import KEY_BYTES, context_of, derived, is_sealed, seal, unseal
from server.secrecy.errors import SealError
from server.secrecy.key_file import KeyFile, add_key, drop_keys, wrapped_by

ALGORITHMS = ("aes-256-gcm", "sm4-gcm")
KEY = bytes(range(KEY_BYTES))


@given(content=st.binary(max_size=200), place=st.text(max_size=20))
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_sealed_opens_in_its_place_with_its_key_only(algorithm, content, place):
    context = context_of("table", place)
    sealed = seal(KEY, content, context=context, algorithm=algorithm)
    assert is_sealed(sealed)
    assert unseal(KEY, sealed, context=context) == content
    for key, where in ((bytes(KEY_BYTES), context), (KEY, context_of("table", place, ""))):
        with pytest.raises(SealError):
            unseal(key, sealed, context=where)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_any_flipped_bit_and_any_cut_is_refused(algorithm):
    sealed = seal(KEY, b"13800000001", context=b"here", algorithm=algorithm)
    changed = [
        sealed[:at] + bytes([sealed[at] ^ 1 << bit]) + sealed[at + 1 :]
        for at in range(len(sealed))
        for bit in range(8)
    ]
    for one in [*changed, *(sealed[:size] for size in range(len(sealed)))]:
        with pytest.raises(SealError):
            unseal(KEY, one, context=b"here")


def test_equal_contents_do_not_look_equal():
    sealed = {seal(KEY, b"same", context=b"here") for _ in range(50)}
    assert len(sealed) == 50


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_two_places_never_have_one_context(one, another):
    assert (context_of(*one) == context_of(*another)) == (one == another)


def test_a_rotated_file_wraps_with_the_new_key_and_opens_with_both(tmp_path):
    path = tmp_path / "master"
    first = add_key(path)
    keys = KeyFile(path, "MASTER")
    before = keys.wrap(b"secret", "purpose")
    second = add_key(path)
    after = keys.wrap(b"secret", "purpose")  # the same object: no restart

    assert (wrapped_by(before), wrapped_by(after)) == (first, second)
    assert keys.current() == second
    assert path.stat().st_mode & 0o777 == 0o600
    for wrapped in (before, after):
        assert keys.unwrap(wrapped, "purpose") == b"secret"
        with pytest.raises(SealError):
            keys.unwrap(wrapped, "another purpose")

    assert drop_keys(path, {second}) == [first]
    with pytest.raises(SealError):
        KeyFile(path, "MASTER").unwrap(before, "purpose")


def test_a_key_file_that_is_being_exchanged_badly_leaves_the_old_keys_at_work(tmp_path):
    path = tmp_path / "master"
    add_key(path)
    keys = KeyFile(path, "MASTER")
    wrapped = keys.wrap(b"secret", "purpose")
    path.write_text("half a ke")
    assert keys.unwrap(keys.wrap(b"more", "purpose"), "purpose") == b"more"
    assert keys.unwrap(wrapped, "purpose") == b"secret"
    with pytest.raises(SettingsError, match="not 32 random bytes"):
        KeyFile(path, "MASTER")


def test_what_servers_of_before_wrapped_still_opens(tmp_path):
    path = tmp_path / "master"
    add_key(path)
    text = path.read_text().strip()
    key = base64.urlsafe_b64decode(text + "=")
    nonce = secrets.token_bytes(12)
    factor = nonce + AESGCM(derived(key, "factor")).encrypt(nonce, b"secret", b"factor")
    sink = pa.BufferOutputStream()
    made: Any = encryption  # the stubs do not know the function
    properties = made.create_encryption_properties(
        footer_key=derived(key, "wrap archive"),
        aad_prefix=b"archive",
        store_aad_prefix=False,
        encryption_algorithm="AES_GCM_V1",
        plaintext_footer=False,
    )
    table = pa.table({"content": pa.array([b"data key"], pa.binary())})
    pq.write_table(table, sink, encryption_properties=properties)
    archive = bytes(sink.getvalue())
    add_key(path)

    keys = KeyFile(path, "MASTER")
    assert keys.unwrap(factor, "factor") == b"secret"
    assert keys.unwrap(archive, "archive") == b"data key"
    assert wrapped_by(factor) is wrapped_by(archive) is None
    with pytest.raises(SealError, match="no key of the file"):
        keys.unwrap(factor, "archive")
