// Where the page is: "#/inbox/3?q=invoice&view=source" is the panel, what is open in it, and how. So everything can be linked.
import { signal } from '@preact/signals';

export const kPanels = ['sessions', 'inbox', 'codes', 'armed', 'scenarios', 'runs'] as const;
export type Panel = (typeof kPanels)[number];

export interface Place {
  panel: Panel;
  id: string;
  query: Record<string, string>;
}

export function read(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [panel = '', id = ''] = path.split('/', 2);
  return {
    panel: (kPanels as readonly string[]).includes(panel) ? (panel as Panel) : 'sessions',
    id: decode(id),
    query: Object.fromEntries(new URLSearchParams(query)),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function write(panel: Panel, id: string | number = '', query: Record<string, string> = {}): string {
  const kept = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== ''));
  const parameters = new URLSearchParams(kept).toString();
  return `#/${panel}${id === '' ? '' : `/${encodeURIComponent(id)}`}${parameters ? `?${parameters}` : ''}`;
}

export const place = signal<Place>(read(location.hash));

export function listen(): void {
  addEventListener('hashchange', () => {
    place.value = read(location.hash);
  });
}

export function go(panel: Panel, id: string | number = '', query: Record<string, string> = {}): void {
  location.hash = write(panel, id, query);
}

// The same place, seen otherwise: the history does not grow by each letter of a search.
export function look(query: Record<string, string>): void {
  const { panel, id, query: now } = place.value;
  history.replaceState(null, '', write(panel, id, { ...now, ...query }));
  place.value = read(location.hash);
}
