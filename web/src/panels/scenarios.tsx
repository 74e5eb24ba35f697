// The scenarios: what is played, with how often each rule fired; and the text of each, to be changed and played from here.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, get, request, send, type Content } from '../api';
import type { Editor } from '../editor/editor';
import type { Schema } from '../editor/complete';
import { Live, useLive } from '../live';
import { List } from '../parts/list';
import { CodePill, Empty, Panes, Problem } from '../parts/small';
import { go, look, place, write } from '../route';
import { attempt, info, onEvent, say } from '../state';
import { count } from '../text';
import type { Checked, Diagnostic, Scenario, ScenarioLine, Scenarios } from '../types';

const kNew = '+';  // no scenario is called so
const kTemplate = `malaposta: 1
name: my-scenario
title: 451 twice at RCPT, then accept
rules:
  - id: later
    at: rcpt
    times: 2
    reply: 451 4.3.0 Try again later
expect:
  - accepted: 1
`;

const list = new Live<Scenarios>('/api/v1/scenarios');
const open = new Live<Scenario>('');

let known: Promise<Schema> | undefined;
const schema = (): Promise<Schema> => (known ??= get<Schema>('/api/v1/schema').catch((problem: unknown) => { known = undefined; throw problem; }));

const yaml = (text: string): Content => ({ type: 'application/yaml', text });
const pathOf = (name: string): string => `/api/v1/scenarios/${encodeURIComponent(name)}`;

async function check(text: string, name: string): Promise<Diagnostic[]> {
  const file = encodeURIComponent(name === kNew ? 'scenario.yaml' : `${name}.yaml`);
  return (await send<Checked>('POST', `/api/v1/check?file=${file}`, yaml(text))).diagnostics;
}

const portsOf = (one: ScenarioLine): string => one.listeners.map((listener) => `${listener.port}${listener.tls === 'none' ? '' : ` ${listener.tls}`}`).join(', ');

