"""Malaposta in tests written in Python: starts the program, arms faults, waits, asserts, reads messages, stops.

    with Malaposta("451-twice") as server:    # names of shipped scenarios, files, or YAML; without: takes all mail
        send_invoice(server.host, server.port)
        server.wait()                         # until the scenario's expectations are met, or AssertionError

The program is `malaposta` on the PATH, or what MALAPOSTA_PROGRAM names. Standard library only; Python 3.9 or newer.
pytest_malaposta.py has a fixture for pytest.
"""

import itertools
import json
import os
import pathlib
import subprocess
import tempfile
import urllib.error
import urllib.request

_numbers = itertools.count(1)


class MalapostaError(Exception):
    """The server could not be started, or did not understand what it was asked."""


class Malaposta:
    """A server, from here to stop(), or to the end of a `with` block.

    Each scenario has a port of its own, which the system chose: `ports` has them by the scenarios' names, `port` is the
    first. `options` go to `malaposta serve` as they are, such as ["--seed", "7"].
    """

    host = "127.0.0.1"

    def __init__(self, *scenarios, options=(), program=None):
        self._folder = tempfile.TemporaryDirectory(prefix="malaposta-")
        ready = pathlib.Path(self._folder.name, "ready.json")
        command = [program or os.environ.get("MALAPOSTA_PROGRAM", "malaposta"), "serve", "--log", "none",
                   "--http", f"{self.host}:0", "--ready-file", str(ready)]
        for scenario in scenarios or ("default",):
            command += ["--smtp", f"{self.host}:0={self._file_of(scenario)}"]
        self._process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True)
        if not self._process.stdout.readline():  # the first line comes once the ready file is there
            _, problems = self._process.communicate()
            self._folder.cleanup()
            raise MalapostaError(f"malaposta serve ended with status {self._process.returncode}:\n{problems}")
        listeners = json.loads(ready.read_text(encoding="utf-8"))
        smtp = [one for one in listeners["listeners"] if one["kind"] == "smtp"]
        api = next(one for one in listeners["listeners"] if one["kind"] == "http")
        self.ports = {one["scenario"]: one["port"] for one in smtp}
        self.port = smtp[0]["port"]
        self.api_url = f"http://{self.host}:{api['port']}"
        self.ca_file = listeners.get("ca_file")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the server; sessions that still run are told 421. Harmless when it has ended."""
        if self._process.poll() is None:
            self._process.terminate()
        _, problems = self._process.communicate()
        self._folder.cleanup()
        if self._process.returncode != 0:
            raise MalapostaError(f"malaposta serve ended with status {self._process.returncode}:\n{problems}")

    def arm(self, code, **fault):
        """Has the next commands meet `code`. `fault`: at="rcpt", times=2, match={"rcpt": "*@example.test"}."""
        return self.request("POST", "/api/v1/arm", {"code": code, **fault})

    def disarm(self):
        """Takes back all that is armed."""
        self.request("DELETE", "/api/v1/arm")

    def wait(self, *expect, scenario=None, timeout="30s", **more):
        """Returns the verdict once everything is as expected; AssertionError when that cannot happen any more, or not in time.

        Expectations are dictionaries as in a scenario's `expect`, or keywords: wait(accepted=1), wait({"quiet": "1s"}).
        Without any, those of the scenario count. With several scenarios, `scenario` says which is meant.
        """
        __tracebackhide__ = True
        return self._judge("wait", expect, more, scenario, timeout=timeout)

    def verify(self, *expect, scenario=None, **more):
        """As wait(), but by what has happened up to now."""
        __tracebackhide__ = True
        return self._judge("verify", expect, more, scenario)

    def address(self):
        """An address that nobody else was given, for tests that share a server: arm and look for this recipient only."""
        return f"test-{os.getpid()}-{next(_numbers)}@example.test"

    def messages(self, to=None):
        """Summaries of the messages that were kept, the newest first; with `to`, of those to that recipient."""
        found = []
        while True:
            page = self.request("GET", f"/api/v1/messages?start={len(found)}&limit=100")["messages"]
            found += page
            if len(page) < 100:
                break
        named = ("To", "Cc", "Bcc")
        return [one for one in found if to is None or any(who["Address"] == to for name in named for who in one[name] or ())]

    def message(self, id="latest"):
        """One message taken apart: "Subject", "From", "To", "Text", "HTML", "Attachments"…"""
        return self.request("GET", f"/api/v1/message/{id}")

    def raw(self, id="latest"):
        """One message as it came, in bytes."""
        with self._open("GET", f"/api/v1/message/{id}/raw") as answer:
            return answer.read()

    def sessions(self):
        """The sessions, the oldest first."""
        return self.request("GET", "/api/v1/sessions?limit=1000")["sessions"][::-1]

    def transcript(self):
        """What was said in all sessions, as a dialog."""
        said = []
        for session in self.sessions():
            with self._open("GET", f"/api/v1/sessions/{session['id']}/transcript") as answer:
                said.append(answer.read().decode("utf-8", "replace"))
        return "".join(said)

    def reset(self):
        """Forgets sessions, messages and what is armed; scenarios begin anew."""
        self.request("POST", "/api/v1/reset")

    def request(self, method, path, content=None):
        """Any request of the HTTP API, for what has no method here; the answer's JSON."""
        try:
            with self._open(method, path, content) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                raise MalapostaError(f"{method} {path}: {refused.code}: {refused.read().decode()}") from None

    def _open(self, method, path, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(self.api_url + path, data, {"Content-Type": "application/json"}, method=method)
        return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request)

    def _judge(self, route, expect, more, scenario, **content):
        __tracebackhide__ = True
        expect = [*expect, *({key: value} for key, value in more.items())]
        content |= {"scenario": scenario or next(iter(self.ports)), **({"expect": expect} if expect else {})}
        try:
            with self._open("POST", f"/api/v1/{route}", content) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                text = refused.read().decode()
            if refused.code in (408, 422):
                raise AssertionError(_explain(json.loads(text))) from None
            raise MalapostaError(f"{route}: {refused.code}: {text}") from None

    def _file_of(self, scenario):
        """A scenario that is written as YAML becomes a file."""
        scenario = str(scenario)
        if "\n" not in scenario:
            return scenario
        file = pathlib.Path(self._folder.name, f"scenario-{next(_numbers)}.yaml")
        file.write_text(scenario, encoding="utf-8")
        return file


def _explain(verdict):
    lines = [f"malaposta: {verdict['scenario']} {verdict['verdict']}"]
    for one in verdict["expectations"]:
        if not one["passed"]:
            lines += [f"expected {one['expected']}", f"actual   {one['actual']}"]
            lines += [f"nearest  {line}" for line in one["nearest"]]
    return "\n".join(lines)
