// Compiled, never run: the types let through what works, and nothing else.
import { Malaposta, type Verdict } from "..";

export async function works(): Promise<Verdict> {
  const server = await Malaposta.start("451-twice", "550", { options: ["--seed", "7"] });
  await server.arm(451, { at: "rcpt", times: 2, match: { rcpt: server.address() } });
  const subject: string = (await server.message()).Subject;
  await server.wait([{ attempts: { exactly: 3, same: ["mail"] } }, { message: { "header.subject": subject } }], { timeout: "5s" });
  await server.stop();
  return server.verify({ accepted: server.ports["550"] });
}

export async function doesNotCompile(server: Malaposta) {
  // @ts-expect-error there is no such stage
  await server.arm(451, { at: "recipient" });
  // @ts-expect-error there is no such expectation
  await server.wait({ acepted: 1 });
  // @ts-expect-error a server is started, not made
  new Malaposta();
}
