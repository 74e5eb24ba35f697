// The captured messages, and one of them in whatever form.
import { useEffect, useRef } from 'preact/hooks';
import { download, getText, json, request, token } from '../api';
import { Live, useLive } from '../live';
import { List, Pages, type Item } from '../parts/list';
import { Empty, Panes, Problem } from '../parts/small';
import { Command } from '../parts/copy';
import { firstMessage } from './sessions';
import { look, place, write } from '../route';
import { attempt, kPage, message as open, messages, smtp } from '../state';
import { bytes, clock, count, visible } from '../text';
import type { Headers, Mailbox, Message, MessageLine, Part } from '../types';

const kLongestSource = 512 * 1024;  // characters shown; the download has all of it

const source = new Live<string>('', getText);
const headers = new Live<Headers>('');

// A name with a comma is quoted: the list would read as one more mailbox.
const nameOf = (name: string): string => (/[,;<>@"]/.test(name) ? `"${name}"` : name);
const address = (mailbox: Mailbox): string => (mailbox.Name ? `${nameOf(mailbox.Name)} <${mailbox.Address}>` : mailbox.Address || '<>');
const list = (mailboxes: Mailbox[]): string => mailboxes.map(address).join(', ');

function item(one: MessageLine, query: Record<string, string>): Item {
  const recipients = [...one.To, ...one.Cc, ...one.Bcc].map((mailbox) => mailbox.Address).join(', ');
  return {
    key: one.ID,
    href: write('inbox', one.ID, query),
    className: one.Read ? undefined : 'unread',
    content: (
      <>
        <span class="row"><b>{visible(one.From.Name || one.From.Address || '<>')}</b><time dateTime={one.Created}>{clock(one.Created)}</time></span>
        <span class="clip block">{visible(one.Subject) || <i>no subject</i>}</span>
        <span class="row"><span class="soft clip">to {visible(recipients)}</span><span class="soft">{one.Attachments > 0 && `${count(one.Attachments, 'attachment')} · `}{bytes(one.Size)}</span></span>
      </>
    ),
  };
}

// A frame without scripts, forms and an origin. It has its own path, whose answer forbids the rest; where a token is
// needed, which a frame cannot bring, the page brings the HTML, under a policy of its own that comes before anything of the sender's.
const kPolicy = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`;

function Html({ message }: { message: Message }) {
  const frame = useRef<HTMLIFrameElement>(null);
  // Tab passes over a frame without links, and no key would scroll it: what it stands in is reached, and leads into it.
  const lead = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    frame.current?.focus();
  };
  const content = token.value ? { srcDoc: kPolicy + message.HTML } : { src: `/view/${encodeURIComponent(message.ID)}.html` };
  return (
    <div class="reading" tabIndex={0} role="group" aria-label="The message as HTML: Enter leads into it" onKeyDown={lead}>
      <iframe ref={frame} class="mail" sandbox="" title="The message as HTML" {...content} />
    </div>
  );
}

function Source({ message }: { message: Message }) {
  useEffect(() => source.ask(`/api/v1/message/${message.ID}/raw`), [message.ID]);
  const text = useLive(source);
  if (text === undefined) return <Problem problem={source.problem.value} />;
  return (
    <>
      <pre class="source" tabIndex={0} aria-label="Source">{text.slice(0, kLongestSource)}</pre>
      {text.length > kLongestSource && <p class="soft">Only the beginning is shown; the download has all {bytes(message.Size)}.</p>}
    </>
  );
}

function HeaderFields({ message }: { message: Message }) {
  useEffect(() => headers.ask(`/api/v1/message/${message.ID}/headers`), [message.ID]);
  const fields = useLive(headers);
  return (
    <table class="plain">
      <caption class="hidden">Header fields</caption>
      <tbody>
        {Object.entries(fields ?? {}).flatMap(([name, values]) => values.map((value, index) => (
          <tr key={`${name} ${index}`}><th scope="row" class="field">{visible(name)}</th><td><code>{visible(value)}</code></td></tr>
        )))}
      </tbody>
    </table>
  );
}

function Parts({ message, parts }: { message: Message; parts: Part[] }) {
  if (parts.length === 0) return <p class="soft">It has no attachments.</p>;
  return (
    <table class="plain">
      <caption class="hidden">Attachments</caption>
      <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Size</th><th scope="col"><span class="hidden">What to do</span></th></tr></thead>
      <tbody>
        {parts.map((part) => {
          const name = part.FileName || part.ContentID || `part-${part.PartID}`;
          return (
            <tr key={part.PartID}>
              <th scope="row">{visible(name)}</th><td><code>{visible(part.ContentType)}</code></td><td>{bytes(part.Size)}</td>
              <td class="does"><button type="button" onClick={() => void attempt(() => download(`/api/v1/message/${message.ID}/part/${encodeURIComponent(part.PartID)}`, name))}>Download<span class="hidden"> {visible(name)}</span></button></td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const kViews = ['html', 'text', 'source', 'headers', 'attachments'] as const;
type View = (typeof kViews)[number];
const kTitles: Record<View, string> = { html: 'HTML', text: 'Text', source: 'Source', headers: 'Headers', attachments: 'Attachments' };

function Detail({ message, query }: { message: Message; query: Record<string, string> }) {
  const parts = [...message.Attachments, ...message.Inline];
  const views = kViews.filter((view) => (view !== 'html' || message.HTML !== '') && (view !== 'attachments' || parts.length > 0));
  const view = views.find((one) => one === query.view) ?? views[0] ?? 'text';
  const remove = async (): Promise<string> => {
    await request('DELETE', '/api/v1/messages', json({ IDs: [message.ID] }));
    location.hash = write('inbox', '', query);
    return 'deleted';
  };
  return (
    <article aria-labelledby="message-title" class="message">
      <header>
        <h2 id="message-title">{visible(message.Subject) || <i>no subject</i>}</h2>
        <dl>
          <dt>From</dt><dd>{visible(address(message.From))}</dd>
          {message.To.length > 0 && <><dt>To</dt><dd>{visible(list(message.To))}</dd></>}
          {message.Cc.length > 0 && <><dt>Cc</dt><dd>{visible(list(message.Cc))}</dd></>}
          {message.Bcc.length > 0 && <><dt>Bcc</dt><dd>{visible(list(message.Bcc))}</dd></>}
          {message.Tags.length > 0 && <><dt>Tags</dt><dd>{message.Tags.map((tag) => <span key={tag} class="tag">{tag}</span>)}</dd></>}
          <dt>Date</dt><dd>{new Date(message.Date).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })} · {bytes(message.Size)} · envelope from <code>&lt;{visible(message.ReturnPath)}&gt;</code></dd>
        </dl>
        <p class="actions">
          <button type="button" onClick={() => void attempt(() => download(`/api/v1/message/${message.ID}/raw`, `message-${message.ID}.eml`))}>Download</button>
          <button type="button" onClick={() => void attempt(async () => { await request('PUT', '/api/v1/messages', json({ IDs: [message.ID], Read: false })); return 'marked as unread'; })}>Mark as unread</button>
          <button type="button" onClick={() => void attempt(remove)}>Delete</button>
        </p>
      </header>
      <nav class="views" aria-label="Forms of the message">
        {views.map((one) => <a key={one} href={write('inbox', message.ID, { ...query, view: one })} aria-current={one === view ? 'page' : undefined}>{kTitles[one]}{one === 'attachments' && ` (${parts.length})`}</a>)}
      </nav>
      {view === 'html' && <Html message={message} key={message.ID} />}
      {view === 'text' && <pre class="source" tabIndex={0} aria-label="Text">{message.Text || 'It has no text.'}</pre>}
      {view === 'source' && <Source message={message} />}
      {view === 'headers' && <HeaderFields message={message} />}
      {view === 'attachments' && <Parts message={message} parts={parts} />}
    </article>
  );
}

function Tools({ shown, search }: { shown: number; search: string }) {
  const removeAll = async (): Promise<string> => {
    await request('DELETE', search ? `/api/v1/search?query=${encodeURIComponent(search)}` : '/api/v1/messages');
    location.hash = write('inbox', '', search ? { q: search } : {});
    return 'deleted';
  };
  return (
    <div class="tools">
      <input type="search" aria-label="Search the messages" placeholder="Search: from:alice" value={search}
        onInput={(event) => look({ q: event.currentTarget.value, start: '' })} />
      <button type="button" disabled={shown === 0} onClick={() => {
        if (confirm(search ? 'Delete all messages that this search finds?' : 'Delete all messages?')) void attempt(removeAll);
      }}>Delete all</button>
    </div>
  );
}

export function InboxPanel() {
  const { id, query } = place.value;
  const start = Number(query.start) || 0;
  const search = query.q ?? '';
  useEffect(() => messages.ask(search ? `/api/v1/search?query=${encodeURIComponent(search)}&limit=${kPage}&start=${start}` : `/api/v1/messages?limit=${kPage}&start=${start}`), [search, start]);
  useEffect(() => open.ask(id ? `/api/v1/message/${encodeURIComponent(id)}` : ''), [id]);
  const found = useLive(messages);
  const detail = useLive(open);
  // Whoever reads a message marks it as read.
  useEffect(() => { if (detail) messages.refresh(); }, [detail]);
  const total = found && (search ? found.messages_count : found.total);
  const listener = smtp.value;
  if (found?.total === 0 && !id && !search)
    return (
      <Empty title="No message yet: send one">
        {listener && <Command label="Command that sends a message" text={firstMessage(listener.Port, listener.Address)} />}
      </Empty>
    );
  return (
    <Panes
      open={id !== ''}
      back={write('inbox', '', query)}
      list={
        <>
          <Tools shown={found?.messages.length ?? 0} search={search} />
          <Problem problem={messages.problem.value} />
          {found && <List label="Messages, the newest first" items={found.messages.map((one) => item(one, query))} open={id} />}
          {found && total !== undefined && <Pages start={start} shown={found.messages.length} total={total} href={(to) => write('inbox', id, { ...query, start: to ? String(to) : '' })} />}
          {found && found.messages.length === 0 && <p class="soft pad">No message matches. A search may name <code>from:</code>, <code>to:</code>, <code>subject:</code>, <code>before:2026-01-31</code>, <code>is:unread</code> or <code>has:attachment</code>.</p>}
        </>
      }
    >
      <Problem problem={open.problem.value} />
      {detail && <Detail message={detail} query={query} />}
      {!id && found && found.messages.length > 0 && <Empty title="Choose a message"><p>It is shown as HTML that can do nothing, as text, and as it came.</p></Empty>}
    </Panes>
  );
}
