// The client against a batcher that is honest, and against one that lies in each way that it can.

import assert from "node:assert/strict";
import test from "node:test";
import type { TransactionRecord } from "../src/api.js";
import { concat, fromHex, u32 } from "../src/bytes.js";
import type { Client, Options } from "../src/client.js";
import { connect } from "../src/client.js";
import type { ToruError } from "../src/error.js";
import { SecretKey } from "../src/keys.js";
import { textTicket } from "../src/names.js";
import type { Pay, Payment } from "../src/payment.js";
import type { Following } from "../src/send.js";
import { toText } from "../src/text.js";
import { decodeTransaction } from "../src/transaction.js";
import type { Json } from "./fake.js";
import { ACCEPTANCE_KEY, Fake } from "./fake.js";
import { encodeContent, ofRow, ROLLUP, refused } from "./support.js";

const [alice, bob] = [SecretKey.random(), SecretKey.random()];
const pay: Pay = { to: bob.address, amount: 500n, ticket: 0 };

/** Runs a test with a batcher of its own. */
function served(
  work: (fake: Fake, client: Client, url: string) => Promise<void>,
  more: Partial<Options> = {},
): () => Promise<void> {
  return async () => {
    const fake = new Fake();
    const url = await fake.start();
    try {
      fake.knows(alice.address, 5, 7);
      fake.knows(bob.address, 8);
      await work(fake, await connect({ batcher: url, node: url, rollup: ROLLUP, ...more }), url);
    } finally {
      await fake.stop();
    }
  };
}

async function followed(
  client: Client,
  payments: readonly Payment[],
  options: Following = {},
): Promise<TransactionRecord[]> {
  const records: TransactionRecord[] = [];
  for await (const record of client.send(payments, options)) records.push(record);
  return records;
}

test(
  "a payment is a row, is signed alone, and then with everybody",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay]);
    const row = { signer: 5, counter: 7n, to: 8, amount: 500n };
    assert.deepEqual(payments[0]?.transaction, ofRow(row, 0, 1260));
    assert.equal(payments[0]?.signed.signatures[0]?.proof, undefined, "the key is registered");
    assert.deepEqual(decodeTransaction(fromHex(payments[0]?.signed.transaction ?? "")), payments[0]?.transaction);
    fake.content = () => encodeContent({ groups: [{ expires: 1260, ticket: 0, rows: [row, { ...row, signer: 70 }] }] });
    const records = await followed(client, payments, { until: "final" });
    assert.deepEqual(
      records.map((one) => one.stage),
      ["queued", "offered", "sealed", "applied", "final"],
    );
    assert.deepEqual(fake.cosigned, [alice.address]);
    assert.equal(records.at(-1)?.result, "applied");
  }),
);

test(
  "one that does not want to sign batches is not asked to",
  served(async (fake, client) => {
    fake.impatient = true;
    const records = await followed(client, await client.prepare(alice, [pay]), { cosign: false });
    assert.equal(records.at(-1)?.stage, "applied");
    assert.deepEqual(fake.cosigned, []);
    assert.ok(fake.requests.some((one) => one.path === `/v1/events?account=${alice.address}`));
  }),
);

test(
  "several payments have counters that follow each other",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay, { ...pay, memo: "rent" }, pay]);
    assert.deepEqual(
      payments.map((one) => one.transaction.operations[0]?.counter),
      [7n, 8n, 9n],
    );
    assert.deepEqual(payments[1]?.transaction.operations[0]?.memo, { bytes: "72656e74" });
    const records = await followed(client, payments);
    assert.equal(records.filter((one) => one.stage === "applied").length, 3);
    assert.deepEqual(fake.cosigned, [alice.address], "one signature is for all");
  }),
);

test(
  "an account without an index is named by its address, and proves its key",
  served(async (_, client) => {
    const carol = SecretKey.random();
    const [payment] = await client.prepare(carol, [{ ...pay, to: SecretKey.random().address }]);
    assert.equal(payment?.transaction.operations[0]?.signer, carol.address);
    assert.equal(payment?.signed.signatures[0]?.proof?.length, 192);
    assert.deepEqual(payment?.me, { address: carol.address, index: null, accounts: 9, registered: false, counter: 0n });
  }),
);

