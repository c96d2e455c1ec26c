"""Attempts to check in at a running gateway: from the broker to the journal, and what stays."""

import asyncio
import json
from contextlib import closing

import pytest
from click.testing import CliRunner
from PIL import ImageEnhance

from firmware_protocols.kiosk.encode import encode
from firmware_protocols.message import CheckIn
from gateway.directory.snapshot import compile_directory
from gateway.faces.sealing import read_keys
from gateway.faces.vault import FILE, Vault
from gateway.journal.entry import CHECKIN, decode_attempts
from guitu.commands.face import command
from server.secrecy.key_file import add_key
from tests.gateway.life import process, running, until
from tests.gateway.place import (
    DAY_MS,
    ORG,
    directory_body,
    give_directory,
    journal_of,
    make_pipeline,
    make_settings,
    now_ms,
    text,
    topic,
)
from tests.unit.gateway.faces.portraits import astronaut, hopper, jpeg

KIOSK = "kk-1"
LOOKED_AT_S = 90.0
"""A worker loads its models first, beside whatever else this machine does."""
ALIVE = {"challenge": "turn_left", "turn_deg": 15.0, "frames": 6}


def subject_rows(*subjects):
    since = text(now_ms() - 30 * DAY_MS)
    return [{"subject": one, "org": ORG, "valid_from": since, "valid_to": None} for one in subjects]


def with_kiosk(**change):
    body = json.loads(directory_body())
    body["devices"].append(
        {"device": KIOSK, "org": ORG, "kind": "kiosk", "expected_interval_s": 3_600}
    )
    return json.dumps(body | {"subjects": subject_rows("s-1", "s-2")} | change).encode()


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "faces-key"
    add_key(file)
    return file


@pytest.fixture
def settings(broker, tmp_path, key_file):
    made = make_settings(tmp_path, broker, faces_key_file=key_file)
    give_directory(made, with_kiosk())
    return made


@pytest.fixture
def pictures(tmp_path):
    found = {"hopper": hopper(), "astronaut": astronaut().resize((1_024, 1_024))}
    for name, image in found.items():
        (tmp_path / f"{name}.jpg").write_bytes(jpeg(image))
    return tmp_path


def enrolled(settings, pictures, *names, subject="s-1", org=ORG):
    given = [
        *("enrol", "--data-dir", settings.data_dir, "--key-file", settings.faces_key_file),
        *("--subject", subject, "--org", org, "--basis", "law-26", "--notice", "n-1"),
        *(pictures / f"{name}.jpg" for name in names),
    ]
    result = CliRunner().invoke(command, [str(one) for one in given])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def attempt(token, image=None, *, number=1, live=ALIVE, took_ms=4_000, ago_ms=0, **given):
    answered_ms = now_ms() - ago_ms
    return CheckIn(
        device=KIOSK,
        attempt=f"a-{number}",
        identity_token=token,
        challenge_time_ms=answered_ms - took_ms,
        response_time_ms=answered_ms,
        image=jpeg(image) if image is not None else None,
        liveness=live,
        **given,
    )


def send(anybody, *attempts, kind="kiosk", sign=None):
    for one in attempts:
        anybody.publish_all(topic(KIOSK, kind=kind, codec="kiosk"), [encode(one, sign)])


def with_camera(settings, text):
    made = settings.model_copy(update={"faces_cameras_dir": settings.data_dir / "cameras"})
    made.faces_cameras_dir.mkdir()
    (made.faces_cameras_dir / f"{KIOSK}.json").write_text(text)
    return made


def judged(settings):
    with journal_of(settings) as journal:
        entries = journal.read_kind(CHECKIN, 1, journal.newest_seq())
        return [one for entry in entries for one in decode_attempts(entry.body)]


async def verdicts(settings, count):
    # A gateway that stops between journal and vault judges that attempt once more.
    def found():
        return {one.attempt: (one.subject, one.verdict, one.causes) for one in judged(settings)}

    await until(lambda: len(found()) >= count, f"{count} attempts judged", LOOKED_AT_S)
    return found()


async def counted(gateway, what, count):
    """Return once so many attempts ended so, and how many did."""
    name = f"guitu_gateway_face_checks_total{{{what}}}"
    async with asyncio.timeout(LOOKED_AT_S):
        while (found := (await gateway.metrics()).get(name, 0)) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


def vault_of(settings):
    return Vault(settings.data_dir, read_keys(settings.faces_key_file))


