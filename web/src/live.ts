// Something that the server knows and that changes while it is looked at. It is asked for anew when the server tells that it may
// have changed, one request at a time, and only while somebody looks.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, get } from './api';

const kLeastPause = 100;  // milliseconds between an answer and the next request
const kPauseFactor = 3;   // and at least so many times as long as the request took

export class Live<T> {
  readonly value = signal<T | undefined>(undefined);
  readonly problem = signal<ApiError | undefined>(undefined);
  private watchers = 0;
  private version = 0;  // of what is asked for: an answer to another question is dropped
  private stale = true;
  private busy = false;

  // `path`: '' where there is nothing to ask for.
  constructor(private path: string, private readonly read: (path: string) => Promise<T> = (wanted) => get<T>(wanted)) {}

  // Asks for something else from here on.
  ask(path: string): void {
    if (path === this.path) return;
    this.path = path;
    ++this.version;
    this.value.value = undefined;
    this.problem.value = undefined;
    this.busy = false;
    this.refresh();
  }

  refresh(): void {
    this.stale = true;
    if (this.watchers > 0 && !this.busy && this.path) void this.load();
  }

  watch(): () => void {
    ++this.watchers;
    if (this.stale) this.refresh();
    return () => {
      --this.watchers;
    };
  }

  private async load(): Promise<void> {
    const version = this.version;
    const begin = performance.now();
    this.busy = true;
    this.stale = false;
    try {
      const value = await this.read(this.path);
      if (version !== this.version) return;
      this.value.value = value;
      this.problem.value = undefined;
    } catch (problem) {
      if (version !== this.version) return;
      this.problem.value = problem instanceof ApiError ? problem : new ApiError(0, String(problem));
    }
    const pause = Math.max(kLeastPause, kPauseFactor * (performance.now() - begin));
    setTimeout(() => {
      if (version !== this.version) return;
      this.busy = false;
      if (this.stale) this.refresh();
    }, pause);
  }
}

// What it is by now; undefined until it is known.
export function useLive<T>(live: Live<T>): T | undefined {
  useEffect(() => live.watch(), [live]);
  return live.value.value;
}
