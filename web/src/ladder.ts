// A session as the rows of a ladder: what the client did in one lane, what the server did in the other, what both share across
// them. Pure: the table that shows it is in panels/ladder.tsx.
import { stageOf } from './stages';
import { visible } from './text';
import type { Finding, SessionEvent, SessionWithEvents } from './types';

export type Side = 'client' | 'server' | 'both';
export type Segment = '' | 'SYN' | 'FIN' | 'RST';

export interface Line {
  text: string;
  end: string;  // how it ends, where that is not CRLF
}

export interface RuleMark {
  id: string;
  line: number;  // 0: it was added, or armed, and stands in no file
}

export interface Row {
  line: number;       // of the event among those of the session, from 1: findings name it
  kind: SessionEvent['kind'];
  side: Side;
  at: number;         // seconds since the session began
  gap: number;        // seconds since the row before
  space: number;      // pixels above it, in proportion to that
  cut: boolean;       // more time has passed than there is space for
  lines: Line[];      // what went over the wire, as it was said
  words: string;      // what happened, where nothing was said
  wire: boolean;      // something went over the wire
  segment: Segment;
  code: number;       // of a reply
  rules: RuleMark[];  // that fired for what this row shows
  injected: boolean;  // the server does it by a rule
  secure: boolean;    // within TLS
  auth: boolean;      // within an AUTH exchange
  message: { id: number; kept: boolean } | undefined;
  findings: Finding[];
  bad: boolean;       // a handshake that failed, a dialog that was left
}

// How tall all gaps of a session are together, and one of them at most, in pixels.
const kHeight = 320;
const kTallest = 90;
const kLongestReply = 200;  // lines shown of one reply

interface Ending {
  side: Side;
  segment: Segment;
  words: string;
}

const kFaults: Record<string, Ending> = {
  close: { side: 'server', segment: 'FIN', words: 'closes the connection' },
  reset: { side: 'server', segment: 'RST', words: 'resets the connection' },
  'half-close': { side: 'server', segment: 'FIN', words: 'closes its half of the connection, and reads on' },
  stall: { side: 'server', segment: '', words: 'reads nothing more, and holds the connection' },
  silence: { side: 'server', segment: '', words: 'reads on, and answers nothing' },
};

const kEndings: Record<string, Ending> = {
  quit: { side: 'server', segment: 'FIN', words: 'closes the connection after QUIT' },
  'server-closed': { side: 'server', segment: 'FIN', words: 'closes the connection' },
  'server-reset': { side: 'server', segment: 'RST', words: 'resets the connection' },
  'client-closed': { side: 'client', segment: 'FIN', words: 'closes the connection without QUIT' },
  'client-reset': { side: 'client', segment: 'RST', words: 'resets the connection' },
  'timed-out': { side: 'server', segment: 'FIN', words: 'gives up: the client was silent for too long' },
  'shut-down': { side: 'server', segment: 'FIN', words: 'stops: the run is over' },
};

export function replyLines(text: string): Line[] {
  const lines: Line[] = [];
  for (const piece of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    if (lines.length === kLongestReply) {
      lines.push({ text: '…', end: 'the rest is in the transcript' });
      break;
    }
    const end = piece.endsWith('\r\n') ? '' : piece.endsWith('\n') ? 'ends with LF alone' : 'no line end';
    lines.push({ text: visible(piece.replace(/\r?\n$/, '')), end });
  }
  return lines;
}

function fate(event: SessionEvent): string {
  const acknowledged = event.text !== '';
  if (event.code !== 0) return acknowledged ? 'the message is acknowledged and kept' : 'the message is kept, but was not acknowledged';
  return acknowledged ? 'the message is acknowledged, but not kept' : 'the message is not acknowledged, nor kept';
}

type Told = Pick<Row, 'side'> & Partial<Row>;

// `cut`: the server has ended the connection already, and that was shown.
function told(event: SessionEvent, cut: boolean): Told {
  const said = (text: string): Line[] => [{ text: visible(text), end: '' }];
  switch (event.kind) {
    case 'opened': return { side: 'client', words: `connects from ${visible(event.text)}`, wire: true, segment: 'SYN' };
    case 'command': return { side: 'client', lines: said(event.text), wire: true };
    case 'reply': return { side: 'server', lines: replyLines(event.text), wire: true, code: event.code };
    case 'content': return { side: 'client', words: `${event.number} bytes of content by ${visible(event.text)}`, wire: true };
    case 'read': return { side: 'client', words: `${event.number} bytes, read and dropped`, wire: true };
    case 'message': return { side: 'both', words: fate(event), message: { id: event.number, kept: event.code !== 0 } };
    case 'wait': return { side: 'server', words: `waits ${seconds(event.number)}` };
    case 'tls':
      return { side: 'both', words: `TLS ${event.code === 1 ? 'begins' : 'failed'}: ${visible(event.text)}`, bad: event.code !== 1 };
    case 'login': return { side: 'both', words: `logged in by ${visible(event.text)}` };
    case 'dialog':
      return event.code === 1
        ? { side: 'both', words: 'the dialog was kept to its end' }
        : { side: 'both', words: `line ${event.number} of the scenario expected ${visible(event.text.split('\n')[0] ?? '')}`, bad: true };
    case 'fault': return ending(kFaults[event.text], event.text);
    case 'closed': return cut ? { side: 'both', words: 'the session ends' } : ending(kEndings[event.text], event.text);
    default: return { side: 'both', words: visible(event.text) };
  }
}

