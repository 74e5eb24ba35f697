// Small things that panels share.
import type { ComponentChildren } from 'preact';
import type { ApiError } from '../api';

// The kind of a reply code: it chooses the colour.
export function kindOf(code: number): string {
  return code >= 500 ? 'permanent' : code >= 400 ? 'transient' : code >= 300 ? 'intermediate' : code >= 200 ? 'success' : 'none';
}

export function CodePill({ code }: { code: number }) {
  return <span class={`code ${kindOf(code)}`}>{code || '–'}</span>;
}

export function Problem({ problem }: { problem: ApiError | undefined }) {
  return problem && problem.status !== 401 ? <p class="problem" role="alert">{problem.message}</p> : null;
}

// "RFC 5321 section 4.5.2" leads there.
export function RuleLink({ rule }: { rule: string }) {
  const found = /^RFC (\d+)(?: section ([\d.]+))?$/.exec(rule);
  if (!found) return <>{rule}</>;
  const href = `https://www.rfc-editor.org/rfc/rfc${found[1]}${found[2] ? `#section-${found[2]}` : ''}`;
  return <a href={href} rel="noreferrer" target="_blank">{rule}</a>;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

// Two panes; on a narrow screen the second one instead of the first once something is open.
export function Panes({ list, children, open, back }: { list: ComponentChildren; children: ComponentChildren; open: boolean; back: string }) {
  return (
    <div class={open ? 'panes open' : 'panes'}>
      <div class="pane side">{list}</div>
      <div class="pane detail">
        {open && <a class="back" href={back}>← back to the list</a>}
        {children}
      </div>
    </div>
  );
}
