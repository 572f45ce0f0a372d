// What a network does: requests that are made again, invalid answers, streams of events that break.

import assert from "node:assert/strict";
import test from "node:test";
import type { BatcherEvent } from "../src/api.js";
import { ToruError } from "../src/error.js";
import type { Message } from "../src/events.js";
import { events, messages } from "../src/events.js";
import { Http, waitFor } from "../src/http.js";
import { BLOCK, Fake } from "./fake.js";
import { Random, refused } from "./support.js";

/** A test that waits for as long hangs. Nothing is expected to take any time. */
const HANGS_MS = 600_000;

function served(work: (fake: Fake, http: Http, url: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const fake = new Fake();
    const url = await fake.start();
    try {
      await work(fake, new Http(`${url}/`, { attempts: 3, timeoutMs: HANGS_MS }), url);
    } finally {
      await fake.stop();
    }
  };
}

const busy = {
  status: 503,
  headers: { "retry-after": "0" },
  body: '{"error":{"code":"BUSY","message":"full","values":{"limit":"9"}}}',
};
const limited = { ...busy, status: 429, body: '{"error":{"code":"RATE_LIMITED","message":"slower"}}' };

test(
  "a request is made again when that may help",
  served(async (fake, http) => {
    for (const first of ["hang up", busy, limited, { status: 502, body: "<html>" }] as const) {
      fake.raw.set("/v1/quote", [first]);
      assert.ok(await http.get("/v1/quote"));
    }
    assert.equal(fake.requests.length, 8);
  }),
);

test(
  "it is not made again for ever, and the last error is told",
  served(async (fake, http) => {
    fake.raw.set("/v1/quote", [busy, busy, busy]);
    const error = await refused(() => http.get("/v1/quote"), "BUSY");
    assert.deepEqual([error.status, error.values], [503, { limit: "9", retryAfterSeconds: 0 }]);
    fake.raw.set("/v1/quote", ["hang up", "hang up", "hang up"]);
    await refused(() => http.get("/v1/quote"), "UNREACHABLE");
    assert.equal(fake.requests.length, 6);
  }),
);

test(
  "a refusal is not asked for again",
  served(async (fake, http) => {
    const body = '{"error":{"code":"COUNTER_TAKEN","message":"taken","values":{"hash":"ab"}}}';
    fake.raw.set("/v1/quote", [{ status: 409, body }]);
    const error = await refused(() => http.get("/v1/quote"), "COUNTER_TAKEN");
    assert.deepEqual([error.status, error.values, error.message], [409, { hash: "ab" }, "taken"]);
    assert.equal(fake.requests.length, 1);
  }),
);

test(
  "an invalid answer is named",
  served(async (fake, http) => {
    const answers = [
      { body: "<html>" },
      { body: "" },
      { status: 400, body: "no" },
      { status: 404, body: "[]" },
      { status: 400, body: '{"error":5}' },
    ];
    for (const answer of answers) {
      fake.raw.set("/v1/quote", [answer]);
      await refused(() => http.get("/v1/quote"), "INVALID_ANSWER");
    }
  }),
);

test(
  "an answer that is too large is not read",
  served(async (fake, http) => {
    fake.raw.set("/v1/quote", [{ body: `"${"x".repeat(17 * 1024 * 1024)}"` }]);
    const error = await refused(() => http.get("/v1/quote"), "INVALID_ANSWER");
    assert.match(error.message, /more than 16777216/);
  }),
);

test(
  "a server that takes too long, that is not there, and somebody who cannot wait",
  served(async (fake, _, url) => {
    const patient = new Http(url, { attempts: 1, timeoutMs: HANGS_MS });
    const hasty = new Http(url, { attempts: 1, timeoutMs: 1 });
    fake.raw.set("/v1/quote", ["say nothing"]);
    await refused(() => hasty.get("/v1/quote"), "UNREACHABLE");
    await refused(() => new Http("http://127.0.0.1:1", { attempts: 1 }).get("/"), "UNREACHABLE");
    await refused(() => new Http("no address", { attempts: 1 }).get("/"), "UNREACHABLE");
    const stop = new AbortController();
    stop.abort();
    await refused(() => patient.get("/v1/accounts/x", stop.signal), "UNREACHABLE");
    assert.ok(!fake.requests.some((one) => one.path === "/v1/accounts/x"));
  }),
);

test("the wait is what the server asks for, or longer each time, and bounded", () => {
  const asked = (seconds: number) => new ToruError("BUSY", "", { retryAfterSeconds: seconds }, 503);
  assert.equal(waitFor(asked(2), 1), 2000);
  assert.equal(waitFor(asked(3600), 1), 30_000);
  assert.deepEqual(
    [1, 2, 3, 50].map((attempt) => waitFor(null, attempt)),
    [250, 500, 1000, 30_000],
  );
});

const OFFER = { batch: "ab".repeat(32), content: "00", deadline_ms: 0, closes_in_ms: 0, accounts: [] };

async function read(chunks: readonly Uint8Array[]): Promise<Message[]> {
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const all: Message[] = [];
  for await (const message of messages(new Response(body), HANGS_MS)) all.push(message);
  return all;
}

