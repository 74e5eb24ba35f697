// Requests to the API. The token, where the server wants one, stays in this browser tab and goes out as a header field.
import { signal } from '@preact/signals';
import type { Diagnostic } from './types';

const kTokenKey = 'malaposta-token';

export const token = signal(sessionStorage.getItem(kTokenKey) ?? '');
// The server has refused the last request for want of the right one.
export const tokenWanted = signal(false);

export function useToken(value: string): void {
  sessionStorage.setItem(kTokenKey, value);
  token.value = value;
  tokenWanted.value = false;
}

// What the server said to a request that it refused, with what is wrong in a scenario, where that is why; status 0: it was not reached.
export class ApiError extends Error {
  constructor(readonly status: number, message: string, readonly diagnostics: Diagnostic[] = []) {
    super(message);
  }
}

export interface Content {
  type: string;
  text: string;
}

export const json = (value: unknown): Content => ({ type: 'application/json', text: JSON.stringify(value) });

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  try {
    const { error, diagnostics } = JSON.parse(text) as { error?: string; diagnostics?: Diagnostic[] };
    return new ApiError(response.status, error ?? text, diagnostics);
  } catch {
    return new ApiError(response.status, text || response.statusText);
  }
}

// `also`: statuses that are an answer, beside those of success.
export async function request(
  method: string, path: string, content?: Content, options: { also?: number[]; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const headers: Record<string, string> = { ...options.headers };
  if (token.value) headers.Authorization = `Bearer ${token.value}`;
  if (content) headers['Content-Type'] = content.type;
  let response: Response;
  try {
    response = await fetch(path, { method, headers, body: content?.text, cache: 'no-cache', signal: options.signal });
  } catch (problem) {
    if (options.signal?.aborted) throw problem;
    throw new ApiError(0, 'the server does not answer');
  }
  if (response.ok || options.also?.includes(response.status)) return response;
  if (response.status === 401) tokenWanted.value = true;
  throw await refusal(response);
}

export async function get<T>(path: string): Promise<T> {
  return (await (await request('GET', path)).json()) as T;
}

export async function getText(path: string): Promise<string> {
  return (await request('GET', path)).text();
}

export async function send<T>(method: string, path: string, content?: Content, also: number[] = []): Promise<T> {
  return (await (await request(method, path, content, { also })).json()) as T;
}

// A link could not bring the token.
export async function download(path: string, name: string): Promise<void> {
  const url = URL.createObjectURL(await (await request('GET', path)).blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