async def test_who_was_enrolled_matches_and_a_stranger_with_the_card_does_not(
    settings, anybody, pictures
):
    made = enrolled(settings, pictures, "hopper")
    assert made["templates"] == 1
    async with running(settings):
        own, other = hopper().rotate(7), astronaut().resize((1_024, 1_024))
        dark = ImageEnhance.Brightness(hopper()).enhance(0.2)
        send(
            anybody,
            attempt(made["token"], own, number=1),
            attempt(made["token"], other, number=2),
            attempt(made["token"], dark, number=3),
            attempt("nobodys-token", own, number=4),
        )
        found = await verdicts(settings, 3)
        # The last is nobody's: it leaves no verdict, only the place where it waited.
        await until(
            lambda: not vault_of(settings).waiting_count(), "every attempt settled", LOOKED_AT_S
        )
    assert found == {
        "a-1": ("s-1", "match", ()),
        "a-2": ("s-1", "no_match", ("another_face",)),
        "a-3": ("s-1", "inconclusive", ("too_dark",)),
    }
    vault = vault_of(settings)
    # Of a match nothing stays; the others wait for an officer; of nobody's nothing ever was.
    assert [vault.picture(KIOSK, f"a-{n}") is not None for n in (1, 2, 3, 4)] == [
        False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"live": {}}, "no_liveness"),
        ({"live": {"challenge": "blink", "blink": False, "frames": 9}}, "no_liveness"),
        ({"live": ALIVE | {"frames": 1}}, "no_liveness"),
        ({"live": ALIVE | {"turn_deg": 2.0}}, "no_liveness"),
        ({"took_ms": 100}, "too_quick"),
        ({"took_ms": 90_000}, "too_slow"),
    ],
)
async def test_a_match_with_a_sign_of_an_attack_is_for_a_person_to_decide(
    settings, anybody, pictures, change, cause
):
    token = enrolled(settings, pictures, "hopper")["token"]
    async with running(settings):
        send(anybody, attempt(token, hopper(), **change))
        assert await verdicts(settings, 1) == {"a-1": ("s-1", "inconclusive", (cause,))}


async def test_a_picture_or_nonce_that_came_before_is_known_again(settings, anybody, pictures):
    token = enrolled(settings, pictures, "hopper")["token"]
    first, other = hopper(), hopper().rotate(9).crop((40, 40, 480, 560))
    async with running(settings):
        send(anybody, attempt(token, first, extra={"nonce": "00" * 8}))
        await verdicts(settings, 1)
        again = first.resize((400, 469))  # scaled and compressed anew
        send(anybody, attempt(token, again, number=2))
        send(anybody, attempt(token, other, number=3, extra={"nonce": "00" * 8}))
        send(anybody, attempt(token, other, number=4, extra={"nonce": "11" * 8}, ago_ms=100))
        found = await verdicts(settings, 4)
    assert found["a-1"] == ("s-1", "match", ())
    assert found["a-2"] == ("s-1", "inconclusive", ("shown_before",))
    assert found["a-3"][2] == ("nonce_used",)
    assert found["a-4"][2] == ("shown_before",)


async def test_the_same_attempt_again_changes_nothing(settings, anybody, pictures):
    token = enrolled(settings, pictures, "hopper")["token"]
    one = attempt(token, hopper())
    async with running(settings) as gateway:
        send(anybody, one)
        await verdicts(settings, 1)
        send(anybody, one)
        await until(lambda: len(judged(settings)) == 2, "it was judged again", LOOKED_AT_S)
        assert {found.order for found in judged(settings)} == {judged(settings)[0].order}
        metrics = await gateway.metrics()
    assert not [name for name in metrics if "checkin_replay" in name]


async def test_what_is_no_picture_or_of_another_office_is_never_a_match(
    settings, anybody, pictures
):
    token = enrolled(settings, pictures, "hopper")["token"]
    elsewhere = enrolled(settings, pictures, "hopper", subject="s-2", org="other-office")["token"]
    whole = jpeg(hopper())
    async with running(settings) as gateway:
        broken = attempt(token)
        for number, data in enumerate((whole[:5_000], b"\xff\xd8\xff" + bytes(9_000)), start=1):
            named = {"attempt": f"a-{number}", "image": data}
            send(anybody, CheckIn(**{**_fields(broken), **named}))
        foreign = {"attempt": "a-3", "embedding": (0.1,) * 512, "embedding_model": "arcface"}
        send(anybody, CheckIn(**{**_fields(broken), **foreign}))
        send(anybody, attempt(elsewhere, hopper(), number=4))
        found = await verdicts(settings, 3)
        assert await counted(gateway, "unknown_token", 1) == 1
    assert found == {
        "a-1": ("s-1", "inconclusive", ("not_an_image",)),
        "a-2": ("s-1", "inconclusive", ("not_an_image",)),
        "a-3": ("s-1", "inconclusive", ("other_engine",)),
    }


def _fields(one):
    return {name: getattr(one, name) for name in one.__struct_fields__}


