// Offers that lie about what they make an account do: each is refused, with what is different.

import assert from "node:assert/strict";
import test from "node:test";
import { hashBatch } from "../src/batch.js";
import { concat, fromHex, small, toHex } from "../src/bytes.js";
import type { Difference, Me } from "../src/check.js";
import { checkBatch } from "../src/check.js";
import { addressOf } from "../src/keys.js";
import { textTicket } from "../src/names.js";
import { toText } from "../src/text.js";
import type { Operation, Transaction } from "../src/transaction.js";
import { hashTransaction } from "../src/transaction.js";
import type { Parts } from "./support.js";
import { encodeContent, ofRow, Random, ROLLUP, refused } from "./support.js";

const random = new Random(7);
// Invalid points are good enough to be named by.
const registration = random.bytes(144);
const address = addressOf(registration.slice(0, 48));
const me: Me = { address, index: 5, accounts: 100 };
const newcomer: Me = { address, index: null, accounts: 100 };
const other = toText("tz4", random.bytes(20));

const row = { signer: 5, counter: 3n, to: 8, amount: 500n };
const others = { signer: 9, counter: 0n, to: 5, amount: 7n };
const payment = ofRow(row, 0, 1260);
const swap: Transaction = {
  expires: 1260,
  operations: [
    { signer: 5, counter: 4n, memo: null, actions: [{ ticket: 0, transfers: [{ to: 9, amount: 1n }] }] },
    { signer: 9, counter: 1n, memo: { bytes: "61" }, actions: [{ ticket: 1, transfers: [{ to: 5, amount: 2n }] }] },
  ],
};

function offer(parts: Parts, rollup = ROLLUP): { batch: string; content: string } {
  const content = encodeContent(parts);
  return { batch: toHex(hashBatch(rollup, content)), content: toHex(content) };
}

/** A group of one row of mine, changed, and one of somebody else. */
function group(change: object = {}, expires: number | null = 1260): Parts {
  return { groups: [{ expires, ticket: 0, rows: [{ ...row, ...change }, others] }] };
}

test("what was submitted may be signed, in a group and in a transaction", () => {
  const content = offer({ ...group(), transactions: [swap], expires: 1200 });
  const { digest, mine } = checkBatch(ROLLUP, content, me, [swap, payment]);
  assert.equal(toHex(digest), content.batch);
  assert.deepEqual(
    mine.map((one) => one.transaction),
    [0, 2],
  );
  assert.deepEqual(
    mine.map((one) => one.hash),
    [payment, swap].map((one) => toHex(hashTransaction(ROLLUP, one))),
  );
  assert.deepEqual(mine[1]?.what, swap);
});

test("a part of what was submitted may be signed", () => {
  const { mine } = checkBatch(ROLLUP, offer(group()), me, [payment, swap]);
  assert.equal(mine.length, 1);
});

const lies: readonly (readonly [what: string, parts: Parts, differences: readonly Difference[]])[] = [
  ["another amount", group({ amount: 50_000n }), [difference("amount", "500", "50000", true)]],
  ["another receiver", group({ to: 9 }), [difference("to", "8", "9", true)]],
  ["the receiver by address", group({ to: other }), [difference("to", "8", other, true)]],
  ["another counter", group({ counter: 4n }), [difference("counter", "3", "4")]],
  ["another expiry", group({}, 1320), [{ field: "expires", submitted: "1260", offered: "1320" }]],
  ["no expiry", group({}, null), [{ field: "expires", submitted: "1260", offered: "null" }]],
  [
    "another ticket",
    { groups: [{ expires: 1260, ticket: 1, rows: [row] }] },
    [{ field: "operations[0].actions[0].ticket", submitted: "0", offered: "1" }],
  ],
];

function difference(field: string, submitted: string, offered: string, ofTransfer = false): Difference {
  const path = ofTransfer ? "operations[0].actions[0].transfers[0]" : "operations[0]";
  return { field: `${path}.${field}`, submitted, offered };
}

for (const [what, parts, expected] of lies) {
  test(`refused: ${what}`, async () => {
    const error = await refused(() => checkBatch(ROLLUP, offer(parts), me, [payment]), "NOT_SUBMITTED");
    assert.deepEqual(error.values["differences"], expected);
    for (const { field, offered } of expected)
      assert.ok(error.message.includes(`${field} is ${offered}`), error.message);
  });
}

