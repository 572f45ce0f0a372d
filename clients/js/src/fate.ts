// What became of a transaction, from the final state of a node that you trust. A batcher may say that it dropped what
// it has sent: whoever pays again because of that pays twice.

import type { FinalState } from "./node.js";
import type { OperationResult, Place } from "./results.js";
import { verdict } from "./results.js";
import { invalidAnswer } from "./shape.js";
import type { Transaction } from "./transaction.js";

/** What a final level says of a transaction. Only `applied`, `failed` and `never` are for ever. */
export type Fate =
  /** It was applied. */
  | { readonly fate: "applied"; readonly level: number; readonly at: Place }
  /** It failed and can never apply: `outcomes` says why. */
  | {
      readonly fate: "failed";
      readonly level: number;
      readonly at: Place;
      readonly outcomes: readonly OperationResult[];
    }
  /** It was not applied, and can never be: its last level is past, and its counter was not used. */
  | { readonly fate: "never"; readonly level: number }
  /** It may apply until its last level is past. */
  | { readonly fate: "open"; readonly level: number; readonly expires: number | null }
  /**
   * Its counter is used: by itself, in a batch that is not known here or so long ago that the state keeps the result
   * no longer, or by another transaction.
   */
  | { readonly fate: "unknown"; readonly level: number };

/** A place in a batch, by the batch's digest. */
export interface InBatch {
  readonly batch: string;
  readonly transaction: number;
}

/**
 * What the state says. A result of a co-signed transaction is under the digest of its batch: `batches` are those that
 * it may have been in, asked for only when they are needed.
 */
export async function fateOf(
  state: FinalState,
  hash: string,
  transaction: Transaction,
  batches: () => Promise<readonly InBatch[]>,
): Promise<Fate> {
  const { level } = state;
  const { expires, operations } = transaction;
  const own = await state.transactionResult(hash);
  if (own !== null && own.operations.length !== operations.length) {
    throw invalidAnswer(`results of ${operations.length} operations`, own.operations.length);
  }
  const found = own === null ? null : settled(level, own, own.operations);
  if (found !== null) return found;
  const unused = await Promise.all(operations.map(async (one) => (await state.counter(one.signer)) <= one.counter));
  if (unused.includes(true)) {
    // All of its counters are used at once, or none: if only others' are, it was something else that used them.
    const passed = unused.includes(false) || (expires !== null && level > expires);
    return passed ? { fate: "never", level } : { fate: "open", level, expires };
  }
  for (const { batch, transaction: number } of await batches()) {
    const result = await state.batchResult(batch);
    if (result === null || number >= result.transactions) continue;
    const told = result.told.filter((one) => one.transaction === number);
    const place = { level: result.level, message: result.message, transaction: number };
    const inBatch = settled(level, place, told);
    if (inBatch !== null) return inBatch;
  }
  return { fate: "unknown", level };
}

function settled(level: number, place: Place, outcomes: readonly OperationResult[]): Fate | null {
  const at = { level: place.level, message: place.message, transaction: place.transaction };
  const said = verdict(outcomes);
  if (said === null) return null;
  return said === "applied" ? { fate: "applied", level, at } : { fate: "failed", level, at, outcomes };
}
