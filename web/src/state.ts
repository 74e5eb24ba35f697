// Everything that the page knows of the server, and what makes it ask again.
import { computed, signal } from '@preact/signals';
import type { Told } from './frames';
import { Live } from './live';
import { place } from './route';
import { followEvents } from './stream';
import type { ArmedList, Code, FindingInfo, Info, Message, Messages, Sessions, SessionWithEvents } from './types';

export const kPage = 100;  // rows of a list at once

export const info = new Live<Info>('/api/v1/info');
export const armed = new Live<ArmedList>('/api/v1/arm');
export const sessions = new Live<Sessions>(`/api/v1/sessions?limit=${kPage}`);
export const session = new Live<SessionWithEvents>('');
export const messages = new Live<Messages>(`/api/v1/messages?limit=${kPage}`);
export const message = new Live<Message>('');
export const codes = new Live<Code[]>('/api/v1/codes?lang=en');
export const findings = new Live<FindingInfo[]>('/api/v1/findings');

// Those that another event may have changed.
const kAll: { refresh(): void }[] = [info, armed, sessions, session, messages];

export const connected = signal(false);
export const toast = signal('');

let fading: ReturnType<typeof setTimeout> | undefined;
export function say(text: string): void {
  toast.value = text;
  clearTimeout(fading);
  fading = setTimeout(() => (toast.value = ''), 6_000);
}

// Runs it, and says how it went where that is not what was wanted.
export async function attempt(what: () => Promise<string | void>): Promise<void> {
  try {
    const done = await what();
    if (done) say(done);
  } catch (problem) {
    say(problem instanceof Error ? problem.message : String(problem));
  }
}

export const smtp = computed(() => info.value.value?.Listeners.find((one) => one.Listen === 'accept'));

export function refreshAll(): void {
  for (const one of kAll) one.refresh();
  codes.refresh();
  findings.refresh();
}

// Others that want to know: panels that are loaded later.
type Listener = (event: Told) => void;
const listeners = new Set<Listener>();
export function onEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const sessionOf = (event: Told): number => (JSON.parse(event.data) as { session?: number }).session ?? 0;

function told(event: Told): void {
  switch (event.name) {
    case 'gap':
    case 'reset':
      for (const one of kAll) one.refresh();
      break;
    case 'armed': armed.refresh(); break;
    case 'inbox': messages.refresh(); break;
    case 'scenarios': info.refresh(); break;
    default:
      sessions.refresh();
      if (place.value.panel === 'sessions' && String(sessionOf(event)) === place.value.id) session.refresh();
      if (event.name === 'message') messages.refresh();
      if (event.name === 'rule') armed.refresh();
      if (event.name === 'opened' || event.name === 'message') info.refresh();
  }
  for (const listener of listeners) listener(event);
}

export function begin(): void {
  void followEvents({
    told,
    connected(yes) {
      // What happened between the first answers and this is not told.
      if (yes && !connected.value) for (const one of kAll) one.refresh();
      connected.value = yes;
    },
  });
}
