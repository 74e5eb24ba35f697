"use strict";
// What the helper promises, asked of the program itself. Each test framework has these tests run as its own.
const assert = require("node:assert");
const net = require("node:net");
const nodemailer = require("nodemailer");
const { Malaposta, MalapostaError } = require("..");

function send(port, to = "bob@example.test") {
  const transport = nodemailer.createTransport({ host: "127.0.0.1", port, ignoreTLS: true });
  return transport.sendMail({ from: "alice@example.com", to, subject: "hello", text: "Hello" });
}

// Every promise gets servers that end with it.
function promises(test) {
  const promise = (name, body) =>
    test(name, async () => {
      const started = [];
      const start = async (...scenarios) => started[started.push(await Malaposta.start(...scenarios)) - 1];
      try {
        await body(start);
      } finally {
        await Promise.all(started.map((server) => server.stop()));
      }
    });

  promise("without a scenario all mail is kept", async (start) => {
    const server = await start();
    await send(server.port);
    assert.equal((await server.wait({ accepted: 1 })).verdict, "passed");
    assert.deepEqual((await server.messages()).map(({ Subject }) => Subject), ["hello"]);
    assert.equal((await server.message()).Text.trim(), "Hello");
    assert.match((await server.raw()).toString(), /\r\n\r\nHello\r\n$/);
    assert.equal((await server.sessions())[0].accepted, 1);
    assert.match(await server.transcript(), /C: MAIL FROM:<alice@example.com>/);
  });

  promise("every server has an inbox and ports of its own", async (start) => {
    const [one, other] = await Promise.all([start(), start()]);
    assert.notEqual(one.port, other.port);
    await send(other.port);
    assert.equal((await other.messages()).length, 1);
    assert.deepEqual(await one.messages(), []);
  });

  promise("the scenario judges a client that gives up", async (start) => {
    const server = await start("451-twice");
    await assert.rejects(send(server.port), { responseCode: 451 });
    await assert.rejects(server.verify(), (failure) => {
      assert.deepEqual(failure.message.split("\n").slice(0, 4), [
        "malaposta: 451-twice failed",
        "expected attempts: exactly 3, the same mail, the same rcpts, the same header.message-id",
        "actual   1 attempts",
        "nearest  attempt 1 in session 1: from <alice@example.com> to <bob@example.test>: 451",
      ]);
      return failure.name === "AssertionError";
    });
  });

  promise("several scenarios have a port each", async (start) => {
    const server = await start("550", "451-twice");
    assert.deepEqual(Object.keys(server.ports).sort(), ["451-twice", "550"]);
    assert.equal(server.port, server.ports["550"]);
    await assert.rejects(send(server.ports["550"]), { responseCode: 550 });
    await server.verify({ attempts: 1 }, { scenario: "550" });
    await server.verify({ connections: 0 }, { scenario: "451-twice" });
  });

  promise("a scenario may be written in the test, and options go to the program", async (start) => {
    const yaml = "malaposta: 1\nname: strangers\nrules:\n  - { at: mail, reply: 553 }\n";
    const server = await start(yaml, { options: ["--seed", "7"] });
    await assert.rejects(send(server.ports.strangers), { responseCode: 553 });
    assert.equal((await server.verify({ connections: 1 })).seed, 7);
  });

  promise("what is armed happens as often as was said", async (start) => {
    const server = await start();
    const armed = await server.arm(451, { at: "rcpt", times: 1 });
    assert.equal(armed.rule, "armed-451");
    await assert.rejects(send(server.port), { responseCode: 451 });
    await send(server.port);
    await server.verify([{ rule: { id: armed.rule, fired: 1 } }, { accepted: 1 }]);
    await server.arm(550);
    await server.disarm();
    await send(server.port);
    await server.reset();
    assert.deepEqual(await server.messages(), []);
  });

  promise("tests that share a server keep apart by addresses", async (start) => {
    const server = await start();
    const mine = server.address();
    const theirs = server.address();
    assert.notEqual(mine, theirs);
    await server.arm(550, { at: "rcpt", match: { rcpt: mine } });
    await assert.rejects(send(server.port, mine), { responseCode: 550 });
    await send(server.port, theirs);
    assert.deepEqual(await server.messages({ to: mine }), []);
    assert.equal((await server.messages({ to: theirs })).length, 1);
  });

  promise("waiting ends when the mail comes", async (start) => {
    const server = await start();
    const [verdict] = await Promise.all([server.wait({ message: { rcpts: ["bob@example.test"] } }), send(server.port)]);
    assert.equal(verdict.captured, 1);
  });

  promise("waiting in vain fails with what is missing", async (start) => {
    const server = await start();
    await assert.rejects(server.wait({ accepted: 1 }, { timeout: "10ms" }), /expected messages accepted: exactly 1\nactual {3}0 messages accepted/);
  });

  promise("a question that makes no sense is no failed assertion", async (start) => {
    const server = await start();
    const nonsense = (failure) => failure instanceof MalapostaError;
    await assert.rejects(server.verify({ acepted: 1 }), nonsense);
    await assert.rejects(server.arm(999), nonsense);
  });

  promise("a server that cannot start says why", async () => {
    await assert.rejects(Malaposta.start("malaposta: 1\nrules: [{ at: rcpt, replay: 550 }]\n"), /status 2[^]*did you mean 'reply'/);
    await assert.rejects(Malaposta.start({ program: "/no/such/program" }), /cannot be started: .*ENOENT/);
  });

  promise("nothing listens any more once a server was stopped", async () => {
    const server = await Malaposta.start();
    await server.stop();
    await server.stop();
    await assert.rejects(new Promise((resolve, reject) => net.connect(server.port, server.host, resolve).on("error", reject)));
  });
}

module.exports = { promises };
