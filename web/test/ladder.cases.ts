import assert from 'node:assert/strict';
import { test } from 'node:test';
import { again, asScenario, ladder, replyLines, type Row } from '../src/ladder';
import type { Finding, SessionEvent } from '../src/types';

type Written = [seconds: number, kind: SessionEvent['kind'], text: string, code?: number, number?: number];

const rowsOf = (written: Written[], findings: Finding[] = []): Row[] =>
  ladder({ events: written.map(([seconds, kind, text, code = 0, number = 0]) => ({ seconds, kind, text, code, number })), findings });

const kRefused: Written[] = [
  [0, 'opened', '127.0.0.1:1'],
  [0, 'reply', '220 ready\r\n', 220],
  [0.1, 'command', 'MAIL FROM:<a@a.test>'],
  [0.1, 'reply', '250 ok\r\n', 250],
  [0.2, 'command', 'RCPT TO:<b@b.test>'],
  [0.2, 'rule', 'unknown', 1, 7],
  [0.2, 'reply', '550 5.1.1 no\r\n', 550],
  [0.3, 'command', 'QUIT'],
  [0.3, 'reply', '221 bye\r\n', 221],
  [0.3, 'closed', 'quit'],
];

test('what the client does stands in its lane, what the server does in the other', () => {
  assert.deepEqual(rowsOf(kRefused).map((row) => row.side),
    ['client', 'server', 'client', 'server', 'client', 'server', 'client', 'server', 'server']);
});

test('a rule marks what the server does by it, and nothing before or after', () => {
  const rows = rowsOf(kRefused);
  assert.deepEqual(rows.filter((row) => row.injected).map((row) => row.lines[0]?.text), ['550 5.1.1 no']);
  assert.deepEqual(rows.filter((row) => row.rules.length > 0).map((row) => row.rules), [[{ id: 'unknown', line: 7 }]]);
});

test('a rule that shows nothing has a row of its own', () => {
  const rows = rowsOf([[0, 'command', 'MAIL FROM:<a@a.test>'], [0, 'rule', 'armed-451', 1], [0, 'command', 'RSET']]);
  assert.deepEqual(rows.map((row) => [row.kind, row.side]), [['command', 'client'], ['rule', 'both'], ['command', 'client']]);
  assert.deepEqual(rows[1]?.rules, [{ id: 'armed-451', line: 0 }]);
});

test('FIN and RST are told apart, and so are the sides that send them', () => {
  const segment = (kind: 'fault' | 'closed', text: string) => {
    const row = rowsOf([[0, kind, text]])[0];
    return [row?.side, row?.segment];
  };
  assert.deepEqual(segment('closed', 'quit'), ['server', 'FIN']);
  assert.deepEqual(segment('closed', 'client-closed'), ['client', 'FIN']);
  assert.deepEqual(segment('closed', 'client-reset'), ['client', 'RST']);
  assert.deepEqual(segment('closed', 'server-reset'), ['server', 'RST']);
  assert.deepEqual(segment('fault', 'half-close'), ['server', 'FIN']);
  assert.deepEqual(segment('fault', 'stall'), ['server', '']);
});

test('a fault that ends the connection is its end: it is not shown twice', () => {
  const rows = rowsOf([[0, 'fault', 'reset'], [0, 'closed', 'server-reset']]);
  assert.deepEqual(rows.map((row) => row.segment), ['RST', '']);
  assert.equal(rows[1]?.words, 'the session ends');
});

test('TLS lasts from its handshake, AUTH from its command to its outcome', () => {
  const rows = rowsOf([
    [0, 'command', 'STARTTLS'], [0, 'reply', '220 go\r\n', 220], [0, 'tls', 'TLSv1.3 X', 1],
    [0, 'command', 'AUTH LOGIN'], [0, 'reply', '334 x\r\n', 334], [0, 'command', 'YQ=='], [0, 'reply', '235 ok\r\n', 235], [0, 'login', 'LOGIN a'],
    [0, 'command', 'MAIL FROM:<a@a.test>'],
  ]);
  assert.deepEqual(rows.map((row) => row.secure), [false, false, true, true, true, true, true, true, true]);
  assert.deepEqual(rows.map((row) => row.auth), [false, false, false, true, true, true, true, true, false]);
});

