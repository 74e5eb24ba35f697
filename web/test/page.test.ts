// The page in a browser, against the program, with curl as the client.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, Server, visit, type Look } from './server';

const kScenario = `malaposta: 1
name: page-test
title: Written for the test of the page
server:
  tls: { mode: starttls }
rules:
  - id: busy
    at: rcpt
    when: { rcpt: "busy@*" }
    reply: 450 4.2.1 Busy
  - id: cut
    at: body
    when: { rcpt: "cut@*" }
    after: 1
    fault: reset
`;

let browser: Browser;
let server: Server;
before(async () => {
  browser = await launch();
  server = await Server.start(kScenario);
});
after(async () => {
  await browser.close();
  await server.stop();
});

// The page at that place, closed when the test ends; it must not have complained of anything.
async function at(t: { after(close: () => Promise<void>): void }, place = '', look: Look = {}, of = server): Promise<{ page: Page; context: BrowserContext }> {
  const { page, context, complaints } = await visit(browser, `${of.url}/${place}`, look);
  t.after(async () => {
    await context.close();
    assert.deepEqual(complaints, []);
  });
  await page.locator('.state.on').waitFor();
  return { page, context };
}

const api = async <T>(path: string, of = server): Promise<T> => (await (await fetch(`${of.url}${path}`)).json()) as T;
const newest = async (): Promise<number> => (await api<{ sessions: { id: number }[] }>('/api/v1/sessions?limit=1')).sessions[0]?.id ?? 0;

test('an empty page shows a command that sends a first message, which appears without a reload', async (t) => {
  const empty = await Server.start();
  t.after(() => empty.stop());
  const { page } = await at(t, '', {}, empty);
  const command = await page.locator('.command pre').first().innerText();
  assert.match(command, new RegExp(`localhost:${empty.smtp}\\b`));
  await page.evaluate(() => { document.body.dataset.same = 'page'; });
  assert.equal(spawnSync('sh', ['-c', command]).status, 0);
  const row = page.locator('.list a');
  await row.waitFor();
  assert.match(await row.innerText(), /accepted/);
  await page.keyboard.press('2');
  await page.locator('.list a').filter({ hasText: 'hello' }).waitFor();
  assert.equal(await page.locator('body').getAttribute('data-same'), 'page');
});

test('a session is a ladder: lanes, the rule with its place, TLS and AUTH as bands, findings beside their line', async (t) => {
  const { page } = await at(t);
  assert.notEqual(server.send('busy@example.test', undefined, '--ssl-reqd', '-k', '--user', 'alice:secret').status, 0);
  await page.locator('.list a').first().click();
  const ladder = page.locator('table.ladder');
  const refused = ladder.locator('tr.injected');
  await refused.waitFor();
  assert.equal(await refused.count(), 1);
  assert.match(await refused.innerText(), /450 4\.2\.1 Busy/);
  assert.match(await refused.locator('.rule').innerText(), /busy.*scenario\.yaml:7/);
  assert.match(await ladder.locator('tr.tls .band').innerText(), /TLS begins: TLSv1/);
  assert.match(await ladder.locator('tr.login .band').innerText(), /logged in/);
  assert.ok((await ladder.locator('tr.client.auth').count()) >= 1);
  assert.match(await ladder.locator('tr.closed').innerText(), /FIN/);
  assert.match(await page.locator('.list a').first().innerText(), /put off[^]*450/);
  const lanes = await ladder.locator('tr.client.command .said, tr.server.reply .said').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().left));
  assert.equal(new Set(lanes.map(Math.round)).size, 2);
});

test('RST is told apart from FIN', async (t) => {
  server.send('cut@example.test');
  const { page } = await at(t, `#/sessions/${await newest()}`);
  const cut = page.locator('tr.injected.rst');
  await cut.waitFor();
  assert.match(await cut.innerText(), /RST/);
  assert.equal(await page.locator('.ladder td.wire.fin').count(), 0);
});

test('a finding stands beside its line, and says what is against which rule', async (t) => {
  spawnSync('sh', ['-c', `printf 'EHLO shop_1\\r\\nQUIT\\r\\n' | curl -sS --max-time 10 telnet://localhost:${server.smtp}`]);
  const { page } = await at(t, `#/sessions/${await newest()}`);
  const note = page.locator('tr.client.command', { hasText: 'EHLO shop_1' }).locator('.finding', { hasText: 'odd-hello-name' });
  await note.locator('summary').click();
  assert.match(await note.innerText(), /RFC 5321/);
});

test('a session is copied as a scenario, downloaded, and its failure armed again', async (t) => {
  server.send('busy@example.test');
  const { page, context } = await at(t, `#/sessions/${await newest()}`);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy as scenario' }).click();
  await page.locator('.toast.shown', { hasText: 'copied' }).waitFor();
  const text = await page.evaluate(() => navigator.clipboard.readText());
  const checked = (await (await fetch(`${server.url}/api/v1/check`, { method: 'POST', headers: { 'Content-Type': 'application/yaml' }, body: text })).json()) as { valid: boolean };
  assert.equal(checked.valid, true, text);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download transcript' }).click()]);
  assert.match(readFileSync(await download.path(), 'utf8'), /C: RCPT TO:<busy@example\.test>/);
  await page.getByRole('button', { name: 'Arm again' }).click();
  await page.locator('.armed.hot', { hasText: '1 fault armed' }).waitFor();
  const { armed } = await api<{ armed: { rule: string; at: string[]; times: number }[] }>('/api/v1/arm');
  assert.deepEqual(armed.map((one) => [one.rule, one.at, one.times]), [['armed-450', ['rcpt'], 1]]);
  await page.getByRole('button', { name: 'Disarm all' }).click();
  await page.locator('.armed', { hasText: 'nothing armed' }).waitFor();
});

