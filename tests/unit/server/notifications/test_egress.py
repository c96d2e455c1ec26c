"""Where this server sends to, and where not."""

import pytest

from server.errors import SettingsError
from server.notifications.egress import Egress, networks_of, web_address
from server.notifications.errors import RefusedSendError, SendError

INSIDE = (
    *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"),
    *("::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
)


@pytest.mark.parametrize("address", INSIDE)
async def test_an_address_that_is_not_public_is_refused(address):
    with pytest.raises(RefusedSendError, match="a network that this site does not send to"):
        await Egress(()).target(address, 443)


@pytest.mark.parametrize("number", ["2130706433", "0x7f000001", "127.1", "localhost"])
async def test_loopback_by_another_name_is_refused(number):
    with pytest.raises((RefusedSendError, SendError)):
        await Egress(()).target(number, 443)


@pytest.mark.parametrize("address", ["8.8.8.8", "2400:3200::1"])
async def test_a_public_address_is_sent_to(address):
    target = await Egress(()).target(address, 443)
    assert (target.address, target.is_inside) == (address, False)


async def test_a_network_that_the_site_allows_is_sent_to_and_its_neighbour_not():
    egress = Egress(networks_of("10.20.0.0/16, fd00:1::/32"))
    assert (await egress.target("10.20.3.4", 443)).is_inside
    assert (await egress.target("fd00:1::5", 443)).is_inside
    with pytest.raises(RefusedSendError):
        await egress.target("10.21.0.1", 443)


async def test_a_name_that_nobody_knows_is_tried_again_later():
    with pytest.raises(SendError) as caught:
        await Egress(()).target("no-such-name.invalid", 443)
    assert not isinstance(caught.value, RefusedSendError)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://a.example/x", "begins with https://"),
        ("https://", "begins with https://"),
        ("https://u:p@a.example/", "holds a login"),
        ("https://a.example:99999/", "is not an address"),
        ("https://a.example/\r\nX: y", "ASCII"),
        ("https://例子.example/", "ASCII"),
        ("https://a.example/" + "x" * 2_000, "at most 2000"),
    ],
)
def test_what_is_no_address_of_the_web_is_refused_without_repeating_it(url, text):
    with pytest.raises(ValueError, match=text) as caught:
        web_address(url)
    assert "a.example" not in str(caught.value)


def test_an_address_is_shown_without_path_query_or_usual_port():
    shown = web_address("https://oapi.example:443/robot/send?access_token=secret").shown
    assert shown == "https://oapi.example"
    assert web_address("http://[fd00::1]:8080/x").shown == "http://[fd00::1]:8080"


def test_a_network_that_is_none_stops_the_start_by_name():
    with pytest.raises(SettingsError, match="GUITU_SERVER_NOTIFICATION_NETWORKS"):
        networks_of("10.0.0.1/8")
