// The page around the panels: the strip that is always there, the way from panel to panel, and what is told in passing.
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { send } from './api';
import { useLive } from './live';
import { Help, TokenQuestion } from './parts/dialogs';
import { helpOpen } from './parts/keys';
import { switchTheme, theme } from './parts/theme';
import { ArmedPanel } from './panels/armed';
import { CodesPanel } from './panels/codes';
import { InboxPanel } from './panels/inbox';
import { RunsPanel } from './panels/runs';
import { ScenariosPanel } from './panels/scenarios';
import { SessionsPanel } from './panels/sessions';
import { place, write, type Panel } from './route';
import { armed, attempt, connected, info, refreshAll, toast } from './state';
import { count } from './text';

const kTabs: { panel: Panel; title: string; show: ComponentType }[] = [
  { panel: 'sessions', title: 'Sessions', show: SessionsPanel },
  { panel: 'inbox', title: 'Inbox', show: InboxPanel },
  { panel: 'codes', title: 'Codes', show: CodesPanel },
  { panel: 'armed', title: 'Armed', show: ArmedPanel },
  { panel: 'scenarios', title: 'Scenarios', show: ScenariosPanel },
  { panel: 'runs', title: 'Verdicts', show: RunsPanel },
];

function Strip() {
  const known = useLive(info);
  const list = useLive(armed)?.armed ?? [];
  return (
    <header class="strip">
      <h1><a href="#/sessions">Malaposta</a></h1>
      <span class={connected.value ? 'state on' : 'state'} role="status">{connected.value ? 'live' : 'no connection'}</span>
      <ul class="listeners" aria-label="Listeners">
        {known?.Listeners.slice(0, 4).map((one) => (
          <li key={one.Port} class={one.Listen}>
            <b>smtp</b> {one.Address.includes(':') ? `[${one.Address}]` : one.Address}:{one.Port} <a href={write('scenarios', one.Scenario)}>{one.Scenario}</a>
            {one.TLS !== 'none' && <span class="soft"> {one.TLS}</span>}
            {one.Listen !== 'accept' && <span class="soft"> {one.Listen}s</span>}
          </li>
        ))}
        {known && known.Listeners.length > 4 && <li><a href="#/scenarios">and {known.Listeners.length - 4} more</a></li>}
      </ul>
      {known && <span class="seed">seed <code>{known.Seed}</code></span>}
      <span class="faults">
        <a href="#/armed" class={list.length > 0 ? 'armed hot' : 'armed'}>{list.length === 0 ? 'nothing armed' : `${count(list.length, 'fault')} armed`}</a>
        <button type="button" disabled={list.length === 0} onClick={() => void attempt(async () => {
          const { disarmed } = await send<{ disarmed: number }>('DELETE', '/api/v1/arm');
          return `${count(disarmed, 'fault')} disarmed`;
        })}>Disarm all</button>
      </span>
      <button type="button" class="quiet" title="Colours" onClick={switchTheme}><span class="colours">colours: </span>{theme.value}</button>
      <button type="button" class="quiet" onClick={() => { helpOpen.value = true; }}><span aria-hidden="true">?</span><span class="hidden">Keys</span></button>
    </header>
  );
}

function Tabs() {
  const tabs = useRef<HTMLElement>(null);
  const known = info.value.value;
  const counts: Partial<Record<Panel, number>> = { sessions: known?.Sessions, inbox: known?.Messages, armed: armed.value.value?.armed.length };
  // On a narrow screen the tab of the panel may be out of sight, and numbers move it.
  useEffect(() => {
    const [all, one] = [tabs.current, tabs.current?.querySelector<HTMLElement>('[aria-current]')];
    if (all && one) all.scrollLeft = one.offsetLeft - (all.clientWidth - one.offsetWidth) / 2;
  }, [place.value.panel, Object.values(counts).map((one) => String(one ?? '').length).join()]);
  return (
    <nav class="tabs" aria-label="Panels" ref={tabs}>
      {kTabs.map(({ panel, title }, index) => (
        <a key={panel} href={write(panel)} aria-current={place.value.panel === panel ? 'page' : undefined} title={`key ${index + 1}`}>
          {title}{counts[panel] ? <span class="number">{counts[panel]}</span> : null}
        </a>
      ))}
    </nav>
  );
}

export function App() {
  const tab = kTabs.find((one) => one.panel === place.value.panel) ?? kTabs[0];
  const Show = tab?.show ?? SessionsPanel;
  return (
    <>
      <Strip />
      <Tabs />
      <main aria-label={tab?.title}><Show key={tab?.panel} /></main>
      <p class={toast.value ? 'toast shown' : 'toast'} role="status">{toast.value}</p>
      <Help />
      <TokenQuestion onToken={refreshAll} />
    </>
  );
}
