"""What browsers are told: the console's policy, and that nothing of the interface is kept."""

import pytest

from server.app import contract
from server.console import SECURITY_HEADERS
from server.contract.describing import operations

READS = [call.split(" ")[1] for call, _ in operations(contract()) if call.startswith("GET ")]


def policy():
    said = SECURITY_HEADERS["Content-Security-Policy"]
    return {part.split()[0]: part.split()[1:] for part in said.split(";")}


@pytest.mark.parametrize("path", ["/", "/subjects/s-1", "/no.file", "/api/v1/nothing"])
async def test_the_consoles_policy_lets_nothing_foreign_or_inline_run(nobody, path):
    answer = await nobody.get(path)
    if path in ("/", "/subjects/s-1"):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
    told = policy()
    assert told["default-src"] == told["script-src"] == told["connect-src"] == ["'self'"]
    assert told["style-src"] == ["'self'"]
    assert told["object-src"] == told["base-uri"] == told["frame-ancestors"] == ["'none'"]
    sources = {source for allowed in told.values() for source in allowed}
    assert sources <= {"'self'", "'none'", "data:", "blob:"}
    assert "data:" not in told["script-src"]


async def test_no_answer_of_the_interface_is_kept_by_a_cache(nobody):
    for path in READS:
        if path.startswith("/api/") and path != "/api/v1/live":
            answer = await nobody.get(path.replace("{", "").replace("}", ""))
            assert answer.headers["Cache-Control"] == "no-store", path
            assert answer.headers["X-Content-Type-Options"] == "nosniff", path