test(
  "submitting the same payment again gives the same record",
  served(async (_, client) => {
    const [payment] = await client.prepare(alice, [pay]);
    const twice = [payment!.signed, payment!.signed];
    const [first, second] = await client.submit(twice);
    assert.deepEqual(first, second);
    const { stage, ...rest } = await client.record(payment!.signed.hash);
    assert.deepEqual({ ...rest, stage: "queued" }, first?.record);
    assert.ok(["queued", "offered"].includes(stage));
  }),
);

test(
  "a refusal has the code and the values, and says what was accepted",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay, pay]);
    const values = { available: "3", requested: "500" };
    fake.lies.set("/v1/transactions", (honest) => {
      if (honest["results"] === undefined) return honest;
      const [first, second] = honest["results"] as [Json, Json];
      return {
        results: [first, { hash: second["hash"], error: { code: "BALANCE_TOO_LOW", message: "too low", values } }],
      };
    });
    const error = await refused(() => followed(client, payments), "BALANCE_TOO_LOW");
    assert.deepEqual(error.values, { ...values, hash: payments[1]?.signed.hash, accepted: [payments[0]?.signed.hash] });
    const unknown = await refused(() => client.record("00".repeat(32)), "UNKNOWN_TRANSACTION");
    assert.equal(unknown.status, 404);
  }),
);

test(
  "what was only too much at the moment is submitted again, and not for ever",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay, pay]);
    const submissions: number[] = [];
    let busy = 1;
    fake.lies.set("/v1/transactions", (honest, { body }) => {
      if (honest["results"] === undefined) return honest;
      submissions.push((body["transactions"] as unknown[]).length);
      const [first, ...rest] = honest["results"] as Json[];
      const error = { code: "BUSY", message: "full", values: {} };
      return busy-- > 0 ? { results: [{ hash: first?.["hash"], error }, ...rest] } : honest;
    });
    fake.impatient = true;
    const records = await followed(client, payments);
    assert.deepEqual(submissions, [2, 1]);
    assert.equal(records.filter((one) => one.result === "applied").length, 2);
    busy = 99;
    submissions.length = 0;
    await refused(() => followed(client, payments.slice(0, 1)), "BUSY");
    assert.deepEqual(submissions, [1, 1, 1, 1]);
  }),
);

test(
  "fees are paid up to what was confirmed, in the same transaction, and not otherwise",
  served(async (fake, client) => {
    const till = toText("tz4", new Uint8Array(20).fill(3));
    const fee = (index: number | null) => ({ ticket: { index, ticketer: "KT1", content: "" }, price: "2" });
    fake.lies.set("/v1/quote", (honest) => ({ ...honest, account: till, fees: [fee(0)] }));
    const [payment] = await client.prepare(alice, [{ ...pay, feeMax: 2n }]);
    assert.equal(payment?.fee, 2n);
    const transfers = [
      { to: 8, amount: 500n },
      { to: till, amount: 2n },
    ];
    assert.deepEqual(payment?.transaction.operations[0]?.actions, [{ ticket: 0, transfers }]);
    for (const feeMax of [1n, 0n, undefined]) {
      const error = await refused(
        () => client.prepare(alice, [feeMax === undefined ? pay : { ...pay, feeMax }]),
        "FEE_NOT_CONFIRMED",
      );
      assert.equal(error.values["price"], "2");
    }
    fake.lies.set("/v1/quote", (honest) => ({ ...honest, account: till, fees: [fee(1)] }));
    await refused(() => client.prepare(alice, [{ ...pay, feeMax: 2n }]), "FEE_NOT_CONFIRMED");
    // Two tickets that the rollup has never held are not the same because neither has an index.
    fake.lies.set("/v1/quote", (honest) => ({ ...honest, account: till, fees: [fee(null)] }));
    const unknown = textTicket(toText("KT1", new Uint8Array(20)), "new");
    await refused(() => client.prepare(alice, [{ ...pay, ticket: unknown, feeMax: 2n }]), "FEE_NOT_CONFIRMED");
  }),
);

