// axe-core finds nothing serious, in any panel, dark or light, wide or narrow; and nothing is wider than the narrowest screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import { launch, Server, visit, type Look } from './server';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser;
let full: Server;
let empty: Server;
before(async () => {
  browser = await launch();
  full = await Server.start();
  empty = await Server.start();
  full.send('bob@example.test', 'Subject: hello\r\nContent-Type: text/html\r\n\r\n<p>Hello</p>\r\n');
  full.send('550@example.test');
  full.send('reset@example.test');
  for (const times of [2, undefined]) {
    const armed = await fetch(`${full.url}/api/v1/arm`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ code: 451, times, match: { rcpt: '*@x.test' } }) });
    assert.equal(armed.status, 200);
  }
});
after(async () => {
  await browser.close();
  await full.stop();
  await empty.stop();
});

// Each place with what shows that it is there.
const kPlaces: [place: string, there: string][] = [
  ['#/sessions', '.list a'],
  ['#/sessions/2', 'table.ladder tr.injected'],
  ['#/inbox', '.list a'],
  ['#/inbox/1', 'iframe.mail'],
  ['#/inbox/1?view=source', 'pre.source'],
  ['#/inbox/1?view=headers', 'table.plain tr'],
  ['#/codes', '.list a'],
  ['#/codes/451?lang=it', 'form.arm'],
  ['#/armed', 'table.plain progress'],
  ['#/scenarios', '.list a'],
  ['#/scenarios/default', '.editor .cm-content'],
  ['#/runs', 'article.text'],
];
const kEmpty: [place: string, there: string][] = [['#/sessions', '.command'], ['#/inbox', '.command'], ['#/armed', '.empty']];
const kLooks: Look[] = [{ scheme: 'light' }, { scheme: 'dark' }, { scheme: 'light', width: 360, height: 740 }];

async function violations(server: Server, place: string, there: string, look: Look): Promise<string[]> {
  const { page, context } = await visit(browser, `${server.url}/${place}`, look);
  try {
    await page.locator(there).first().waitFor();
    // The page's policy lets nothing be added to it; this is the browser's doing, not the page's.
    await page.evaluate(axe);
    const found = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run());
    const serious = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    return [...serious.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}: ${node.failureSummary}`)), ...(wide ? ['wider than the screen'] : [])];
  } finally {
    await context.close();
  }
}

for (const look of kLooks)
  test(`every panel is accessible, ${look.scheme}${look.width ? `, ${look.width} pixels wide` : ''}`, async () => {
    for (const [place, there] of kPlaces) assert.deepEqual(await violations(full, place, there, look), [], place);
    for (const [place, there] of kEmpty) assert.deepEqual(await violations(empty, place, there, look), [], `${place}, empty`);
  });
