// Bytes there and back on random values; and everything that is malformed is refused, where it begins.

import assert from "node:assert/strict";
import test from "node:test";
import { CONTENT_BYTES_MAX, decodeBatch } from "../src/batch.js";
import { amount, ascii, concat, fromHex, Reader, toHex, varint } from "../src/bytes.js";
import { addressOf } from "../src/keys.js";
import { pairTicket, textTicket } from "../src/names.js";
import { toText } from "../src/text.js";
import type { Transaction } from "../src/transaction.js";
import { decodeTransaction, encodeTransaction, textMemo } from "../src/transaction.js";
import { encodeContent, ofRow, Random, refused } from "./support.js";

const SEED = 20_261_130;
const random = new Random(SEED);
const account = toText("tz4", new Uint8Array(20).fill(7));
const contract = toText("KT1", new Uint8Array(20).fill(8));

test("random transactions come back as they were", () => {
  for (let i = 0; i < 2000; i++) {
    const transaction = random.transaction();
    const bytes = encodeTransaction(transaction);
    assert.deepEqual(decodeTransaction(bytes), transaction);
  }
});

test("random batches come back as what their signers sign for themselves", () => {
  for (let i = 0; i < 300; i++) {
    const registrations = random.many(0, 2, () => random.bytes(144));
    const registered = registrations.map((one) => addressOf(one.slice(0, 48)));
    let signer = -1;
    const row = () => {
      signer += 1 + random.below(5);
      return { signer, counter: random.long(), to: random.account(), amount: random.amount() };
    };
    const groups = random.many(0, 2, () => {
      signer = -1;
      return { expires: random.one(null, random.below(1000)), ticket: random.ticket(), rows: random.many(1, 3, row) };
    });
    const transactions = random.many(registrations.length + groups.length === 0 ? 1 : 0, 2, () => random.transaction());
    const expires = random.below(2) === 0 ? { expires: random.below(1000) } : {};
    const content = encodeContent({ ...expires, registrations, groups, transactions });
    const rows = groups.flatMap((group) => group.rows.map((one) => ofRow(one, group.ticket, group.expires)));
    assert.deepEqual(decodeBatch(content), {
      expires: expires.expires ?? null,
      registered,
      transactions: [...rows, ...transactions],
    });
  }
});

test("a name by registration is the address of that key, of receivers and of signers", () => {
  const key = random.bytes(144);
  const rows = [{ signer: 3, counter: 0n, to: { registration: 0 }, amount: 5n }];
  // Signed by registration 0, with counter 0, no memo and no action.
  const byRegistration = fromHex("00010100000000");
  const content = encodeContent({
    registrations: [key],
    groups: [{ expires: 9, ticket: 0, rows }],
    transactions: [byRegistration],
  });
  const [first, second] = decodeBatch(content).transactions;
  assert.deepEqual(first, ofRow({ ...rows[0]!, to: addressOf(key.slice(0, 48)) }, 0, 9));
  assert.equal(second?.operations[0]?.signer, addressOf(key.slice(0, 48)));
});

test("the examples of the document", () => {
  assert.equal(toHex(varint(300)), "ac02");
  assert.equal(toHex(amount(12_500_000n)), "0fa5");
  assert.equal(toHex(amount(0n)), "0000");
  assert.equal(toHex(amount(2048n)), "001f8010");
  assert.equal(textTicket(contract, "ab").content, "01000000026162");
  assert.equal(pairTicket(contract, 0n).content, "070700000306");
  assert.equal(pairTicket(contract, 5n, fromHex("beef")).content, "0707000505090a00000002beef");
  assert.equal(pairTicket(contract, 64n).content, "07070080010306");
});

test("what random bytes say is said by these bytes alone", () => {
  let understood = 0;
  for (let i = 0; i < 20_000; i++) {
    // Real transactions with a byte changed are understood more often than noise is.
    const bytes = encodeTransaction(random.transaction());
    bytes[random.below(bytes.length)] = random.below(256);
    let transaction: Transaction;
    try {
      transaction = decodeTransaction(bytes);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "MALFORMED");
      continue;
    }
    understood += 1;
    assert.equal(toHex(encodeTransaction(transaction)), toHex(bytes));
  }
  assert.ok(understood > 1000, `only ${understood} were understood`);
});

