// A batch that somebody offers to be signed: its content, its digest, and every transaction in it in the form in which
// its signers would have signed it for themselves.

import { blake2b } from "@noble/hashes/blake2.js";
import { ascii, concat, Reader } from "./bytes.js";
import { addressOf } from "./keys.js";
import { readTicket } from "./names.js";
import { fromText } from "./text.js";
import type { Transaction } from "./transaction.js";
import { readExpiry, readMany, readTransaction, readTransfer } from "./transaction.js";

const TAG = ascii("toru batch v2");
const KEY_BYTES = 48;
const PROOF_BYTES = 96;
/** A content is smaller than this. A batch of one message has at most 4,096 bytes. */
export const CONTENT_BYTES_MAX = 16_384;
/** Indexes of signers in groups are below this: a larger one has no name of its own. */
const SIGNER_INDEX_END = 2 ** 32 - 2;

const EXPIRES = 1;
const REGISTRATIONS = 2;
const GROUPS = 4;
const TRANSACTIONS = 8;
const ALL_FLAGS = EXPIRES | REGISTRATIONS | GROUPS | TRANSACTIONS;

export interface Batch {
  /** The last level in which the batch can apply. */
  readonly expires: number | null;
  /** Addresses of the keys that it registers. */
  readonly registered: readonly string[];
  /** All transactions in the order of the batch, each as its signers sign it for themselves. */
  readonly transactions: readonly Transaction[];
}

/** The digest of a batch, by which it is known and which is signed. */
export function hashBatch(rollup: string, content: Uint8Array): Uint8Array {
  return blake2b(concat(TAG, fromText("sr1", rollup), content), { dkLen: 32 });
}

/** The bytes that whoever signs a batch signs. */
export function signedOfBatch(digest: Uint8Array): Uint8Array {
  return concat(TAG, digest);
}

/** What the content of a batch says: its bytes from the flags up to the signatures, as they are signed. */
export function decodeBatch(content: Uint8Array): Batch {
  const from = new Reader(content);
  if (content.length > CONTENT_BYTES_MAX) throw from.malformed(CONTENT_BYTES_MAX, "no batch is as long as this");
  const flags = from.byte();
  const known = (flags & ~ALL_FLAGS) === 0 && (flags & ~EXPIRES) !== 0;
  if (!known) throw from.malformed(0, `the flags ${flags} are invalid in a signed content`);
  const has = (flag: number) => (flags & flag) !== 0;
  const expires = has(EXPIRES) ? from.level() : null;
  const registered = has(REGISTRATIONS) ? readMany(from, from.count(), readRegistration) : [];
  const groups = has(GROUPS) ? readMany(from, from.count(), () => readGroup(from, registered)) : [];
  const transactions = has(TRANSACTIONS) ? readMany(from, from.count(), () => readTransaction(from, registered)) : [];
  from.end();
  return { expires, registered, transactions: [...groups.flat(), ...transactions] };
}

function readRegistration(from: Reader): string {
  const key = from.take(KEY_BYTES);
  from.take(PROOF_BYTES);
  return addressOf(key);
}

/** A group's transfers become transactions of one transfer each, with the group's ticket and expiry. */
function readGroup(from: Reader, registered: readonly string[]): Transaction[] {
  const expires = readExpiry(from);
  const ticket = readTicket(from);
  let next = 0;
  return readMany(from, from.count(), () => {
    const start = from.offset;
    const signer = next + from.small();
    if (signer >= SIGNER_INDEX_END) throw from.malformed(start, "no account has an index as large as this");
    next = signer + 1;
    const counter = from.varint();
    const transfers = [readTransfer(from, registered)];
    return { expires, operations: [{ signer, counter, memo: null, actions: [{ ticket, transfers }] }] };
  });
}
