// Requests of JSON, with bounds on time and size, and repeated where that helps: every request of ours may be made
// again, as a transaction is known by its hash.

import { asError } from "./answers.js";
import { ToruError } from "./error.js";
import { invalidAnswer } from "./shape.js";

const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const TIMEOUT_MS = 15_000;
const ATTEMPTS = 4;
/** Together a minute of waiting: a service is back by then, or somebody has to look. */
const STREAM_ATTEMPTS = 8;
const WAIT_MS = 250;
const WAIT_MS_MAX = 30_000;
/** Too many requests, and what a proxy or a server says that will be back. */
const REPEATED = [429, 502, 503, 504];

export interface HttpOptions {
  /** Instead of the platform's own. */
  readonly fetch?: typeof fetch;
  /** How often a request is made before its error is reported; 4 if it is not given. */
  readonly attempts?: number;
  /** How often in a row a stream is opened that breaks before it has said anything; 8 if it is not given. */
  readonly streamAttempts?: number;
  /** How long one request may take; 15,000 if it is not given. */
  readonly timeoutMs?: number;
}

export class Http {
  readonly #base: string;
  readonly #options: HttpOptions;
  readonly streamAttempts: number;

  constructor(base: string, options: HttpOptions = {}) {
    this.#base = base.replace(/\/+$/, "");
    this.#options = options;
    this.streamAttempts = options.streamAttempts ?? STREAM_ATTEMPTS;
  }

  get(path: string, signal?: AbortSignal): Promise<unknown> {
    return this.#repeated("GET", path, undefined, signal);
  }

  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown> {
    return this.#repeated("POST", path, JSON.stringify(body), signal);
  }

  /** One answer whose body comes bit by bit, without a bound on time or size. */
  async stream(path: string, headers: { readonly [name: string]: string }, signal: AbortSignal): Promise<Response> {
    const response = await this.#fetch(path, { headers: { accept: "text/event-stream", ...headers }, signal });
    if (!response.ok) throw await refusal(response);
    const type = response.headers.get("content-type") ?? "";
    if (!type.startsWith("text/event-stream")) throw invalidAnswer("text/event-stream", type);
    return response;
  }

  async #repeated(method: string, path: string, body: string | undefined, signal?: AbortSignal): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, body, signal);
      } catch (error) {
        const last = attempt >= (this.#options.attempts ?? ATTEMPTS);
        if (signal?.aborted || last || !mayPass(error)) throw error;
        await sleep(waitFor(error, attempt), signal);
      }
    }
  }

  async #once(method: string, path: string, body: string | undefined, signal?: AbortSignal): Promise<unknown> {
    const limit = new AbortController();
    const stop = () => limit.abort();
    const timer = setTimeout(stop, this.#options.timeoutMs ?? TIMEOUT_MS);
    signal?.addEventListener("abort", stop);
    if (signal?.aborted) stop();
    try {
      const headers = {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      };
      const response = await this.#fetch(path, {
        method,
        headers,
        signal: limit.signal,
        ...(body === undefined ? {} : { body }),
      });
      if (!response.ok) throw await refusal(response);
      return parsed(await wholeBody(response));
    } catch (error) {
      throw error instanceof ToruError ? error : unreachable(this.#base + path, error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { fetch: own = fetch } = this.#options;
    try {
      return await own(this.#base + path, init);
    } catch (error) {
      throw unreachable(this.#base + path, error);
    }
  }
}

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ToruError)) return false;
  return error.code === "UNREACHABLE" || (error.status !== null && REPEATED.includes(error.status));
}

/** How long to wait before the next attempt: as long as the server asked for, or longer each time. */
export function waitFor(error: unknown, attempt: number): number {
  const asked = error instanceof ToruError ? error.values["retryAfterSeconds"] : undefined;
  const wait = typeof asked === "number" ? asked * 1000 : WAIT_MS * 2 ** Math.min(attempt - 1, 10);
  return Math.min(wait, WAIT_MS_MAX);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}

function unreachable(url: string, cause: unknown): ToruError {
  // Node says "fetch failed", and why in the cause of it.
  const inner = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.message}` : "";
  const why = cause instanceof Error ? cause.message + inner : String(cause);
  return new ToruError("UNREACHABLE", `${url} does not answer: ${why}`, { url }, null, cause);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw invalidAnswer("JSON", body);
  }
}

async function wholeBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [body, size] = ["", 0];
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw invalidAnswer(`at most ${ANSWER_BYTES_MAX} bytes`, `more than ${ANSWER_BYTES_MAX}`);
    }
    body += decoder.decode(value, { stream: true });
  }
  return body + decoder.decode();
}

/** The error that an answer carries. */
async function refusal(response: Response): Promise<ToruError> {
  const { status } = response;
  const seconds = Number(response.headers.get("retry-after") ?? "x");
  const wait = Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {};
  const body = await wholeBody(response);
  try {
    const { code, message, values } = asError((parsed(body) as { error?: unknown } | null)?.error);
    return new ToruError(code, message, { ...values, ...wait }, status);
  } catch {
    const { message } = invalidAnswer(`an error with a code in an answer of status ${status}`, body);
    return new ToruError("INVALID_ANSWER", message, { status, ...wait }, status);
  }
}
