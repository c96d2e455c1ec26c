"""A kiosk and its attackers: what they show to the camera, and that every attempt arrives."""

import json

import numpy as np
import pytest
from PIL import Image

from device_sims.dice import Dice
from device_sims.errors import LinkError, ScenarioError
from device_sims.kiosk.attacks import ATTACKS, anew, on_paper, on_screen
from device_sims.kiosk.camera import (
    FRAMES,
    RESOLUTION_PX,
    as_pixels,
    burst,
    compressed,
    jpeg,
    opened,
    portrait,
    sharpest,
)
from device_sims.kiosk.link import Line, deliver
from device_sims.kiosk.staging import answering, attempts, stage
from firmware_protocols.kiosk.wire import MAX_IMAGE_BYTES
from gateway.faces.proof import proof_fault
from guitu.brokers.accounts import DeviceRow
from server.signing.keys import new_key
from tests.device_sims.gateway_stand_in import listening
from tests.device_sims.test_command import guitu, output
from tests.unit.gateway.faces.portraits import astronaut, hopper

KIOSK, ORG, NOW_MS = "kk-1", "office-1", 1_795_309_323_000


@pytest.fixture(scope="module")
def person():
    return np.asarray(hopper())


@pytest.fixture
def files(tmp_path):
    found = [tmp_path / "a.jpg", tmp_path / "b.png"]
    for file, image in zip(found, (hopper(), astronaut()), strict=True):
        image.save(file)
    return found


@pytest.fixture
def site(broker, tmp_path):
    """A broker that knows the kiosk, and its device key file."""
    broker.site_key = broker.site_key.hex().encode()
    broker.add_devices([DeviceRow(KIOSK, ORG, "kiosk")])
    key = tmp_path / "device_key"
    key.write_bytes(broker.site_key + b"\n")
    return broker, ["--broker", f"{broker.host}:{broker.port}", "--device-key-file", str(key)]


def staged(person, attack=None, turn=0):
    return stage(person, attack, Dice(0, "run", turn))


def line_of(broker, **change):
    given = {"host": broker.host, "port": broker.port, "site_key": broker.site_key}
    return Line(**given | {"org": ORG, "device": KIOSK} | change)


def said(person, count=2):
    made = [staged(person, turn=turn)[0] for turn in range(count)]
    return attempts(made, device=KIOSK, token="tok.1", prefix="k1", now_ms=NOW_MS)


async def heard(gateway, count):
    await gateway.until(lambda: len(gateway.checkins) >= count)
    return list(gateway.checkins)


def test_a_picture_is_scaled_to_the_kiosks_resolution_and_turned_upright(tmp_path):
    file = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    hopper().resize((2_000, 2_400)).save(file, exif=exif)
    assert portrait(file).shape == (round(RESOLUTION_PX * 2_000 / 2_400), RESOLUTION_PX, 3)


def test_what_is_no_picture_is_told_by_its_name(tmp_path):
    file = tmp_path / "words.jpg"
    file.write_text("no picture")
    with pytest.raises(ScenarioError, match=r"words\.jpg is no picture"):
        portrait(file)


def test_the_frames_of_a_burst_differ_and_no_two_attempts_look_alike(person):
    one, again, other = (burst(person, Dice(0, "run", turn)) for turn in (1, 1, 2))
    assert len(one) == FRAMES
    assert len({frame.tobytes() for frame in one}) == FRAMES
    assert [frame.tobytes() for frame in one] == [frame.tobytes() for frame in again]
    assert one[0].shape != other[0].shape or not np.array_equal(one[0], other[0])


def test_the_sharpest_frame_is_sent_and_a_noisy_one_still_fits_a_message(person):
    soft = np.asarray(Image.fromarray(person).resize((40, 48)).resize(person.shape[1::-1]))
    assert sharpest([soft, person, soft]) is person
    noise = np.random.default_rng(1).normal(0, 1, (RESOLUTION_PX, RESOLUTION_PX, 3))
    noisy = as_pixels(128 + 20 * noise)
    assert len(compressed(noisy, 90)) > MAX_IMAGE_BYTES >= len(jpeg(noisy))
    with pytest.raises(ScenarioError, match=f"does not fit into {MAX_IMAGE_BYTES} bytes"):
        jpeg(as_pixels(128 + 90 * noise))


def test_a_print_is_flat_faded_and_dotted(person):
    printed = on_paper(person)
    assert printed.shape == person.shape
    assert printed.std() < 0.8 * person.std()
    assert np.ptp(printed.astype(int), axis=2).mean() < np.ptp(person.astype(int), axis=2).mean()
    grey = np.full((400, 400, 3), 128, np.uint8)
    assert on_paper(grey).std() > 3


def test_a_screen_has_a_grid_of_colours_and_bands_that_move(person):
    grey = np.full((400, 400, 3), 128, np.uint8)
    shown, later = on_screen(grey, 0.0), on_screen(grey, 2.0)
    across, down = shown.mean(axis=0), shown.mean(axis=(1, 2))
    assert across[:, 0].std() > 3
    assert not np.allclose(across[:, 0] - across[:, 0].mean(), across[:, 2] - across[:, 2].mean())
    assert down.std() > 5
    assert np.abs(down - later.mean(axis=(1, 2))).max() > 5
    assert on_screen(person, 0.0).shape == person.shape


