"""Clients that do one thing wrong each, for run_test. A client is told by its name: broken_clients.py NAME HOST PORT."""

import os
import socket
import ssl
import sys
import time


class Client:
    """A correct client, step by step; the broken ones leave a step out, or do it wrong."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, int(port)), timeout=20)
        self.file = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        while True:
            line = self.file.readline()
            if not line:
                return 0
            if line[3:4] != b"-":
                return int(line[:3])

    def send(self, text):
        self.socket.sendall(text.encode())

    def say(self, line):
        self.send(line + "\r\n")
        return self.reply()

    def hello(self):
        return self.say("EHLO client.example.test")

    def starttls(self, verifies):
        self.hello()
        self.say("STARTTLS")
        context = ssl.create_default_context(cafile=os.environ["MALAPOSTA_CA_FILE"])
        if not verifies:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.hello()

    def envelope(self):
        return self.say("MAIL FROM:<a@a.test>"), self.say("RCPT TO:<b@b.test>")

    def content(self, identity="1"):
        self.send(f"Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nFrom: <a@a.test>\r\nMessage-ID: <{identity}@a.test>\r\nSubject: x\r\n\r\nx\r\n.\r\n")
        return self.reply()

    def deliver(self, identity="1"):
        self.hello()
        return self.message(identity)

    def message(self, identity="1"):
        self.envelope()
        return self.content(identity) if self.say("DATA") == 354 else 0

    def quit(self):
        return self.say("QUIT")


def correct(host, port):
    for _ in range(5):
        client = Client(host, port)
        code = client.deliver()
        client.quit()
        if code // 100 != 4:
            return


def no_quit(host, port):
    Client(host, port).deliver()


def bare_lf(host, port):
    client = Client(host, port)
    client.send("EHLO client.example.test\n")
    client.reply()
    client.envelope()
    client.say("DATA")
    client.content()
    client.quit()


def goes_on_after_421(host, port):
    client = Client(host, port)
    client.hello()
    client.send("MAIL FROM:<a@a.test>\r\n")
    client.reply()
    client.send("RCPT TO:<b@b.test>\r\nDATA\r\n")
    client.reply()


def ignores_refused_recipients(host, port):
    client = Client(host, port)
    client.hello()
    client.envelope()
    client.say("DATA")
    client.quit()


def never_tries_again(host, port):
    client = Client(host, port)
    client.deliver()
    client.quit()


def retries_a_permanent_failure(host, port):
    for _ in range(2):
        client = Client(host, port)
        client.hello()
        client.envelope()
        client.quit()


def changes_the_message(host, port):
    for attempt in range(3):
        client = Client(host, port)
        code = client.deliver(str(attempt))
        client.quit()
        if code // 100 == 2:
            return


def sends_twice(host, port):
    for _ in range(2):
        client = Client(host, port)
        client.deliver()
        client.quit()


def never_falls_back_to_helo(host, port):
    client = Client(host, port)
    client.hello()
    client.quit()


def logs_in_without_tls(host, port):
    client = Client(host, port)
    client.hello()
    client.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")
    client.quit()


def does_not_stuff_dots(host, port):
    client = Client(host, port)
    client.hello()
    client.envelope()
    client.say("DATA")
    client.send("Subject: x\r\n\r\n.profile is read first\r\n.\r\n")
    client.reply()
    client.quit()


def ends_the_content_early(host, port):
    client = Client(host, port)
    client.hello()
    client.envelope()
    client.say("DATA")
    client.send("Subject: x\r\n\r\nabove\r\n.\r\nbelow the dot\r\n.\r\n")
    for _ in range(3):
        client.reply()
    client.quit()


def injects_a_line(host, port):
    client = Client(host, port)
    client.hello()
    client.say("MAIL FROM:<a@a.test>")
    recipient = "b@b.test\r\nBcc: eve@b.test"
    client.send(f"RCPT TO:<{recipient}>\r\n")
    client.reply()
    client.reply()
    client.quit()


def leaves_commands_before_tls(host, port):
    client = Client(host, port)
    client.hello()
    client.send("STARTTLS\r\nMAIL FROM:<a@a.test>\r\n")
    client.reply()
    client.socket.close()


def believes_any_certificate(host, port):
    client = Client(host, port)
    client.starttls(verifies=False)
    client.say("AUTH PLAIN AGFsaWNlAHNlY3JldA==")
    client.quit()


def encrypts_for_anybody(host, port):
    client = Client(host, port)
    client.starttls(verifies=False)
    client.message()
    client.quit()


def verifies(host, port):
    """A correct one: it leaves where it cannot trust the certificate."""
    client = Client(host, port)
    try:
        client.starttls(verifies=True)
    except ssl.SSLError:
        return
    client.message()
    client.quit()


def hangs(host, port):
    client = Client(host, port)
    client.hello()
    time.sleep(600)


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2], sys.argv[3])
