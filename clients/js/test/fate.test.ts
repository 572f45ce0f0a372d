// What the node says became of a payment, against a batcher that lies about it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { Stage } from "../src/api.js";
import { ascii, concat, toHex, u32 } from "../src/bytes.js";
import type { Client } from "../src/client.js";
import { connect } from "../src/client.js";
import type { Fate } from "../src/fate.js";
import { SecretKey } from "../src/keys.js";
import type { Pay, Payment } from "../src/payment.js";
import { CODES, NOTHING_CHANGED, verdict } from "../src/results.js";
import type { SignedTransaction, Transaction } from "../src/transaction.js";
import { signTransaction } from "../src/transaction.js";
import { Fake } from "./fake.js";
import { encodeContent, ROLLUP, refused } from "./support.js";

const [alice, bob] = [SecretKey.random(), SecretKey.random()];
const pay: Pay = { to: bob.address, amount: 500n, ticket: 0 };
const EXPIRES = 1260;

function served(
  work: (fake: Fake, client: Client, payment: Payment, url: string) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const fake = new Fake();
    const url = await fake.start();
    try {
      fake.knows(alice.address, 5, 7);
      fake.knows(bob.address, 8);
      const client = await connect({ batcher: url, node: url, rollup: ROLLUP });
      const [payment] = await client.prepare(alice, [pay]);
      await work(fake, client, payment as Payment, url);
    } finally {
      await fake.stop();
    }
  };
}

const u64 = (value: number): Uint8Array => concat(u32(0), u32(value));
const code = (number: number, first = 0, second = 0): Uint8Array =>
  concat(Uint8Array.of(0, number), u64(first), u64(second));
const NO_MEMO = Uint8Array.of(0);
const MEMO = concat(Uint8Array.of(1, 4), ascii("rent"));
const HASHED = concat(Uint8Array.of(2), new Uint8Array(32));

/** A transaction's own result, of its operations. */
function own(fake: Fake, hash: string, ...operations: readonly Uint8Array[]): void {
  const generation = Math.floor(fake.level / 14_400);
  fake.values.set(`/results/${generation}/transaction/${hash}`, concat(u32(1003), u32(2), u32(0), ...operations));
}

/** A batch's result, with what it tells of each transaction. */
function ofBatch(
  fake: Fake,
  id: string,
  count: number,
  ...told: readonly (readonly [number, number, Uint8Array])[]
): void {
  const rows = told.map(([transaction, operation, what]) => concat(u32(transaction), u32(operation), what));
  fake.values.set(`/results/0/batch/${id}`, concat(u32(1004), u32(3), u32(count), ...rows));
}

const said = async (client: Client, signed: SignedTransaction): Promise<Fate["fate"]> =>
  (await client.fate(signed)).fate;

/** Sends it, with a batcher that says at once that it is through, and what it likes of it. */
async function cosigned(fake: Fake, client: Client, payment: Payment): Promise<void> {
  for await (const record of client.send([payment], { onRefused: (error) => assert.fail(error) })) {
    assert.equal(record.hash, payment.signed.hash);
  }
  assert.deepEqual(fake.cosigned, [alice.address]);
}

for (const stage of ["dropped", "expired", "failed"] satisfies Stage[]) {
  test(
    `a batcher says ${stage} of what it has sent: nothing is paid a second time`,
    served(async (fake, client, payment) => {
      const lie = (honest: object) => ({ ...honest, stage, result: stage === "failed" ? "failed" : null });
      fake.lies.set("/v1/transactions", (honest) =>
        honest["results"] === undefined
          ? lie(honest)
          : {
              results: (honest["results"] as { record: object }[]).map((one) => ({ ...one, record: lie(one.record) })),
            },
      );
      const stages: string[] = [];
      for await (const record of client.send([payment])) stages.push(record.stage);
      assert.deepEqual(stages, [stage]);
      const submissions = () => fake.requests.filter((one) => one.path === "/v1/transactions").length;
      const before = submissions();
      const again = () => client.prepare(alice, [pay], { insteadOf: [payment.signed] });
      const error = await refused(again, "MAY_STILL_APPLY");
      const { hash } = payment.signed;
      assert.deepEqual(error.values, { hash, fate: "open", level: 1000, expires: EXPIRES });
      // It applies after all.
      fake.knows(alice.address, 5, 8);
      own(fake, hash, code(0), NO_MEMO);
      assert.equal((await refused(again, "MAY_STILL_APPLY")).values["fate"], "applied");
      fake.level = EXPIRES + 1;
      await refused(again, "MAY_STILL_APPLY");
      assert.equal(submissions(), before);
    }),
  );
}

