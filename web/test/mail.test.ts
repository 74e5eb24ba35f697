// Mail that means harm, shown: it runs nothing, loads nothing, goes nowhere. A trap listens for whatever it may ask for.
import assert from 'node:assert/strict';
import { createServer, type Server as Trap } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch, Server, visit } from './server';

let browser: Browser;
let server: Server;
let trap: Trap;
let trapped: string[] = [];
let unprotected = '';  // what the trap itself serves
before(async () => {
  browser = await launch();
  server = await Server.start();
  trap = createServer((request, response) => {
    trapped.push(`${request.method} ${request.url}`);
    response.setHeader('Content-Type', 'text/html');
    response.end(request.url === '/unprotected' ? unprotected : '');
  });
  await new Promise<void>((resolve) => trap.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  await browser.close();
  await server.stop();
  trap.closeAllConnections();
  trap.close();
});

// Everything that has ever made a mail reader call home, aimed at `to`; and at the API, which a page of the same host could reach.
function hostile(to: string, api: string): string {
  return `<!doctype html><html><head>
<base href="${to}/base/">
<meta http-equiv="refresh" content="0;url=${to}/refresh">
<link rel="stylesheet" href="${to}/link.css"><link rel="prefetch" href="${to}/prefetch"><link rel="icon" href="${to}/icon"><link rel="dns-prefetch" href="${to}"><link rel="preconnect" href="${to}">
<style>@import url("${to}/import.css"); @font-face { font-family: x; src: url("${to}/font") } body { font-family: x; background: url("${to}/background") } li { list-style-image: url(${to}/list) }</style>
<script src="${to}/script.js"></script><script>top.harmed = parent.harmed = window.harmed = 1; fetch("${to}/fetch"); fetch("${api}/api/v1/messages", { method: "DELETE" }); location = "${to}/location"; open("${to}/open"); alert(1)</script>
</head><body onload="parent.harmed = 2; new Image().src = '${to}/onload'" background="${to}/body">
<h1 id="shown">Your invoice</h1>
<img src="${to}/image.png" srcset="${to}/srcset.png 2x" onerror="parent.harmed = 3"><img src="relative.png"><img src="x:" onerror="parent.harmed = 4">
<picture><source srcset="${to}/source.png"><img src="${to}/picture.png"></picture>
<svg xmlns="http://www.w3.org/2000/svg" onload="parent.harmed = 5" width="9" height="9"><script>parent.harmed = 6; fetch("${to}/svg-script")</script><image href="${to}/svg-image"/><use href="${to}/use.svg#a"/><foreignObject><iframe src="${to}/foreign"></iframe></foreignObject><animate attributeName="href" values="javascript:parent.harmed=7"/></svg>
<iframe src="${to}/iframe"></iframe><iframe srcdoc="<script>top.harmed = 8; fetch('${to}/srcdoc')</script><img src='${to}/srcdoc-image'>"></iframe>
<object data="${to}/object"></object><embed src="${to}/embed"><video src="${to}/video" poster="${to}/poster" autoplay></video><audio src="${to}/audio" autoplay></audio><track src="${to}/track">
<form id="form" action="${to}/form" method="post"><input name="a" value="b" autofocus onfocus="parent.harmed = 9; this.form.submit()"><button id="submit">Pay</button><input type="image" src="${to}/input"></form>
<form action="${api}/api/v1/reset" method="post"><button id="reset">Reset</button></form>
<a id="go" href="${to}/link">link</a> <a id="top" href="${to}/top" target="_top">top</a> <a id="blank" href="${to}/blank" target="_blank" ping="${to}/ping">new</a> <a id="run" href="javascript:parent.harmed=10">run</a>
<div style="background: url(${to}/inline); width: 9px; height: 9px; content: image-set('${to}/set' 1x)">.</div><table background="${to}/table"><tr><td background="${to}/cell">.</td></tr></table>
</body></html>`;
}

const kWays: [name: string, options: string[], token: string][] = [['by its own path', [], ''], ['where a token is needed', ['--api-token', 'sesame'], 'sesame']];

for (const [name, options, token] of kWays)
  test(`hostile HTML does nothing, ${name}`, async (t) => {
    const own = await Server.start(undefined, ...options);
    t.after(() => own.stop());
    trapped = [];
    const to = `http://localhost:${(trap.address() as AddressInfo).port}`;
    const sent = own.send('bob@example.test', `Subject: <img src=${to}/subject onerror=alert(1)>\r\nFrom: "<script>harmed = 11</script>" <a@a.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${hostile(to, own.url).replace(/\n/g, '\r\n')}\r\n`);
    assert.equal(sent.status, 0, sent.told);
    const { page, context } = await visit(browser, 'about:blank');
    t.after(() => context.close());
    const opened: string[] = [];
    context.on('page', (one) => opened.push(one.url()));
    page.on('dialog', (dialog) => { opened.push(`dialog ${dialog.message()}`); void dialog.dismiss(); });
    await page.addInitScript((secret) => { if (secret) sessionStorage.setItem('malaposta-token', secret); }, token);
    await page.goto(`${own.url}/#/inbox/latest`);
    const mail = page.frameLocator('iframe.mail');
    await mail.locator('#shown').waitFor({ state: 'attached' });
    // Whoever clicks on it goes nowhere either. Each click is done when the browser has handled it.
    for (const id of ['submit', 'reset', 'top', 'blank', 'run', 'go']) await mail.locator(`#${id}`).click({ force: true, noWaitAfter: true, timeout: 2_000 }).catch(() => undefined);
    // One round trip of the browser to the trap, which knows of everything that was asked before.
    const probe = await context.newPage();
    await probe.goto(`${to}/probe`);
    opened.splice(opened.indexOf('about:blank'), 1);
    assert.deepEqual(trapped.filter((one) => !/ \/(probe|favicon\.ico)$/.test(one)), []);
    assert.deepEqual(opened, []);
    assert.equal(await page.evaluate(() => 'harmed' in window), false);
    assert.match(page.url(), /#\/inbox\/latest$/);
    const left = (await (await fetch(`${own.url}/api/v1/messages`, { headers: token ? { Authorization: `Bearer ${token}` } : {} })).json()) as { total: number };
    assert.equal(left.total, 1);
  });

test('the HTML alone, in a tab of its own, does nothing either', async (t) => {
  trapped = [];
  const to = `http://localhost:${(trap.address() as AddressInfo).port}`;
  server.send('bob@example.test', `Subject: x\r\nContent-Type: text/html\r\n\r\n${hostile(to, server.url).replace(/http-equiv="refresh"/, '').replace(/\n/g, '\r\n')}\r\n`);
  const { page, context } = await visit(browser, `${server.url}/view/latest.html`);
  t.after(() => context.close());
  await page.locator('#shown').waitFor({ state: 'attached' });
  const probe = await context.newPage();
  await probe.goto(`${to}/probe`);
  assert.deepEqual(trapped.filter((one) => !/ \/(probe|favicon\.ico)$/.test(one)), []);
  assert.equal(await page.evaluate(() => 'harmed' in window), false);
});

test('the trap is one: a page without protection falls into it', async (t) => {
  trapped = [];
  const to = `http://localhost:${(trap.address() as AddressInfo).port}`;
  // But for what would lead the browser away before it has loaded the rest.
  unprotected = hostile(to, server.url).replace(/<meta[^>]*>/, '').replace(/<script>.*<\/script>/, '').replace('this.form.submit()', '');
  const { page, context } = await visit(browser, `${to}/unprotected`);
  t.after(() => context.close());
  assert.equal(await page.evaluate(() => 'harmed' in window), true);
  assert.ok(trapped.some((one) => one.includes('/image.png') || one.includes('/srcset.png')), trapped.join(', '));
  assert.ok(trapped.some((one) => one.includes('/import.css')));
});

test('a long message is scrolled by keys alone, and Tab leads on', async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  own.send('bob@example.test', `Subject: long\r\nContent-Type: text/html\r\n\r\n${'<p>line</p>\r\n'.repeat(300)}<p>the end</p>\r\n`);
  const { page, context } = await visit(browser, `${own.url}/#/inbox/latest`);
  t.after(() => context.close());
  await page.frameLocator('iframe.mail').getByText('the end').waitFor();
  await page.getByRole('link', { name: 'Headers' }).focus();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.keyboard.press('PageDown');
  // No function of the page's can wait in there: no script runs.
  let scrolled: number | undefined = 0;
  for (const end = Date.now() + 10_000; scrolled === 0 && Date.now() < end;) scrolled = await page.frames()[1]?.evaluate(() => scrollY);
  assert.ok(scrolled, 'it is not scrolled');
  await page.keyboard.press('Tab');
  assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'IFRAME');
});

