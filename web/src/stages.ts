// The stages of a session, as scenarios name them; a unit test of the server (schema.test.cpp) holds the list to its own.
export const kStages = [
  'connect', 'helo', 'ehlo', 'lhlo', 'starttls', 'tls', 'auth', 'mail', 'rcpt', 'data', 'body', 'end-of-data', 'bdat', 'rset', 'noop', 'vrfy', 'expn', 'help',
  'etrn', 'xclient', 'xforward', 'quit', 'unknown', 'command',
];

const kNoVerbs = ['connect', 'tls', 'body', 'unknown', 'command'];

// Where a command line is met.
export function stageOf(line: string): string {
  const verb = /^\s*([a-z]*)/i.exec(line)?.[1]?.toLowerCase() ?? '';
  if (verb === 'atrn') return 'etrn';
  return kStages.includes(verb) && !kNoVerbs.includes(verb) ? verb : 'unknown';
}
