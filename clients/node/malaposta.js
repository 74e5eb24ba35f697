"use strict";
// Malaposta in tests written for Node: starts the program, arms faults, waits, asserts, reads messages, stops.
//
//   const server = await Malaposta.start("451-twice"); // names of shipped scenarios, files, or YAML; without: takes all mail
//   await sendInvoice(server.host, server.port);
//   await server.wait(); // until the scenario's expectations are met, or an AssertionError
//   await server.stop();
//
// The program is `malaposta` on the PATH, or what MALAPOSTA_PROGRAM names. What each name means, malaposta.d.ts says.
const { AssertionError } = require("node:assert");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");

const host = "127.0.0.1";
let numbers = 0;

class MalapostaError extends Error {}

// A scenario that is written as YAML becomes a file.
function fileOf(folder, scenario) {
  if (!scenario.includes("\n")) return scenario;
  const file = path.join(folder, `scenario-${++numbers}.yaml`);
  fs.writeFileSync(file, scenario);
  return file;
}

function explain(verdict) {
  const lines = [`malaposta: ${verdict.scenario} ${verdict.verdict}`];
  for (const one of verdict.expectations) {
    if (one.passed) continue;
    lines.push(`expected ${one.expected}`, `actual   ${one.actual}`, ...one.nearest.map((line) => `nearest  ${line}`));
  }
  return lines.join("\n");
}

class Malaposta {
  host = host;
  #child;
  #ended;
  #folder;
  #problems = "";
  #kill = () => this.#child.kill();

  static async start(...scenarios) {
    const settings = typeof scenarios.at(-1) === "object" ? scenarios.pop() : {};
    const server = new Malaposta();
    await server.#begin(scenarios.length > 0 ? scenarios : ["default"], settings);
    return server;
  }

  async #begin(scenarios, { options = [], program = process.env.MALAPOSTA_PROGRAM ?? "malaposta" }) {
    this.#folder = fs.mkdtempSync(path.join(os.tmpdir(), "malaposta-"));
    const ready = path.join(this.#folder, "ready.json");
    const smtp = scenarios.flatMap((scenario) => ["--smtp", `${host}:0=${fileOf(this.#folder, scenario)}`]);
    this.#child = spawn(program, ["serve", "--log", "none", "--http", `${host}:0`, "--ready-file", ready, ...smtp, ...options], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stderr.on("data", (text) => (this.#problems += text));
    this.#ended = new Promise((resolve) => {
      this.#child.on("error", (error) => resolve(`cannot be started: ${error.message}`));
      this.#child.on("close", (code, signal) => resolve(code === 0 ? "" : `ended with ${signal ?? `status ${code}`}:\n${this.#problems}`));
    });
    // The first line comes once the ready file is there.
    const problem = await Promise.race([once(this.#child.stdout, "data").then(() => ""), this.#ended]);
    if (problem !== "") {
      fs.rmSync(this.#folder, { recursive: true });
      throw new MalapostaError(`malaposta serve ${problem}`);
    }
    this.#child.stdout.resume();
    process.once("exit", this.#kill); // a test run that breaks off leaves no server
    const { listeners, ca_file: caFile } = JSON.parse(fs.readFileSync(ready, "utf8"));
    const ports = listeners.filter(({ kind }) => kind === "smtp").map(({ scenario, port }) => [scenario, port]);
    this.ports = Object.fromEntries(ports);
    this.port = ports[0][1];
    this.scenario = ports[0][0];
    this.apiUrl = `http://${host}:${listeners.find(({ kind }) => kind === "http").port}`;
    this.caFile = caFile;
  }

  async stop() {
    process.off("exit", this.#kill);
    this.#child.kill();
    const problem = await this.#ended;
    fs.rmSync(this.#folder, { recursive: true, force: true });
    if (problem !== "") throw new MalapostaError(`malaposta serve ${problem}`);
  }

  [Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]() {
    return this.stop();
  }

  arm(code, fault = {}) {
    return this.request("POST", "/api/v1/arm", { code, ...fault });
  }

  async disarm() {
    await this.request("DELETE", "/api/v1/arm");
  }

  wait(expect, { timeout = "30s", scenario } = {}) {
    return this.#judge("wait", expect, { timeout, scenario });
  }

  verify(expect, { scenario } = {}) {
    return this.#judge("verify", expect, { scenario });
  }

  address() {
    return `test-${process.pid}-${++numbers}@example.test`;
  }

  async messages({ to } = {}) {
    const found = [];
    for (let page; page === undefined || page.length === 100; found.push(...page))
      ({ messages: page } = await this.request("GET", `/api/v1/messages?start=${found.length}&limit=100`));
    const recipients = ({ To, Cc, Bcc }) => [To, Cc, Bcc].flatMap((list) => list ?? []);
    return to === undefined ? found : found.filter((one) => recipients(one).some(({ Address }) => Address === to));
  }

  message(id = "latest") {
    return this.request("GET", `/api/v1/message/${id}`);
  }

  async raw(id = "latest") {
    return (await this.#ask("GET", `/api/v1/message/${id}/raw`)).content;
  }

  async sessions() {
    return (await this.request("GET", "/api/v1/sessions?limit=1000")).sessions.reverse();
  }

  async transcript() {
    let said = "";
    for (const { id } of await this.sessions()) said += (await this.#ask("GET", `/api/v1/sessions/${id}/transcript`)).content;
    return said;
  }

  async reset() {
    await this.request("POST", "/api/v1/reset");
  }

  async request(method, target, content) {
    const answer = await this.#ask(method, target, content);
    if (answer.status >= 400) throw new MalapostaError(`${method} ${target}: ${answer.status}: ${answer.content}`);
    return JSON.parse(answer.content);
  }

  #ask(method, target, content) {
    return new Promise((resolve, reject) => {
      const headers = { "Content-Type": "application/json" };
      const request = http.request(this.apiUrl + target, { method, headers, agent: false }, (response) => {
        const parts = [];
        response.on("data", (part) => parts.push(part));
        response.on("end", () => resolve({ status: response.statusCode, content: Buffer.concat(parts) }));
        response.on("error", reject);
      });
      request.on("error", reject);
      request.end(content === undefined ? undefined : JSON.stringify(content));
    });
  }

  async #judge(route, expect, content) {
    const list = expect === undefined ? undefined : [expect].flat();
    const answer = await this.#ask("POST", `/api/v1/${route}`, { scenario: this.scenario, ...defined({ ...content, expect: list }) });
    if (answer.status === 200) return JSON.parse(answer.content);
    if (answer.status !== 408 && answer.status !== 422) throw new MalapostaError(`${route}: ${answer.status}: ${answer.content}`);
    throw new AssertionError({ message: explain(JSON.parse(answer.content)) });
  }
}

function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

module.exports = { Malaposta, MalapostaError };
