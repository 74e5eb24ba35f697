// The program, a client and a browser, as the tests of the page have them.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';

const kBinary = process.env.MALAPOSTA_BINARY ?? '';
const kChromium = process.env.MALAPOSTA_CHROMIUM ?? '/usr/bin/chromium';

export class Server {
  private constructor(private readonly process: ChildProcess, readonly smtp: number, readonly http: number, private readonly folder: string) {}

  // `scenario`: the text of the one that is played on the port.
  static async start(scenario?: string, ...options: string[]): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'malaposta-web-'));
    const played: string[] = [];
    if (scenario !== undefined) {
      played.push('scenario.yaml');
      writeFileSync(join(folder, 'scenario.yaml'), scenario);
    }
    const child = spawn(kBinary, ['serve', '--smtp', '127.0.0.1:0', '--http', '127.0.0.1:0', '--log', 'none', ...options, ...played], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const ports: Record<string, number> = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const found = /^malaposta: (smtp|http) listening on 127\.0\.0\.1:(\d+)/.exec(line);
      if (found?.[1]) ports[found[1]] = Number(found[2]);
      if (ports.smtp && ports.http) return new Server(child, ports.smtp, ports.http, folder);
    }
    throw new Error('the server does not listen');
  }

  get url(): string {
    return `http://localhost:${this.http}`;
  }

  // One message by curl; the status that curl ends with, which is 0 where it was accepted, and what it tells.
  send(to: string, message = 'Subject: hello\r\n\r\nHello\r\n', ...options: string[]): { status: number; told: string } {
    const { status, stderr } = spawnSync('curl', ['-sS', '-v', '--max-time', '20', `smtp://localhost:${this.smtp}/client.example.test`, '--mail-from', 'alice@example.com', '--mail-rcpt', to, '-T', '-', ...options], { input: message, encoding: 'utf8' });
    return { status: status ?? -1, told: stderr };
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGTERM');
    await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: kChromium,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export interface Look {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
}

// What the browser tells of a server that a test has stopped, and of answers that refuse what a test asks for.
const kNoComplaint = /ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|status of (401|422) /;

// A page of its own, and all that it complained of.
export async function visit(browser: Browser, url: string, { width = 1280, height = 860, scheme = 'light' }: Look = {}): Promise<{ page: Page; context: BrowserContext; complaints: string[] }> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, acceptDownloads: true });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if ((message.type() === 'error' || message.type() === 'warning') && !kNoComplaint.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, context, complaints };
}

// Frees what was made for one test, whatever becomes of it.
export async function using(close: (() => Promise<void>)[], what: () => Promise<void>): Promise<void> {
  try {
    await what();
  } finally {
    for (const one of close.reverse()) await one();
  }
}