test(
  "it is void once its last level is past and its counter was not used, and not a level before",
  served(async (fake, client, { signed }) => {
    assert.deepEqual(await client.fate(signed), { fate: "open", level: 1000, expires: EXPIRES });
    fake.level = EXPIRES;
    assert.equal(await said(client, signed), "open");
    fake.level = EXPIRES + 1;
    assert.deepEqual(await client.fate(signed), { fate: "never", level: EXPIRES + 1 });
    assert.equal((await client.settled(signed)).fate, "never");
    fake.lies.set("/v1/quote", (honest) => ({ ...honest, expires: 1500 }));
    const [again] = await client.prepare(alice, [pay], { insteadOf: [signed] });
    assert.equal(again?.transaction.expires, 1500);
    // Of all that is replaced, each has to be void.
    const error = await refused(
      () => client.prepare(alice, [pay], { insteadOf: [signed, again!.signed] }),
      "MAY_STILL_APPLY",
    );
    assert.equal(error.values["hash"], again!.signed.hash);
  }),
);

test(
  "a used counter alone says nothing: the transaction may have been applied",
  served(async (fake, client, { signed }) => {
    fake.level = EXPIRES + 1;
    fake.knows(alice.address, 5, 8);
    assert.deepEqual(await client.fate(signed), { fate: "unknown", level: EXPIRES + 1 });
    const error = await refused(() => client.prepare(alice, [pay], { insteadOf: [signed] }), "MAY_STILL_APPLY");
    assert.equal(error.values["fate"], "unknown");
  }),
);

test(
  "the own result: applied, failed with its values, or of a try that changed nothing",
  served(async (fake, client, { signed }) => {
    const { hash } = signed;
    fake.knows(alice.address, 5, 8);
    own(fake, hash, code(0), MEMO);
    const at = { level: 1003, message: 2, transaction: 0 };
    assert.deepEqual(await client.fate(signed), { fate: "applied", level: 1000, at });
    own(fake, hash, code(7, 3, 500), HASHED);
    const values = { available: "3", requested: "500" };
    const outcomes = [{ operation: 0, code: "BALANCE_TOO_LOW", number: 7, values }];
    assert.deepEqual(await client.fate(signed), { fate: "failed", level: 1000, at, outcomes });
    const view = { level: 1000, counter: "8", balances: [] };
    fake.lies.set("/v1/accounts", (honest) => ({ ...honest, pending: view }));
    const [instead] = await client.prepare(alice, [pay], { insteadOf: [signed] });
    assert.equal(instead?.transaction.operations[0]?.counter, 8n);
    for (const number of [1, 2, 13, 14, 8, 99]) {
      own(fake, hash, code(number), NO_MEMO);
      assert.equal(await said(client, signed), "unknown", `code ${number}`);
    }
    fake.knows(alice.address, 5, 7);
    assert.equal(await said(client, signed), "open");
  }),
);

test(
  "a result is looked for in this generation of levels and in the one before",
  served(async (fake, client, { signed }) => {
    fake.knows(alice.address, 5, 8);
    own(fake, signed.hash, code(0), NO_MEMO);
    fake.level = 14_400;
    assert.equal(await said(client, signed), "applied");
    fake.level = 28_800;
    assert.equal(await said(client, signed), "unknown");
  }),
);

test(
  "the result of a co-signed transaction is under its batch, which was signed here",
  served(async (fake, client, payment) => {
    await cosigned(fake, client, payment);
    const { signed } = payment;
    fake.knows(alice.address, 5, 8);
    // The batcher tells nothing of it any more.
    fake.lies.set("/v1/transactions", () => ({ error: { code: "UNKNOWN_TRANSACTION", message: "", values: {} } }));
    assert.equal(await said(client, signed), "unknown");
    ofBatch(fake, fake.offered, 1);
    const at = { level: 1004, message: 3, transaction: 0 };
    assert.deepEqual(await client.fate(signed), { fate: "applied", level: 1000, at });
    ofBatch(fake, fake.offered, 1, [0, 0, concat(code(0), MEMO)]);
    assert.equal(await said(client, signed), "applied");
    ofBatch(fake, fake.offered, 1, [0, 0, concat(code(5), NO_MEMO)]);
    assert.equal(await said(client, signed), "failed");
    // What failed in the same batch is somebody else's.
    ofBatch(fake, fake.offered, 2, [1, 0, concat(code(5), NO_MEMO)]);
    assert.equal(await said(client, signed), "applied");
    ofBatch(fake, fake.offered, 1, [0, 0, concat(code(1, 6, 7), NO_MEMO)]);
    assert.equal(await said(client, signed), "unknown");
  }),
);

