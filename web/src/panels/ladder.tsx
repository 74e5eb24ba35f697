// The ladder as a table: time, client, wire, server. What there is to say about a line stands in the lane that is free beside it.
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Row } from '../ladder';
import { findings as table, say } from '../state';
import { useLive } from '../live';
import { write } from '../route';
import { lasting, visible } from '../text';
import type { Finding } from '../types';
import { RuleLink, kindOf } from '../parts/small';

const kRows = 400;  // in the page at once

export function FindingNote({ finding }: { finding: Finding }) {
  const info = useLive(table)?.find((one) => one.id === finding.id);
  return (
    <details class={`finding ${finding.severity}`}>
      <summary><b>{finding.severity}</b> {finding.id}</summary>
      {info && <p>{info.title} {info.meaning} <i>{info.advice}</i> <RuleLink rule={info.rule} /></p>}
      <p><code>{visible(finding.detail)}</code></p>
    </details>
  );
}

function Rules({ row, file }: { row: Row; file: string | null }) {
  return (
    <>
      {row.rules.map((rule) => (
        <p class="rule" key={rule.id}>
          <span aria-hidden="true">✱ </span>
          rule <code>{rule.id}</code> <span class="place">{rule.line === 0 ? 'added' : file ? `${file}:${rule.line}` : `line ${rule.line}`}</span>
        </p>
      ))}
    </>
  );
}

function Said({ row }: { row: Row }) {
  if (row.lines.length === 0) return <>{row.words}{row.message?.kept && <> · <a href={write('inbox', row.message.id)}>read it</a></>}</>;
  return (
    <>
      {row.lines.map((line, index) => (
        <div key={index} class={row.code ? `line ${kindOf(row.code)}` : 'line'}>
          <code>{line.text}</code>
          {line.end && <em class="end"> {line.end}</em>}
        </div>
      ))}
    </>
  );
}

function Wire({ row }: { row: Row }) {
  if (!row.wire) return <td class="wire" />;
  const right = row.side === 'client';
  return (
    <td class={`wire ${row.segment.toLowerCase()}`}>
      <span class="arrow">
        {row.segment && <b>{row.segment}</b>}
        <span class="hidden">{right ? 'to the server' : 'to the client'}</span>
        <i aria-hidden="true" class={right ? 'to-server' : 'to-client'} />
      </span>
    </td>
  );
}

function Rung({ row, file }: { row: Row; file: string | null }) {
  const css = [row.side, row.kind, row.injected && 'injected', row.secure && 'secure', row.auth && 'auth', row.bad && 'bad', row.segment && row.segment.toLowerCase()];
  const beside = <><Rules row={row} file={file} />{row.findings.map((one) => <FindingNote key={one.id} finding={one} />)}</>;
  const time = <th scope="row" class="time">+{lasting(row.at)}</th>;
  const said = <td class="said"><Said row={row} /></td>;
  const notes = <td class="beside">{beside}</td>;
  return (
    <tr class={css.filter(Boolean).join(' ')}>
      {time}
      {row.side === 'both' && <td class="band" colSpan={3}><Said row={row} />{beside}</td>}
      {row.side === 'client' && <>{said}<Wire row={row} />{notes}</>}
      {row.side === 'server' && <>{notes}<Wire row={row} />{said}</>}
    </tr>
  );
}

// Time in which nothing happened, as tall as it was long.
function Gap({ row, before }: { row: Row; before: Row | undefined }) {
  const lanes = ['gap', row.secure && row.kind !== 'tls' && 'secure', row.auth && before?.auth && 'auth'];
  return (
    <tr class={lanes.filter(Boolean).join(' ')}>
      <td class="time" style={{ height: `${row.space}px` }}><span class={row.cut ? 'bar cut' : 'bar'} style={{ height: `${row.space}px` }}>{row.space > 15 && lasting(row.gap)}</span></td>
      <td /><td class="wire" /><td />
    </tr>
  );
}

export function Ladder({ rows, file, label }: { rows: Row[]; file: string | null; label: string }) {
  // How many rows from the end are left out: the newest are looked at while they come.
  const [left, setLeft] = useState(0);
  const end = Math.max(Math.min(kRows, rows.length), rows.length - left);
  const begin = Math.max(0, end - kRows);
  const turn = (to: number) => {
    setLeft(Math.max(0, to));
    say(`rows ${Math.max(1, rows.length - to - kRows + 1)} to ${rows.length - to} of ${rows.length}`);
  };
  return (
    <>
      {begin > 0 && <p class="pages"><button type="button" onClick={() => turn(left + kRows)}>earlier rows</button><span>{begin} before</span></p>}
      <table class="ladder">
        <caption class="hidden">{label}</caption>
        <thead>
          <tr><th scope="col">Time</th><th scope="col">Client</th><th scope="col"><span class="hidden">On the wire</span></th><th scope="col">Server</th></tr>
        </thead>
        <tbody>
          {rows.slice(begin, end).map((row, index) => (
            <Fragment key={begin + index}>
              {row.space > 3 && <Gap row={row} before={rows[begin + index - 1]} />}
              <Rung row={row} file={file} />
            </Fragment>
          ))}
        </tbody>
      </table>
      {end < rows.length && <p class="pages"><button type="button" onClick={() => turn(left - kRows)}>later rows</button><span>{rows.length - end} after</span></p>}
    </>
  );
}
