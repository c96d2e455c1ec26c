"""A court bundle: it proves what was recorded without anything of ours."""

import hashlib
import json
import subprocess
import sys
import zipfile

import pytest
from click.testing import CliRunner

from guitu.cli import main
from server.audit.digest import DIGESTS
from server.audit.verifier import is_signed, sm3
from tests.server.sealed import Sealed, fill

# RFC 8032, 7.1: TEST 1 to 3.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_verifier_agrees_with_the_vectors_of_rfc_8032(public, message, signature):
    public, message, signature = (bytes.fromhex(one) for one in (public, message, signature))
    assert is_signed(public, message, signature)
    assert not is_signed(public, message + b"x", signature)
    for at in (0, 31, 32, 63):
        changed = bytearray(signature)
        changed[at] ^= 1
        assert not is_signed(public, message, bytes(changed))


@pytest.mark.parametrize("size", [0, 3, 55, 56, 63, 64, 65, 1000])
def test_the_verifiers_sm3_is_that_of_the_library(size):
    data = bytes(n % 251 for n in range(size))
    assert sm3(data) == DIGESTS["sm3"](data)


def test_sm3_agrees_with_the_example_of_gb_t_32905():
    want = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3(b"abc").hex() == want


def verified(folder, *arguments):
    """In a process that has nothing of ours."""
    command = [sys.executable, "-I", "-S", "verifier.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(params=["sha256", "sm3"])
async def unpacked(site, request):
    found = Sealed(site, request.param)
    await found.seal()
    await fill(site)
    await found.seal()
    arguments = ["audit", "bundle", "--dsn-file", str(site.folder / "worker.dsn"), "--key"]
    arguments += [str(site.folder / "audit-key.pub"), "--alert", "episode-1", "--out"]
    done = CliRunner().invoke(main, [*arguments, str(site.folder / "bundle.zip")])
    assert done.exit_code == 0, done.output
    folder = site.folder / "court"
    with zipfile.ZipFile(site.folder / "bundle.zip") as archive:
        archive.extractall(folder)
    return folder


def opened_of(bundle):
    """The first thing that a record of a fact commits to."""
    return next(one for row in bundle["rows"] for one in row["openings"].values())


async def test_a_bundle_is_verified_by_what_is_in_it_and_not_after_a_change(unpacked, site):
    key = (site.folder / "audit-key.pub").read_text().strip()
    whole = verified(unpacked, "--key", key)
    assert whole.returncode == 0, whole.stdout
    file = unpacked / "bundle.json"
    bundle = json.loads(file.read_text())
    assert {row["source"] for row in bundle["rows"]} >= {
        *("outcome", "alert_step", "dispatch_step", "fact", "fact_void")
    }
    assert "本人承认" in file.read_text()
    certificate = (unpacked / "certificate.txt").read_text()
    assert hashlib.sha256(file.read_bytes()).hexdigest() in certificate
    # Whoever signs a forgery with another key is not the one whose key was published.
    stranger = verified(unpacked, "--key", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
    assert stranger.returncode == 1
    for change in (
        lambda one: one["rows"][0].update(content=one["rows"][0]["content"] + " "),
        lambda one: one["rows"][-1].update(salt="00" * 16),
        lambda one: one["rows"][0].update(position=one["rows"][0]["position"] + 1),
        lambda one: one["rows"][0]["path"].pop(),
        lambda one: opened_of(one).update(content=opened_of(one)["content"] + " "),
        lambda one: one["blocks"][0].update(root="00" * 32),
        lambda one: one["blocks"][0].update(header=one["blocks"][0]["header"].replace("T", "t")),
        lambda one: one["checkpoints"].clear(),
        lambda one: one["checkpoints"][0].update(signature="AAAA"),
        lambda one: one.update(public_keys=["AAAA"]),
    ):
        changed = json.loads(json.dumps(bundle))
        change(changed)
        file.write_text(json.dumps(changed, ensure_ascii=False))
        answer = verified(unpacked)
        assert (answer.returncode, answer.stderr) == (1, ""), answer.stdout