test("a transaction that ends early is malformed at any length", async () => {
  const bytes = encodeTransaction(random.transaction());
  for (let size = 0; size < bytes.length; size++) {
    await refused(() => decodeTransaction(bytes.slice(0, size)), "MALFORMED");
  }
});

const malformed: readonly (readonly [why: string, bytes: string, offset: number])[] = [
  ["an expiry that is neither absent nor there", "02", 0],
  ["an expiry of 2^31", "018000000001", 1],
  ["no operation", "0000", 1],
  ["more operations than there are bytes", "00ff01", 3],
  ["an index in a longer form", "00018200000000", 2],
  ["an index of 2^32", "00018080808010000000", 2],
  ["a registration, of which a transaction has none", "000101000000", 2],
  ["a counter of 2^64", "00010280808080808080808002" + "0000", 3],
  ["a counter in a longer form", "000102808000" + "0000", 3],
  ["a memo of no known kind", "0001020003", 4],
  ["a memo of no bytes", "000102000100", 5],
  ["a memo of 65 bytes", `000102000141${"61".repeat(65)}00`, 5],
  ["an action of no known kind", "00010200000103", 6],
  ["no transfers", "000102000001" + "000100", 8],
  ["an amount with a short form in the long one", "000102000001" + "000101" + "02" + "001f01", 10],
  ["a mantissa that ends in 0", "000102000001" + "000101" + "02" + "0140", 10],
  ["an amount of zero with a power", "000102000001" + "000101" + "02" + "0001", 10],
  ["a power of 20", "000102000001" + "000101" + "02" + "0034", 10],
  ["an amount above 2^64 - 1", "000102000001" + "000101" + "02" + "0273", 10],
  ["a ticket's content of no known kind", `00010200000100` + `00${"11".repeat(20)}02`, 28],
  ["a text that is longer than its content", `00010200000100` + `00${"11".repeat(20)}00060100000002616201020020`, 30],
  ["a number in a longer form", `00010200000100` + `00${"11".repeat(20)}01070707008000` + "0306", 33],
  ["a negative number", `00010200000100` + `00${"11".repeat(20)}0106070700410306`, 33],
  ["an entrypoint with another letter", `00010200000101` + `01${"11".repeat(20)}012d0020`, 28],
  ["an entrypoint of 32 letters", `00010200000101` + `01${"11".repeat(20)}20${"61".repeat(32)}0020`, 28],
  ["a receiver of a sixth curve", `00010200000102` + `01${"11".repeat(20)}000005${"22".repeat(20)}0020`, 30],
  [
    "a contract as receiver that does not end in 00",
    `00010200000102` + `01${"11".repeat(20)}0001${"22".repeat(20)}010020`,
    50,
  ],
  ["a byte too much", "00010200000000", 6],
];

for (const [why, bytes, offset] of malformed) {
  test(`malformed: ${why}`, async () => {
    const error = await refused(() => decodeTransaction(fromHex(bytes)), "MALFORMED");
    assert.equal(error.values["offset"], offset, error.message);
  });
}

const malformedBatches: readonly (readonly [why: string, bytes: string, offset: number])[] = [
  ["no flags", "", 0],
  ["nothing in it", "00", 0],
  ["an expiry and nothing else", "0100000001", 0],
  ["a flag of individual signings", "14" + "01" + "000102" + "0000020020", 0],
  ["a flag that does not exist", "44" + "01" + "000102" + "0000020020", 0],
  ["an expiry of 2^31", "0580000000" + "01" + "000101" + "0000020020", 1],
  ["no groups", "0400", 1],
  ["a group without transfers", "0401" + "000100", 4],
  ["a registration that does not exist", "0401" + "000101" + "0000" + "0100" + "0020", 7],
  ["an index that no account can have", "0401" + "000101" + "feffffff0f" + "00020020", 5],
  ["an index beyond the next one's", "0401" + "000102" + "fdffffff0f" + "00020020" + "0000020020", 14],
  ["a byte too much", "0401" + "000101" + "0000020020" + "00", 10],
];

for (const [why, bytes, offset] of malformedBatches) {
  test(`malformed batch: ${why}`, async () => {
    const error = await refused(() => decodeBatch(fromHex(bytes)), "MALFORMED");
    assert.equal(error.values["offset"], offset, error.message);
  });
}

