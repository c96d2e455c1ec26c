"""Which addresses of Apprise are taken, and what of them is shown."""

import asyncio
import threading

import pytest

from server.notifications.apprising import apprise_address, is_understood
from server.notifications.errors import SendError
from server.notifications.supervised_threads import Threads

NONE = frozenset[str]()


@pytest.mark.parametrize(
    "url",
    [
        *("json://10.0.0.1/", "syslog://", "dbus://", "dingtalk://token", "wecombot://key"),
        *("file:///etc/passwd", "mailto://a.example?pgp=yes&pgpkey=/etc/passwd"),
        *("mailtos://a.example?verify=no", "mailto://a.example?+X-Header=1", "sns://a/b/c/1"),
        *("mailto://a.example:port", "no address at all"),
    ],
)
def test_what_reads_files_or_goes_round_the_checks_is_refused(url):
    with pytest.raises(ValueError, match=r"scheme|parameters|URL") as caught:
        apprise_address(url, services=NONE)
    assert "passwd" not in str(caught.value)
    assert "token" not in str(caught.value)


def test_a_service_that_the_site_allows_is_taken():
    assert apprise_address("sns://a/b/c/1", services=frozenset({"sns"})).host is None


def test_a_mail_address_is_shown_without_login_and_its_real_host_is_looked_at():
    found = apprise_address("mailtos://user:pass@gov.example?smtp=mx.gov.example", services=NONE)
    assert found.shown == "mailtos://mx.gov.example"
    assert (found.host, found.port) == ("mx.gov.example", 587)
    assert "pass" not in repr(found)


async def test_apprise_understands_mail_and_not_anything():
    good = apprise_address("mailtos://user:pass@gov.example?to=a@gov.example", services=NONE)
    assert await is_understood(good)
    assert not await is_understood(apprise_address("mailtos://", services=NONE))


async def test_a_call_that_hangs_keeps_its_channels_place_and_no_others():
    threads, hold = Threads(most_each=1, most=5), threading.Event()
    hanging = asyncio.create_task(threads.call("a", lambda: hold.wait(30)))
    await asyncio.sleep(0)
    with pytest.raises(SendError, match="earlier attempts still hang"):
        await threads.call("a", lambda: 1)
    assert await threads.call("b", lambda: 2) == 2
    hanging.cancel()
    with pytest.raises(SendError):
        await threads.call("a", lambda: 1)
    hold.set()

    async def again() -> int:
        while True:
            try:
                return await threads.call("a", lambda: 3)
            except SendError:
                await asyncio.sleep(0.01)

    assert await asyncio.wait_for(again(), 30) == 3


async def test_what_a_call_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        await Threads(most_each=1, most=5).call("a", lambda: 1 // 0)
