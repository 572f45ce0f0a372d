// A payment: whom to pay what, what the batcher gets of it, and how it is refused.

import type { Quote, Submitted } from "./api.js";
import type { Me } from "./check.js";
import { ToruError } from "./error.js";
import type { Signer } from "./keys.js";
import type { Ticket } from "./names.js";
import type { SignedTransaction, Transaction } from "./transaction.js";

/** Whom to pay what. */
export interface Pay {
  /** `tz4…` */
  readonly to: string;
  /** In the ticket's smallest unit. */
  readonly amount: bigint;
  /** In full, or its index as you know it from somebody you trust. */
  readonly ticket: Ticket | number;
  readonly memo?: string;
  /** The most that you pay the batcher, in the same ticket; nothing if it is not given. */
  readonly feeMax?: bigint;
}

/** A payment that is signed and not submitted yet. Keep `signed`: to submit it again is always safe. */
export interface Payment {
  readonly signer: Signer;
  readonly me: Me;
  readonly transaction: Transaction;
  readonly signed: SignedTransaction;
  /** What the batcher gets of it. */
  readonly fee: bigint;
}

/** The refusal of one of several payments. */
export function refusedPayment(submitted: readonly Submitted[], at: number, payments: readonly Payment[]): ToruError {
  const error = submitted[at]?.error;
  const accepted = submitted.flatMap((one) => (one.record === undefined ? [] : [one.hash]));
  const values = { ...error?.values, hash: payments[at]?.signed.hash, accepted };
  return new ToruError(error?.code ?? "", error?.message ?? "", values);
}

/** What a payment pays the batcher: what it quotes for one transfer in the same ticket, if that was confirmed. */
export function feeOf(quote: Quote, pay: Pay, ticket: number | null): bigint {
  if (quote.fees.length === 0) return 0n;
  // A ticket that the rollup has never held has no index: two of them are not the same for that.
  const price = ticket === null ? undefined : quote.fees.find((one) => one.ticket.index === ticket)?.price;
  const most = pay.feeMax ?? 0n;
  if (price !== undefined && quote.account !== null && price <= most) return price;
  const wanted = price === undefined ? "a fee in another ticket" : `a fee of ${price}`;
  const values = { price: price === undefined ? null : String(price), feeMax: String(most) };
  throw new ToruError("FEE_NOT_CONFIRMED", `the batcher asks for ${wanted}, and at most ${most} was confirmed`, values);
}
