"""A directory that is made of an older one and a change is the server's to the byte."""

import base64
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.directory.delta import apply_delta, digest_of
from gateway.directory.signature import read_keys
from gateway.errors import DirectoryError, DirectoryKeyError
from server.directory.body import Body
from server.directory.memory import DirectoryMemory
from server.directory.signing import read_signer
from server.signing.keys import new_key

NAMES = st.sampled_from(["devices", "orders", "fences", "leaves"])
ROWS = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 9), "说明": st.text(max_size=3)}), max_size=6
)
DIRECTORIES = st.builds(
    lambda version, sections: {"format": "guitu-directory/1", "version": version} | sections,
    st.integers(0, 99),
    st.dictionaries(NAMES, ROWS),
)


def body(**sections):
    return Body({"format": "guitu-directory/1", "version": 1} | sections)


@given(DIRECTORIES, DIRECTORIES)
def test_what_changed_makes_the_newer_of_the_older(older, newer):
    was, now = Body(older), Body(newer)
    assert apply_delta(was.content, now.delta_from(was)) == now.content
    assert digest_of(now.content) == now.digest


@given(DIRECTORIES, st.randoms())
def test_the_order_of_rows_changes_no_byte(directory, random):
    shuffled = {
        name: random.sample(rows, len(rows)) if isinstance(rows, list) else rows
        for name, rows in sorted(directory.items(), reverse=True)
    }
    assert Body(shuffled).content == Body(directory).content


def test_a_body_says_what_its_directory_says():
    directory = {"format": "guitu-directory/1", "rules": {"b": 1, "a": [2]}, "orgs": ["b", "a"]}
    assert json.loads(Body(directory).content) == directory | {"orgs": ["a", "b"]}


def test_a_change_of_one_row_is_told_in_few_bytes():
    rows = [{"device": f"wb-{number:06}", "expected_interval_s": 60} for number in range(5_000)]
    was = body(devices=rows)
    now = body(devices=[rows[0] | {"expected_interval_s": 30}, *rows[1:]])
    assert len(now.delta_from(was)) < 500 < len(now.content) / 100


def test_a_change_of_another_directory_is_refused():
    one, two, three = body(orgs=["a"]), body(orgs=["b"]), body(orgs=["c"])
    with pytest.raises(DirectoryError, match="another directory than the one in force"):
        apply_delta(three.content, two.delta_from(one))


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b"[" * 5_000])
def test_what_is_no_change_is_refused(content):
    with pytest.raises(DirectoryError):
        apply_delta(body().content, content)


def test_a_row_that_is_not_there_cannot_be_removed():
    was = body(orgs=["a"])
    change = msgspec.json.decode(body(orgs=[]).delta_from(was))
    change["sections"]["orgs"]["remove"] = [7]
    with pytest.raises(DirectoryError, match="no row 7"):
        apply_delta(was.content, msgspec.json.encode(change))


def test_memory_lets_go_of_what_nobody_asked_for_longest():
    bodies = [body(orgs=[name * 1_000]) for name in "abc"]
    memory = DirectoryMemory(most_bytes=2_500)
    for one in bodies[:2]:
        memory.put(one)
    assert memory.get(bodies[0].digest) is bodies[0]
    memory.put(bodies[2])
    assert memory.get(bodies[1].digest) is None
    assert memory.get(bodies[0].digest) is bodies[0]


@pytest.fixture
def keys(tmp_path):
    private, public = new_key()
    for name, text in (("key.pem", private), ("key.pub", public)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    return tmp_path


SIGNED = {"org": "county-a", "version": 7, "digest": "ab" * 32}


def test_a_signature_of_the_server_is_taken(keys):
    header = read_signer(keys / "key.pem").sign(**SIGNED)
    read_keys(keys / "key.pub").check(header, **SIGNED)


@pytest.mark.parametrize("change", [{"org": "county-b"}, {"version": 6}, {"digest": "ac" * 32}])
def test_a_signature_of_another_directory_is_refused(keys, change):
    header = read_signer(keys / "key.pem").sign(**SIGNED)
    with pytest.raises(DirectoryError, match="is not of this directory"):
        read_keys(keys / "key.pub").check(header, **(SIGNED | change))


@pytest.mark.parametrize("header", [None, "", "nonsense", "0123456789abcdef:AAAA"])
def test_an_unsigned_directory_is_refused_once_there_is_a_key(keys, header):
    with pytest.raises(DirectoryError, match="keys here: "):
        read_keys(keys / "key.pub").check(header, **SIGNED)


def test_while_keys_are_changed_either_may_sign(keys, tmp_path):
    private, public = new_key()
    (tmp_path / "both.pub").write_text((keys / "key.pub").read_text() + public)
    (tmp_path / "new.pem").write_text(private)
    (tmp_path / "new.pem").chmod(0o600)
    both = read_keys(tmp_path / "both.pub")
    for name in ("key.pem", "new.pem"):
        both.check(read_signer(tmp_path / name).sign(**SIGNED), **SIGNED)


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode(), "密钥"])
def test_a_file_without_a_key_says_what_it_should_hold(tmp_path, text):
    (tmp_path / "key.pub").write_text(text)
    with pytest.raises(DirectoryKeyError, match="base64 of 32 bytes"):
        read_keys(tmp_path / "key.pub")
    with pytest.raises(DirectoryKeyError, match="No such file"):
        read_keys(tmp_path / "absent")
