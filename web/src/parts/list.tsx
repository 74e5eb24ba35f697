// A list of links, one of which is open beside it. One of them is reached by Tab, the others by arrows from there.
import type { ComponentChildren } from 'preact';
import { kPage } from '../state';

export interface Item {
  key: string;
  href: string;
  content: ComponentChildren;
  className?: string;
}

const kSteps: Record<string, (at: number, last: number) => number> = {
  ArrowDown: (at, last) => Math.min(at + 1, last),
  ArrowUp: (at) => Math.max(at - 1, 0),
  j: (at, last) => Math.min(at + 1, last),
  k: (at) => Math.max(at - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

function move(event: KeyboardEvent & { currentTarget: HTMLElement }): void {
  const step = kSteps[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>('a')];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (at < 0) return;
  event.preventDefault();
  event.stopPropagation();
  links[step(at, links.length - 1)]?.focus();
}

export function List({ label, items, open }: { label: string; items: Item[]; open: string }) {
  const reached = items.some((item) => item.key === open) ? open : items[0]?.key;
  return (
    <ol class="list" aria-label={label} onKeyDown={move}>
      {items.map((item) => (
        <li key={item.key}>
          <a href={item.href} class={item.className} tabIndex={item.key === reached ? 0 : -1} aria-current={item.key === open ? 'true' : undefined}>
            {item.content}
          </a>
        </li>
      ))}
    </ol>
  );
}

// Where the list is cut, and the way to the rest of it.
export function Pages({ start, shown, total, href }: { start: number; shown: number; total: number; href: (start: number) => string }) {
  if (total <= shown && start === 0) return null;
  return (
    <p class="pages">
      {start > 0 && <a href={href(Math.max(0, start - kPage))}>newer</a>}
      <span>{shown === 0 ? 'none' : `${start + 1} to ${start + shown}`} of {total}</span>
      {start + shown < total && <a href={href(start + shown)}>older</a>}
    </p>
  );
}
