// Home: the sessions as they come, and the one that is open line by line.
import { useEffect, useMemo } from 'preact/hooks';
import { download, getText, json, send } from '../api';
import { again, asScenario, ladder } from '../ladder';
import { useLive } from '../live';
import { Command, copy } from '../parts/copy';
import { List, Pages, type Item } from '../parts/list';
import { CodePill, Empty, Panes, Problem } from '../parts/small';
import { place, write } from '../route';
import { attempt, info, kPage, session as open, sessions, smtp } from '../state';
import { clock, count, lasting, visible } from '../text';
import type { Armed, Session, SessionWithEvents } from '../types';
import { Ladder } from './ladder';

const kEndWords: Record<Session['end'], string> = {
  open: 'open',
  quit: 'quit',
  'server-closed': 'server closed (FIN)',
  'server-reset': 'server reset (RST)',
  'client-closed': 'client left without QUIT',
  'client-reset': 'client reset (RST)',
  'timed-out': 'timed out',
  'shut-down': 'shut down',
};

// What became of the client's mail, in a word.
export function verdictOf(session: Session): { word: string; css: string } {
  if (session.accepted > 0) return { word: session.accepted === 1 ? 'accepted' : `${session.accepted} accepted`, css: 'success' };
  if (session.refusal >= 500) return { word: 'refused', css: 'permanent' };
  if (session.refusal >= 400) return { word: 'put off', css: 'transient' };
  if (session.end === 'open') return { word: 'under way', css: 'intermediate' };
  return session.end === 'quit' ? { word: 'no mail', css: 'none' } : { word: 'broken off', css: 'permanent' };
}

function item(one: Session, query: Record<string, string>): Item {
  const verdict = verdictOf(one);
  return {
    key: String(one.id),
    href: write('sessions', one.id, query),
    content: (
      <>
        <span class="row"><b>{one.peer}</b><time dateTime={one.opened}>{clock(one.opened)}</time></span>
        <span class="row">
          <span><span class={`word ${verdict.css}`}>{verdict.word}</span> <CodePill code={one.refusal || one.last_code} /></span>
          <span class="soft">{one.end === 'open' ? <span class="pulse">open</span> : <>{kEndWords[one.end]} · {lasting(one.seconds ?? 0)}</>}</span>
        </span>
      </>
    ),
  };
}

export function firstMessage(port: number, address = 'localhost'): string {
  const host = address === '127.0.0.1' || address === '0.0.0.0' || address === '::' ? 'localhost' : address.includes(':') ? `[${address}]` : address;
  return `printf 'Subject: hello\\r\\n\\r\\nHello\\r\\n' | curl -sS smtp://${host}:${port} \\\n  --mail-from alice@example.com --mail-rcpt bob@example.test -T -`;
}

export function Welcome() {
  useLive(info);
  const listener = smtp.value;
  return (
    <Empty title="No session yet: send a first message">
      {listener ? (
        <>
          <p>Point your client at port {listener.Port}, or let curl send one:</p>
          <Command label="Command that sends a message" text={firstMessage(listener.Port, listener.Address)} />
          {listener.Scenario === 'default' ? (
            <>
              <p>An address that names a failure makes it happen, such as <code class="whole">550@example.test</code>, <code class="whole">451-2x@example.test</code> or <code class="whole">reset@example.test</code>:</p>
              <Command label="Command that meets a failure" text={firstMessage(listener.Port, listener.Address).replace('bob@', '550@')} />
            </>
          ) : <p>What it meets there is written in the scenario <a href={write('scenarios', listener.Scenario)}>{listener.Scenario}</a>; any <a href="#/codes">code</a> can be armed with a click.</p>}
        </>
      ) : <p>No port accepts SMTP by now.</p>}
    </Empty>
  );
}

function Actions({ session, rows }: { session: SessionWithEvents; rows: ReturnType<typeof ladder> }) {
  const fault = useMemo(() => again(rows), [rows]);
  const transcript = `/api/v1/sessions/${session.id}/transcript`;
  return (
    <p class="actions">
      <button type="button" onClick={() => void attempt(async () => { await copy(asScenario(session.id, await getText(transcript))); return 'copied: a scenario that plays this session again'; })}>Copy as scenario</button>
      <button type="button" disabled={!fault} title={fault ? `${fault.code} at ${fault.at}, once` : 'nothing went wrong in it'}
        onClick={() => void attempt(async () => {
          const armed = await send<Armed>('POST', '/api/v1/arm', json(fault));
          return `armed: ${fault?.code} at ${armed.at.join(', ')}, once`;
        })}>Arm again</button>
      <button type="button" onClick={() => void attempt(() => download(transcript, `session-${session.id}.txt`))}>Download transcript</button>
    </p>
  );
}

function Detail({ session }: { session: SessionWithEvents }) {
  const rows = useMemo(() => ladder(session), [session]);
  const verdict = verdictOf(session);
  return (
    <article class="session" aria-labelledby="session-title">
      <header>
        <h2 id="session-title">Session {session.id} <span class={`word ${verdict.css}`}>{verdict.word}</span></h2>
        <p class="soft">
          {session.peer} to port {session.local_port}, scenario <a href={write('scenarios', session.scenario)}>{session.scenario}</a> · {count(session.commands, 'command')} · {kEndWords[session.end]}
          {session.seconds !== null && <> after {lasting(session.seconds)}</>}
          {session.findings.length > 0 && <> · <b class="whole">{count(session.findings.length, 'finding')}</b></>}
        </p>
        <Actions session={session} rows={rows} />
      </header>
      {!session.complete && <p class="problem">The beginning of this session gave way to the limits of memory.</p>}
      <Ladder rows={rows} file={session.file} label={`Session ${session.id} from ${visible(session.peer)}, line by line`} key={session.id} />
      {session.end === 'open' && <p class="soft pulse" role="status">still open: what comes next appears here</p>}
    </article>
  );
}

export function SessionsPanel() {
  const { id, query } = place.value;
  const start = Number(query.start) || 0;
  useEffect(() => sessions.ask(`/api/v1/sessions?limit=${kPage}&start=${start}`), [start]);
  useEffect(() => open.ask(id ? `/api/v1/sessions/${encodeURIComponent(id)}` : ''), [id]);
  const list = useLive(sessions);
  const detail = useLive(open);
  if (list?.total === 0 && !id) return <Welcome />;
  return (
    <Panes
      open={id !== ''}
      back={write('sessions', '', query)}
      list={
        <>
          <Problem problem={sessions.problem.value} />
          {list && <List label="Sessions, the newest first" items={list.sessions.map((one) => item(one, query))} open={id} />}
          {list && <Pages start={start} shown={list.sessions.length} total={list.total} href={(to) => write('sessions', id, { start: to ? String(to) : '' })} />}
        </>
      }
    >
      <Problem problem={open.problem.value} />
      {detail && <Detail session={detail} />}
      {!id && list && <Empty title="Choose a session"><p>It is shown line by line, as it happens.</p></Empty>}
    </Panes>
  );
}
