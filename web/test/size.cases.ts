// What a browser has to load, as it is sent.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';

const kFirst = 60_000;   // bytes, compressed
const kEditor = 170_000;

const dist = join(process.env.MALAPOSTA_WEB_BUILD ?? '.', 'dist');
const size = (file: string): number => readFileSync(join(dist, `${file}.gz`)).length;

test('the first load is small, and the editor comes later', (t) => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((found) => found[1] ?? '');
  assert.ok(named.some((file) => file.endsWith('.js')) && named.some((file) => file.endsWith('.css')));
  const first = ['index.html', ...named].reduce((sum, file) => sum + size(file), 0);
  t.diagnostic(`first load: ${first} bytes`);
  assert.ok(first < kFirst, `${first} bytes`);
  const scripts = readdirSync(join(dist, 'assets')).filter((file) => file.endsWith('.js')).map((file) => `assets/${file}`);
  const later = scripts.filter((file) => !named.includes(file));
  assert.ok(later.length > 0 && later.every((file) => !page.includes(file)));
  const editor = later.reduce((sum, file) => sum + size(file), 0);
  t.diagnostic(`editor: ${editor} bytes`);
  assert.ok(editor < kEditor, `${editor} bytes`);
});

test('what is sent compressed is the file', () => {
  for (const file of readdirSync(join(dist, 'assets')).filter((one) => !one.endsWith('.gz')))
    assert.deepEqual(gunzipSync(readFileSync(join(dist, 'assets', `${file}.gz`))), readFileSync(join(dist, 'assets', file)));
});

test('the page names no script or style but its own files', () => {
  const page = readFileSync(join(dist, 'index.html'), 'utf8');
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc="\/assets\/)|<style|\bon\w+=|https?:/);
});