function Rules({ scenario }: { scenario: Scenario }) {
  if (scenario.dialog) return <p class="soft">It is a dialog: what comes is awaited line by line, and no rules are asked.</p>;
  if (scenario.rules.length === 0) return <p class="soft">It has no rules: a server without faults.</p>;
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Rules">
      <table class="plain rules">
        <caption class="hidden">Its rules, and how often each fired</caption>
        <thead><tr><th scope="col">Rule</th><th scope="col">At</th><th scope="col">Line</th><th scope="col">Fired</th></tr></thead>
        <tbody>
          {scenario.rules.map((rule, index) => (
            <tr key={index} class={rule.fired > 0 ? 'fired' : ''}>
              <th scope="row"><code>{rule.id}</code></th>
              <td data-label="at">{rule.at.map((stage) => <code key={stage} class="tag">{stage}</code>)}</td>
              <td data-label="line">{rule.line ?? 'added'}</td>
              <td data-label="fired" class="figure"><b>{rule.fired}</b>{rule.times !== null && <span class="soft"> of {rule.times}</span>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

// Why a text is not played, each problem with its place where the server names one.
function Refused({ problem }: { problem: unknown }) {
  const errors = problem instanceof ApiError ? problem.diagnostics.filter((one) => one.severity === 'error') : [];
  return (
    <div class="problem" role="alert">
      {errors.length === 0 ? (problem instanceof ApiError ? problem.message : String(problem)) : (
        <ul>{errors.map((one) => <li key={`${one.line}:${one.column}`}>line {one.line}: {one.message}{one.hint && `: ${one.hint}`}</li>)}</ul>
      )}
    </div>
  );
}

// `saved`: the text as the server has it.
function Text({ name, saved, save, action }: { name: string; saved: string; save: (text: string) => Promise<void>; action: string }) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const [changed, setChanged] = useState(false);
  const [refused, setRefused] = useState<unknown>(undefined);
  const base = useRef(saved);
  const submit = async (): Promise<void> => {
    try {
      setRefused(undefined);
      await save(editor.current?.text() ?? saved);
    } catch (problem) {
      setRefused(problem);
    }
  };
  const submitted = useRef(submit);
  submitted.current = submit;
  useEffect(() => {
    let gone = false;
    void attempt(async () => {
      const { open: begin } = await import('../editor/editor');
      if (gone || !host.current) return;
      editor.current = begin(host.current, {
        text: base.current,
        label: 'Text of the scenario',
        check: (text) => check(text, name),
        schema,
        changed: (text) => setChanged(text !== base.current),
        save: () => void submitted.current(),
      });
    });
    return () => { gone = true; editor.current?.close(); editor.current = undefined; };
  }, [name]);
  // Somebody else changed it, or this was saved. What is being written here stays.
  useEffect(() => {
    const untouched = editor.current?.text() === base.current;
    base.current = saved;
    if (untouched) editor.current?.replace(saved);
    if (editor.current) setChanged(editor.current.text() !== saved);
  }, [saved]);
  return (
    <>
      <div ref={host} class="editor" />
      {refused !== undefined && <Refused problem={refused} />}
      <p class="actions">
        <button type="button" class="main" onClick={() => void submit()}>{action}</button>
        <button type="button" disabled={!changed} onClick={() => editor.current?.replace(base.current)}>Take changes back</button>
        {changed && <b class="hint">changed, not played yet</b>}
        <span class="soft hint">Ctrl+Space completes, F8 leads to the next problem, Ctrl+S plays; Esc, then Tab leaves.</span>
      </p>
    </>
  );
}

function Detail({ scenario }: { scenario: Scenario }) {
  const save = async (text: string): Promise<void> => {
    const told = (await (await request('PUT', pathOf(scenario.name), yaml(text), { headers: { 'If-Match': `"${scenario.revision}"` } })).json()) as Scenario;
    open.refresh();
    list.refresh();
    say(scenario.played ? `played from the next connection on, port ${portsOf(told)}` : `played on port ${portsOf(told)}`);
  };
  return (
    <article class="text wide" aria-labelledby="scenario-title">
      <header>
        <h2 id="scenario-title">{scenario.name} {scenario.played ? <span class="word success">played</span> : <span class="word none">ships</span>}</h2>
        <p>{scenario.title}</p>
        <p class="soft">
          {scenario.listeners.map((one) => <span key={one.port}>port <code>{one.port}</code>{one.tls !== 'none' && ` ${one.tls}`}, state <code>{one.state}</code> · </span>)}
          <code>{scenario.file}</code>{scenario.codes.map((code) => <a key={code} href={write('codes', code)}> <CodePill code={code} /></a>)}
        </p>
        <p class="actions">
          {!scenario.played && <button type="button" class="main" onClick={() => void attempt(() => save(scenario.source))}>Play it on a port of its own</button>}
          {scenario.played && <button type="button" onClick={() => void attempt(async () => { await request('POST', `${pathOf(scenario.name)}/reset`); open.refresh(); return 'counters, state and rules are as at the start'; })}>Start anew</button>}
          {scenario.played && !scenario.shared && <button type="button" onClick={() => void attempt(async () => {
            // It is asked for no more once it is gone.
            open.ask('');
            go('scenarios');
            await request('DELETE', pathOf(scenario.name));
            list.refresh();
            return `${scenario.name} is played no more`;
          })}>Close its {scenario.listeners.length > 1 ? 'ports' : 'port'}</button>}
          {scenario.played && <a href={write('runs', '', { scenario: scenario.name })}>verdict</a>}
        </p>
      </header>
      {scenario.played && <><h3>Rules</h3><Rules scenario={scenario} /></>}
      <h3>Text</h3>
      <Text key={scenario.name} name={scenario.name} saved={scenario.source} save={save} action={scenario.played ? 'Play this text' : 'Play this text on a port of its own'} />
    </article>
  );
}

function New() {
  const save = async (text: string): Promise<void> => {
    const told = await send<Scenario>('POST', '/api/v1/scenarios', yaml(text));
    list.refresh();
    say(`${told.name} is played on port ${portsOf(told)}`);
    go('scenarios', told.name);
  };
  return (
    <article class="text wide" aria-labelledby="scenario-title">
      <h2 id="scenario-title">A new scenario</h2>
      <Text name={kNew} saved={kTemplate} save={save} action="Play it on a port of its own" />
    </article>
  );
}

export function ScenariosPanel() {
  const { id, query } = place.value;
  const search = (query.q ?? '').toLowerCase();
  useEffect(() => open.ask(id && id !== kNew ? pathOf(id) : ''), [id]);
  useEffect(() => onEvent((event) => {
    if (event.name === 'scenarios' || event.name === 'gap' || event.name === 'reset') { list.refresh(); info.refresh(); }
    if (['scenarios', 'gap', 'reset', 'rule', 'closed', 'opened'].includes(event.name)) open.refresh();
  }), []);
  const all = useLive(list)?.scenarios;
  const scenario = useLive(open);
  const shown = useMemo(() => all?.filter((one) => `${one.name} ${one.title} ${one.codes.join(' ')}`.toLowerCase().includes(search)), [all, search]);
  return (
    <Panes
      open={id !== ''}
      back={write('scenarios', '', query)}
      list={
        <>
          <div class="tools">
            <input type="search" aria-label="Search the scenarios" placeholder="Search: greylisting, 450 …" value={query.q ?? ''} onInput={(event) => look({ q: event.currentTarget.value })} />
            <button type="button" onClick={() => go('scenarios', kNew)}>New</button>
          </div>
          <Problem problem={list.problem.value} />
          {shown?.length === 0 && <p class="soft pad">No scenario matches.</p>}
          {shown && (
            <List
              label="Scenarios, those that are played first"
              open={id}
              items={shown.map((one) => ({
                key: one.name,
                href: write('scenarios', one.name, query),
                content: (
                  <>
                    <span class="row"><b class="clip">{one.name}</b>{one.played && <span class="success">{one.shared ? 'on all ports' : portsOf(one)}</span>}</span>
                    <span class="soft clip block">{one.title}</span>
                  </>
                ),
              }))}
            />
          )}
        </>
      }
    >
      <Problem problem={open.problem.value} />
      {id === kNew && <New />}
      {id !== kNew && scenario && <Detail scenario={scenario} />}
      {!id && all && <Empty title="Choose a scenario"><p>{count(all.filter((one) => one.played).length, 'scenario is', 'scenarios are')} played; {all.filter((one) => !one.played).length} more ship with the program, and each can be played on a port of its own.</p></Empty>}
    </Panes>
  );
}