test('a handshake that fails secures nothing', () => {
  const rows = rowsOf([[0, 'tls', 'certificate unknown', 0], [0, 'closed', 'client-closed']]);
  assert.deepEqual(rows.map((row) => [row.secure, row.bad]), [[false, true], [false, false]]);
});

test('the gutter is in proportion to time, up to where it is cut', () => {
  const rows = rowsOf([[0, 'opened', ''], [1, 'command', 'A'], [3, 'command', 'B'], [20, 'command', 'C']]);
  const [first, second, third, fourth] = rows;
  assert.equal(first?.space, 0);
  assert.ok(second && third && fourth);
  assert.ok(Math.abs(third.space - 2 * second.space) <= 1);
  assert.deepEqual([second.cut, third.cut, fourth.cut], [false, false, true]);
  assert.ok(rows.reduce((sum, row) => sum + row.space, 0) <= 320);
});

test('findings stand beside the event that they name', () => {
  const finding: Finding = { id: 'odd-hello-name', severity: 'warning', session: 1, line: 3, detail: '' };
  const rows = rowsOf(kRefused, [finding]);
  assert.deepEqual(rows.map((row) => row.findings.length), [0, 0, 1, 0, 0, 0, 0, 0, 0]);
});

test('line ends that are none are told, and controls are shown', () => {
  assert.deepEqual(replyLines('250-a\r\n250 b\n25'), [
    { text: '250-a', end: '' }, { text: '250 b', end: 'ends with LF alone' }, { text: '25', end: 'no line end' },
  ]);
  assert.equal(replyLines('250 \u0007\u202e\r\n')[0]?.text, '250 \\x07\\u202e');
  assert.equal(replyLines('250-x\r\n'.repeat(5000)).length, 201);
});

test('a failure is armed again where it was met, for whom it was met', () => {
  assert.deepEqual(again(rowsOf(kRefused)), { code: 550, at: 'rcpt', times: 1, match: { rcpt: 'b@b.test' } });
  assert.deepEqual(again(rowsOf([
    [0, 'command', 'MAIL FROM:<a@a.test>'], [0, 'reply', '250 ok\r\n', 250], [0, 'content', 'DATA', 0, 9], [0, 'reply', '452 full\r\n', 452],
  ])), { code: 452, at: 'end-of-data', times: 1, match: { mail: 'a@a.test' } });
  assert.deepEqual(again(rowsOf([[0, 'opened', 'x'], [0, 'rule', 'r', 1, 3], [0, 'reply', '421 no\r\n', 421]])), { code: 421, at: 'connect', times: 1, match: undefined });
  const refused = (...lines: string[]) => again(rowsOf([...lines.map((line): Written => [0, 'command', line]), [0, 'rule', 'r', 1, 3], [0, 'reply', '550 no\r\n', 550]]))?.at;
  assert.deepEqual(['XCLIENT ADDR=192.0.2.1', 'atrn', 'noop', 'WIBBLE', 'TLS'].map((line) => refused(line)), ['xclient', 'etrn', 'noop', 'unknown', 'unknown']);
  assert.equal(refused('AUTH LOGIN', 'YQ=='), 'auth');
  assert.equal(again(rowsOf([[0, 'command', 'QUIT'], [0, 'reply', '221 bye\r\n', 221]])), undefined);
});

test('a transcript becomes the dialog of a scenario', () => {
  assert.equal(asScenario(3, '# session 3\nS: 220 x\nC: QUIT\n'), 'malaposta: 1\nname: session-3\ndialog: |\n  # session 3\n  S: 220 x\n  C: QUIT\n');
});
