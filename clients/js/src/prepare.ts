// Prepares payments: looks up what each names, and signs it.

import type { AccountShape, Quote } from "./api.js";
import { ToruError } from "./error.js";
import type { Fate } from "./fate.js";
import type { Signer } from "./keys.js";
import type { FinalState } from "./node.js";
import type { Pay, Payment } from "./payment.js";
import { feeOf } from "./payment.js";
import { invalidAnswer } from "./shape.js";
import type { Transaction, Transfer } from "./transaction.js";
import { signTransaction, textMemo } from "./transaction.js";

/** The furthest last level that is signed because the batcher says so. */
const VALID_LEVELS_MAX = 600;

/** What is known before anything is signed: of the batcher its quote and the account's counter, the rest of the node. */
export interface Known {
  readonly rollup: string;
  readonly quote: Quote;
  readonly account: AccountShape;
  readonly state: FinalState;
}

export async function prepared(known: Known, signer: Signer, payments: readonly Pay[]): Promise<readonly Payment[]> {
  const { rollup, quote, account, state } = known;
  if (quote.expires > state.level + VALID_LEVELS_MAX) {
    const values = { expires: quote.expires, level: state.level, levels: VALID_LEVELS_MAX };
    throw new ToruError("EXPIRES_TOO_LATE", `level ${quote.expires} is too far ahead of level ${state.level}`, values);
  }
  const me = await state.account(signer.address);
  const first = account.pending.counter;
  if (first < me.counter) throw invalidAnswer(`a counter of at least ${me.counter}`, first, "account.pending.counter");
  // Each once, and all of them before anything else may fail.
  const named = [...new Set(payments.map((one) => one.to))];
  const receivers = new Map(await Promise.all(named.map(async (to) => [to, await state.index(to)] as const)));
  return Promise.all(
    payments.map(async (pay, i): Promise<Payment> => {
      const ticket = typeof pay.ticket === "number" ? pay.ticket : await state.ticket(pay.ticket);
      const fee = feeOf(quote, pay, ticket);
      const to = receivers.get(pay.to) ?? pay.to;
      const transfers: Transfer[] = [{ to, amount: pay.amount }];
      if (fee > 0n && quote.account !== null) transfers.push({ to: quote.account, amount: fee });
      const memo = pay.memo === undefined ? null : textMemo(pay.memo);
      const actions = [{ ticket: ticket ?? pay.ticket, transfers }];
      const operation = { signer: me.index ?? me.address, counter: first + BigInt(i), memo, actions };
      const transaction: Transaction = { expires: quote.expires, operations: [operation] };
      const signed = await signTransaction(rollup, transaction, [signer], () => !me.registered);
      return { signer, me, transaction, signed, fee };
    }),
  );
}

/** Throws `MAY_STILL_APPLY` unless this is for ever without effect, so that nobody pays twice. */
export function mustBeVoid(hash: string, fate: Fate): void {
  if (fate.fate === "never" || fate.fate === "failed") return;
  const expires = fate.fate === "open" ? fate.expires : null;
  const until = expires === null ? "" : ` until level ${expires} is past`;
  const why = {
    applied: "it was applied",
    open: `it may apply${until}`,
    unknown: "its counter is used, and its result is not known: it may have been applied",
  }[fate.fate];
  const values = { hash, fate: fate.fate, level: fate.level, expires };
  throw new ToruError("MAY_STILL_APPLY", `nothing may be paid instead of ${hash}: ${why}`, values);
}
