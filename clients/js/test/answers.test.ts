// Every field of every answer is looked at: what has another form is refused, at its place.

import assert from "node:assert/strict";
import test from "node:test";
import {
  asAccount,
  asBatch,
  asCosigned,
  asOffer,
  asQuote,
  asRecord,
  asResults,
  asSimulated,
  asSubmitted,
} from "../src/answers.js";
import { refused } from "./support.js";

const ACCOUNT = "tz4MX1JesazSn8Ru4kNU5eG4Q4NoztBCkvxD";
const HASH = "ab".repeat(32);
const counter = { account: ACCOUNT, counter: "18446744073709551615" };
const error = { code: "COUNTER_MISMATCH", message: "no", values: { expected: "5" } };
const record = {
  hash: HASH,
  stage: "applied",
  result: "applied",
  accounts: [counter],
  expires: 1260,
  received: 1002,
  promised: 1012,
  receipt: { key: "edpk", signature: "00" },
  batch: HASH,
  cosigned: true,
  deadline_ms: 1_796_005_800_123,
  message: "m",
  level: 0,
  index: 2,
  transaction: 4_294_967_295,
  outcomes: [{ code: "APPLIED", number: 0, values: { a: "1" }, reason: "" }],
  waits_for: counter,
  why: error,
};
const view = { level: 2 ** 31 - 1, counter: "0", balances: [{ ticket: 0, amount: "999997" }] };
const ticket = { index: 0, ticketer: "KT1", content: "01" };
const quote = {
  rollup: "sr1",
  level: 0,
  account: ACCOUNT,
  fees: [{ ticket, price: "2" }],
  expires: 300,
  round_ms: 800,
  window_ms: 150,
  max_wait_ms: 500,
  promised_levels: 10,
  acceptance_key: "edpkvNigfusTyqASbq1bF4twUmUi6NVXr9Eo337W5JCkY9vwz2Caym",
  limits: {
    transactions_per_request: 1,
    pending_per_account: 1,
    gap: 1,
    gap_ms: 1,
    pending: 1,
    max_valid_levels: 1,
    transactions_per_second: 1,
    streams_per_address: 1,
  },
};
const batch = {
  id: HASH,
  stage: "accepted",
  content: "00",
  deadline_ms: 1,
  signers: 1,
  signed: 1,
  transactions: [HASH],
  message: "m",
  level: 1,
  index: 2,
  bytes: 100,
  individual: 0,
};

/** An answer, what reads it, and the fields that may be absent. */
const ANSWERS: {
  readonly [what: string]: readonly [honest: object, read: (value: unknown) => unknown, absent: string[]];
} = {
  record: [
    record,
    (value) => asRecord(value),
    [
      "result",
      "batch",
      "cosigned",
      "deadline_ms",
      "message",
      "level",
      "index",
      "transaction",
      "waits_for",
      "why",
      "outcomes.0.values",
      "why.values",
    ],
  ],
  quote: [quote, asQuote, ["account", "fees.0.ticket.index"]],
  account: [
    { account: ACCOUNT, index: 0, final: view, head: view, pending: view, transactions: [] },
    (value) => asAccount(value, ACCOUNT),
    ["index"],
  ],
  batch: [batch, (value) => asBatch(value, HASH), ["deadline_ms", "message", "level", "index", "bytes"]],
  offer: [{ batch: HASH, content: "00", deadline_ms: 1, closes_in_ms: 800, accounts: [ACCOUNT] }, asOffer, []],
  "refusal of a transaction": [
    { hash: HASH, error },
    (value) => asSubmitted(value, HASH, "result"),
    ["hash", "error.values"],
  ],
  "result of a transaction": [
    { hash: HASH, record: { ...record, why: null } },
    (value) => asSubmitted(value, HASH, ""),
    [
      "record.result",
      "record.batch",
      "record.cosigned",
      "record.deadline_ms",
      "record.message",
      "record.level",
      "record.index",
      "record.transaction",
      "record.waits_for",
      "record.why",
      "record.outcomes.0.values",
    ],
  ],
  simulation: [
    { hash: HASH, outcomes: record.outcomes, error: null },
    (value) => asSimulated(value, "result"),
    ["outcomes.0.values", "error"],
  ],
  signature: [
    { results: [{ account: ACCOUNT, error }] },
    (value) => asCosigned(value, ACCOUNT),
    ["results.0.error", "results.0.error.values"],
  ],
};

/** The paths of all fields of a value, of lists and of what is in them. */
function paths(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value !== "object" || value === null) return path.length === 0 ? [] : [path.join(".")];
  const inner = Object.entries(value).flatMap(([name, one]) => paths(one, [...path, name]));
  return path.length === 0 ? inner : [path.join("."), ...inner];
}

/** A copy in which the field at a path is another, or absent. */
function changed(value: object, path: string, to: unknown): unknown {
  const copy = structuredClone(value);
  const names = path.split(".");
  const last = names.pop() as string;
  const holder = names.reduce<Record<string, unknown>>(
    (at, name) => at[name] as Record<string, unknown>,
    copy as Record<string, unknown>,
  );
  if (to === undefined) delete holder[last];
  else holder[last] = to;
  return copy;
}

for (const [what, [honest, read, absent]] of Object.entries(ANSWERS)) {
  test(`each field is checked: ${what}`, async () => {
    assert.ok(read(honest));
    for (const path of paths(honest)) {
      for (const wrong of [{ "": [] }, -1, 0.5, "\u0000", [[]]]) {
        const free = wrong === "\u0000" && isText(path);
        const work = () => read(changed(honest, path, wrong));
        if (free) work();
        else await refused(work, "INVALID_ANSWER").catch((error: unknown) => assert.fail(`${path}: ${String(error)}`));
      }
      const without = () => read(changed(honest, path, undefined));
      const isElement = /\.\d+$/.test(path) || /\.values\.\w+$/.test(path);
      if (isElement || absent.includes(path)) continue;
      await refused(without, "INVALID_ANSWER").catch((error: unknown) => assert.fail(`${path}: ${String(error)}`));
    }
    for (const path of absent) assert.ok(read(changed(honest, path, undefined)), path);
  });
}

/** Sentences and names that this package hands on as they are. What it relies on of them is checked where it does. */
function isText(path: string): boolean {
  return /(^|\.)(message|reason|rollup|ticketer|key|signature|values\.\w+)$/.test(path);
}

test("amounts and counters are numbers of 64 bits in decimal, in their one form", async () => {
  assert.equal(asRecord(record).accounts[0]?.counter, 2n ** 64n - 1n);
  assert.equal(asQuote(quote).fees[0]?.price, 2n);
  for (const price of ["18446744073709551616", "", "01", "+1", "1e3", " 1", "1n", "0x1", 1]) {
    const wrong = changed(quote, "fees.0.price", price);
    const error = await refused(() => asQuote(wrong), "INVALID_ANSWER");
    assert.equal(error.values["at"], "quote.fees[0].price");
  }
});

test("what a later version adds is left out, and levels have 31 bits", async () => {
  assert.deepEqual(asQuote({ ...quote, news: 5 }), asQuote(quote));
  await refused(() => asQuote({ ...quote, expires: 2 ** 31 }), "INVALID_ANSWER");
  await refused(() => asResults({ results: [1] }, 2, (one) => one), "INVALID_ANSWER");
  await refused(() => asBatch({ ...batch, id: "cd".repeat(32) }, HASH), "INVALID_ANSWER");
});
