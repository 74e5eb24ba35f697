import assert from 'node:assert/strict';
import { test } from 'node:test';
import { offers, spotAt, type Schema } from '../src/editor/complete';

// The cursor stands at the bar.
function spot(text: string) {
  const row = text.slice(0, text.indexOf('|')).split('\n').length - 1;
  const column = (text.split('\n')[row] ?? '').indexOf('|');
  return spotAt(text.replace('|', '').split('\n'), row, column);
}

const kSchema: Schema = {
  $ref: '#/definitions/scenario',
  definitions: {
    scenario: { properties: { name: {}, rules: { type: 'array', items: { $ref: '#/definitions/rule' } }, server: { oneOf: [{ type: 'string' }, { properties: { protocol: { enum: ['smtp', 'lmtp'] } } }] } } },
    rule: { properties: { id: {}, at: { oneOf: [{ enum: ['rcpt', 'mail'] }, { type: 'array', items: { enum: ['rcpt', 'mail'] } }] }, when: { additionalProperties: { enum: ['x'] } } } },
  },
};
const labels = (text: string): string[] => {
  const here = spot(text);
  return here ? offers(kSchema, here).map((one) => one.label) : [];
};

test('the place is found by indentation', () => {
  assert.deepEqual(spot('rules:\n  - id: a\n    at: rc|')?.path, ['rules', '[]', 'at']);
  assert.deepEqual(spot('rules:\n- id: a\n  a|')?.path, ['rules', '[]']);
  assert.deepEqual(spot('rules:\n  - |')?.path, ['rules', '[]']);
  assert.deepEqual(spot('server:\n  tls:\n    mode: x\n  pro|')?.path, ['server']);
  assert.deepEqual(spot('server:\n  a: b\n\n# so\nna|')?.path, []);
  assert.equal(spot('a: b # at|'), undefined);
  assert.equal(spot('a: { b|'), undefined);
});

test('keys are offered that may stand there, but for those that do', () => {
  assert.deepEqual(labels('|'), ['name', 'rules', 'server']);
  assert.deepEqual(labels('name: x\n|'), ['rules', 'server']);
  assert.deepEqual(labels('rules:\n  - id: a\n    |\n    when:\n      b: c'), ['at']);
  assert.deepEqual(labels('rules:\n  - id: a\n  - |'), ['id', 'at', 'when']);
});

test('values are offered, those of a list too', () => {
  assert.deepEqual(labels('rules:\n  - at: |'), ['rcpt', 'mail']);
  assert.deepEqual(labels('rules:\n  - at:\n      - |'), ['rcpt', 'mail']);
  assert.deepEqual(labels('server:\n  protocol: l|'), ['smtp', 'lmtp']);
  assert.deepEqual(labels('rules:\n  - when:\n      any: |'), ['x']);
});
