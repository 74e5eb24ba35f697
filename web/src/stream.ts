// The server-sent events of the API, read by fetch: EventSource could not bring the token. A stream that breaks is taken up
// where it was, with the last id; `gap` says that it could not be.
import { ApiError, request, token, tokenWanted } from './api';
import { Frames, type Told } from './frames';

const kRetry = 1_000;  // milliseconds
export interface Follower {
  told(event: Told): void;
  connected(yes: boolean): void;
}

async function follow(frames: Frames, follower: Follower): Promise<void> {
  const headers: Record<string, string> = frames.last ? { 'Last-Event-ID': frames.last } : {};
  const response = await request('GET', '/api/v1/events', undefined, { headers });
  if (!response.body) return;
  follower.connected(true);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    for (const event of frames.push(value)) follower.told(event);
  }
}

// Never returns.
export async function followEvents(follower: Follower): Promise<never> {
  const frames = new Frames();
  let first = true;
  for (;;) {
    try {
      // What happened before a stream without an id began, nobody tells.
      if (!first && !frames.last) follower.told({ name: 'gap', data: '{}' });
      first = false;
      frames.cut();
      await follow(frames, follower);
    } catch (problem) {
      if (problem instanceof ApiError && problem.status === 401) await anotherToken();
    }
    follower.connected(false);
    await new Promise((resolve) => setTimeout(resolve, kRetry));
  }
}

function anotherToken(): Promise<void> {
  return new Promise((resolve) => {
    const stop = tokenWanted.subscribe((wanted) => {
      if (wanted || !token.value) return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}
