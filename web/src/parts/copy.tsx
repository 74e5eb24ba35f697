// A command to be copied.
import { attempt } from '../state';

export async function copy(text: string): Promise<void> {
  // Only where the page came over loopback or HTTPS.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (!done) throw new Error('the browser does not let the page copy');
}

export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div class="command">
      <pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
      <button type="button" onClick={() => void attempt(async () => { await copy(text); return 'copied'; })}>Copy</button>
    </div>
  );
}
