/** How a server is started. */
export interface Settings {
  /** Options of `malaposta serve`, such as `["--seed", "7"]`. */
  options?: string[];
  /** The program; otherwise what MALAPOSTA_PROGRAM names, otherwise `malaposta` on the PATH. */
  program?: string;
}

/** A stage of a session at which a fault can be armed. */
export type Stage =
  | "connect" | "helo" | "ehlo" | "lhlo" | "starttls" | "tls" | "auth" | "mail" | "rcpt" | "data" | "body" | "end-of-data"
  | "bdat" | "rset" | "noop" | "vrfy" | "expn" | "help" | "etrn" | "quit" | "xclient" | "xforward" | "unknown" | "command";

export interface Fault {
  /** Otherwise the first stage at which the code is documented. */
  at?: Stage | Stage[];
  /** How often; otherwise until it is disarmed. */
  times?: number;
  /** Conditions as a rule's `when` has them, such as `{ rcpt: "*@example.test" }`. */
  match?: Record<string, unknown>;
}

export interface Armed {
  id: number;
  /** What the journal and `rule` expectations call it, such as "armed-451". */
  rule: string;
  at: Stage[];
  times: number | null;
  fired: number;
  left: number | null;
}

export type Count = number | { exactly?: number; min?: number; max?: number };

/** One expectation, as in a scenario's `expect`. Times are texts, such as "2s". */
export type Expectation =
  | { connections: Count }
  | { attempts: Count | { exactly?: number; min?: number; max?: number; same?: string[]; gap?: { min?: string; max?: string } } }
  | { accepted: Count }
  | { captured: Count }
  | { commands: Count }
  | { quiet: string }
  | { sequence: string[] }
  | { never: { at: Stage | Stage[]; tls?: boolean } }
  | { message: Record<string, unknown> }
  | { ends: "quit" | "close" | "reset" | ("quit" | "close" | "reset")[] }
  | { findings: { none: "note" | "warning" | "error" } }
  | { rule: { id: string; fired: Count } };

export interface Verdict {
  scenario: string;
  verdict: "passed" | "failed" | "inconclusive";
  expectations: { passed: boolean; outcome: string; expected: string; actual: string; nearest: string[] }[];
  findings: { id: string; severity: "note" | "warning" | "error"; session: number; line: number; detail: string }[];
  connections: number;
  attempts: number;
  accepted: number;
  captured: number;
}

export interface Mailbox {
  Name: string;
  Address: string;
}

/** The summary of a message; message() has more members: "Text", "HTML", "Attachments"… */
export interface Message {
  ID: string;
  MessageID: string;
  From: Mailbox;
  To: Mailbox[];
  Cc: Mailbox[];
  Bcc: Mailbox[];
  Subject: string;
  Size: number;
  [more: string]: unknown;
}

export interface Session {
  id: number;
  peer: string;
  scenario: string;
  end: string | null;
  commands: number;
  accepted: number;
  [more: string]: unknown;
}

/** The server could not be started, or did not understand what it was asked. */
export class MalapostaError extends Error {}

/** A server with ports and an inbox of its own. */
export class Malaposta {
  private constructor();

  /**
   * Starts a server and resolves once all its ports accept; rejects with MalapostaError.
   * Each scenario (a shipped one's name, a file, or YAML) has a port of its own; without one the server takes all mail and
   * obeys the address triggers.
   */
  static start(...scenarios: string[]): Promise<Malaposta>;
  static start(...scenariosAndSettings: [...string[], Settings]): Promise<Malaposta>;

  readonly host: string;
  /** The first scenario's port. */
  readonly port: number;
  /** The ports by the names of their scenarios. */
  readonly ports: Record<string, number>;
  /** The first scenario's name. */
  readonly scenario: string;
  readonly apiUrl: string;
  /** The authority that signs the certificates, in PEM, where a scenario has TLS. */
  readonly caFile?: string;

  /** Ends the server; sessions that still run are told 421. Harmless when it has ended. */
  stop(): Promise<void>;

  /** Has the next commands meet that code, whatever the scenario says. */
  arm(code: number, fault?: Fault): Promise<Armed>;
  /** Takes back all that is armed. */
  disarm(): Promise<void>;

  /**
   * Resolves with the verdict once everything is as expected; rejects with AssertionError when that cannot happen any more, or not
   * within the time-out ("30s", at most "10m"). Without expectations, those of the scenario count.
   */
  wait(expect?: Expectation | Expectation[], where?: { timeout?: string; scenario?: string }): Promise<Verdict>;
  /** As wait(), but by what has happened up to now. */
  verify(expect?: Expectation | Expectation[], where?: { scenario?: string }): Promise<Verdict>;

  /** An address that nobody else was given, for tests that share a server: arm and look for this recipient only. */
  address(): string;
  /** The messages that were kept, the newest first; with `to`, those to that recipient. */
  messages(which?: { to?: string }): Promise<Message[]>;
  /** One message taken apart; the newest one if none is said. */
  message(id?: string): Promise<Message>;
  /** One message as it came. */
  raw(id?: string): Promise<Buffer>;
  /** The sessions, the oldest first. */
  sessions(): Promise<Session[]>;
  /** What was said in all sessions, as a dialog. */
  transcript(): Promise<string>;

  /** Forgets sessions, messages and what is armed; scenarios begin anew. */
  reset(): Promise<void>;
  /** Any request of the HTTP API, for what has no method here; the answer's JSON. */
  request(method: string, target: string, content?: unknown): Promise<any>;
}
