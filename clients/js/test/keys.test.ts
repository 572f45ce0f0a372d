// Texts of Octez, keys and signatures, and invalid ones.

import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";
import { ascii, fromHex, toHex } from "../src/bytes.js";
import { SecretKey, verify, verifyEd25519, verifyProof } from "../src/keys.js";
import { fromText, toText } from "../src/text.js";
import { hashTransaction, signTransaction } from "../src/transaction.js";
import { ROLLUP, refused } from "./support.js";

// An account of the sandbox, as `toru dev` prints it.
const SECRET = "BLsk1zTX9EmygrwmKNpvVwcEWq6M7KbTShvZTPyibFph8hTkiuMkhw";
const ADDRESS = "tz4MX1JesazSn8Ru4kNU5eG4Q4NoztBCkvxD";

test("a secret key of Octez gives its address, and comes back as its text", () => {
  const key = SecretKey.fromText(SECRET);
  assert.equal(key.address, ADDRESS);
  assert.match(key.key, /^BLpk/);
  assert.equal(key.toSecretText(), SECRET);
});

test("a secret key is not shown", () => {
  const key = SecretKey.fromText(SECRET);
  const scalar = toHex(fromText("BLsk", SECRET)).slice(0, 16);
  for (const shown of [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify(key), String(key)]) {
    assert.ok(!shown.includes("BLsk") && !shown.includes(scalar), shown);
  }
});

test("random keys differ, sign and prove", () => {
  const [a, b] = [SecretKey.random(), SecretKey.random()];
  assert.notEqual(a.address, b.address);
  const signature = a.sign(ascii("x"));
  assert.equal(signature.length, 96);
  assert.ok(verify(a.key, ascii("x"), signature));
  assert.ok(!verify(a.key, ascii("y"), signature));
  assert.ok(!verify(b.key, ascii("x"), signature));
  assert.ok(verifyProof(a.key, a.proof()));
  assert.ok(!verifyProof(b.key, a.proof()));
  assert.ok(!verify(a.key, fromText("BLpk", a.key), a.proof()), "the tags separate proofs from signatures");
});

test("an invalid point is an invalid signature", () => {
  const { key } = SecretKey.fromText(SECRET);
  const infinity = new Uint8Array(96);
  infinity[0] = 0xc0;
  for (const bytes of [new Uint8Array(96), new Uint8Array(95), new Uint8Array(96).fill(255), infinity]) {
    assert.ok(!verify(key, ascii("x"), bytes));
    assert.ok(!verifyProof(key, bytes));
  }
});

test("ed25519, by a vector of RFC 8032", () => {
  const key = toText("edpk", fromHex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
  const signature = fromHex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  );
  assert.ok(verifyEd25519(key, fromHex("72"), signature));
  assert.ok(!verifyEd25519(key, fromHex("73"), signature));
  assert.ok(!verifyEd25519(key, fromHex("72"), new Uint8Array(64)));
});

test("all kinds of texts come back", () => {
  const sizes = {
    tz1: 20,
    tz2: 20,
    tz3: 20,
    tz4: 20,
    tz5: 20,
    KT1: 20,
    sr1: 20,
    BLpk: 48,
    BLsk: 32,
    edpk: 32,
  } as const;
  for (const [kind, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    for (const fill of [0, 1, 255]) {
      const bytes = new Uint8Array(size).fill(fill);
      const text = toText(kind, bytes);
      assert.ok(text.startsWith(kind), text);
      assert.equal(toHex(fromText(kind, text)), toHex(bytes));
    }
  }
});

test("a text with any letter changed is refused", async () => {
  for (let at = 0; at < ADDRESS.length; at++) {
    const letter = ADDRESS[at] === "2" ? "3" : "2";
    await refused(() => fromText("tz4", ADDRESS.slice(0, at) + letter + ADDRESS.slice(at + 1)), "INVALID_TEXT");
  }
});

test("a mistake in a text is told from a text of something else", async () => {
  const mistake = ADDRESS.slice(0, 20) + (ADDRESS[20] === "2" ? "3" : "2") + ADDRESS.slice(21);
  assert.match((await refused(() => fromText("tz4", mistake), "INVALID_TEXT")).message, /checksum/);
  assert.match((await refused(() => fromText("tz4", SECRET), "INVALID_TEXT")).message, /expected a text tz4/);
});

test("a text that is far too long costs nothing", async () => {
  const begun = performance.now();
  await refused(() => fromText("tz4", "z".repeat(1_000_000)), "INVALID_TEXT");
  // To read it would take minutes.
  assert.ok(performance.now() - begun < 10_000);
});

test("a text of another kind, length or alphabet is refused", async () => {
  const others = [
    "",
    "tz4",
    SECRET,
    `${ADDRESS}1`,
    `1${ADDRESS}`,
    ADDRESS.slice(1),
    `${ADDRESS} `,
    ADDRESS.replace("M", "0"),
    "1".repeat(9999),
  ];
  for (const text of others) await refused(() => fromText("tz4", text), "INVALID_TEXT");
  await refused(() => fromText("tz4", 5 as unknown as string), "INVALID_TEXT");
});

test("no error has a secret in it", async () => {
  const error = await refused(() => SecretKey.fromText(SECRET.replace(/.$/, "1")), "INVALID_TEXT");
  assert.ok(!inspect(error, { depth: 9 }).includes(SECRET.slice(4, 20)), inspect(error));
});

test("an invalid scalar is refused", async () => {
  for (const fill of [0, 255]) {
    await refused(() => SecretKey.fromText(toText("BLsk", new Uint8Array(32).fill(fill))), "INVALID_TEXT");
  }
});

test("each operation has its signer, and only those who have to prove their keys", async () => {
  const [a, b] = [SecretKey.fromText(SECRET), SecretKey.random()];
  const operation = (signer: string | number) => ({ signer, counter: 0n, memo: null, actions: [] });
  const transaction = { expires: 9, operations: [operation(a.address), operation(7)] };
  const signed = await signTransaction(ROLLUP, transaction, [a, b], (one) => one === b);
  assert.equal(signed.hash, toHex(hashTransaction(ROLLUP, transaction)));
  assert.deepEqual(
    signed.signatures.map((one) => [one.account, one.proof !== undefined]),
    [
      [a.address, false],
      [b.address, true],
    ],
  );
  assert.ok(verifyProof(b.key, fromHex(signed.signatures[1]?.proof ?? "")));
  const wrong = await refused(() => signTransaction(ROLLUP, transaction, [b, a]), "WRONG_SIGNER");
  assert.deepEqual(wrong.values, { operation: 0, named: a.address, signer: b.address });
  await refused(() => signTransaction(ROLLUP, transaction, [a]), "INVALID_VALUE");
  await refused(() => signTransaction(ADDRESS, transaction, [a, b]), "INVALID_TEXT");
});
