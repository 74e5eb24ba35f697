"""What the helper promises, asked of the program itself."""

import smtplib
import socket
import threading

import pytest

from malaposta import Malaposta, MalapostaError

GONE_AT_ONCE = """
malaposta: 1
name: never-there
rules:
  - { at: connect, fault: close }
"""


def send(port, to="bob@example.test", subject="hello"):
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.test") as client:
        client.sendmail("alice@example.com", [to], f"Subject: {subject}\r\nTo: <{to}>\r\n\r\nHello\r\n")


def test_without_a_scenario_all_mail_is_kept(malaposta):
    send(malaposta.port)
    verdict = malaposta.wait(accepted=1)
    assert verdict["verdict"] == "passed"
    assert [one["Subject"] for one in malaposta.messages()] == ["hello"]
    assert malaposta.message()["Text"].strip() == "Hello"
    assert malaposta.raw().endswith(b"\r\n\r\nHello\r\n")
    assert malaposta.sessions()[0]["accepted"] == 1
    assert "C: mail FROM:<alice@example.com>" in malaposta.transcript()


def test_every_test_has_an_inbox_and_ports_of_its_own(malaposta):
    with Malaposta() as other:
        assert other.port != malaposta.port
        send(other.port)
        assert len(other.messages()) == 1
    assert malaposta.messages() == []


@pytest.mark.malaposta("451-twice")
def test_the_scenario_judges_a_client_that_gives_up(malaposta):
    with pytest.raises(smtplib.SMTPDataError):
        send(malaposta.port)
    with pytest.raises(AssertionError) as failure:
        malaposta.verify()
    told = str(failure.value).splitlines()
    assert told[:3] == ["malaposta: 451-twice failed", "expected attempts: exactly 3, the same mail, the same rcpts, the same header.message-id",
                        "actual   1 attempts"]
    assert told[3] == "nearest  attempt 1 in session 1: from <alice@example.com> to <bob@example.test>: 451"


@pytest.mark.malaposta("550", "451-twice")
def test_several_scenarios_have_a_port_each(malaposta):
    assert set(malaposta.ports) == {"550", "451-twice"} and malaposta.port == malaposta.ports["550"]
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(malaposta.ports["550"])
    malaposta.verify(attempts=1, scenario="550")
    malaposta.verify(connections=0, scenario="451-twice")


@pytest.mark.malaposta(GONE_AT_ONCE)
def test_a_scenario_may_be_written_in_the_test(malaposta):
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(malaposta.ports["never-there"])


def test_what_is_armed_happens_as_often_as_was_said(malaposta):
    malaposta.arm(451, at="rcpt", times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(malaposta.port)
    assert refused.value.recipients["bob@example.test"][0] == 451
    send(malaposta.port)
    malaposta.verify({"rule": {"id": "armed-451", "fired": 1}}, accepted=1)


def test_what_is_disarmed_does_not_happen(malaposta):
    malaposta.arm(451)
    malaposta.disarm()
    send(malaposta.port)
    malaposta.arm(550)
    malaposta.reset()
    assert malaposta.messages() == []
    send(malaposta.port)


def test_tests_that_share_a_server_keep_apart_by_addresses(malaposta):
    mine, theirs = malaposta.address(), malaposta.address()
    assert mine != theirs
    malaposta.arm(550, at="rcpt", match={"rcpt": mine})
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(malaposta.port, mine)
    send(malaposta.port, theirs)
    assert malaposta.messages(to=mine) == [] and len(malaposta.messages(to=theirs)) == 1


def test_waiting_ends_when_the_mail_comes(malaposta):
    sender = threading.Thread(target=send, args=(malaposta.port,))
    sender.start()
    malaposta.wait({"message": {"rcpts": ["bob@example.test"]}})
    sender.join()


def test_waiting_in_vain_fails_with_what_is_missing(malaposta):
    with pytest.raises(AssertionError, match="expected messages accepted: exactly 1\nactual   0 messages accepted"):
        malaposta.wait(accepted=1, timeout="10ms")


def test_a_question_that_makes_no_sense_is_no_failed_assertion(malaposta):
    with pytest.raises(MalapostaError, match="unknown key 'acepted'"):
        malaposta.verify(acepted=1)
    with pytest.raises(MalapostaError, match="999"):
        malaposta.arm(999)


def test_a_server_that_cannot_start_says_why():
    with pytest.raises(MalapostaError, match="status 2(.|\n)*did you mean 'reply'"):
        Malaposta("malaposta: 1\nrules: [{ at: rcpt, replay: 550 }]\n")


def test_nothing_is_left_of_a_server_that_was_stopped():
    with Malaposta() as server:
        send(server.port)
    server.stop()
    with pytest.raises(OSError):
        socket.create_connection((server.host, server.port))


def test_a_failed_test_shows_what_was_said(pytester):
    pytester.makeconftest('pytest_plugins = ["pytest_malaposta"]')
    pytester.makepyfile("""
        import smtplib

        def test_fails(malaposta):
            smtplib.SMTP("127.0.0.1", malaposta.port, local_hostname="client.example.test").quit()
            malaposta.verify(accepted=1)
    """)
    done = pytester.runpytest("-p", "no:cacheprovider")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*AssertionError: malaposta: default failed", "*What malaposta and its clients said*", "C: quit"])