const WRONG_HASH = "ab".repeat(32);
const liesAtOnce: readonly (readonly [what: string, path: string, lie: (honest: Json) => unknown, code: string])[] = [
  ["an expiry far ahead", "/v1/quote", (is) => ({ ...is, expires: 2_000_000_000 }), "EXPIRES_TOO_LATE"],
  ["another rollup", "/v1/quote", (is) => ({ ...is, rollup: toText("sr1", new Uint8Array(20)) }), "OTHER_ROLLUP"],
  ["a quote without fees", "/v1/quote", (is) => ({ ...is, fees: undefined }), "INVALID_ANSWER"],
  [
    "a negative price",
    "/v1/quote",
    (is) => ({ ...is, fees: [{ ticket: { index: 0, ticketer: "KT1", content: "" }, price: "-1" }] }),
    "INVALID_ANSWER",
  ],
  ["a list", "/v1/quote", () => [], "INVALID_ANSWER"],
  [
    "a counter that is used up",
    "/v1/accounts",
    (is) => ({ ...is, pending: { level: 1, counter: "6", balances: [] } }),
    "INVALID_ANSWER",
  ],
  [
    "an invalid counter",
    "/v1/accounts",
    (is) => ({ ...is, pending: { level: 1, counter: "-1", balances: [] } }),
    "INVALID_ANSWER",
  ],
  ["another account", "/v1/accounts", (is) => ({ ...is, account: bob.address }), "INVALID_ANSWER"],
  ["nothing for an account", "/v1/accounts", () => null, "INVALID_ANSWER"],
  ["another layout of the state", "/global/block/", layout, "UNKNOWN_LAYOUT"],
  ["an invalid level", "/global/block/BK", () => "x", "INVALID_ANSWER"],
  ["an invalid block", "/global/block/finalized", () => "x", "INVALID_ANSWER"],
];

function layout(honest: unknown): unknown {
  return honest === "00000001" ? "00000002" : honest;
}

for (const [what, path, lie, code] of liesAtOnce) {
  test(
    `a lie before anything is signed: ${what}`,
    served(async (fake, client) => {
      fake.lies.set(path, lie);
      await refused(() => client.prepare(alice, [pay]), code);
      assert.ok(!fake.requests.some((one) => one.path === "/v1/transactions"));
    }),
  );
}

type Change = (record: TransactionRecord, fake: Fake) => object;
const liesInRecords: readonly (readonly [what: string, change: Change, code: string])[] = [
  ["of another transaction", () => ({ hash: WRONG_HASH }), "INVALID_ANSWER"],
  ["without a hash", () => ({ hash: null }), "INVALID_ANSWER"],
  ["of no known stage", () => ({ stage: "lost" }), "INVALID_ANSWER"],
  ["without a level", () => ({ received: "7" }), "INVALID_ANSWER"],
  ["without a receipt", () => ({ receipt: null }), "INVALID_ANSWER"],
  [
    "with a level that is the right one only in 32 bits",
    ({ promised }) => ({ promised: promised + 2 ** 32 }),
    "INVALID_ANSWER",
  ],
  [
    "with a signature that is not hexadecimal",
    ({ receipt }) => ({ receipt: { ...receipt, signature: "zz" } }),
    "WRONG_RECEIPT",
  ],
  ["with a receipt for a later level", () => ({ promised: 999_999 }), "WRONG_RECEIPT"],
  [
    "with a receipt for an earlier level",
    ({ hash }, fake) => {
      const levels = { hash, received: 9, promised: 8 };
      return { ...levels, receipt: fake.sign(levels) };
    },
    "WRONG_RECEIPT",
  ],
  [
    "with a receipt for a level after the last one of the transaction",
    ({ hash, received }, fake) => {
      const levels = { hash, received, promised: 1261 };
      return { ...levels, receipt: fake.sign(levels) };
    },
    "WRONG_RECEIPT",
  ],
  [
    "with a receipt for another hash",
    (is, fake) => ({ receipt: fake.sign({ ...is, hash: WRONG_HASH }) }),
    "WRONG_RECEIPT",
  ],
  [
    "with a receipt by another key",
    ({ receipt }) => ({
      receipt: { ...receipt, key: toText("edpk", new Uint8Array(32).fill(1)) },
    }),
    "WRONG_RECEIPT",
  ],
  [
    "with half a signature",
    ({ receipt }) => ({ receipt: { ...receipt, signature: receipt.signature.slice(64) } }),
    "WRONG_RECEIPT",
  ],
];