test("a stream is understood however it is cut, and with any line ends", async () => {
  const random = new Random(3);
  const text =
    ': hello\n\nid: 1\nevent: level\ndata: {"a":1}\n\ndata: two\ndata:  lines: é\nid: 2\n\nevent: x\n\nretry: 5\ndata\n\nid: 9\ndata: cut';
  const expected = [
    { id: "1", event: "level", data: '{"a":1}' },
    { id: "2", event: "message", data: "two\n lines: é" },
    { id: "2", event: "message", data: "" },
  ];
  for (const end of ["\n", "\r\n", "\r"]) {
    const bytes = new TextEncoder().encode(text.replaceAll("\n", end));
    for (let i = 0; i < 200; i++) {
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = 1 + random.below(i < 20 ? 1 : 30);
        chunks.push(bytes.slice(at, at + size));
        at += size;
      }
      assert.deepEqual(await read(chunks), expected);
    }
  }
});

test("an event without an end is not kept for ever", async () => {
  const chunk = new TextEncoder().encode("x".repeat(600_000));
  await refused(() => read([chunk, chunk]), "INVALID_ANSWER");
  const lines = new TextEncoder().encode(`data: ${"x".repeat(600_000)}\n`);
  await refused(() => read([lines, lines]), "INVALID_ANSWER");
});

test(
  "a stream that is silent is opened again, from the last event",
  served(async (fake, http) => {
    const found: BatcherEvent["kind"][] = [];
    let seen: string | null = null;
    for await (const event of events(http, { silenceMs: 200 })) {
      found.push(event.kind);
      if (event.kind === "level") seen = event.id;
      if (event.kind === "open" && seen !== null) break;
      // On a machine that stands still, a stream may be taken for silent before the event arrives: once more then.
      if (event.kind === "open") fake.tell("level", { level: 5, block: BLOCK });
    }
    assert.equal(found.filter((one) => one === "level").length, 1);
    assert.equal(fake.requests.at(-1)?.headers["last-event-id"], seen);
  }),
);

test(
  "what is told while nobody is there comes after the interruption, once and in order",
  served(async (fake, http) => {
    const levels: number[] = [];
    fake.onStream = (opened) => {
      if (opened === 1) fake.tell("level", { level: 1, block: BLOCK });
    };
    for await (const event of events(http, { since: "0" })) {
      if (event.kind !== "level") continue;
      levels.push(event.data.level);
      if (event.data.level === 1) {
        fake.interrupt();
        for (const level of [2, 3]) fake.tell("level", { level, block: BLOCK });
      }
      if (event.data.level === 3) break;
    }
    assert.deepEqual(levels, [1, 2, 3]);
    assert.deepEqual(
      fake.requests.map((one) => one.headers["last-event-id"]),
      ["0", "1"],
    );
  }),
);

test(
  "a stream that breaks or ends at once is not opened for ever",
  served(async (fake, _, url) => {
    const http = new Http(url, { streamAttempts: 2 });
    const stream = { headers: { "content-type": "text/event-stream" }, body: ": nothing\n\n" };
    for (const answer of ["hang up", stream] as const) {
      fake.requests.length = 0;
      fake.raw.set("/v1/events", [answer, answer, answer]);
      await refused(async () => {
        for await (const event of events(http, {})) assert.equal(event.kind, "open");
      }, "UNREACHABLE");
      assert.equal(fake.requests.length, 2);
      fake.raw.clear();
    }
  }),
);

test(
  "a subscription says what it wants",
  served(async (fake, http) => {
    for await (const event of events(http, { accounts: ["tz4a", "tz4b"], cosign: true, since: "7" })) {
      assert.equal(event.kind, "open");
      break;
    }
    assert.equal(fake.requests[0]?.path, "/v1/events?account=tz4a&account=tz4b&cosign=true&since=7");
    assert.equal(fake.requests[0]?.headers["last-event-id"], "7");
  }),
);

test(
  "events that are not known are passed over, and invalid ones end the stream",
  served(async (fake, http) => {
    const wrong: readonly (readonly [event: string, data: unknown])[] = [
      ["level", {}],
      ["level", 5],
      ["level", { level: 1, block: 7 }],
      ["level", { level: -1, block: BLOCK }],
      ["missed", { from: "1", to: 2 }],
      ["offer", {}],
      ["offer", { ...OFFER, content: "zz" }],
      ["offer", { ...OFFER, accounts: [1] }],
      ["transaction", { hash: "x" }],
    ];
    for (const [event, data] of wrong) {
      const stream = events(http, {});
      await stream.next();
      fake.tell("news", "whatever");
      fake.tell("level", { level: 1, block: BLOCK });
      assert.equal((await stream.next()).value?.kind, "level");
      fake.tell(event, data);
      await refused(() => stream.next(), "INVALID_ANSWER");
      fake.interrupt();
    }
  }),
);

test(
  "an answer of another type is not taken for a stream",
  served(async (fake, http) => {
    fake.raw.set("/v1/events", [{ headers: { "content-type": "text/html" }, body: "data: {}\n\n" }]);
    await refused(() => events(http, {}).next(), "INVALID_ANSWER");
    fake.raw.set("/v1/events", [
      { status: 400, body: '{"error":{"code":"MALFORMED","message":"no account","values":{}}}' },
    ]);
    await refused(() => events(http, {}).next(), "MALFORMED");
  }),
);
