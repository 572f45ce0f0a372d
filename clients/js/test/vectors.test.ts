// The golden vectors of docs/vectors/v2.json: keys, proofs, encodings, digests and signatures.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { decodeBatch, hashBatch, signedOfBatch } from "../src/batch.js";
import { fromHex, toHex } from "../src/bytes.js";
import { SecretKey, verify, verifyProof } from "../src/keys.js";
import { fromText, toText } from "../src/text.js";
import { decodeTransaction, encodeTransaction, hashTransaction, signedOfTransaction } from "../src/transaction.js";

interface Signing {
  readonly signer: string;
  readonly transaction: number;
  readonly own?: string;
  readonly digest: string;
  readonly signed: string;
  readonly signature: string;
}
interface Vectors {
  readonly rollup: { readonly address: string; readonly hash: string };
  readonly keys: readonly { readonly [name in "name" | "secret" | "public_key" | "address" | "proof"]: string }[];
  readonly batches: readonly {
    readonly [name in "name" | "bytes" | "content" | "digest" | "aggregate"]: string;
  }[] &
    readonly { readonly signings: readonly Signing[] }[];
}

// This file runs as build/test/vectors.test.js.
const path = new URL("../../../../docs/vectors/v2.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as Vectors;
const rollup = vectors.rollup.address;
const { longSignatures: bls } = bls12_381;

/** Secrets of the vectors are big-endian, texts of Octez are not. */
function secret(name: string): SecretKey {
  const found = vectors.keys.find((one) => one.name === name);
  assert.ok(found, `no key is called ${name}`);
  return SecretKey.fromText(toText("BLsk", fromHex(found.secret).reverse()));
}

test("the address of the rollup", () => {
  assert.equal(toHex(fromText("sr1", rollup)), vectors.rollup.hash);
});

for (const { name, public_key, address, proof } of vectors.keys) {
  test(`the key of ${name}`, () => {
    const key = secret(name);
    assert.equal(toHex(fromText("BLpk", key.key)), public_key);
    assert.equal(key.address, address);
    assert.equal(toHex(key.proof()), proof);
    assert.ok(verifyProof(key.key, fromHex(proof)));
    assert.ok(!verify(key.key, fromHex(public_key), fromHex(proof)), "a proof is not a signature");
  });
}

for (const batch of vectors.batches) {
  test(`the batch: ${batch.name}`, () => {
    const content = fromHex(batch.content);
    const digest = hashBatch(rollup, content);
    assert.equal(toHex(digest), batch.digest);
    // But for the bits that say who signed for themselves, the content is how the batch begins.
    const bytes = fromHex(batch.bytes);
    assert.equal((bytes[0] as number) & 0x0f, content[0]);
    assert.equal(toHex(bytes.slice(1, content.length)), toHex(content.slice(1)));
    assert.ok(batch.aggregate === "" || batch.bytes.endsWith(batch.aggregate));

    const { transactions } = decodeBatch(content);
    assert.equal(
      transactions.reduce((sum, one) => sum + one.operations.length, 0),
      batch.signings.length,
    );
    for (const signing of batch.signings) {
      const own = transactions[signing.transaction];
      assert.ok(own);
      const hash = hashTransaction(rollup, own);
      if (signing.own !== undefined) {
        assert.equal(toHex(encodeTransaction(own)), signing.own);
        assert.deepEqual(decodeTransaction(fromHex(signing.own)), own);
      }
      const expected = signing.own === undefined ? digest : hash;
      const signed = signing.own === undefined ? signedOfBatch(digest) : signedOfTransaction(hash);
      assert.equal(signing.digest, toHex(expected));
      assert.equal(signing.signed, toHex(signed));
      const signer = secret(signing.signer);
      assert.equal(toHex(signer.sign(signed)), signing.signature);
      assert.ok(verify(signer.key, signed, fromHex(signing.signature)));
    }
    if (batch.signings.length > 0) {
      const sum = bls.aggregateSignatures(batch.signings.map((one) => fromHex(one.signature)));
      assert.equal(toHex(sum.toBytes()), batch.aggregate);
    }
  });
}
