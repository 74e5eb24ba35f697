// Verdicts: on the client by now, against what a scenario expects; and those of a run, from the report that it wrote.
import { useEffect, useState } from 'preact/hooks';
import { json, request } from '../api';
import { Live, useLive } from '../live';
import { Empty, Problem } from '../parts/small';
import { readReport, type Report as Read } from '../report';
import { look, place, write } from '../route';
import { attempt, info, onEvent } from '../state';
import { count, lasting, visible } from '../text';
import type { Expectation, Finding, Verdict, VerdictKind } from '../types';
import { FindingNote } from './ladder';

const verdict = new Live<Verdict>('', async (scenario) =>
  (await (await request('POST', '/api/v1/verify', json({ scenario }), { also: [422] })).json()) as Verdict);

const kLargestReport = 32 * 1024 * 1024;  // bytes
const kMostShown = 500;                   // scenarios of a report

export function Badge({ kind }: { kind: VerdictKind }) {
  return <b class={`verdict ${kind}`}>{kind}</b>;
}

function Judged({ one }: { one: Expectation }) {
  const lines = one.nearest ?? one.explanation ?? [];
  return (
    <li class={one.outcome}>
      <p><Badge kind={one.outcome} /> {visible(one.expected)}{one.line !== null && one.file && <span class="soft"> <code>{one.file}:{one.line}</code></span>}</p>
      {!one.passed && <p class="soft">actual: {visible(one.actual)}</p>}
      {lines.length > 0 && <pre tabIndex={0} aria-label="What came nearest">{lines.map(visible).join('\n')}</pre>}
    </li>
  );
}

function Findings({ list, linked }: { list: Finding[]; linked: boolean }) {
  return (
    <ul class="findings">
      {list.slice(0, kMostShown).map((one, index) => (
        <li key={index}><span class="whole">{linked ? <a href={write('sessions', one.session)}>session {one.session}</a> : `session ${one.session}`}</span> <FindingNote finding={one} /></li>
      ))}
    </ul>
  );
}

// `linked`: its sessions are those of this server.
function Told({ one, linked, title }: { one: Verdict; linked: boolean; title: string }) {
  return (
    <article class="text wide">
      <h2><Badge kind={one.verdict} /> {title}</h2>
      <p class="soft">{count(one.connections, 'connection')} · {count(one.attempts, 'attempt')} · {one.accepted} accepted · {one.captured} kept · seed {one.seed}{one.seconds !== undefined && ` · ${lasting(one.seconds)}`}</p>
      {one.error && <p class="problem">{visible(one.error)}</p>}
      <h3>What is expected</h3>
      {one.expectations.length === 0 && <p class="soft">Nothing.</p>}
      <ul class="expectations">{one.expectations.map((each, index) => <Judged key={index} one={each} />)}</ul>
      <h3>What the client did against the rules</h3>
      {one.findings.length === 0 ? <p class="soft">Nothing was found.</p> : <Findings list={one.findings} linked={linked} />}
    </article>
  );
}

function Report({ name, report }: { name: string; report: Read }) {
  const [open, setOpen] = useState<number>();
  const shown = report.scenarios.slice(0, kMostShown);
  const one = open === undefined ? undefined : shown[open];
  return (
    <>
      <table class="plain">
        <caption>{name}: {count(report.scenarios.length, 'scenario')}, seed {report.seed}{shown.length < report.scenarios.length && `; the first ${kMostShown} are shown`}</caption>
        <thead><tr><th scope="col">Scenario</th><th scope="col">Verdict</th><th scope="col">Why</th><th scope="col">Findings</th><th scope="col">Time</th></tr></thead>
        <tbody>
          {shown.map((each, index) => {
            const failed = each.expectations.find((expectation) => !expectation.passed);
            return (
              <tr key={index}>
                <th scope="row"><button type="button" aria-expanded={open === index} onClick={() => setOpen(open === index ? undefined : index)}>{each.scenario}{each.cell && `[${each.cell}]`}</button></th>
                <td data-label="verdict"><Badge kind={each.verdict} /></td>
                <td>{visible(each.error ?? (failed ? `expected ${failed.expected}; got ${failed.actual}` : ''))}</td>
                <td data-label="findings">{each.findings.length || ''}</td>
                <td data-label="time">{each.seconds !== undefined && lasting(each.seconds)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {one && <Told one={one} linked={false} title={`${one.scenario}${one.cell && `[${one.cell}]`}`} key={open} />}
    </>
  );
}

export function RunsPanel() {
  const scenarios = [...new Set(useLive(info)?.Listeners.map((one) => one.Scenario) ?? [])];
  const chosen = place.value.query.scenario || scenarios[0] || '';
  useEffect(() => verdict.ask(chosen), [chosen]);
  useEffect(() => onEvent((event) => { if (['closed', 'message', 'reset', 'gap', 'scenarios', 'armed'].includes(event.name)) verdict.refresh(); }), []);
  const told = useLive(verdict);
  const [report, setReport] = useState<{ name: string; report: Read }>();
  const take = (file: File | undefined) => void attempt(async () => {
    if (!file) return;
    if (file.size > kLargestReport) throw new Error('the file is too large for a report');
    setReport({ name: file.name, report: readReport(await file.text()) });
  });
  return (
    <div class="single" onDragOver={(event) => event.preventDefault()} onDrop={(event) => { event.preventDefault(); take(event.dataTransfer?.files[0]); }}>
      <div class="bar-of-tools">
        <label>Scenario <select value={chosen} onChange={(event) => { setReport(undefined); look({ scenario: event.currentTarget.value }); }}>{scenarios.map((one) => <option key={one}>{one}</option>)}</select></label>
        <label class="file">Report of a run <input type="file" accept="application/json,.json" onChange={(event) => take(event.currentTarget.files?.[0])} /></label>
        {report && <button type="button" onClick={() => setReport(undefined)}>Close the report</button>}
      </div>
      {report ? <Report {...report} /> : (
        <>
          <Problem problem={verdict.problem.value} />
          {told && <Told one={told} linked title={`${told.scenario} so far`} />}
          {!told && !verdict.problem.value && scenarios.length === 0 && <Empty title="No scenario is played" />}
          <p class="soft">The report that <code>malaposta run --json report.json</code> writes can be opened, or dropped here.</p>
        </>
      )}
    </div>
  );
}
