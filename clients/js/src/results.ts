// Results as the kernel keeps them in its durable storage, and what their codes mean.

import type { Texts } from "./api.js";
import { Reader, toHex } from "./bytes.js";
import { invalidAnswer } from "./shape.js";
import { readMany, readMemo } from "./transaction.js";

/** The codes of operations: a name, and the names of the values. */
export const CODES: { readonly [number: number]: readonly [name: string, ...values: string[]] } = {
  0: ["APPLIED"],
  1: ["COUNTER_MISMATCH", "expected", "provided"],
  2: ["STALE_SIBLING", "operation"],
  3: ["ROLLED_BACK", "operation"],
  4: ["ZERO_AMOUNT"],
  5: ["SELF_TRANSFER"],
  6: ["UNKNOWN_TICKET"],
  7: ["BALANCE_TOO_LOW", "available", "requested"],
  9: ["COUNTER_EXHAUSTED", "counter"],
  10: ["REGISTRY_FULL"],
  11: ["OUTBOX_MESSAGE_TOO_LARGE", "bytes"],
  12: ["UNKNOWN_ACCOUNT", "index", "accounts"],
  13: ["TRANSACTION_EXPIRED", "expiry", "level"],
  14: ["NO_INDEX_FOR_SIGNER"],
  15: ["OUTBOX_QUEUE_FULL", "messages", "bytes"],
  16: ["TOO_MANY_PENDING", "pending", "limit"],
};
const APPLIED = 0;
/** Codes that are not final: the operation has changed nothing, and may apply later. */
export const NOTHING_CHANGED: readonly number[] = [1, 2, 13, 14];

/** What became of one operation, as the state has it. A code that this package does not know has the name `UNKNOWN`. */
export interface OperationResult {
  readonly operation: number;
  readonly code: string;
  readonly number: number;
  readonly values: Texts;
}

/** Where something was in the inboxes. */
export interface Place {
  readonly level: number;
  /** The batch's index in the inbox of the level. */
  readonly message: number;
  /** The number of the transaction in the batch. */
  readonly transaction: number;
}

export interface TransactionResult extends Place {
  readonly operations: readonly OperationResult[];
}

export interface BatchResult extends Omit<Place, "transaction"> {
  /** How many it has. */
  readonly transactions: number;
  /** Operations that were not applied, or that have a memo. All others were applied. */
  readonly told: readonly (OperationResult & { readonly transaction: number })[];
}

/** What results say of a transaction: `null` if it may apply later. */
export function verdict(results: readonly OperationResult[]): "applied" | "failed" | null {
  if (results.every((one) => one.number === APPLIED)) return "applied";
  const known = results.every((one) => one.number in CODES);
  return known && !results.some((one) => NOTHING_CHANGED.includes(one.number)) ? "failed" : null;
}

function read<T>(value: Uint8Array | null, how: (from: Reader) => T): T | null {
  if (value === null) return null;
  const from = new Reader(value);
  try {
    return how(from);
  } catch {
    throw invalidAnswer("a result", toHex(value));
  }
}

export function readTransactionResult(value: Uint8Array | null): TransactionResult | null {
  return read(value, (from) => {
    const place = { level: from.level(), message: from.u32(), transaction: from.u32() };
    const operations: OperationResult[] = [];
    do operations.push(readCode(from, operations.length));
    while (from.offset < from.bytes.length);
    return { ...place, operations };
  });
}

export function readBatchResult(value: Uint8Array | null): BatchResult | null {
  return read(value, (from) => {
    const head = { level: from.level(), message: from.u32(), transactions: from.u32() };
    const told: (OperationResult & { readonly transaction: number })[] = [];
    while (from.offset < from.bytes.length) {
      const transaction = from.u32();
      told.push({ transaction, ...readCode(from, from.u32()) });
    }
    return { ...head, told };
  });
}

function readCode(from: Reader, operation: number): OperationResult {
  const number = from.byte() * 256 + from.byte();
  const both = readMany(from, 2, () => from.u64());
  readMemo(from);
  const [code, ...names] = CODES[number] ?? ["UNKNOWN", "first", "second"];
  const values = Object.fromEntries(names.map((name, i) => [name, String(both[i])]));
  return { operation, code, number, values };
}
