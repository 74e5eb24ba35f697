// The pictures of docs/web.md, docs/ci.md and docs/clients.md: node web/test/run.mjs build/debug/web pictures, with MALAPOSTA_BINARY and MALAPOSTA_IMAGES (a folder).
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { launch, Server, visit, type Look } from './server';

const kImages = process.env.MALAPOSTA_IMAGES ?? '.';
const kBinary = process.env.MALAPOSTA_BINARY ?? '';
const kSource = process.env.MALAPOSTA_SOURCE ?? '';

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
  ['web-sessions', '#/sessions/2', 'tr.injected', { height: 1560 }],
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
    const fresh = await Server.start();
    const empty = await visit(browser, fresh.url);
    await empty.page.locator('.command').first().waitFor();
    await empty.page.screenshot({ path: join(kImages, 'web-empty.png') });
    await empty.context.close();
    await fresh.stop();
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

// What `malaposta run --html` judges for docs/ci.md: a mailer that tries again once, whatever it was told, and takes any certificate.
const kMailer = `#!/usr/bin/python3
import smtplib, ssl, sys
for attempt in range(2):
    try:
        with smtplib.SMTP(sys.argv[1], int(sys.argv[2]), local_hostname="shop_1.example") as smtp:
            smtp.starttls(context=ssl._create_unverified_context())
            smtp.sendmail("billing@shop.example", ["bob@b.example"], "From: billing@shop.example\\r\\nTo: bob@b.example\\r\\nSubject: Invoice\\r\\n"
                          "Date: Thu, 1 Jan 2026 00:00:00 +0000\\r\\nMessage-ID: <118@shop.example>\\r\\n\\r\\nThe sum of 42.00 is due.\\r\\n")
        break
    except (smtplib.SMTPException, OSError):
        pass
`;
const kStories: Record<string, string> = {
  'a-tempfail': `malaposta: 1
name: 451-then-reset-then-accept
server: { tls: { mode: starttls }, extensions: [STARTTLS, ENHANCEDSTATUSCODES] }
rules:
  - { id: tempfail, at: end-of-data, times: 1, delay: 40ms, reply: 451 4.3.0 Try again later }
  - { id: cut, at: rcpt, skip: 1, times: 1, fault: reset }
expect:
  - attempts: { exactly: 3, same: [mail, rcpts] }
`,
  'b-certificates': `malaposta: 1
name: certificates
matrix: { certificate: [valid, expired, wrong-host] }
server: { tls: { mode: starttls, certificate: "\${matrix.certificate}" } }
rules: []
expect:
  - accepted: { min: 1 }
`,
  'c-unknown': `malaposta: 1
name: unknown-recipient
server: { tls: { mode: starttls } }
rules:
  - { id: unknown, at: rcpt, reply: 550 5.1.1 No such user here }
expect:
  - attempts: { exactly: 1 }
`,
};

test('the page of a run', async () => {
  const browser = await launch();
  const folder = mkdtempSync(join(tmpdir(), 'malaposta-pictures-'));
  try {
    mkdirSync(join(folder, 'mail'));
    for (const [name, story] of Object.entries(kStories)) writeFileSync(join(folder, 'mail', `${name}.yaml`), story);
    writeFileSync(join(folder, 'invoice-mailer'), kMailer, { mode: 0o755 });
    spawnSync(kBinary, ['run', 'mail', '--html', 'report.html', '--', './invoice-mailer', '{host}', '{port}'], { cwd: folder, stdio: 'inherit' });
    const page = await browser.newPage({ viewport: { width: 1180, height: 900 } });
    await page.goto(`file://${join(folder, 'report.html')}`);
    // To the end of the second ladder of the first story.
    const ladder = await page.locator('.ladder').nth(1).boundingBox();
    await page.screenshot({ path: join(kImages, 'run-report.png'), fullPage: true, clip: { x: 0, y: 0, width: 1180, height: Math.ceil((ladder?.y ?? 0) + (ladder?.height ?? 0) + 24) } });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

// The scenarios of the picture, in which clients do well or differ; and the cell that is opened.
const kColumns = ['101', '111', '250', '451-twice', '550', 'fin-at-mail', 'quit-rst', 'reply-code-changes-to-250', 'reply-code-changes-to-554', 'reply-no-code', 'rst-at-content', 'silence-after-dot', 'stall-mid-data', 'starttls-stripped'];
const kCell = { client: 'msmtp', scenario: 'reply-code-changes-to-554' };

// What is known of all clients is taken from docs/clients.json; the session behind the cell is measured anew.
test('the matrix of clients', async () => {
  const browser = await launch();
  const folder = mkdtempSync(join(tmpdir(), 'malaposta-pictures-'));
  try {
    const data = JSON.parse(readFileSync(join(kSource, 'docs/clients.json'), 'utf8')) as Record<string, { scenarios: Record<string, unknown> }>;
    for (const client of Object.values(data)) client.scenarios = Object.fromEntries(kColumns.map((name) => [name, client.scenarios[name]]));
    const [known, written, html] = ['clients.json', 'clients.md', 'clients.html'].map((name) => join(folder, name)) as [string, string, string];
    writeFileSync(known, JSON.stringify(data));
    const { status } = spawnSync(
      join(kSource, 'client_tests/clients/matrix'),
      ['--malaposta', kBinary, '--clients', kCell.client, '--scenarios', kCell.scenario, '--data', known, '--page', written, '--html', html, '--sessions', folder],
      { stdio: 'inherit' },
    );
    assert.equal(status, 0);
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(`file://${html}`);
    const margin = 40;
    const matrix = await page.locator('.matrix').boundingBox();
    assert.ok(matrix);
    // As wide as the matrix is, and down to the end of the session.
    const width = Math.ceil(matrix.x + matrix.width) + margin;
    await page.setViewportSize({ width, height: 900 });
    await page.locator(`a[href="#${kCell.client}-${kCell.scenario}"]`).click();
    await page.locator('.ladder').waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    const story = await page.locator('article').boundingBox();
    assert.ok(story);
    await page.screenshot({ path: join(kImages, 'clients-matrix.png'), fullPage: true, clip: { x: 0, y: 0, width, height: Math.ceil(story.y + story.height) + margin } });
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
