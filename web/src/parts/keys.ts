// Keys for everything that is done often. They do nothing while somebody types, and can be switched off (WCAG 2.1.4).
import { signal } from '@preact/signals';
import { go, kPanels, place, write } from '../route';
import { switchTheme } from './theme';

const kKey = 'malaposta-keys';
export const keysOn = signal(localStorage.getItem(kKey) !== 'off');
keysOn.subscribe((on) => localStorage.setItem(kKey, on ? 'on' : 'off'));

export const helpOpen = signal(false);

export const kShortcuts: [string, string][] = [
  ['1 … 6', 'the panels: sessions, inbox, codes, armed, scenarios, verdicts'],
  ['↑ ↓, j k', 'along a list; Home and End are its ends'],
  ['Enter', 'opens what has the focus'],
  ['Esc', 'back to the list'],
  ['/', 'searches in the panel'],
  ['t', 'system, light or dark colours'],
  ['?', 'these keys'],
];

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.shadowRoot !== null || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function back(): void {
  const { panel, id, query } = place.value;
  if (!id) return;
  location.hash = write(panel, '', query);
  // The place in the list that was open.
  requestAnimationFrame(() => document.querySelector<HTMLAnchorElement>(`.list a[href^="#/${panel}/${CSS.escape(id)}"]`)?.focus());
}

export function listenToKeys(): void {
  addEventListener('keydown', (event) => {
    if (!keysOn.value || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    const panel = kPanels[Number(event.key) - 1];
    const list = document.querySelector<HTMLAnchorElement>('.list a[tabindex="0"]');
    if (panel) go(panel);
    else if (event.key === 'Escape') back();
    else if (event.key === '?') helpOpen.value = true;
    else if (event.key === 't') switchTheme();
    else if (event.key === '/') document.querySelector<HTMLInputElement>('input[type=search]')?.focus();
    else if ((event.key === 'j' || event.key === 'k') && list) list.focus();
    else return;
    event.preventDefault();
  });
}