for (const [what, change, code] of liesInRecords) {
  test(
    `a lie: a record ${what}`,
    served(async (fake, client) => {
      const [payment] = await client.prepare(alice, [pay]);
      const changed = (record: unknown) => ({ ...(record as Json), ...change(record as TransactionRecord, fake) });
      fake.lies.set("/v1/transactions", (honest) => {
        if (honest["results"] === undefined) return changed(honest);
        return { results: (honest["results"] as Json[]).map((one) => ({ ...one, record: changed(one["record"]) })) };
      });
      await refused(() => client.submit([payment!.signed]), code);
      await refused(() => client.record(payment!.signed.hash), code);
      fake.lies.delete("/v1/transactions");
      fake.lies.set("offer", () => {
        fake.tell("transaction", changed(fake.records.get(payment!.signed.hash)));
        return { batch: WRONG_HASH, content: "00", deadline_ms: 0, closes_in_ms: 0, accounts: [] };
      });
      // A record of another hash is not ours to judge: the stream may have some of other payments of the account.
      const ours = !["of another transaction"].includes(what);
      if (ours) await refused(() => followed(client, [payment!]), code);
    }),
  );
}

test(
  "a lie: fewer results than transactions, another's result, none at all",
  served(async (fake, client) => {
    const payments = (await client.prepare(alice, [pay, pay])).map((one) => one.signed);
    const lies: ((results: Json[]) => unknown)[] = [
      (all) => ({ results: all.slice(1) }),
      (all) => ({ results: all.reverse() }),
      () => ({ results: {} }),
      () => ({}),
      () => 5,
      (all) => ({ results: all.map((one) => ({ hash: one["hash"] })) }),
      (all) => ({ results: all.map((one) => ({ hash: null, record: one["record"] })) }),
      (all) => ({ results: all.map((one) => ({ hash: one["hash"], error: { code: "no code" } })) }),
    ];
    for (const lie of lies) {
      fake.lies.set("/v1/transactions", (honest) => lie(honest["results"] as Json[]));
      await refused(() => client.submit(payments), "INVALID_ANSWER");
    }
    fake.lies.set("/v1/simulate", () => ({ results: [] }));
    await refused(() => client.simulate(["00"]), "INVALID_ANSWER");
  }),
);

type Offered = (row: { signer: number; counter: bigint; to: number; amount: bigint }) => Uint8Array;
const liesInOffers: readonly (readonly [what: string, content: Offered, code: string])[] = [
  ["another amount", (row) => rows({ ...row, amount: 501n }), "NOT_SUBMITTED"],
  ["another receiver", (row) => rows({ ...row, to: 9 }), "NOT_SUBMITTED"],
  [
    "a second payment",
    (row) => concat(Uint8Array.of(4, 2), rows(row).slice(2), rows({ ...row, counter: 8n }).slice(2)),
    "NOT_SUBMITTED",
  ],
  ["nothing of the account's", (row) => rows({ ...row, signer: 6 }), "NOTHING_OF_MINE"],
  ["no batch", () => Uint8Array.of(0), "MALFORMED"],
];

function rows(row: { signer: number; counter: bigint; to: number; amount: bigint }): Uint8Array {
  return encodeContent({ groups: [{ expires: 1260, ticket: 0, rows: [row] }] });
}

for (const [what, content, code] of liesInOffers) {
  test(
    `a lie in an offer: ${what}; it is not signed, and the payment goes on`,
    served(async (fake, client) => {
      fake.impatient = true;
      fake.content = () => content({ signer: 5, counter: 7n, to: 8, amount: 500n });
      const told: ToruError[] = [];
      const records = await followed(client, await client.prepare(alice, [pay]), {
        onRefused: (error) => told.push(error),
      });
      assert.deepEqual(
        told.map((one) => one.code),
        [code],
      );
      assert.deepEqual(fake.cosigned, []);
      assert.ok(!fake.requests.some((one) => one.path.endsWith("/signatures")));
      assert.equal(records.at(-1)?.stage, "applied");
    }),
  );
}

test(
  "what nobody listens for is said loudly",
  served(async (fake, client) => {
    fake.impatient = true;
    fake.content = () => rows({ signer: 5, counter: 7n, to: 9, amount: 500n });
    const said: unknown[] = [];
    const { error } = console;
    console.error = (...words: unknown[]) => said.push(...words);
    try {
      await followed(client, await client.prepare(alice, [pay]));
    } finally {
      console.error = error;
    }
    assert.match(String(said[0]), /the batch was not signed: .*transfers\[0\]\.to is 9, not 8/);
  }),
);

