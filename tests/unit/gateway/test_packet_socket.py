"""Whole packets out of few reads: whatever the cuts, and nothing that is the client's is taken."""

import socket
import ssl
import struct
import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.packet_socket import PacketSocket, Publish
from guitu.ca.authority import init

PINGRESP = b"\xd0\x00"
TOPIC = b"guitu/v1/org/wristband/wb-1/up/wristband-json"


def length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, low = divmod(size, 128)
        out.append(low | (128 if size else 0))
        if not size:
            return bytes(out)


def packet(message: Publish) -> bytes:
    head = 0x30 | message.dup << 3 | message.qos << 1
    number = struct.pack(">H", message.packet_id) if message.qos else b""
    body = struct.pack(">H", len(message.topic)) + message.topic + number + message.payload
    return bytes([head]) + length(len(body)) + body


def at_least_once(payload: bytes) -> Publish:
    return Publish(TOPIC, payload, 1, dup=False, packet_id=7)


def publishes(payload: st.SearchStrategy[bytes]) -> st.SearchStrategy[Publish]:
    numbered = st.builds(
        Publish,
        st.binary(min_size=1, max_size=40),
        payload,
        st.just(1),
        st.booleans(),
        st.integers(1, 65_535),
    )
    unnumbered = payload.map(lambda said: Publish(TOPIC, said, 0, dup=False, packet_id=0))
    return numbered | unnumbered


@pytest.fixture
def ends() -> Iterator[tuple[PacketSocket, socket.socket]]:
    near, far = socket.socketpair()
    near.settimeout(0)
    with near, far:
        yield PacketSocket(near), far


@pytest.fixture
def sealed_ends(tmp_path) -> Iterator[tuple[PacketSocket, ssl.SSLSocket]]:
    """The same, with TLS between them."""
    authority = init(tmp_path / "ca", "the tests'")
    authority.issue("broker", "b", ["localhost"], out=tmp_path, days=2)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(tmp_path / "b.crt", tmp_path / "b.key")
    asking = ssl.create_default_context(cafile=tmp_path / "ca" / "root.crt")
    near, far = socket.socketpair()
    far = serving.wrap_socket(far, server_side=True, do_handshake_on_connect=False)
    greeting = threading.Thread(target=far.do_handshake)
    greeting.start()
    near = asking.wrap_socket(near, server_hostname="localhost")
    greeting.join()
    near.settimeout(0)
    with near, far:
        yield PacketSocket(near), far


def taken(near: PacketSocket) -> list[Publish | bytes]:
    """Take all that is ready, as a session does: what is not for us as the client reads it."""
    out: list[Publish | bytes] = []
    while near.is_ready:
        message = near.next_publish()
        if message is not None:
            out.append(message)
            continue
        head = near.recv(1)
        size, shift = 0, 0
        while True:
            (byte,) = near.recv(1)
            head += bytes([byte])
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        out.append(head + (near.recv(size) if size else b""))
    return out


@given(
    st.lists(publishes(st.binary(max_size=300)) | st.just(PINGRESP), max_size=12),
    st.lists(st.integers(1, 400), min_size=1),
)
def test_packets_are_the_same_however_the_stream_is_cut(packets, sizes):
    stream = b"".join(p if isinstance(p, bytes) else packet(p) for p in packets)
    near_end, far = socket.socketpair()
    near_end.settimeout(0)
    with near_end, far:
        near, found = PacketSocket(near_end), []
        while stream:
            size = sizes[len(found) % len(sizes)]
            far.sendall(stream[:size])
            stream = stream[size:]
            near.fill()
            found += taken(near)
        assert found == packets
        with pytest.raises(BlockingIOError):
            near.recv(1)


def test_a_message_longer_than_one_read_comes_whole(ends):
    near, far = ends
    message = at_least_once(bytes(100_000))
    far.settimeout(0)
    stream = packet(message)
    while stream:
        stream = stream[far.send(stream) :]
        near.fill()
        while near.may_have_more:
            near.fill()
    assert near.next_publish() == message