test('messages are found, read in every form, and their attachments downloaded', async (t) => {
  const own = await Server.start();
  t.after(() => own.stop());
  own.send('carol@example.test', 'Subject: other\r\n\r\nnothing\r\n');
  own.send('bob@example.test', ['Subject: the invoice', 'X-Tags: billing', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=x', '', '--x', 'Content-Type: text/html', '', '<p>Dear <b>Bob</b></p>', '--x', 'Content-Type: text/csv', 'Content-Disposition: attachment; filename="invoice.csv"', '', 'a,b', '--x--', ''].join('\r\n'));
  const { page, context, complaints } = await visit(browser, `${own.url}/#/inbox`);
  t.after(() => context.close());
  const rows = page.locator('.list a');
  await rows.nth(1).waitFor();
  assert.equal(await page.locator('.list a.unread').count(), 2);
  await page.getByLabel('Search the messages').fill('subject:invoice');
  await rows.nth(1).waitFor({ state: 'detached' });
  await rows.first().click();
  await page.frameLocator('iframe.mail').getByText('Dear Bob').waitFor();
  await page.locator('.list a[aria-current]:not(.unread)').waitFor();
  await page.locator('.message .tag', { hasText: 'billing' }).waitFor();
  await page.getByRole('link', { name: 'Source' }).click();
  await page.getByLabel('Source', { exact: true }).filter({ hasText: 'boundary=x' }).waitFor();
  await page.getByRole('link', { name: 'Headers' }).click();
  await page.locator('table.plain tr', { hasText: 'multipart/mixed' }).waitFor();
  await page.getByRole('link', { name: /^Attachments/ }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download invoice.csv' }).click()]);
  assert.equal(download.suggestedFilename(), 'invoice.csv');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No message matches').waitFor();
  await page.getByLabel('Search the messages').fill('');
  await rows.filter({ hasText: 'other' }).waitFor();
  assert.deepEqual(complaints, []);
});
