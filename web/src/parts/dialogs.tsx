// What stands above the page: the keys, and the question for the token.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { tokenWanted, useToken } from '../api';
import { helpOpen, keysOn, kShortcuts } from './keys';

function Dialog({ open, label, onClose, children }: { open: boolean; label: string; onClose?: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} aria-label={label} onClose={onClose} onCancel={(event) => { if (!onClose) event.preventDefault(); }}>
      {open && children}
    </dialog>
  );
}

export function Help() {
  const close = () => { helpOpen.value = false; };
  return (
    <Dialog open={helpOpen.value} label="Keys" onClose={close}>
      <h2>Keys</h2>
      <dl class="keys">
        {kShortcuts.map(([key, what]) => [<dt key={key}><kbd>{key}</kbd></dt>, <dd key={what}>{what}</dd>])}
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => { keysOn.value = event.currentTarget.checked; }} />
        single keys do this
      </label>
      <p class="actions"><button type="button" onClick={close}>Close</button></p>
    </Dialog>
  );
}

export function TokenQuestion({ onToken }: { onToken: () => void }) {
  const [text, setText] = useState('');
  return (
    <Dialog open={tokenWanted.value} label="The token of the API">
      <form onSubmit={(event) => { event.preventDefault(); useToken(text); onToken(); }}>
        <h2>The token</h2>
        <p>This server asks for the token that it was started with (<code>--api-token</code>). It is kept until this tab is closed.</p>
        <label>Token <input type="password" autocomplete="off" required value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
        <p class="actions"><button type="submit">Go on</button></p>
      </form>
    </Dialog>
  );
}
