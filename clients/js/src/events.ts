// A stream of events that goes on after an interruption, from where it was.

import { asOffer, asRecord } from "./answers.js";
import type { BatcherEvent } from "./api.js";
import { ToruError } from "./error.js";
import type { Http } from "./http.js";
import { mayPass, sleep, waitFor } from "./http.js";
import { invalidAnswer, level, matching, object, whole } from "./shape.js";

const EVENT_LETTERS_MAX = 1024 * 1024;
/** A stream that is silent for as long is taken for dead, and opened again. */
const SILENCE_MS = 45_000;
/** A stream that was there for as long has not failed, although it had no event. */
const LASTED_MS = 10_000;

/** What the batcher counts events with. */
const eventId = matching(/^[0-9]{1,20}$/, "a number");
const block = matching(/^B[1-9A-HJ-NP-Za-km-z]{50}$/, "the hash of a block");

export interface Subscription {
  /** `tz4…`; without any there are only levels. */
  readonly accounts?: readonly string[];
  /** Whether the accounts will sign batches. Only those who are there to do so are offered any. */
  readonly cosign?: boolean;
  /** The id of the last event that you have seen. */
  readonly since?: string;
  readonly silenceMs?: number;
}

/** One event of a stream as it is sent. */
export interface Message {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** All events from now on, or from `since` on. It ends when `signal` says so, and with a break from the loop. */
export async function* events(
  http: Http,
  wanted: Subscription,
  signal?: AbortSignal,
): AsyncGenerator<BatcherEvent, void> {
  const query = new URLSearchParams((wanted.accounts ?? []).map((account) => ["account", account]));
  if (wanted.cosign === true) query.append("cosign", "true");
  if (wanted.since !== undefined) query.append("since", wanted.since);
  let last = wanted.since;
  for (let failures = 0; signal?.aborted !== true; ) {
    const stop = new AbortController();
    const abort = () => stop.abort();
    signal?.addEventListener("abort", abort);
    const begun = Date.now();
    try {
      const resumed: { [name: string]: string } = last === undefined ? {} : { "last-event-id": last };
      const silenceMs = wanted.silenceMs ?? SILENCE_MS;
      const response = await soon(http.stream(`/v1/events?${query}`, resumed, stop.signal), silenceMs);
      yield { kind: "open", id: null };
      for await (const message of messages(response, silenceMs)) {
        failures = 0;
        last = message.id ?? last;
        const event = parse(message);
        if (event !== null) yield event;
      }
    } catch (error) {
      if (signal?.aborted) return;
      failures = Date.now() - begun > LASTED_MS ? 1 : failures + 1;
      if (!mayPass(error) || failures >= http.streamAttempts) throw error;
      await sleep(waitFor(error, failures), signal);
      continue;
    } finally {
      signal?.removeEventListener("abort", abort);
      stop.abort();
    }
    // A stream that ends at once, again and again, must not keep anybody busy.
    failures = Date.now() - begun > LASTED_MS ? 1 : failures + 1;
    if (failures >= http.streamAttempts) throw new ToruError("UNREACHABLE", "the stream of events ends at once");
    await sleep(waitFor(null, failures), signal);
  }
}

/** The events in a body, as the standard of server-sent events has them. */
export async function* messages(response: Response, silenceMs: number): AsyncGenerator<Message, void> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const decoder = new TextDecoder();
  let [rest, id, event, data, letters] = ["", null as string | null, "", [] as string[], 0];
  try {
    for (;;) {
      const { done, value } = await soon(reader.read(), silenceMs);
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      if (rest.length + letters > EVENT_LETTERS_MAX) {
        throw invalidAnswer(`an event of at most ${EVENT_LETTERS_MAX} letters`, "more than that");
      }
      // A carriage return at the end may be the first half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const [field = "", ...after] = line.split(":");
        const said = after.join(":").replace(/^ /, "");
        if (line === "") {
          if (data.length > 0) yield { id, event: event === "" ? "message" : event, data: data.join("\n") };
          [event, data, letters] = ["", [], 0];
        } else if (field === "data") {
          data.push(said);
          letters += said.length + 1;
        } else if (field === "event") event = said;
        else if (field === "id") id = said;
      }
    }
  } catch (error) {
    throw error instanceof ToruError
      ? error
      : new ToruError("UNREACHABLE", "the stream of events broke off", {}, null, error);
  } finally {
    // The body may be broken already, and nobody waits for more of it.
    reader.cancel().catch(() => undefined);
  }
}

async function soon<T>(read: Promise<T>, silenceMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    const error = new ToruError("UNREACHABLE", `the stream of events was silent for ${silenceMs} ms`, { silenceMs });
    timer = setTimeout(() => reject(error), silenceMs);
  });
  try {
    return await Promise.race([read, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Passes over events of an unknown kind: a later batcher may have more of them. */
function parse(message: Message): BatcherEvent | null {
  const { event: kind, data: body } = message;
  if (kind !== "offer" && kind !== "transaction" && kind !== "level" && kind !== "missed") return null;
  let data: unknown;
  try {
    data = JSON.parse(body);
  } catch {
    throw invalidAnswer("an event in JSON", body);
  }
  const id = eventId(message.id, "an event's id");
  if (kind === "offer") return { kind, id, data: asOffer(data) };
  if (kind === "transaction") return { kind, id, data: asRecord(data) };
  const fields = object(data, kind);
  if (kind === "missed") {
    return { kind, id, data: { from: whole(fields["from"], "missed.from"), to: whole(fields["to"], "missed.to") } };
  }
  return {
    kind,
    id,
    data: { level: level(fields["level"], "level.level"), block: block(fields["block"], "level.block") },
  };
}
