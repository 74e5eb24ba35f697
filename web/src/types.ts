// What the API answers, as /openapi.json describes it: the parts that the page reads.

export interface Listener {
  Kind: 'smtp';
  Scenario: string;
  Address: string;
  Port: number;
  TLS: 'none' | 'starttls' | 'required' | 'implicit';
  Listen: 'accept' | 'refuse' | 'ignore';
}

export interface Info {
  Version: string;
  Database: string;
  Messages: number;
  Sessions: number;
  Seed: number;
  Listeners: Listener[];
}

export type End =
  | 'open' | 'quit' | 'server-closed' | 'server-reset' | 'client-closed' | 'client-reset' | 'timed-out' | 'shut-down';

export interface Session {
  id: number;
  peer: string;
  local_port: number;
  scenario: string;
  opened: string;
  closed: string | null;
  seconds: number | null;
  end: End;
  commands: number;
  accepted: number;
  last_code: number;
  refusal: number;
}

export interface Sessions {
  total: number;
  start: number;
  sessions: Session[];
}

export type Kind =
  | 'opened' | 'command' | 'reply' | 'content' | 'message' | 'rule' | 'read' | 'wait' | 'fault' | 'dialog' | 'tls' | 'login' | 'note'
  | 'closed';

export interface SessionEvent {
  seconds: number;
  kind: Kind;
  code: number;
  number: number;
  text: string;
}

export type Severity = 'note' | 'warning' | 'error';

export interface Finding {
  id: string;
  severity: Severity;
  session: number;
  line: number;
  detail: string;
}

export interface FindingInfo {
  id: string;
  severity: Severity;
  rule: string;
  title: string;
  meaning: string;
  advice: string;
}

export interface SessionWithEvents extends Session {
  complete: boolean;
  file: string | null;
  findings: Finding[];
  events: SessionEvent[];
}

export interface Mailbox {
  Name: string;
  Address: string;
}

interface Envelope {
  ID: string;
  MessageID: string;
  From: Mailbox;
  To: Mailbox[];
  Cc: Mailbox[];
  Bcc: Mailbox[];
  ReplyTo: Mailbox[];
  Subject: string;
  Tags: string[];
  Size: number;
}

export interface MessageLine extends Envelope {
  Read: boolean;
  Created: string;
  Attachments: number;
  Snippet: string;
}

export interface Messages {
  total: number;
  unread: number;
  messages_count: number;
  start: number;
  messages: MessageLine[];
}

export interface Part {
  PartID: string;
  FileName: string;
  ContentType: string;
  ContentID: string;
  Size: number;
}

export interface Message extends Envelope {
  ReturnPath: string;
  Date: string;
  Text: string;
  HTML: string;
  Inline: Part[];
  Attachments: Part[];
}

export type Headers = Record<string, string[]>;

export interface ProviderReply {
  provider: string;
  rule: string;
  code: number;
  reply: string[];
  trigger: string;
}

export interface Code {
  code: number;
  class: 'transport' | 'success' | 'intermediate' | 'transient' | 'permanent';
  origin: string;
  stages: string[];
  enhanced: string;
  closes: 'no' | 'fin' | 'reset';
  text: string;
  meaning: string;
  advice: string;
  client: string;
  trigger: string;
  scenario: string;
  providers: ProviderReply[];
}

export interface Armed {
  id: number;
  rule: string;
  at: string[];
  match?: Record<string, unknown>;
  times: number | null;
  fired: number;
  left: number | null;
}

export interface ArmedList {
  armed: Armed[];
}

export interface Expectation {
  passed: boolean;
  outcome: 'passed' | 'failed' | 'inconclusive';
  expected: string;
  actual: string;
  nearest?: string[];
  explanation?: string[];
  file: string | null;
  line: number | null;
}

export type VerdictKind = 'passed' | 'failed' | 'inconclusive' | 'error';

export interface Verdict {
  scenario: string;
  cell: string;
  verdict: VerdictKind;
  seed: number;
  seconds?: number;
  error?: string;
  client?: { exit: number | null; signal: number | null; timed_out: boolean } | null;
  connections: number;
  attempts: number;
  accepted: number;
  captured: number;
  expectations: Expectation[];
  findings: Finding[];
}

export interface Diagnostic {
  severity: 'error' | 'warning';
  line: number;
  column: number;
  message: string;
  hint: string;
  text: string;
}

export interface Checked {
  valid: boolean;
  scenarios: string[];
  diagnostics: Diagnostic[];
}

export interface ScenarioListener {
  address: string;
  port: number;
  tls: string;
  listen: string;
  state: string;
}

export interface ScenarioLine {
  name: string;
  title: string;
  codes: number[];
  file: string;
  played: boolean;
  shared: boolean;
  listeners: ScenarioListener[];
}

export interface Rule {
  id: string;
  at: string[];
  fired: number;
  times: number | null;
  line: number | null;
  added: boolean;
}

export interface Scenario extends ScenarioLine {
  description: string;
  dialog: boolean;
  revision: string;
  rules: Rule[];
  source: string;
}

export interface Scenarios {
  scenarios: ScenarioLine[];
}
