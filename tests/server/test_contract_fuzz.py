"""Schemathesis against the whole interface: no call answers what the contract does not declare."""

import asyncio

import pytest
from schemathesis import GenerationMode

from server.app import contract
from tests.server.contract_fuzz import calls, fuzz, gateway, person
from tests.server.live_server import serving

SORTS = ("gateway", "own", "admin", "supervisor", "head", "officer", "auditor", "nobody")
POSITIVE, NEGATIVE = GenerationMode.POSITIVE, GenerationMode.NEGATIVE


def sort_of(path):
    """Who is expected to make a call."""
    if "/gateway/" in path:
        return "gateway"
    return "own" if "/me/" in path or path.endswith("/me") else "supervisor"


def headers(site, sort):
    if sort == "nobody":
        return {}
    return gateway() if sort == "gateway" else person(site, sort)


async def faults(site, sorts, *, modes, examples, every=1):
    site.add_account("own", "office-1", "subject", "s-4k2m9q")
    async with serving(site.settings()) as live:

        def all_calls():
            found = {}
            for call in calls(contract())[::every]:
                for sort in sorts or [sort_of(call.path)]:
                    # A session each: some calls end it.
                    given = headers(site, sort)
                    found |= fuzz(call, given, base=live.base, modes=modes, examples=examples)
            return found

        return await asyncio.to_thread(all_calls)


async def test_every_ninth_call_answers_what_it_declares(site):
    assert await faults(site, None, modes=[POSITIVE, NEGATIVE], examples=1, every=9) == {}


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_every_call_answers_what_it_declares_to_who_may_make_it(site):
    assert await faults(site, None, modes=[POSITIVE, NEGATIVE], examples=1) == {}


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("sort", SORTS)
async def test_no_kind_of_session_gets_an_answer_that_is_not_declared(site, sort):
    assert await faults(site, [sort], modes=[POSITIVE, NEGATIVE], examples=3) == {}