test("refused: a second payment, however it names the account", async () => {
  const transfers = [{ to: 9, amount: 1n }];
  const by = (signer: number | string): Transaction => ({
    expires: 1260,
    operations: [{ signer, counter: 4n, memo: null, actions: [{ ticket: 0, transfers }] }],
  });
  // The same as `by`, but for the name: registration 0.
  const action = "0001" + "01" + "0b" + "0020";
  const byRegistration = concat(fromHex("01000004ec01"), Uint8Array.of(1), small(0), fromHex(`0400${"01"}${action}`));
  const seconds: readonly Parts[] = [
    { transactions: [by(5)] },
    { transactions: [by(address)] },
    { transactions: [byRegistration], registrations: [registration] },
    {
      groups: [
        { expires: 1260, ticket: textTicket(toText("KT1", random.bytes(20)), "x"), rows: [{ ...row, counter: 4n }] },
      ],
    },
  ];
  for (const second of seconds) {
    const parts = { ...second, groups: [...(group().groups ?? []), ...(second.groups ?? [])] };
    const error = await refused(() => checkBatch(ROLLUP, offer(parts), me, [payment]), "NOT_SUBMITTED");
    assert.equal(error.values["transaction"], 2, error.message);
  }
});

test("refused: what others do in the same transaction is part of it", async () => {
  const [mine, theirs] = swap.operations as [Operation, Operation];
  const changed: readonly Transaction[] = [
    { ...swap, operations: [mine] },
    { ...swap, operations: [theirs, mine] },
    { ...swap, operations: [mine, { ...theirs, memo: { bytes: "62" } }] },
    { ...swap, operations: [mine, { ...theirs, actions: [{ ticket: 1, transfers: [{ to: 5, amount: 1n }] }] }] },
    { ...swap, operations: [mine, theirs, { ...theirs, signer: 10 }] },
  ];
  for (const transaction of changed) {
    await refused(
      () => checkBatch(ROLLUP, offer({ transactions: [transaction] }), me, [payment, swap]),
      "NOT_SUBMITTED",
    );
  }
});

test("the difference is to what is nearest: of the same counter, then of the fewest fields", async () => {
  const far = ofRow({ ...row, counter: 9n, amount: 501n }, 0, 1260);
  const error = await refused(
    () => checkBatch(ROLLUP, offer(group({ amount: 501n })), me, [far, swap, payment]),
    "NOT_SUBMITTED",
  );
  assert.deepEqual(error.values["differences"], [difference("amount", "500", "501", true)]);
  const nothing = await refused(() => checkBatch(ROLLUP, offer(group()), me, []), "NOT_SUBMITTED");
  assert.match(nothing.message, /nothing like it was submitted/);
});

test("refused: an id that is not the digest of the content, or of another rollup", async () => {
  const { batch, content } = offer(group());
  const wrong = offer(group({ amount: 1n }));
  const error = await refused(
    () => checkBatch(ROLLUP, { batch: wrong.batch, content }, me, [payment]),
    "WRONG_BATCH_ID",
  );
  assert.deepEqual(error.values, { offered: wrong.batch, computed: batch });
  const elsewhere = offer(group(), toText("sr1", random.bytes(20)));
  await refused(() => checkBatch(ROLLUP, elsewhere, me, [payment]), "WRONG_BATCH_ID");
});

test("refused: bytes of an invalid batch, though their digest is right", async () => {
  for (const bytes of [
    new Uint8Array(),
    fromHex("00"),
    concat(encodeContent(group()), Uint8Array.of(0)),
    random.bytes(20_000),
  ]) {
    const lie = { batch: toHex(hashBatch(ROLLUP, bytes)), content: toHex(bytes) };
    await refused(() => checkBatch(ROLLUP, lie, me, [payment]), "MALFORMED");
  }
  await refused(() => checkBatch(ROLLUP, { batch: "00", content: "00" }, me, [payment]), "INVALID_TEXT");
});

test("refused: a batch in which nothing is the account's", async () => {
  const parts = { groups: [{ expires: 1260, ticket: 0, rows: [others] }] };
  await refused(() => checkBatch(ROLLUP, offer(parts), me, [payment]), "NOTHING_OF_MINE");
});

test("before the account's index is final, no index may be signed that it could get", async () => {
  const first: Transaction = { ...payment, operations: [{ ...(payment.operations[0] as Operation), signer: address }] };
  const rowOf = (signer: number): Parts => ({
    groups: [{ expires: 1260, ticket: 0, rows: [{ ...others, signer }] }],
    transactions: [first],
    registrations: [registration],
  });
  const { mine } = checkBatch(ROLLUP, offer(rowOf(99)), newcomer, [first]);
  assert.deepEqual(
    mine.map((one) => one.transaction),
    [1],
  );
  const error = await refused(() => checkBatch(ROLLUP, offer(rowOf(100)), newcomer, [first]), "MAYBE_MINE");
  assert.deepEqual(error.values, { index: 100, accounts: 100 });
});