def test_a_replay_is_the_same_bytes_and_nonce_and_then_the_same_picture_anew(person):
    honest, same, other = staged(person, "replayed_burst")
    assert [one.attack for one in (honest, same, other)] == [None, *["replayed_burst"] * 2]
    assert (same.image, same.nonce) == (honest.image, honest.nonce)
    assert other.nonce != honest.nonce
    assert other.image == anew(honest.image) != honest.image
    assert np.abs(opened(other.image).astype(int) - opened(honest.image)).mean() < 4


async def test_a_kiosk_with_a_key_signs_and_the_public_half_proves_it(site, files, tmp_path):
    broker, options = site
    pem, public = new_key()
    key_file = tmp_path / "kk-1.pem"
    key_file.write_text(pem)
    key_file.chmod(0o600)
    async with listening(broker) as gateway:
        process = await guitu(
            *("sim", "kiosk", *options, "--device", KIOSK, "--org", ORG, "--token", "tok.1"),
            *("--key-file", str(key_file), str(files[0])),
        )
        code, _, err = await output(process)
        (found,) = await heard(gateway, 1)
    assert code == 0, err
    assert proof_fault(found, public.strip()) is None
    assert proof_fault(found, new_key()[1].strip()) == "wrong_signature"


def test_answers_do_what_was_asked_and_a_replay_keeps_the_nonce_that_it_replays(person):
    tried = staged(person, "replayed_burst")
    given = {
        tried[0].nonce.hex(): (b"first123", "turn_right"),
        tried[2].nonce.hex(): (b"other123", "turn_left"),
    }
    honest, same, other = answering(tried, given)
    assert honest.nonce == same.nonce == b"first123"
    assert honest.evidence["challenge"] == "turn_right"
    assert honest.evidence["turn_deg"] < 0 < other.evidence["turn_deg"]
    assert (other.nonce, other.image) == (b"other123", tried[2].image)


@pytest.mark.parametrize("attack", [None, *ATTACKS])
def test_every_attempt_is_labelled_and_only_some_show_signs_of_life(person, attack):
    for turn in range(20):
        found = staged(person, attack, turn)[-1]
        assert found.attack == attack
        is_alive = attack not in ("printed_photo", "wrong_person")
        assert found.evidence["blink"] is is_alive
        assert (abs(found.evidence["turn_deg"]) > 5) is is_alive
        assert found.took_ms > (8_000 if attack == "relayed_video" else 1_000)


def test_attempts_follow_each_other_and_the_last_is_answered_now(person):
    first, second = said(person)
    assert first.response_time_ms < second.challenge_time_ms < second.response_time_ms == NOW_MS
    assert (first.attempt, second.attempt) == ("k1-1", "k1-2")


async def test_what_was_under_way_when_the_link_was_lost_comes_again_as_the_same_bytes(
    site, person
):
    broker, _ = site
    async with listening(broker) as gateway:
        sent = await deliver(said(person, 3), line_of(broker), lost_at=[2])
        found = await heard(gateway, 4)
    assert sent == {"k1-1": 1, "k1-2": 2, "k1-3": 1}
    assert [one.attempt for one in found] == ["k1-1", "k1-2", "k1-2", "k1-3"]
    assert found[1] == found[2]


async def test_a_kiosk_whose_broker_is_away_catches_up_when_it_is_back(site, person):
    broker, _ = site
    broker.stop()
    with pytest.raises(LinkError, match="2 attempts of kk-1 were not taken"):
        await deliver(said(person), line_of(broker, patience_s=0.2))
    broker.start()
    async with listening(broker) as gateway:
        await deliver(said(person), line_of(broker))
        assert [one.attempt for one in await heard(gateway, 2)] == ["k1-1", "k1-2"]


async def test_a_kiosk_that_the_broker_does_not_know_is_told_what_to_look_at(site, person):
    broker, _ = site
    with pytest.raises(LinkError, match=r"refuses kk-2.*is it a kiosk of office-1"):
        await deliver(said(person), line_of(broker, device="kk-2"))


async def test_the_command_says_what_it_sent_and_that_arrives(site, files):
    broker, options = site
    async with listening(broker) as gateway:
        process = await guitu(
            *("sim", "kiosk", *options, "--device", KIOSK, "--org", ORG, "--token", "tok.1"),
            *("--attack", "replayed_burst", "--lost-at", "1", *map(str, files)),
        )
        code, out, err = await output(process)
        found = await heard(gateway, 7)
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["image"] for line in lines] == [*["a.jpg"] * 3, *["b.png"] * 3]
    assert [line["sent"] for line in lines] == [2, 1, 1, 1, 1, 1]
    arrived = {one.attempt: one for one in found}
    assert set(arrived) == {line["attempt"] for line in lines}
    for line in lines:
        one = arrived[line["attempt"]]
        assert one.extra["nonce"] == line["nonce"]
        assert one.liveness == line["live"]
        assert len(one.image) == line["bytes"]
        assert one.identity_token == "tok.1"