function ending(known: Ending | undefined, name: string): Told {
  return known ? { ...known, wire: known.segment !== '' } : { side: 'both', words: visible(name) };
}

function seconds(nanoseconds: number): string {
  const value = nanoseconds / 1e9;
  return value < 1 ? `${Math.round(value * 1000)} ms` : `${Number(value.toFixed(2))} s`;
}

const isAuth = (event: SessionEvent): boolean => event.kind === 'command' && /^auth\b/i.test(event.text.trimStart());

export function ladder(session: Pick<SessionWithEvents, 'events' | 'findings'>): Row[] {
  const rows: Row[] = [];
  let waiting: RuleMark[] = [];  // fired, and what the server did by it is not shown yet
  let injected = false;
  let secure = false;
  let auth = false;
  let cut = false;
  const add = (event: SessionEvent, line: number, what: Told): void => {
    const rules = what.side === 'server' || event.kind === 'rule' ? waiting : [];
    if (rules === waiting) waiting = [];
    rows.push({
      line, kind: event.kind, at: event.seconds, gap: Math.max(0, event.seconds - (rows.at(-1)?.at ?? 0)), space: 0, cut: false, lines: [],
      words: '', wire: false, segment: '', code: 0, rules, injected: injected && what.side === 'server', secure,
      auth: auth || event.kind === 'login', message: undefined,
      findings: session.findings.filter((finding) => finding.line === line), bad: false, ...what,
    });
  };
  session.events.forEach((event, index) => {
    if (event.kind === 'rule') {
      waiting.push({ id: visible(event.text), line: event.number });
      injected = true;
      return;
    }
    if (event.kind === 'command' || event.kind === 'content' || event.kind === 'closed') {
      // The rule had nothing to show for itself: it set a state, or it waits no more.
      if (waiting.length > 0) add({ ...event, kind: 'rule' }, 0, { side: 'both', words: '' });
      injected = false;
    }
    auth ||= isAuth(event);
    secure ||= event.kind === 'tls' && event.code === 1;
    const what = told(event, cut);
    add(event, index + 1, what);
    cut ||= event.kind === 'fault' && what.segment !== '';
    if (event.kind === 'login' || (event.kind === 'reply' && event.code !== 334 && event.code !== 0) || event.kind === 'closed') auth = false;
  });
  return spaced(rows);
}

// The gutter: one scale for the whole session, so that what took long looks long.
function spaced(rows: Row[]): Row[] {
  const total = rows.reduce((sum, row) => sum + row.gap, 0);
  if (total === 0) return rows;
  for (const row of rows) {
    const wanted = (row.gap / total) * kHeight;
    row.space = Math.round(Math.min(wanted, kTallest));
    row.cut = wanted > kTallest;
  }
  return rows;
}

export interface Again {
  code: number;
  at: string;
  times: number;
  match?: Record<string, string>;
}

const address = (line: string): string | undefined => /<([^>]*)>/.exec(line)?.[1];

// What has to be armed so that the next session meets the failure of this one: the last one that a rule made, else the last one.
export function again(rows: Row[]): Again | undefined {
  const failures = rows.filter((row) => row.side === 'server' && (row.code >= 400 || (row.segment === 'RST' && row.injected)));
  const failure = failures.filter((row) => row.injected).at(-1) ?? failures.at(-1);
  if (!failure) return undefined;
  const before = rows.slice(0, rows.indexOf(failure)).filter((row) => row.side === 'client').at(-1);
  const said = before?.lines[0]?.text ?? '';
  const at = before?.kind === 'content' ? 'end-of-data' : before?.kind === 'opened' || !before ? 'connect'
    : before.auth ? 'auth' : stageOf(said);
  const rcpt = at === 'rcpt' ? address(said) : undefined;
  const mail = rows.filter((row) => row.line < failure.line && row.kind === 'command' && /^mail\b/i.test(row.lines[0]?.text ?? '')).at(-1);
  const sender = mail && address(mail.lines[0]?.text ?? '');
  const match: Record<string, string> | undefined = rcpt ? { rcpt } : sender && ['mail', 'data', 'bdat', 'end-of-data'].includes(at) ? { mail: sender } : undefined;
  return { code: failure.code || 442, at: failure.code ? at : at === 'end-of-data' ? 'body' : at, times: 1, match };
}

// The session as a scenario of its own, from its transcript.
export function asScenario(id: number, transcript: string): string {
  const dialog = transcript.trimEnd().split('\n').map((line) => (line === '' ? '' : `  ${line}`)).join('\n');
  return `malaposta: 1\nname: session-${id}\ndialog: |\n${dialog}\n`;
}
