"""A pytest plugin: every test that asks for `malaposta` gets a server of its own, with ports and an inbox of its own.

    pytest_plugins = ["pytest_malaposta"]     # in conftest.py

    @pytest.mark.malaposta("451-twice")       # what Malaposta() takes
    def test_the_mailer_tries_again(malaposta):
        send_invoice(malaposta.host, malaposta.port)
        malaposta.wait()
"""

import pytest

from malaposta import Malaposta

_server = pytest.StashKey()


def pytest_configure(config):
    config.addinivalue_line("markers", "malaposta(*scenarios, options=()): what the server of the fixture `malaposta` plays")


@pytest.fixture
def malaposta(request):
    """A server of the test's own; the marker of the same name says what it plays."""
    mark = request.node.get_closest_marker("malaposta")
    with Malaposta(*(mark.args if mark else ()), **(mark.kwargs if mark else {})) as server:
        request.node.stash[_server] = server
        yield server


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what was said beside a test that failed."""
    outcome = yield
    report = outcome.get_result()
    server = item.stash.get(_server, None)
    if call.when == "call" and report.failed and server is not None and (said := server.transcript()):
        report.sections.append(("What malaposta and its clients said", said))
