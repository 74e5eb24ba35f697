"""What the drivers written in Python share: the command line, the message, the hard time-out, and the one JSON line.

A driver is an executable file of this folder: `NAME HOST PORT FROM TO [--body-size BYTES]`. It has one real mail
client send one message, and prints one JSON line with what that client told its user:
  outcome  delivered | temporary | permanent | connect-failed | timeout | error | crash
           error: it failed, and what it says makes it neither temporary nor permanent; crash: killed by a signal
  code     the code of the reply that refused the message, if the user can read it there, else null
  told     its words
A client that has a time-out of its own is told to give up after MALAPOSTA_CLIENT_TIME_OUT seconds (40 if that is not set).
A client that is not installed is no outcome: its driver ends with status 3 and a line on stderr.
"""

import argparse
import email.message
import email.utils
import json
import os
import re
import signal
import smtplib
import subprocess
import sys

# A client under test that has not come to an end after this many seconds never will.
TIME_LIMIT = 60
# Short enough to leave room for the client's own report before TIME_LIMIT.
CLIENT_TIME_OUT = int(os.environ.get("MALAPOSTA_CLIENT_TIME_OUT", "40"))

def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("sender")
    parser.add_argument("recipient")
    parser.add_argument("--body-size", type=int, default=200, metavar="BYTES")
    return parser.parse_args()


def body(wanted):
    line = "This line is one of many which together have the wanted size.\n"
    return line * (wanted.body_size // len(line) + 1)


def message(wanted):
    """The bytes of the message to send, with CRLF."""
    mail = email.message.EmailMessage()
    mail["From"] = wanted.sender
    mail["To"] = wanted.recipient
    mail["Subject"] = "A message from a real client"
    mail["Date"] = email.utils.localtime()
    mail["Message-ID"] = email.utils.make_msgid(domain="client.example.test")
    mail.set_content(body(wanted))
    return mail.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def report(outcome, code, told):
    print(json.dumps({"outcome": outcome, "code": code, "told": told.strip()}, ensure_ascii=False))


def of_code(code):
    """The outcome that a reply code stands for (RFC 5321, section 4.2.1)."""
    return {4: "temporary", 5: "permanent"}.get((code or 0) // 100, "error")


def not_installed(program):
    print(f"{program} is not installed", file=sys.stderr)
    sys.exit(3)


def unpacked(package, program):
    """The path of a program that prepare_roots has unpacked, or that is installed."""
    cache = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    path = os.path.join(cache, "malaposta", "roots", package, program.lstrip("/"))
    for candidate in (path, program):
        if os.access(candidate, os.X_OK):
            return candidate
    not_installed(package)


def run_tool(command, content, *, reply, connect_failed, timed_out):
    """Runs a command-line client with the message on its stdin, and reports.

    Each pattern is looked for in the tool's words, ^ and $ being a line's: group 1 of `reply` is the reply code.
    """
    try:
        tool = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
    except FileNotFoundError:
        not_installed(command[0])
    try:
        output, _ = tool.communicate(content, timeout=TIME_LIMIT)
    except subprocess.TimeoutExpired:
        os.killpg(tool.pid, signal.SIGKILL)
        output, _ = tool.communicate()
        report("timeout", None, output.decode(errors="replace"))
        return
    told = output.decode(errors="replace")
    code = None
    if tool.returncode == 0:
        outcome = "delivered"
    elif tool.returncode < 0:
        outcome = "crash"
    elif re.search(connect_failed, told, re.MULTILINE):
        outcome = "connect-failed"
    elif re.search(timed_out, told, re.MULTILINE):
        outcome = "timeout"
    else:
        found = re.search(reply, told, re.MULTILINE)
        code = int(found[1]) if found else None
        outcome = of_code(code)
    report(outcome, code, told)


def words(error):
    return f"{type(error).__name__}: {error}"


def run_smtplib(send):
    """Calls a function that sends by smtplib, and reports: an exception carries the reply's code for most failures."""

    def out_of_time(*_):
        raise TimeoutError("still waiting")

    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(TIME_LIMIT)
    try:
        send()
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        report(of_code(code), code, words(error))
    except smtplib.SMTPResponseException as error:
        report(of_code(error.smtp_code), error.smtp_code, words(error))
    except ConnectionRefusedError as error:
        report("connect-failed", None, words(error))
    except TimeoutError as error:
        report("timeout", None, words(error))
    except (smtplib.SMTPException, OSError) as error:
        report("error", None, words(error))
    else:
        report("delivered", None, "")