test(
  "a lie in an offer: the batcher says another index of the account's; the node is asked",
  served(async (fake, client) => {
    fake.impatient = true;
    fake.lies.set("/v1/accounts", (honest) => ({ ...honest, index: 6 }));
    fake.content = () => rows({ signer: 5, counter: 8n, to: 9, amount: 500n });
    const told: ToruError[] = [];
    await followed(client, await client.prepare(alice, [pay]), { onRefused: (error) => told.push(error) });
    assert.deepEqual(
      told.map((one) => one.code),
      ["NOT_SUBMITTED"],
    );
  }),
);

test(
  "a refused signature of a batch is told, and so is an answer about somebody else",
  served(async (fake, client) => {
    fake.impatient = true;
    const answers = [
      [{ account: alice.address, error: { code: "COOLING_DOWN", message: "wait", values: { seconds: "60" } } }],
      [{ account: bob.address, error: null }],
    ];
    const told: ToruError[] = [];
    for (const results of answers) {
      fake.lies.set("/v1/batches", () => ({ results }));
      await followed(client, await client.prepare(alice, [pay]), { onRefused: (error) => told.push(error) });
      fake.records.clear();
    }
    assert.deepEqual(
      told.map((one) => one.code),
      ["COOLING_DOWN", "INVALID_ANSWER"],
    );
  }),
);

test(
  "after an interruption the stream goes on from where it was",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay]);
    // An offer that is refused tells when its event, the second, has been read.
    fake.content = () => rows({ signer: 6, counter: 7n, to: 8, amount: 500n });
    fake.onStream = (opened) => {
      if (opened === 2) fake.apply();
    };
    const records = await followed(client, payments, { onRefused: () => fake.interrupt() });
    assert.ok(["applied", "final"].includes(records.at(-1)?.stage ?? ""));
    const streams = fake.requests.filter((one) => one.path.startsWith("/v1/events"));
    assert.deepEqual(
      streams.map((one) => one.headers["last-event-id"]),
      [undefined, "2"],
    );
  }),
);

test(
  "events that were missed are asked for",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay]);
    fake.lies.set("offer", (honest) => {
      const hash = payments[0]?.signed.hash ?? "";
      fake.records.set(hash, { ...(fake.records.get(hash) as TransactionRecord), stage: "expired" });
      fake.tell("missed", { from: 1, to: 3 });
      return { ...honest, accounts: [] };
    });
    const records = await followed(client, payments);
    assert.equal(records.at(-1)?.stage, "expired");
  }),
);

test(
  "what has been told is not told again",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay]);
    fake.lies.set("offer", (honest) => {
      for (let i = 0; i < 3; i++) fake.move("sealed");
      fake.apply();
      return { ...honest, accounts: [] };
    });
    const records = await followed(client, payments);
    assert.deepEqual(
      records.map((one) => one.stage),
      ["queued", "offered", "sealed", "applied"],
    );
  }),
);

test(
  "what is absent from an answer is null",
  served(async (fake, client) => {
    const without = (value: unknown) => JSON.parse(JSON.stringify(value, (_, one) => one ?? undefined)) as Json;
    const [payment] = await client.prepare(alice, [pay]);
    for (const path of ["/v1/", "offer"]) fake.lies.set(path, without);
    const [result] = await client.submit([payment!.signed]);
    assert.equal(result?.record?.level, null);
    assert.equal((await client.record(payment!.signed.hash)).why, null);
    assert.equal((await client.quote()).account, null);
    assert.equal((await client.account(alice.address)).index, null);
    assert.equal((await client.simulate(["00"]))[0]?.error, null);
    const records = await followed(client, [payment!], { onRefused: (error) => assert.fail(error) });
    assert.equal(records.at(-1)?.stage, "applied");
    assert.deepEqual(fake.cosigned, [alice.address]);
    assert.equal((await client.batch(fake.offered)).message, null);
  }),
);

