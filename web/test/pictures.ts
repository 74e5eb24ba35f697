// The pictures of docs/web.md: node web/test/run.mjs build/debug/web pictures, with MALAPOSTA_BINARY and MALAPOSTA_IMAGES (a folder).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, Server, visit, type Look } from './server';

const kImages = process.env.MALAPOSTA_IMAGES ?? '.';

const kScenario = `malaposta: 1
name: invoice-day
title: A server on the day when all invoices go out
server:
  tls: { mode: starttls }
rules:
  - id: mailbox-full
    at: rcpt
    when: { rcpt: "bob@*" }
    delay: 120ms
    reply: 452 4.2.2 Mailbox full
  - id: cut
    at: body
    when: { rcpt: "carol@*" }
    after: 512
    fault: reset
expect:
  - attempts: { min: 2 }
  - accepted: 3
`;

const mail = (subject: string, body: string, ...fields: string[]): string =>
  ['From: Billing <billing@shop.example>', 'To: customer@example.test', `Subject: ${subject}`, 'Date: Mon, 02 Dec 2024 10:00:00 +0000', 'MIME-Version: 1.0', ...fields, '', body, ''].join('\r\n');

const kHtml = '<div style="font-family: sans-serif; max-width: 30em; margin: 1.5em"><h1 style="font-size: 1.3em">Your invoice 2024-118</h1><p>Dear customer,</p><p>the sum of <b>42.00 €</b> is due on 31 December.</p><p><img src="http://tracker.example/pixel.png" alt="(a remote image: not loaded)"></p><p style="color: #777">Shop Example, 1 Example Street</p></div>';

const kPictures: [name: string, place: string, there: string, look: Look][] = [
  ['web-sessions', '#/sessions/2', 'tr.injected', { height: 1480 }],
  ['web-sessions-dark', '#/sessions/3', 'tr.rst', { scheme: 'dark', height: 1480 }],
  ['web-inbox', '#/inbox/1', 'iframe.mail', {}],
  ['web-codes', '#/codes/451?lang=it', 'form.arm', {}],
  ['web-armed', '#/armed', 'progress', { height: 420 }],
  ['web-scenarios', '#/scenarios/invoice-day', '.editor .cm-content', { height: 980 }],
  ['web-verdicts', '#/runs', '.expectations', {}],
  ['web-narrow', '#/sessions/2', 'tr.injected', { width: 360, height: 860 }],
];

test('pictures', async () => {
  const browser = await launch();
  const server = await Server.start(kScenario);
  try {
    const empty = await visit(browser, server.url);
    await empty.page.locator('.command').first().waitFor();
    await empty.page.screenshot({ path: join(kImages, 'web-empty.png') });
    await empty.context.close();
    server.send('alice@example.test', mail('Your invoice 2024-118', kHtml, 'Content-Type: text/html; charset=utf-8'));
    server.send('bob@example.test', mail('Your invoice 2024-119', 'x'), '--ssl-reqd', '-k', '--user', 'billing:secret');
    server.send('carol@example.test', mail('Your invoice 2024-120', 'y'.repeat(2000)), '--ssl-reqd', '-k');
    spawnSync('sh', ['-c', `printf 'EHLO shop_1\\r\\nMAIL FROM: <a@a.test>\\r\\nRSET\\r\\n' | curl -sS --max-time 2 telnet://localhost:${server.smtp}`]);
    server.send('dave@example.test', mail('Parcel on its way', 'It comes tomorrow.', 'Content-Type: text/plain'));
    const arm = (body: unknown) => fetch(`${server.url}/api/v1/arm`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    await arm({ code: 451, at: 'end-of-data', times: 3, match: { rcpt: '*@example.test' } });
    await arm({ code: 421, at: 'mail', match: { mail: 'noreply@*' } });
    await arm({ code: 550, times: 2, match: { rcpt: 'erin@*' } });
    server.send('erin@example.test');
    for (const [name, place, there, look] of kPictures) {
      const { page, context } = await visit(browser, `${server.url}/${place}`, look);
      await page.locator(there).first().waitFor();
      await page.locator('.state.on').waitFor();
      await page.evaluate(() => document.fonts.ready);
      await page.waitForLoadState('networkidle', { timeout: 1_000 }).catch(() => undefined);
      await page.screenshot({ path: join(kImages, `${name}.png`) });
      await context.close();
    }
  } finally {
    await browser.close();
    await server.stop();
  }
});