test('a code armed by a click fails exactly the next N matching messages, and what is left is counted down', async (t) => {
  const { page } = await at(t, '#/codes/451');
  await page.getByLabel('times').fill('2');
  await page.locator('form.arm select').first().selectOption('rcpt');
  await page.getByLabel('is like').fill('*@armed.test');
  await page.getByRole('button', { name: 'Arm this 451' }).click();
  await page.locator('.armed.hot').click();
  const row = page.locator('table.plain tbody tr');
  await row.filter({ hasText: '2 of 2 left' }).waitFor();
  const codes = ['a@armed.test', 'a@other.test', 'b@armed.test', 'c@armed.test', 'a@armed.test'].map((to) => {
    const { status, told } = server.send(to);
    return status === 0 ? 250 : Number(/< (45\d)/.exec(told)?.[1]);
  });
  assert.deepEqual(codes, [451, 250, 451, 250, 250]);
  await row.filter({ hasText: '0 of 2 left' }).waitFor();
  await page.goto(`${server.url}/#/sessions/${(await newest()) - 4}`);
  await page.locator('tr.injected .rule', { hasText: /armed-451 added/ }).waitFor();
  await page.goto(`${server.url}/#/armed`);
  await page.getByRole('button', { name: 'Disarm armed-451' }).click();
  await page.getByText('Nothing is armed').waitFor();
});

test('the catalogue is there in English and in Italian', async (t) => {
  const { page } = await at(t, '#/codes/550');
  await page.getByText('What it means').waitFor();
  await page.getByLabel('Language').selectOption('it');
  await page.getByText('Che cosa significa').waitFor();
  assert.match(page.url(), /lang=it/);
  const italian = (await api<{ code: number; meaning: string }[]>('/api/v1/codes?lang=it')).find((one) => one.code === 550);
  await page.getByText(italian?.meaning ?? '').waitFor();
  await page.getByLabel('Search the codes').fill('535');
  await page.locator('.list a', { hasText: '535' }).waitFor();
  assert.equal(await page.locator('.list a', { hasText: '211' }).count(), 0);
});

test('keys lead everywhere, and Tab finds one stop in each list', async (t) => {
  server.send('bob@example.test');
  server.send('bob@example.test');
  const { page } = await at(t);
  await page.locator('.list a').first().waitFor();
  assert.equal(await page.locator('.list a[tabindex="0"]').count(), 1);
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.locator('table.ladder').waitFor();
  const second = await page.locator('.list a').nth(1).getAttribute('aria-current');
  assert.equal(second, 'true');
  await page.keyboard.press('Escape');
  await page.getByText('Choose a session').waitFor();
  await page.keyboard.press('3');
  await page.getByLabel('Search the codes').waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('1');
  assert.equal(await page.getByLabel('Search the codes').inputValue(), '1');
  await page.getByRole('link', { name: 'Armed', exact: true }).focus();
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.getByLabel('single keys do this').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  assert.match(page.url(), /#\/codes/);
});

test('verdicts are judged so far, and the report of a run is read', async (t) => {
  const { page } = await at(t, '#/runs');
  await page.getByText('page-test so far').waitFor();
  const verdict = { scenario: 'other', cell: '', verdict: 'failed', seed: 7, seconds: 1, client: null, connections: 1, attempts: 1, accepted: 0, captured: 0, expectations: [{ passed: false, outcome: 'failed', expected: 'accepted: 1', actual: '0', explanation: ['nearest'], file: 'a.yaml', line: 3 }], findings: [] };
  await page.getByLabel('Report of a run').setInputFiles({ name: 'r.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ seed: 7, scenarios: [verdict] })) });
  await page.getByRole('button', { name: 'other' }).click();
  await page.locator('.expectations').getByText('a.yaml:3').waitFor();
});

test('where a token is needed, the page asks for it, and brings it everywhere', async (t) => {
  const closed = await Server.start(undefined, '--api-token', 'sesame');
  t.after(() => closed.stop());
  const { page, context } = await visit(browser, closed.url);
  t.after(() => context.close());
  await page.getByRole('textbox', { name: 'Token' }).fill('wrong');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByRole('textbox', { name: 'Token' }).fill('sesame');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.locator('.state.on').waitFor();
  closed.send('bob@example.test', 'Subject: s\r\nContent-Type: text/html\r\n\r\n<p>secret words</p>\r\n');
  await page.locator('.list a').filter({ hasText: 'accepted' }).waitFor();
  await page.goto(`${closed.url}/#/inbox/1`);
  await page.frameLocator('iframe.mail').getByText('secret words').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('malaposta-token')), null);
});