test("a content that is too long is not read", async () => {
  const error = await refused(() => decodeBatch(new Uint8Array(CONTENT_BYTES_MAX + 1)), "MALFORMED");
  assert.equal(error.values["offset"], CONTENT_BYTES_MAX);
});

test("a reader names what is left over", async () => {
  const reader = new Reader(ascii("abc"));
  reader.take(1);
  assert.match((await refused(() => reader.end(), "MALFORMED")).message, /at 1: 2 bytes/);
});

const good: Transaction = {
  expires: 9,
  operations: [
    { signer: 1, counter: 0n, memo: null, actions: [{ ticket: 0, transfers: [{ to: account, amount: 1n }] }] },
  ],
};
type Field = readonly [why: string, change: object, code: string];
const operationMistakes: readonly Field[] = [
  ["a negative index", { signer: -1 }, "INVALID_VALUE"],
  ["half an index", { signer: 0.5 }, "INVALID_VALUE"],
  ["an index of 2^32 - 2", { signer: 2 ** 32 - 2 }, "INVALID_VALUE"],
  ["an address of another kind", { signer: contract }, "INVALID_TEXT"],
  ["an address with a mistake", { signer: account.replace(/.$/, "1") }, "INVALID_TEXT"],
  ["a negative counter", { counter: -1n }, "INVALID_VALUE"],
  ["a counter of 2^64", { counter: 2n ** 64n }, "INVALID_VALUE"],
  ["an empty memo", { memo: textMemo("") }, "INVALID_VALUE"],
  ["a memo of 65 bytes", { memo: textMemo("é".repeat(33)) }, "INVALID_VALUE"],
  ["a hash of 31 bytes as memo", { memo: { hash: "00".repeat(31) } }, "INVALID_TEXT"],
  ["uppercase", { memo: { bytes: "AB" } }, "INVALID_TEXT"],
  ["no transfers", { actions: [{ ticket: 0, transfers: [] }] }, "INVALID_VALUE"],
  ["a negative amount", { actions: [{ ticket: 0, transfers: [{ to: 1, amount: -1n }] }] }, "INVALID_VALUE"],
  ["an amount of 2^64", { actions: [{ ticket: 0, transfers: [{ to: 1, amount: 2n ** 64n }] }] }, "INVALID_VALUE"],
  ["an amount that is not a bigint", { actions: [{ ticket: 0, transfers: [{ to: 1, amount: 5 }] }] }, "INVALID_VALUE"],
  ["a negative ticket", { actions: [{ ticket: -1, transfers: [{ to: 1, amount: 5n }] }] }, "INVALID_VALUE"],
  [
    "a ticket of an account",
    { actions: [{ ticket: textTicket(account, "a"), transfers: [{ to: 1, amount: 5n }] }] },
    "INVALID_TEXT",
  ],
  [
    "an entrypoint with a space",
    { actions: [{ ticket: 0, contract, entrypoint: "a b", receiver: null, amount: 1n }] },
    "INVALID_VALUE",
  ],
  [
    "a rollup as receiver",
    { actions: [{ ticket: 0, contract, entrypoint: "a", receiver: "sr1", amount: 1n }] },
    "INVALID_TEXT",
  ],
];

test("a transaction without a mistake can be encoded", () => {
  assert.equal(
    toHex(encodeTransaction(good)),
    toHex(concat(fromHex("0100000009010300000100010100"), new Uint8Array(20).fill(7), fromHex("0020"))),
  );
});

for (const [why, change, code] of operationMistakes) {
  test(`a mistake: ${why}`, async () => {
    const wrong = { ...good, operations: [{ ...good.operations[0], ...change }] } as Transaction;
    await refused(() => encodeTransaction(wrong), code);
  });
}

test("a mistake: no operations, and invalid levels", async () => {
  await refused(() => encodeTransaction({ ...good, operations: [] }), "INVALID_VALUE");
  for (const expires of [-1, 0.5, 2 ** 31, Number.NaN]) {
    await refused(() => encodeTransaction({ ...good, expires }), "INVALID_VALUE");
  }
  await refused(() => pairTicket(contract, -1n), "INVALID_VALUE");
});
