"""What the drivers of mail transfer agents share: a root of their own with a queue for one message, and what their log says of it.

prepare_roots unpacks their packages; bubblewrap shows one as /usr, with the machine's libraries, and with /etc and /var of this run
alone. Nothing in there listens on a port, and the only address that it knows is the server's.

Such a program takes the message and goes on by itself, so what its user is told stands in its log. It tries again every RETRY_EVERY
seconds and gives the message up after LIFETIME, or after an attempt that lasts longer: both far below what RFC 5321 section 4.5.4.1
asks for, or no run would ever end. Bounces are not sent, for they would go to the server under test.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

import mail_client

RETRY_EVERY = 3
LIFETIME = 12
USERS = {"root": 0, "mail": 8, "nobody": 65534}


class Root:
    """The unpacked package, with a folder of its own. `as_root`: with the rights of root, which only root can give."""

    def __init__(self, package, folder, as_root=False):
        if shutil.which("bwrap") is None:
            mail_client.not_installed("bubblewrap")
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache"))
        self.usr = cache / "malaposta" / "roots" / package / "usr"
        if not self.usr.is_dir():
            mail_client.not_installed(f"{package} (client_tests/clients/prepare_roots unpacks it)")
        if as_root and os.geteuid() != 0:
            print(f"{package} has to be started by root: each of its parts gets the rights that it needs, and no more", file=sys.stderr)
            sys.exit(3)
        self.folder, self.as_root, self.binds = pathlib.Path(folder), as_root, []
        self.write("etc/mailname", "client.example.test\n")
        self.users(USERS)

    def users(self, users):
        self.write("etc/passwd", "".join(f"{name}:x:{number}:{number}::/:/bin/sh\n" for name, number in users.items()))
        self.write("etc/group", "".join(f"{name}:x:{number}:\n" for name, number in users.items()))

    def write(self, name, text):
        path = self.make(str(pathlib.PurePath(name).parent)) / pathlib.PurePath(name).name
        path.write_text(text)

    def make(self, name):
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def bind(self, source, target):
        self.binds += ["--bind", str(source), target]

    def command(self, *words):
        rights = ["--cap-add", "ALL"] if self.as_root else ["--unshare-user", "--uid", str(USERS["mail"]), "--gid", str(USERS["mail"])]
        return [
            "bwrap", *rights, "--unshare-pid", "--die-with-parent", "--ro-bind", str(self.usr), "/usr", "--ro-bind", "/usr/lib", "/lib",
            "--ro-bind-try", "/usr/lib64", "/lib64", "--bind", str(self.folder / "etc"), "/etc", "--bind", str(self.folder / "var"), "/var",
            "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", *self.binds, *words]


@contextlib.contextmanager
def root(package, as_root=False):
    """A Root whose folder is gone afterwards, whatever ends the driver; what takes longer than the hard time-out ends with a report."""

    def out_of_time(*_):
        raise TimeoutError

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(mail_client.TIME_LIMIT)
    with tempfile.TemporaryDirectory() as folder:
        # Its parts run as users of their own.
        os.chmod(folder, 0o755)
        try:
            yield Root(package, folder, as_root)
        except TimeoutError:
            mail_client.report("timeout", None, "still waiting")


@contextlib.contextmanager
def running(command):
    """A program of that root, whose output is read line by line; killed in the end, and with it all that it has started."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def report(reason, permanent):
    """A message that was refused, or given up, with the last reason that the log has for it."""
    found = re.search(r"\b([45]\d\d)[ -]", reason)
    code = int(found[1]) if found else None
    if permanent:
        outcome = "permanent"
    elif code:
        outcome = "temporary"
    elif re.search(r"[Cc]onnection refused|Connect failed|Could not connect", reason):
        outcome = "connect-failed"
    else:
        outcome = "timeout" if re.search(r"[Tt]imed out|[Tt]imeout", reason) else "error"
    mail_client.report(outcome, code, reason)
