// A transaction: what it says, its bytes, its hash, and how its signers sign it for themselves.

import { blake2b } from "@noble/hashes/blake2.js";
import { amount, ascii, concat, fromHex, invalid, level, Reader, small, toHex, varint } from "./bytes.js";
import { ToruError } from "./error.js";
import type { Signer } from "./keys.js";
import type { AccountName, TicketName } from "./names.js";
import {
  encodeAccount,
  encodeEntrypoint,
  encodeReceiver,
  encodeTicket,
  readAccount,
  readContract,
  readEntrypoint,
  readReceiver,
  readTicket,
} from "./names.js";
import { fromText } from "./text.js";

const TAG = ascii("toru transaction v2");
const MEMO_BYTES_MAX = 64;
const MEMO_HASH_BYTES = 32;

/** Operations of different signers that apply together or not at all. */
export interface Transaction {
  /** The last level in which it can apply. */
  readonly expires: number | null;
  readonly operations: readonly Operation[];
}

/** What one signer does. */
export interface Operation {
  readonly signer: AccountName;
  /** The number that the signer's next operation has to carry. */
  readonly counter: bigint;
  readonly memo: Memo | null;
  readonly actions: readonly Action[];
}

/** Up to 64 bytes, or a hash of 32, in hexadecimal. */
export type Memo = { readonly bytes: string } | { readonly hash: string };

export type Action = Transfers | Withdrawal;

/** Transfers of one ticket. */
export interface Transfers {
  readonly ticket: TicketName;
  readonly transfers: readonly Transfer[];
}

export interface Transfer {
  readonly to: AccountName;
  readonly amount: bigint;
}

/** The ticket goes to a contract on layer 1. */
export interface Withdrawal {
  readonly ticket: TicketName;
  /** `KT1…` */
  readonly contract: string;
  /** As it is written; an empty name stands for `default`. */
  readonly entrypoint: string;
  /** Whom the contract is to pay. `null`: it gets the bare ticket, and nobody is named. */
  readonly receiver: string | null;
  readonly amount: bigint;
}

/** A memo that is a text. */
export function textMemo(text: string): Memo {
  return { bytes: toHex(new TextEncoder().encode(text)) };
}

export function encodeTransaction(transaction: Transaction): Uint8Array {
  const { expires, operations } = transaction;
  return concat(
    expires === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), level(expires)),
    small(operations.length, 1),
    ...operations.map((one) =>
      concat(
        encodeAccount(one.signer),
        varint(one.counter),
        encodeMemo(one.memo),
        small(one.actions.length),
        ...one.actions.map(encodeAction),
      ),
    ),
  );
}

function encodeMemo(memo: Memo | null): Uint8Array {
  if (memo === null) return Uint8Array.of(0);
  if ("hash" in memo) return concat(Uint8Array.of(2), fromHex(memo.hash, MEMO_HASH_BYTES));
  const bytes = fromHex(memo.bytes);
  if (bytes.length < 1 || bytes.length > MEMO_BYTES_MAX) {
    throw invalid(`a memo of 1 to ${MEMO_BYTES_MAX} bytes`, bytes.length);
  }
  return concat(Uint8Array.of(1, bytes.length), bytes);
}

function encodeAction(action: Action): Uint8Array {
  if ("transfers" in action) {
    const transfers = action.transfers.map((one) => concat(encodeAccount(one.to), amount(one.amount)));
    return concat(Uint8Array.of(0), encodeTicket(action.ticket), small(transfers.length, 1), ...transfers);
  }
  return concat(
    Uint8Array.of(action.receiver === null ? 1 : 2),
    encodeTicket(action.ticket),
    fromText("KT1", action.contract),
    encodeEntrypoint(action.entrypoint),
    action.receiver === null ? new Uint8Array() : encodeReceiver(action.receiver),
    amount(action.amount),
  );
}

/** What the bytes of a transaction say. */
export function decodeTransaction(bytes: Uint8Array): Transaction {
  const from = new Reader(bytes);
  const transaction = readTransaction(from, []);
  from.end();
  return transaction;
}

/** `registered` are the addresses of the batch's registrations. */
export function readTransaction(from: Reader, registered: readonly string[]): Transaction {
  const expires = readExpiry(from);
  const operations = readMany(from, from.count(), () => readOperation(from, registered));
  return { expires, operations };
}

export function readExpiry(from: Reader): number | null {
  return from.tag(0, 1) === 1 ? from.level() : null;
}

export function readMany<T>(from: Reader, count: number, read: (from: Reader) => T): T[] {
  const all: T[] = [];
  while (all.length < count) all.push(read(from));
  return all;
}