@pytest.mark.parametrize("is_alone", [True, False])
async def test_who_does_not_say_who_comes_may_be_found_and_is_never_matched(
    settings, anybody, pictures, is_alone
):
    settings = with_camera(settings, '{"identification": {}}')
    enrolled(settings, pictures, "hopper")
    if not is_alone:  # somebody else looks the same
        enrolled(settings, pictures, "hopper", subject="s-2")
    async with running(settings) as gateway:
        send(
            anybody,
            attempt(None, astronaut().resize((1_024, 1_024)), number=1),
            attempt(None, hopper().rotate(5), number=2),
        )
        strangers = 1 if is_alone else 2
        assert await counted(gateway, "unrecognised", strangers) == strangers
        if is_alone:
            await counted(gateway, "inconclusive", 1)
    found = {one.attempt: (one.subject, one.verdict, one.causes) for one in judged(settings)}
    assert found == ({"a-2": ("s-1", "inconclusive", ("not_claimed",))} if is_alone else {})


async def test_nobody_is_looked_for_where_the_camera_does_not_say_so(settings, anybody, pictures):
    enrolled(settings, pictures, "hopper")
    async with running(settings) as gateway:
        send(anybody, attempt(None, hopper()))
        assert await counted(gateway, "unrecognised", 1) == 1
    assert judged(settings) == []


async def test_what_was_acknowledged_is_judged_after_a_kill(settings, anybody, pictures):
    token = enrolled(settings, pictures, "hopper")["token"]
    with process(settings) as first:
        await first.until_ready()
        send(anybody, *(attempt(token, hopper().rotate(n), number=n) for n in range(1, 6)))
        await until(lambda: vault_of(settings).waiting_count() > 0 or judged(settings), "one came")
        first.kill()
    async with running(settings):
        found = await verdicts(settings, 5)
        await until(lambda: vault_of(settings).waiting_count() == 0, "nothing waits", LOOKED_AT_S)
    assert {f"a-{n}" for n in range(1, 6)} == set(found)
    # One that was in the journal when the kill came may be there twice: the engine takes it once.
    assert len({one.order for one in judged(settings)}) == 5


async def test_faces_die_with_the_end_of_supervision(settings, pictures):
    token = enrolled(settings, pictures, "hopper")["token"]
    enrolled(settings, pictures, "astronaut", subject="s-2")
    left = subject_rows("s-1", "s-2")
    left[0]["valid_to"] = text(now_ms() - 1_000)
    with closing(make_pipeline(settings)) as pipeline:
        pipeline.set_directory(compile_directory(with_kiosk(version=2, subjects=left)))
    async with running(settings):
        await until(lambda: vault_of(settings).subjects() == ["s-2"], "one of two is left")
    assert vault_of(settings).enrolled(token, "dlib-resnet-128/1") is None


async def test_who_has_an_order_or_a_device_and_no_class_yet_stays_enrolled(settings, pictures):
    for subject in ("s-1", "s-2", "s-3"):
        enrolled(settings, pictures, "hopper", subject=subject)
    told = json.loads(with_kiosk(version=2, subjects=[]))
    told["bindings"] = [row for row in told["bindings"] if row["holder"] != "s-1"]
    with closing(make_pipeline(settings)) as pipeline:
        pipeline.set_directory(compile_directory(json.dumps(told).encode()))
    async with running(settings):
        await until(lambda: vault_of(settings).subjects() != ["s-1", "s-2", "s-3"], "one is gone")
    assert vault_of(settings).subjects() == ["s-1", "s-2"]


def test_nothing_that_shows_a_face_lies_open_on_the_disk(settings, pictures):
    made = enrolled(settings, pictures, "hopper")
    vault = vault_of(settings)
    known = vault.enrolled(made["token"], "dlib-resnet-128/1")
    assert known is not None
    assert known.templates.shape == (1, 128)
    vault.close()
    held = b"".join(file.read_bytes() for file in settings.data_dir.glob(f"{FILE}*"))
    assert known.templates.tobytes() not in held
    assert made["token"].encode() not in held
    assert (settings.data_dir / FILE).stat().st_mode & 0o077 == 0
    other = settings.data_dir / "other-key"
    add_key(other)
    with pytest.raises(Exception, match="sealed with another key"):
        Vault(settings.data_dir, read_keys(other)).enrolled(made["token"], "dlib-resnet-128/1")


def test_pictures_of_two_people_are_not_one_enrolment(settings, pictures):
    made = enrolled(settings, pictures, "hopper", "astronaut")
    assert (made["templates"], [one["cause"] for one in made["refused"]]) == (1, ["another_person"])
    listed = CliRunner().invoke(
        command,
        ["list", "--data-dir", str(settings.data_dir), "--key-file", str(settings.faces_key_file)],
    )
    said = json.loads(listed.stdout)
    assert (said["subject"], said["basis"], said["notice"]) == ("s-1", "law-26", "n-1")
    gone = CliRunner().invoke(
        command,
        [
            "forget", "--data-dir", str(settings.data_dir),
            "--key-file", str(settings.faces_key_file), "s-1",
        ],
    )  # fmt: skip
    assert json.loads(gone.stdout) == {"subject": "s-1", "templates": 1}
    assert vault_of(settings).people() == 0