@pytest.mark.parametrize(
    "unsound",
    [
        pytest.param(b"\x34" + length(6) + b"\x00\x01t\x00\x01x", id="at QoS 2"),
        pytest.param(b"\x32" + length(4) + b"\x00\x00\x00\x01", id="without a topic"),
        pytest.param(b"\x30" + length(4) + b"\x00\x09to", id="with a topic longer than itself"),
        pytest.param(b"\x32" + length(4) + b"\x00\x01t\x00", id="with half a packet id"),
        pytest.param(b"\x30" + length(1) + b"\x00", id="with half a length of its topic"),
        pytest.param(b"\x30" + length(0), id="of nothing"),
        pytest.param(b"\x30\xff\xff\xff\xff\xff\x00", id="of a length that does not end"),
    ],
)
def test_what_is_no_sound_publish_is_left_to_the_client(ends, unsound):
    near, far = ends
    far.sendall(unsound)
    near.fill()
    assert near.is_ready
    assert near.next_publish() is None
    assert near.recv(len(unsound)) == unsound


def test_a_packet_that_is_not_whole_is_nobodys(ends):
    near, far = ends
    far.sendall(packet(at_least_once(b"{}"))[:-1])
    near.fill()
    assert not near.is_ready
    with pytest.raises(BlockingIOError):
        near.recv(1)


def test_the_end_of_a_connection_is_told_after_what_came_before(ends):
    near, far = ends
    message = at_least_once(b"{}")
    far.sendall(packet(message))
    far.close()
    near.fill()
    near.fill()
    assert near.next_publish() == message
    assert near.is_ready
    assert near.recv(1) == b""


def test_acknowledgements_and_the_clients_packets_go_in_their_order(ends):
    near, far = ends
    near.acknowledge(1)
    assert near.send(b"\xc0\x00") == 2
    near.acknowledge(65_535)
    near.flush()
    assert not near.unsent_bytes
    assert far.recv(100) == b"\x40\x02\x00\x01\xc0\x00\x40\x02\xff\xff"


@pytest.mark.parametrize("size", [0, 80, 81, 16_000, 70_000])
def test_a_message_of_ours_is_what_another_end_reads(ends, size):
    near, far = ends
    assert near.publish(TOPIC.decode(), bytes(size))
    near.flush()
    far.settimeout(0)
    other = PacketSocket(far)
    other.fill()
    while near.unsent_bytes or other.may_have_more:
        near.flush()
        other.fill()
    assert other.next_publish() == Publish(TOPIC, bytes(size), 0, dup=False, packet_id=0)


def test_what_a_slow_broker_does_not_take_waits_and_then_the_client_waits(ends):
    near, far = ends
    far.settimeout(5)
    sent = 0
    while near.unsent_bytes <= 1 << 20:
        sent += near.send(bytes(50_000))
        near.flush()
    with pytest.raises(BlockingIOError):
        near.send(b"more")
    assert not near.publish("guitu/more", b"")
    while sent:
        sent -= len(far.recv(1 << 20))
        near.flush()
    assert not near.unsent_bytes


def test_a_connection_that_breaks_while_sending_is_told_to_the_client(ends):
    near, far = ends
    far.sendall(packet(at_least_once(b"{}")))
    near.fill()
    far.close()
    near.acknowledge(1)
    near.flush()
    near.acknowledge(2)
    near.flush()
    assert near.is_broken
    assert near.next_publish() is None
    with pytest.raises(OSError, match=r"."):
        near.recv(1)


def test_a_farewell_goes_out_with_the_close(ends):
    near, far = ends
    near.acknowledge(3)
    near.send(b"\xe0\x00")
    near.close()
    assert far.recv(100) == b"\x40\x02\x00\x03\xe0\x00"


def test_what_comes_in_records_of_tls_is_read_to_the_last(sealed_ends):
    near, far = sealed_ends
    messages = [at_least_once(bytes([n]) * 700 * n) for n in range(100)]
    stream = b"".join(map(packet, messages))
    sending = threading.Thread(target=far.sendall, args=(stream,))
    sending.start()
    found: list[Publish | bytes] = []
    while len(found) < len(messages):
        near.fill()
        found += taken(near)
    sending.join()
    assert found == messages
    near.fill()
    assert not near.may_have_more


def test_what_tls_could_not_send_goes_later_unchanged(sealed_ends):
    near, far = sealed_ends
    far.settimeout(10)
    expected = b""
    for n in range(2_000):
        payload = n.to_bytes(2, "big") * 500
        expected += packet(Publish(TOPIC, payload, 0, dup=False, packet_id=0))
        assert near.publish(TOPIC.decode(), payload) or near.unsent_bytes
        near.flush()
        if near.unsent_bytes > 500_000:
            break
    assert near.unsent_bytes, "the connection took all of it: nothing is tried"
    found = b""
    while len(found) < len(expected):
        found += far.recv(65_536)
        near.flush()
    assert (found, near.is_broken) == (expected, False)
