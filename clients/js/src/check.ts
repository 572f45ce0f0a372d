// What a signer looks at before signing a batch: whether it makes their account do exactly what they submitted.

import { decodeBatch, hashBatch } from "./batch.js";
import { fromHex, same, toHex } from "./bytes.js";
import { ToruError } from "./error.js";
import type { Operation, Transaction } from "./transaction.js";
import { hashTransaction } from "./transaction.js";

/** What a node that you trust says of your account at a final level: see `FinalState.account`. */
export interface Me {
  /** `tz4…` */
  readonly address: string;
  /** The account's index, or `null` if it has none yet. */
  readonly index: number | null;
  /** How many accounts the rollup had. */
  readonly accounts: number;
}

/** Something that a batch makes an account do. */
export interface Mine {
  /** The number of the transaction in the batch. */
  readonly transaction: number;
  readonly hash: string;
  readonly what: Transaction;
}

/** Where what a batch holds differs from what was submitted. */
export interface Difference {
  readonly field: string;
  readonly submitted: string;
  readonly offered: string;
}

/**
 * Checks a batch that is offered to be signed, and returns its digest and what it makes the account do. Every
 * transaction in it that the account signs must be one of `submitted`, byte by byte: the same hash. Otherwise nothing
 * may be signed, and an error says why:
 *
 * - `WRONG_BATCH_ID`: the id is not the digest of the content on this rollup;
 * - `MALFORMED`: the content is not a valid batch;
 * - `NOT_SUBMITTED`: the account would do something else; `values.differences` compares it with what is nearest;
 * - `MAYBE_MINE`: a signer's index may be the account's, whose index is not final yet;
 * - `NOTHING_OF_MINE`: there is no reason to sign this.
 */
export function checkBatch(
  rollup: string,
  offer: { readonly batch: string; readonly content: string },
  me: Me,
  submitted: readonly Transaction[],
): { readonly digest: Uint8Array; readonly mine: readonly Mine[] } {
  const content = fromHex(offer.content);
  const digest = hashBatch(rollup, content);
  if (!same(digest, fromHex(offer.batch, 32))) {
    const values = { offered: offer.batch, computed: toHex(digest) };
    throw new ToruError("WRONG_BATCH_ID", "the batch's id is not the digest of its content", values);
  }
  const meant = new Map(submitted.map((one) => [toHex(hashTransaction(rollup, one)), one]));
  const mine: Mine[] = [];
  decodeBatch(content).transactions.forEach((what, transaction) => {
    if (!what.operations.some((one) => isMine(one, me))) return;
    const hash = toHex(hashTransaction(rollup, what));
    if (!meant.has(hash)) throw notSubmitted(transaction, what, me, submitted);
    mine.push({ transaction, hash, what });
  });
  if (mine.length === 0) {
    const values = { account: me.address };
    throw new ToruError("NOTHING_OF_MINE", `nothing in the batch is of ${me.address}`, values);
  }
  return { digest, mine };
}

/** Whether an operation is of the account, however the batch names it. */
function isMine(operation: Operation, me: Me): boolean {
  const { signer } = operation;
  if (typeof signer === "string") return signer === me.address;
  // The account will get an index that nobody has at the final level. Which one, only later levels tell.
  if (me.index === null && signer >= me.accounts) {
    const values = { index: signer, accounts: me.accounts };
    throw new ToruError("MAYBE_MINE", `account ${signer} may be yours: your index is not final yet`, values);
  }
  return signer === me.index;
}

function notSubmitted(number: number, offered: Transaction, me: Me, submitted: readonly Transaction[]): ToruError {
  const counters = (of: Transaction) => of.operations.filter((one) => isMine(one, me)).map((one) => one.counter);
  const compared = submitted.map((one) => ({ one, differences: differences(one, offered) }));
  const close = (of: Transaction) => counters(of).some((counter) => counters(offered).includes(counter));
  compared.sort((a, b) => Number(close(b.one)) - Number(close(a.one)) || a.differences.length - b.differences.length);
  const nearest = compared[0]?.differences ?? [];
  const said = nearest.map((one) => `${one.field} is ${one.offered}, not ${one.submitted}`).join("; ");
  const why = said === "" ? "nothing like it was submitted" : said;
  return new ToruError("NOT_SUBMITTED", `transaction ${number} of the batch is not what was submitted: ${why}`, {
    transaction: number,
    offered,
    differences: nearest,
  });
}

/** Field by field. */
export function differences(submitted: Transaction, offered: Transaction): Difference[] {
  const [before, after] = [fields(submitted), fields(offered)];
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((field) => {
    const [was, is] = [before.get(field) ?? "absent", after.get(field) ?? "absent"];
    return was === is ? [] : [{ field, submitted: was, offered: is }];
  });
}

function fields(value: unknown, path = "", found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== "object" || value === null) return found.set(path, String(value));
  for (const [name, part] of Object.entries(value)) {
    fields(part, Array.isArray(value) ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`, found);
  }
  return found;
}
