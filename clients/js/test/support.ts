// What tests have in common: random values that are the same in every run, batches as bytes, errors by their codes.

import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { amount, concat, level, small, toHex, varint } from "../src/bytes.js";
import { ToruError } from "../src/error.js";
import type { AccountName, TicketName } from "../src/names.js";
import { encodeAccount, encodeTicket, pairTicket, textTicket } from "../src/names.js";
import { toText } from "../src/text.js";
import type { Action, Memo, Transaction } from "../src/transaction.js";
import { encodeTransaction } from "../src/transaction.js";

// Node 18, which some systems still have, shows this only on request.
globalThis.crypto ??= webcrypto as Crypto;

export const ROLLUP = toText(
  "sr1",
  Uint8Array.from({ length: 20 }, (_, i) => i + 1),
);

/** Fails unless `work` throws an error of ours with this code; returns it. */
export async function refused(work: () => unknown, code: string): Promise<ToruError> {
  let found: unknown;
  try {
    found = await work();
  } catch (error) {
    assert.ok(error instanceof ToruError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  return assert.fail(`expected ${code}, but it was done: ${JSON.stringify(found, (_, one) => String(one))}`);
}

/** A generator of random values, from a seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number from 0 to `end` - 1. */
  below(end: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  }

  one<T>(...of: readonly T[]): T {
    return of[this.below(of.length)] as T;
  }

  bytes(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.below(256));
  }

  /** A number of up to 64 bits, small ones as often as large ones. */
  long(): bigint {
    return BigInt(`0x${toHex(this.bytes(8))}`) >> BigInt(this.below(65));
  }

  amount(): bigint {
    const round = BigInt(this.below(2048)) * 10n ** BigInt(this.below(16));
    return this.one(0n, 1n, 2n ** 64n - 1n, this.long(), round);
  }

  account(): AccountName {
    return this.one<AccountName>(this.below(200), 2 ** 32 - 3, toText("tz4", this.bytes(20)));
  }

  contract(): string {
    return toText("KT1", this.bytes(20));
  }

  ticket(): TicketName {
    const data = this.one(null, this.bytes(this.below(40)));
    const full = [textTicket(this.contract(), "käse"), pairTicket(this.contract(), this.long(), data)];
    return this.one<TicketName>(this.below(300), ...full);
  }

  many<T>(least: number, most: number, make: () => T): T[] {
    return Array.from({ length: least + this.below(most - least + 1) }, make);
  }

  action(): Action {
    const ticket = this.ticket();
    if (this.below(2) === 0) {
      return { ticket, transfers: this.many(1, 3, () => ({ to: this.account(), amount: this.amount() })) };
    }
    const kind = this.one("tz1", "tz2", "tz3", "tz4", "tz5", "KT1");
    const receiver = this.one(null, toText(kind, this.bytes(20)));
    const entrypoint = this.one("", "default", "burn", "a.b_c%d@e");
    return { ticket, contract: this.contract(), entrypoint, receiver, amount: this.amount() };
  }

  transaction(): Transaction {
    const memo = (): Memo | null =>
      this.one(null, { bytes: toHex(this.bytes(1 + this.below(64))) }, { hash: toHex(this.bytes(32)) });
    const operation = () => ({
      signer: this.account(),
      counter: this.long(),
      memo: memo(),
      actions: this.many(0, 3, () => this.action()),
    });
    return { expires: this.one(null, 0, 2 ** 31 - 1, this.below(10_000)), operations: this.many(1, 3, operation) };
  }
}

/** A row of a transfer group. */
export interface Row {
  readonly signer: number;
  readonly counter: bigint;
  /** As in transactions, or the number of a registration. */
  readonly to: AccountName | { readonly registration: number };
  readonly amount: bigint;
}

export interface Parts {
  readonly expires?: number;
  /** Each is a key (48) and a proof (96). */
  readonly registrations?: readonly Uint8Array[];
  readonly groups?: readonly {
    readonly expires: number | null;
    readonly ticket: TicketName;
    readonly rows: readonly Row[];
  }[];
  /** In bytes, for names that a transaction of its own cannot have. */
  readonly transactions?: readonly (Transaction | Uint8Array)[];
}

/** The content of a batch, as a batcher would write it. */
export function encodeContent(parts: Parts): Uint8Array {
  const { expires, registrations = [], groups = [], transactions = [] } = parts;
  const flag = (bit: number, is: boolean) => (is ? bit : 0);
  const flags =
    flag(1, expires !== undefined) |
    flag(2, registrations.length > 0) |
    flag(4, groups.length > 0) |
    flag(8, transactions.length > 0);
  const counted = (all: readonly Uint8Array[]) => (all.length === 0 ? [] : [small(all.length), ...all]);
  return concat(
    Uint8Array.of(flags),
    ...(expires === undefined ? [] : [level(expires)]),
    ...counted(registrations),
    ...counted(groups.map((one) => encodeGroup(one))),
    ...counted(transactions.map((one) => (one instanceof Uint8Array ? one : encodeTransaction(one)))),
  );
}

function encodeGroup(group: NonNullable<Parts["groups"]>[number]): Uint8Array {
  let next = 0;
  const rows = group.rows.map(({ signer, counter, to, amount: value }) => {
    const gap = signer - next;
    next = signer + 1;
    const name = typeof to === "object" ? concat(Uint8Array.of(1), small(to.registration)) : encodeAccount(to);
    return concat(small(gap), varint(counter), name, amount(value));
  });
  const expiry = group.expires === null ? Uint8Array.of(0) : concat(Uint8Array.of(1), level(group.expires));
  return concat(expiry, encodeTicket(group.ticket), small(rows.length), ...rows);
}

/** The transaction that a row is for its signer. */
export function ofRow(
  row: Row & { readonly to: AccountName },
  ticket: TicketName,
  expires: number | null,
): Transaction {
  const transfers = [{ to: row.to, amount: row.amount }];
  const { signer, counter } = row;
  return { expires, operations: [{ signer, counter, memo: null, actions: [{ ticket, transfers }] }] };
}
