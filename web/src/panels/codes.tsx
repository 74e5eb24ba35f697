// The catalogue: what each code means, what to do about it, and the click that makes it happen.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { json, send } from '../api';
import { useLive } from '../live';
import { List } from '../parts/list';
import { CodePill, Empty, Panes, Problem } from '../parts/small';
import { look, place, write } from '../route';
import { kStages } from '../stages';
import { attempt, codes, say } from '../state';
import type { Armed, Code } from '../types';

// Words of the page that stand among the catalogue's own texts.
const kWords = {
  en: { meaning: 'What it means', advice: 'What to do', client: 'What a correct client does', trigger: 'How it is triggered', scenario: 'Scenario', stages: 'Where', providers: 'What providers say', arm: 'Arm this', at: 'at', documented: 'documented', elsewhere: 'elsewhere', times: 'times', forever: 'for ever', where: 'where', rcpt: 'recipient', mail: 'sender', helo: 'EHLO name', ip: "client's IP", like: 'is like', any: 'any, *@example.test or /expression/' },
  it: { meaning: 'Che cosa significa', advice: 'Che cosa fare', client: 'Che cosa fa un client corretto', trigger: 'Come si provoca', scenario: 'Scenario', stages: 'Dove', providers: 'Che cosa rispondono i provider', arm: 'Arma questo', at: 'in fase di', documented: 'documentate', elsewhere: 'altre', times: 'volte', forever: 'senza limite', where: 'se', rcpt: 'il destinatario', mail: 'il mittente', helo: 'il nome EHLO', ip: "l'IP del client", like: 'è come', any: 'tutti, *@example.test o /regex/' },
};
type Language = keyof typeof kWords;

export function armBody(code: number, at: string, times: string, whose: string, pattern: string): unknown {
  return {
    code,
    ...(at && { at }),
    ...(times && { times: Number(times) }),
    ...(pattern && { match: { [whose]: pattern } }),
  };
}

function ArmForm({ code, language }: { code: Code; language: Language }) {
  const words = kWords[language];
  const [at, setAt] = useState(code.stages[0] ?? '');
  const [times, setTimes] = useState('1');
  const [whose, setWhose] = useState('rcpt');
  const [pattern, setPattern] = useState('');
  if (code.stages.length === 0) return <p class="soft">It is met before a session begins: serve the scenario <code>{code.scenario}</code> on a port of its own.</p>;
  const arm = async (): Promise<void> => {
    await send<Armed>('POST', '/api/v1/arm', json(armBody(code.code, at, times, whose, pattern)));
    say(`armed: ${code.code} at ${at}, ${times === '1' ? 'once' : times ? `${times} times` : 'until it is disarmed'}`);
  };
  return (
    <form class="arm" lang={language} onSubmit={(event) => { event.preventDefault(); void attempt(arm); }}>
      <label>{words.at}
        <select value={at} onChange={(event) => setAt(event.currentTarget.value)}>
          <optgroup label={words.documented}>{code.stages.map((one) => <option key={one}>{one}</option>)}</optgroup>
          <optgroup label={words.elsewhere}>{kStages.filter((one) => !code.stages.includes(one)).map((one) => <option key={one}>{one}</option>)}</optgroup>
        </select>
      </label>
      <label>{words.times}
        <input type="number" min="1" max="1000000000" placeholder={words.forever} value={times} onInput={(event) => setTimes(event.currentTarget.value)} />
      </label>
      <label>{words.where}
        <select value={whose} onChange={(event) => setWhose(event.currentTarget.value)}>
          <option value="rcpt">{words.rcpt}</option>
          <option value="mail">{words.mail}</option>
          <option value="helo">{words.helo}</option>
          <option value="ip">{words.ip}</option>
        </select>
      </label>
      <label class="wide">{words.like}
        <input type="text" placeholder={words.any} value={pattern} onInput={(event) => setPattern(event.currentTarget.value)} />
      </label>
      <button type="submit" class="main">{words.arm} {code.code}</button>
    </form>
  );
}

function Detail({ code, language }: { code: Code; language: Language }) {
  const words = kWords[language];
  return (
    <article class="text">
      <header>
        <h2><CodePill code={code.code} /> <span>{code.text || code.class}</span></h2>
        <p class="soft">{code.class}{code.enhanced && <> · <code>{code.enhanced}</code></>}{code.closes !== 'no' && <> · closes the connection ({code.closes === 'fin' ? 'FIN' : 'RST'})</>}</p>
      </header>
      <ArmForm code={code} language={language} key={code.code} />
      <div lang={language}>
        <h3>{words.meaning}</h3><p>{code.meaning}</p>
        <h3>{words.advice}</h3><p>{code.advice}</p>
        {code.client && <><h3>{words.client}</h3><p>{code.client}</p></>}
      </div>
      <dl>
        <dt>{words.stages}</dt><dd>{code.stages.map((one) => <code key={one} class="tag">{one}</code>)}</dd>
        <dt>{words.trigger}</dt><dd><code>{code.trigger}</code></dd>
        <dt>{words.scenario}</dt><dd><code>malaposta serve {code.scenario}</code></dd>
      </dl>
      {code.providers.length > 0 && (
        <>
          <h3 lang={language}>{words.providers}</h3>
          <ul class="providers">
            {code.providers.map((one) => <li key={`${one.provider} ${one.rule}`}><b>{one.provider}</b> <code>{one.trigger}</code><pre tabIndex={0}>{one.reply.join('\n')}</pre></li>)}
          </ul>
        </>
      )}
    </article>
  );
}

export function CodesPanel() {
  const { id, query } = place.value;
  const language: Language = query.lang === 'it' ? 'it' : 'en';
  const search = query.q ?? '';
  useEffect(() => codes.ask(`/api/v1/codes?lang=${language}`), [language]);
  const all = useLive(codes);
  const shown = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return (all ?? []).filter((one) => {
      const text = `${one.code} ${one.class} ${one.enhanced} ${one.text} ${one.meaning} ${one.stages.join(' ')}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [all, search]);
  const code = all?.find((one) => String(one.code) === id);
  return (
    <Panes
      open={id !== ''}
      back={write('codes', '', query)}
      list={
        <>
          <div class="tools">
            <input type="search" aria-label="Search the codes" placeholder="Search: 450, mailbox, rcpt …" value={search} onInput={(event) => look({ q: event.currentTarget.value })} />
            <select aria-label="Language" value={language} onChange={(event) => look({ lang: event.currentTarget.value })}>
              <option value="en">English</option>
              <option value="it">Italiano</option>
            </select>
          </div>
          <Problem problem={codes.problem.value} />
          <List
            label="Codes"
            open={id}
            items={shown.map((one) => ({
              key: String(one.code),
              href: write('codes', one.code, query),
              content: <span class="row start"><CodePill code={one.code} /><span lang={one.text ? 'en' : language} class="clip">{one.text || one.meaning}</span></span>,
            }))}
          />
          {all && shown.length === 0 && <p class="soft pad">No code matches.</p>}
        </>
      }
    >
      {code && <Detail code={code} language={language} />}
      {!code && all && <Empty title={id ? `${id} is not documented` : 'Choose a code'}><p>What it means, what to do about it, and how to make it happen.</p></Empty>}
    </Panes>
  );
}
