// Reports of runs, as files have them.
import type { Verdict } from './types';

export interface Report {
  seed: number;
  scenarios: Verdict[];
}

// The report that `malaposta run --json` writes: {"seed", "scenarios": […]}; or the verdict.json of one scenario.
export function readReport(text: string): Report {
  const read: unknown = JSON.parse(text);
  const isVerdict = (one: unknown): one is Verdict =>
    typeof one === 'object' && one !== null && 'verdict' in one && 'scenario' in one && 'expectations' in one && 'findings' in one;
  if (isVerdict(read)) return { seed: read.seed, scenarios: [read] };
  const { seed, scenarios } = (read ?? {}) as { seed?: unknown; scenarios?: unknown };
  if (!Array.isArray(scenarios) || !scenarios.every(isVerdict)) throw new Error('this is no report of malaposta run --json');
  return { seed: Number(seed), scenarios };
}
