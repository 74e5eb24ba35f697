import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Frames } from '../src/frames';
import { readReport } from '../src/report';
import { bytes, count, lasting, visible } from '../src/text';

test('times are told in the unit that fits', () => {
  const told: [number, string][] = [[0, '0 µs'], [0.0001, '100 µs'], [0.0042, '4.2 ms'], [0.25, '250 ms'], [1.5, '1.50 s'], [42, '42.0 s'], [125, '2 min 5 s']];
  for (const [seconds, text] of told) assert.equal(lasting(seconds), text);
});

test('sizes and counts', () => {
  assert.deepEqual([bytes(999), bytes(1500), bytes(2_500_000)], ['999 B', '1.5 kB', '2.5 MB']);
  assert.deepEqual([count(1, 'fault'), count(0, 'fault')], ['1 fault', '0 faults']);
});

test('what no font shows is shown, and what turns text around is not obeyed', () => {
  assert.equal(visible('a\u0000\t\u202eb'), 'a\\x00\\t\\u202eb');
});

test('events are cut out of whatever pieces they come in', () => {
  const frames = new Frames();
  const text = ': hello\n\nid: 7-1\nevent: reply\ndata: {"a":\ndata: 1}\n\nretry: 5\n\ndata: x\n\n';
  const told = [...text].flatMap((character) => frames.push(character));
  assert.deepEqual(told, [{ name: 'reply', data: '{"a":\n1}' }, { name: 'message', data: 'x' }]);
  assert.equal(frames.last, '7-1');
});

test('an event that does not end is not kept', () => {
  const frames = new Frames();
  const piece = 'x'.repeat(1024 * 1024);
  assert.throws(() => { for (let i = 0; i < 5; ++i) frames.push(piece); });
});

test('a report is read, and nothing else is taken for one', () => {
  const verdict = { scenario: '550', cell: '', verdict: 'passed', seed: 7, expectations: [], findings: [] };
  assert.equal(readReport(JSON.stringify({ seed: 7, scenarios: [verdict] })).scenarios.length, 1);
  assert.equal(readReport(JSON.stringify(verdict)).seed, 7);
  for (const other of ['{}', '[]', 'null', '{"scenarios": [{}]}']) assert.throws(() => readReport(other), /no report/);
});