test(
  "after a restart the batcher names the batch, and is believed only as far as the digest goes",
  served(async (fake, client, payment, url) => {
    await cosigned(fake, client, payment);
    const { signed } = payment;
    fake.knows(alice.address, 5, 8);
    ofBatch(fake, fake.offered, 1);
    const anew = await connect({ batcher: url, node: url, rollup: ROLLUP });
    assert.equal(await said(anew, signed), "unknown", "the record names no batch");
    fake.lies.set("/v1/transactions", (honest) => ({ ...honest, batch: fake.offered }));
    assert.equal(await said(anew, signed), "applied");
    const hash = "cd".repeat(32);
    const batches: readonly ((honest: object) => object)[] = [
      // A batch in which it is not, said to be one in which it is.
      (honest) => ({ ...honest, content: toHex(encodeContent({ transactions: [somethingElse] })) }),
      (honest) => ({ ...honest, transactions: [hash, signed.hash] }),
      (honest) => ({ ...honest, id: hash }),
      () => ({ error: { code: "UNKNOWN_BATCH", message: "", values: {} } }),
    ];
    for (const lie of batches) {
      fake.lies.set("/v1/batches", lie);
      assert.equal(await said(anew, signed), "unknown");
    }
    const codes = ["WRONG_BATCH_ID", "INVALID_ANSWER", "INVALID_ANSWER", "UNKNOWN_BATCH"];
    for (const [i, lie] of batches.entries()) {
      fake.lies.set("/v1/batches", lie);
      await refused(() => anew.batch(fake.offered), codes[i] as string);
    }
  }),
);

const somethingElse: Transaction = {
  expires: EXPIRES,
  operations: [{ signer: 9, counter: 0n, memo: null, actions: [] }],
};

test(
  "a transaction of several signers is void once one of them has used the counter otherwise",
  served(async (fake, client) => {
    const operation = (signer: number | string, counter: bigint) => ({ signer, counter, memo: null, actions: [] });
    const operations = [operation(5, 7n), operation(bob.address, 0n)];
    const signed = await signTransaction(ROLLUP, { expires: null, operations }, [alice, bob]);
    assert.equal(await said(client, signed), "open");
    fake.level = 1_000_000;
    assert.equal(await said(client, signed), "open", "it has no last level");
    fake.knows(bob.address, 8, 1);
    assert.equal(await said(client, signed), "never");
    fake.knows(alice.address, 5, 8);
    assert.equal(await said(client, signed), "unknown");
    own(fake, signed.hash, code(3, 1), NO_MEMO, code(7, 1, 2), NO_MEMO);
    const fate = await client.fate(signed);
    assert.deepEqual(fate.fate === "failed" && fate.outcomes.map((one) => one.code), [
      "ROLLED_BACK",
      "BALANCE_TOO_LOW",
    ]);
  }),
);

test(
  "invalid results are named, and so is a transaction that is not what it says",
  served(async (fake, client, { signed }) => {
    const whole = concat(u32(1003), u32(2), u32(0), code(0), NO_MEMO);
    for (const wrong of [
      whole.slice(0, 12),
      whole.slice(0, -1),
      concat(whole, NO_MEMO),
      concat(u32(2 ** 31), whole),
      concat(whole, code(0), NO_MEMO),
    ]) {
      fake.values.set(`/results/0/transaction/${signed.hash}`, wrong);
      await refused(() => client.fate(signed), "INVALID_ANSWER");
    }
    await refused(() => client.fate({ ...signed, hash: "ab".repeat(32) }), "WRONG_HASH");
    await refused(() => client.submit([{ ...signed, hash: "ab".repeat(32) }]), "WRONG_HASH");
    await refused(() => client.fate({ ...signed, rollup: "sr1" }), "OTHER_ROLLUP");
  }),
);

test(
  "whoever waits for the fate is told once it is decided, or when the waiting is to end",
  served(async (fake, client, { signed }) => {
    const stop = new AbortController();
    stop.abort();
    assert.equal((await client.settled(signed, stop.signal)).fate, "open");
    const settled = client.settled(signed);
    fake.lies.set("/global/block/finalized", (honest) => {
      // From the second time on.
      own(fake, signed.hash, code(0), NO_MEMO);
      fake.knows(alice.address, 5, 8);
      return honest;
    });
    assert.equal((await settled).fate, "applied");
  }),
);

test("a verdict needs every operation", () => {
  const of = (...numbers: readonly number[]) =>
    verdict(numbers.map((number, operation) => ({ operation, code: "", number, values: {} })));
  assert.deepEqual(
    [of(0, 0), of(3, 7), of(1, 2), of(13, 2), of(0, 99), of()],
    ["applied", "failed", null, null, null, "applied"],
  );
});

test("the codes are those of the document", () => {
  // This file runs as build/test/fate.test.js.
  const document = readFileSync(new URL("../../../../docs/protocol.md", import.meta.url), "utf8");
  const rows = [...document.matchAll(/^\| (\d+) \| `(\w+)` \| (.*?) \| .* \| (.*?) ?\| (.*?) ?\| (yes|no) \|$/gm)];
  const names = (one: RegExpMatchArray) => one.slice(4, 6).flatMap((name) => name?.match(/\w+/) ?? []);
  assert.ok(rows.length > 10 && rows.every((one) => one[3]?.includes("operation")));
  assert.deepEqual(CODES, Object.fromEntries(rows.map((one) => [one[1], [one[2], ...names(one)]])));
  const open = rows.filter((one) => one[6] === "no").map((one) => Number(one[1]));
  assert.deepEqual(NOTHING_CHANGED, open);
});
