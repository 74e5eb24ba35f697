// Scenarios, edited in the page and met by a client.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, Server, visit } from './server';

const kScenario = `malaposta: 1
name: edited
rules:
  - id: busy
    at: rcpt
    when: { rcpt: "busy@*" }
    reply: 450 4.2.1 Busy
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

const kEditor = '.editor .cm-content';

async function open(t: { after(close: () => Promise<void>): void }, place: string): Promise<{ page: Page; loaded: string[] }> {
  const { page, context, complaints } = await visit(browser, 'about:blank');
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await page.goto(`${server.url}/#/scenarios`);
  await page.locator('.list a').first().waitFor();
  assert.ok(!loaded.some((url) => /editor/.test(url)), 'the editor is loaded only when it is opened');
  await page.goto(`${server.url}/${place}`);
  await page.locator(kEditor).waitFor();
  t.after(async () => {
    await context.close();
    // Where a selection is replaced, the browser would keep its style as an attribute, which the policy forbids; CodeMirror draws it anew anyway.
    assert.deepEqual(complaints.filter((one) => !one.startsWith('Applying inline style')), []);
  });
  return { page, loaded };
}

async function write(page: Page, text: string): Promise<void> {
  await page.locator(kEditor).click();
  await page.keyboard.press('Control+A');
  // As it would be pasted: what is typed, the editor indents by itself.
  await page.keyboard.insertText(text);
}

const replies = (to: string): string => server.send(to).told;

test('a scenario edited in the page takes effect, and shows how often each rule fired', async (t) => {
  const { page } = await open(t, '#/scenarios/edited');
  for (let i = 0; i < 2; ++i) assert.match(replies('busy@example.test'), /450 4\.2\.1 Busy/);
  const fired = (times: number) => page.locator('table.rules tbody tr', { hasText: 'busy' }).locator('.figure', { hasText: new RegExp(`^${times}$`) }).waitFor();
  await fired(2);
  await write(page, kScenario.replace('450 4.2.1 Busy', '550 5.1.1 Nobody here'));
  await page.getByText('changed, not played yet').waitFor();
  await page.getByRole('button', { name: 'Play this text' }).click();
  await page.locator('.toast.shown', { hasText: 'next connection' }).waitFor();
  assert.match(replies('busy@example.test'), /550 5\.1\.1 Nobody here/);
  await fired(1);
});

test('what is wrong is marked while one types, as the command line says it', async (t) => {
  const { page } = await open(t, '#/scenarios/edited');
  await write(page, kScenario.replace('reply:', 'replay:'));
  const mark = page.locator('.editor .cm-lintRange-error');
  await mark.waitFor();
  assert.equal(await mark.innerText(), 'replay');
  await mark.hover();
  await page.locator('.editor .cm-tooltip', { hasText: "unknown key 'replay' in rule" }).filter({ hasText: "did you mean 'reply'?" }).waitFor();
  await page.getByRole('button', { name: 'Play this text' }).click();
  await page.getByRole('alert').getByText("line 7: unknown key 'replay' in rule: did you mean 'reply'?").waitFor();
  await page.getByRole('button', { name: 'Take changes back' }).click();
  await mark.waitFor({ state: 'detached' });
});

test('keys and values are completed', async (t) => {
  const { page } = await open(t, '#/scenarios/edited');
  await write(page, 'malaposta: 1\nrules:\n  - id: a\n    at: end-of');
  await page.keyboard.press('Control+Space');
  const offered = page.locator('.editor .cm-tooltip-autocomplete li');
  await offered.filter({ hasText: 'end-of-data' }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.keyboard.type('prob');
  await offered.filter({ hasText: 'probability' }).waitFor();
});

test('a new scenario is played on a port of its own', async (t) => {
  const { page } = await open(t, '#/scenarios/+');
  await write(page, 'malaposta: 1\nname: made-here\nrules:\n  - at: connect\n    reply: 554 5.3.2 No\n');
  await page.getByRole('button', { name: 'Play it on a port of its own' }).click();
  await page.getByRole('heading', { name: 'made-here' }).waitFor();
  const scenario = (await (await fetch(`${server.url}/api/v1/scenarios/made-here`)).json()) as { listeners: { port: number }[] };
  await page.locator('.listeners', { hasText: `:${scenario.listeners[0]?.port} made-here` }).waitFor();
  await page.getByRole('button', { name: 'Close its port' }).click();
  await page.locator('.listeners', { hasText: 'made-here' }).waitFor({ state: 'detached' });
});
