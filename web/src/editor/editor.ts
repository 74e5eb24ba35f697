// The editor of scenarios: a chunk of its own, loaded when it is needed. It lives in a shadow root, where CodeMirror adopts its style
// sheets instead of writing style elements, which the page's policy forbids.
import { autocompletion, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, linter, type Diagnostic as Mark } from '@codemirror/lint';
import { EditorState, type Text } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import type { Diagnostic } from '../types';
import { offers, spotAt, type Schema } from './complete';

export interface Wanted {
  text: string;
  label: string;
  check(text: string): Promise<Diagnostic[]>;
  schema(): Promise<Schema>;
  changed(text: string): void;
  save(): void;
}

export interface Editor {
  text(): string;
  replace(text: string): void;
  close(): void;
}

const kTheme = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', fontSize: '13px', border: '1px solid var(--line)', borderRadius: '8px' },
  '&.cm-focused': { outline: '2px solid var(--link)', outlineOffset: '1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', maxHeight: '65vh' },
  '.cm-content, .cm-gutter': { minHeight: '16rem' },
  '.cm-content': { caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--faint)', color: 'var(--soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'color-mix(in srgb, var(--hover) 45%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--intermediate-bg)' },
  '.cm-tooltip': { backgroundColor: 'var(--card)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '6px', maxWidth: '34rem' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--link)', color: 'var(--card)' },
  // Drawn here: CodeMirror's own marks are images from data: addresses, which the page's policy forbids.
  '.cm-lintRange-error, .cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--permanent) 1px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--transient)' },
  '.cm-lint-marker': { content: 'normal', width: '.6em', height: '.6em', margin: '.5em .2em 0', borderRadius: '50%' },
  '.cm-lint-marker-error': { content: 'normal', backgroundColor: 'var(--permanent)' },
  '.cm-lint-marker-warning': { content: 'normal', backgroundColor: 'var(--transient)' },
  '.cm-lintRange-active': { backgroundColor: 'var(--transient-bg)' },
  '.cm-panels': { backgroundColor: 'var(--faint)', color: 'var(--ink)' },
  '.cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]': { background: 'var(--intermediate-bg)', color: 'var(--ink)' },
  '.cm-panel.cm-panel-lint button[name=close]': { color: 'var(--ink)' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--permanent)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--transient)' },
  '.cm-diagnostic': { whiteSpace: 'pre-wrap', fontFamily: 'var(--sans)' },
});

const kColours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: 'var(--client)' },
  { tag: [tags.string, tags.content], color: 'var(--ink)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: 'var(--soft)' },
  { tag: [tags.keyword, tags.meta, tags.typeName], color: 'var(--server)' },
]);

// The server counts columns in bytes.
function offsetOf(line: string, column: number): number {
  const bytes = new TextEncoder().encode(line);
  return new TextDecoder().decode(bytes.slice(0, Math.max(0, column - 1))).length;
}

function markOf(text: Text, one: Diagnostic): Mark {
  const line = text.line(Math.min(Math.max(1, one.line), text.lines));
  const from = Math.min(line.to, line.from + offsetOf(line.text, one.column));
  const word = /^[^\s:,{}[\]]+/.exec(line.text.slice(from - line.from))?.[0].length ?? 0;
  return { from, to: Math.min(line.to, from + Math.max(1, word)), severity: one.severity, message: one.hint ? `${one.message}\n${one.hint}` : one.message };
}

async function complete(context: CompletionContext, schema: () => Promise<Schema>): Promise<CompletionResult | null> {
  const lines = context.state.doc.toString().split('\n');
  const line = context.state.doc.lineAt(context.pos);
  const spot = spotAt(lines, line.number - 1, context.pos - line.from);
  if (!spot) return null;
  const empty = context.pos === line.from + spot.from;
  if (empty && !context.explicit && !spot.value) return null;
  const options = offers(await schema(), spot).map(({ label, info }) => ({ label, info: info || undefined, type: spot.value ? 'enum' : 'property', apply: spot.value ? label : `${label}: ` }));
  return options.length > 0 ? { from: line.from + spot.from, options, validFor: /^[\w.-]*$/ } : null;
}

export function open(host: HTMLElement, wanted: Wanted): Editor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root as unknown as Element,
    state: EditorState.create({
      doc: wanted.text,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(),
        indentUnit.of('  '), yaml(), kTheme, syntaxHighlighting(kColours),
        autocompletion({ override: [(context) => complete(context, wanted.schema)] }),
        linter(async (now) => (await wanted.check(now.state.doc.toString())).map((one) => markOf(now.state.doc, one)), { delay: 250 }),
        keymap.of([{ key: 'Mod-s', preventDefault: true, run: () => { wanted.save(); return true; } }, { key: 'Mod-Enter', run: () => { wanted.save(); return true; } },
          // Tab leaves the editor once Escape was pressed (WCAG 2.1.2).
          ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ 'aria-label': wanted.label, tabindex: '0' }),
        EditorView.updateListener.of((update) => { if (update.docChanged) wanted.changed(update.state.doc.toString()); }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    replace: (text) => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }),
    close: () => view.destroy(),
  };
}
