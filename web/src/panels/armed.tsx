// The armed faults, with what is left of each.
import { send } from '../api';
import { useLive } from '../live';
import { CodePill, Empty, Problem } from '../parts/small';
import { armed, attempt } from '../state';
import type { Armed } from '../types';
import { write } from '../route';

function Left({ one }: { one: Armed }) {
  if (one.times === null || one.left === null) return <>until it is disarmed</>;
  return (
    <span class="left">
      <progress max={one.times} value={one.left} aria-label={`${one.left} of ${one.times} left`} />
      <b>{one.left}</b> of {one.times} left
    </span>
  );
}

const matchText = (match: Armed['match']): string =>
  match && Object.keys(match).length > 0
    ? Object.entries(match).map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')
    : 'whoever comes';

export function ArmedPanel() {
  const list = useLive(armed)?.armed;
  if (list?.length === 0)
    return (
      <Empty title="Nothing is armed">
        <p>Choose one of the <a href="#/codes">codes</a> and arm it: the next commands that match meet it, whatever the scenario says. <kbd>3</kbd> leads there.</p>
      </Empty>
    );
  return (
    <div class="single">
      <Problem problem={armed.problem.value} />
      <table class="plain">
        <caption>Armed faults, the newest first: that is the order in which they are asked</caption>
        <thead><tr><th scope="col">Fault</th><th scope="col">At</th><th scope="col">Where</th><th scope="col">Fired</th><th scope="col">Left</th><th scope="col"><span class="hidden">What to do</span></th></tr></thead>
        <tbody>
          {list?.map((one) => {
            // Others than those that are armed by their code have a name.
            const code = Number(/^armed-(\d+)$/.exec(one.rule)?.[1]);
            return (
              <tr key={one.id} class={one.left === 0 ? 'spent' : ''}>
                <th scope="row">{code ? <a href={write('codes', code)}><CodePill code={code} /></a> : <code>{one.rule}</code>}</th>
                <td data-label="at">{one.at.map((stage) => <code key={stage} class="tag">{stage}</code>)}</td>
                <td data-label="where"><code>{matchText(one.match)}</code></td>
                <td data-label="fired" class="figure">{one.fired}</td>
                <td><Left one={one} /></td>
                <td class="does"><button type="button" onClick={() => void attempt(async () => { await send('DELETE', `/api/v1/arm/${one.id}`); return `${one.rule} disarmed`; })}>Disarm<span class="hidden"> {one.rule}</span></button></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