function readOperation(from: Reader, registered: readonly string[]): Operation {
  const signer = readAccount(from, registered);
  const counter = from.varint();
  const memo = readMemo(from);
  const actions = readMany(from, from.small(), () => readAction(from, registered));
  return { signer, counter, memo, actions };
}

export function readMemo(from: Reader): Memo | null {
  const tag = from.tag(0, 1, 2);
  if (tag === 0) return null;
  if (tag === 2) return { hash: toHex(from.take(MEMO_HASH_BYTES)) };
  const start = from.offset;
  const size = from.byte();
  if (size < 1 || size > MEMO_BYTES_MAX) throw from.malformed(start, "a memo has 1 to 64 bytes");
  return { bytes: toHex(from.take(size)) };
}

function readAction(from: Reader, registered: readonly string[]): Action {
  const tag = from.tag(0, 1, 2);
  const ticket = readTicket(from);
  if (tag === 0) {
    const transfers = readMany(from, from.count(), () => readTransfer(from, registered));
    return { ticket, transfers };
  }
  // Every field is read in the order in which it is written here.
  return { ticket, ...readCall(from), receiver: tag === 1 ? null : readReceiver(from), amount: from.amount() };
}

function readCall(from: Reader): Pick<Withdrawal, "contract" | "entrypoint"> {
  return { contract: readContract(from), entrypoint: readEntrypoint(from) };
}

export function readTransfer(from: Reader, registered: readonly string[]): Transfer {
  return { to: readAccount(from, registered), amount: from.amount() };
}

/** What a signer signs who signs the transaction for themselves, and under which its result is. */
export function hashTransaction(rollup: string, transaction: Transaction): Uint8Array {
  return blake2b(concat(TAG, fromText("sr1", rollup), encodeTransaction(transaction)), { dkLen: 32 });
}

/**
 * What a signed transaction says: its bytes, of which everything else is a consequence. Throws `OTHER_ROLLUP` or
 * `WRONG_HASH` if it is not what it says to be.
 */
export function openSigned(rollup: string, signed: SignedTransaction): Transaction {
  if (signed.rollup !== rollup) {
    const values = { expected: rollup, found: signed.rollup };
    throw new ToruError("OTHER_ROLLUP", `the transaction is for ${signed.rollup}, not for ${rollup}`, values);
  }
  const transaction = decodeTransaction(fromHex(signed.transaction));
  const computed = toHex(hashTransaction(rollup, transaction));
  if (computed === signed.hash) return transaction;
  const values = { found: signed.hash, computed };
  throw new ToruError("WRONG_HASH", `the transaction's hash is ${computed}, not ${signed.hash}`, values);
}

/** The bytes that are signed for a hash of a transaction. */
export function signedOfTransaction(hash: Uint8Array): Uint8Array {
  return concat(TAG, hash);
}

/** A transaction that its signers have signed for themselves: what a batcher takes, and what `toru tx` has in files. */
export interface SignedTransaction {
  readonly rollup: string;
  /** Its hash, in hexadecimal. */
  readonly hash: string;
  /** Its bytes, in hexadecimal. */
  readonly transaction: string;
  /** One for each operation, in their order. */
  readonly signatures: readonly OwnSignature[];
}

export interface OwnSignature {
  /** `tz4…` */
  readonly account: string;
  /** `BLpk…` */
  readonly key: string;
  readonly signature: string;
  /** The proof of possession, for a key that is not registered yet. */
  readonly proof?: string;
}

/**
 * Signs a transaction, with one signer for each operation in their order. `prove` says whose proof of possession goes
 * along: a key has to be registered before it can sign, and a batcher registers those that have proofs.
 */
export async function signTransaction(
  rollup: string,
  transaction: Transaction,
  signers: readonly Signer[],
  prove: (signer: Signer) => boolean = () => false,
): Promise<SignedTransaction> {
  const { operations } = transaction;
  if (signers.length !== operations.length) throw invalid(`${operations.length} signers`, signers.length);
  const hash = hashTransaction(rollup, transaction);
  const signatures = await Promise.all(
    signers.map(async (signer, i): Promise<OwnSignature> => {
      const named = operations[i]?.signer;
      if (typeof named === "string" && named !== signer.address) {
        const values = { operation: i, named, signer: signer.address };
        throw new ToruError("WRONG_SIGNER", `operation ${i} is of ${named}, not of ${signer.address}`, values);
      }
      const signature = toHex(await signer.sign(signedOfTransaction(hash)));
      const one = { account: signer.address, key: signer.key, signature };
      return prove(signer) ? { ...one, proof: toHex(await signer.proof()) } : one;
    }),
  );
  return { rollup, hash: toHex(hash), transaction: toHex(encodeTransaction(transaction)), signatures };
}