test(
  "following ends when it is told to",
  served(async (fake, client) => {
    const payments = await client.prepare(alice, [pay]);
    const stop = new AbortController();
    fake.lies.set("offer", (honest) => ({ ...honest, accounts: [] }));
    const records = client.send(payments, { signal: stop.signal });
    for (const stage of ["queued", "offered"]) assert.equal((await records.next()).value?.stage, stage);
    const next = records.next();
    stop.abort();
    assert.deepEqual(await next, { done: true, value: undefined });
    const before = fake.requests.length;
    assert.deepEqual(await followed(client, payments, { signal: stop.signal }), []);
    assert.equal(fake.requests.length, before, "whoever stops before it begins sends nothing");
  }),
);

test("a key for receipts that was known before is held on to", async () => {
  const known = toText("edpk", new Uint8Array(32).fill(2));
  assert.notEqual(known, ACCEPTANCE_KEY);
  await served(
    async (_, client) => {
      const [payment] = await client.prepare(alice, [pay]);
      await refused(() => client.submit([payment!.signed]), "WRONG_RECEIPT");
    },
    { acceptanceKey: known },
  )();
});

test("a batcher and a node of another rollup are refused at once, each by its name", async () => {
  const other = toText("sr1", new Uint8Array(20));
  const lies: readonly (readonly [who: string, path: string, lie: (honest: Json) => unknown])[] = [
    ["batcher", "/v1/quote", (honest) => ({ ...honest, rollup: other })],
    ["node", "/global/smart_rollup_address", () => other],
  ];
  for (const [who, path, lie] of lies) {
    await served(async (fake, client, url) => {
      fake.lies.set(path, lie);
      const error = await refused(() => connect({ batcher: url, node: url, rollup: ROLLUP }), "OTHER_ROLLUP");
      assert.deepEqual(error.values, { who, expected: ROLLUP, found: other });
      if (who === "batcher") await refused(() => client.quote(), "OTHER_ROLLUP");
    })();
  }
});

test(
  "a client has a node, and options that are what they are called",
  served(async (_, __, url) => {
    const all = { batcher: url, node: url, rollup: ROLLUP };
    for (const name of ["batcher", "node", "rollup"]) {
      const error = await refused(() => connect({ ...all, [name]: undefined } as unknown as Options), "INVALID_VALUE");
      assert.match(error.message, new RegExp(`option ${name}`));
    }
    await refused(() => connect({ ...all, rollup: "sr1" }), "INVALID_TEXT");
    await refused(() => connect({ ...all, acceptanceKey: alice.key }), "INVALID_TEXT");
  }),
);

test(
  "the node tells of large counters, and of pages that are too short",
  served(async (fake, client) => {
    const main = new Uint8Array(2048).fill(255);
    main.set(concat(u32(1), u32(2)).reverse(), 5 * 16);
    fake.values.set("/main/0000000", main);
    const state = await client.node.final();
    assert.equal((await state.account(alice.address)).counter, 2n ** 32n + 2n);
    fake.values.set("/keys/0000000", new Uint8Array(97));
    await refused(() => state.account(alice.address), "INVALID_ANSWER");
    const ticket = { ticketer: toText("KT1", new Uint8Array(20)), kind: "text", content: "010000000161" } as const;
    assert.equal(await state.ticket(ticket), null);
    // Python's hashlib says that this is Blake2b-256 of "toru ticket", twenty zeros, 00 and the content.
    fake.values.set("/tickets/index/406ecca3d4a4f8ab4c059315d4e0719bf5398797c430f85125e16333ef51b09c", u32(4));
    assert.equal(await state.ticket(ticket), 4);
  }),
);

test(
  "a lie: a record with a later last level than the transaction's, and a promise up to it",
  served(async (fake, client) => {
    const [payment] = await client.prepare(alice, [pay]);
    const lie = (record: object) => {
      const levels = { hash: payment!.signed.hash, received: 1002, promised: 1261 };
      return { ...record, ...levels, expires: 1300, receipt: fake.sign(levels) };
    };
    fake.lies.set("/v1/transactions", (honest) => ({
      results: (honest["results"] as { record: object }[]).map((one) => ({ ...one, record: lie(one.record) })),
    }));
    const error = await refused(() => client.submit([payment!.signed]), "WRONG_RECEIPT");
    assert.match(error.message, /its last level is 1260, and not 1300/);
  }),
);
