// Every answer of a batcher, held against the type that this package gives it. That an answer has the right form does
// not make it true: what is verified, and by what, is where the answer is used.

import type {
  AccountCounter,
  AccountShape,
  BatchShape,
  Cosigned,
  ErrorShape,
  Fee,
  Offer,
  Outcome,
  Quote,
  QuoteLimits,
  Simulated,
  TransactionRecord,
  View,
} from "./api.js";
import { BATCH_STAGES, STAGES } from "./api.js";
import type { Check } from "./shape.js";
import {
  code,
  decimal,
  hash,
  hexadecimal,
  index,
  invalidAnswer,
  level,
  listOf,
  matching,
  object,
  oneOf,
  orNull,
  shape,
  text,
  values,
  whole,
  yesOrNo,
} from "./shape.js";

const account = matching(/^tz4[1-9A-HJ-NP-Za-km-z]{33}$/, "an account tz4…");
const key = matching(/^edpk[1-9A-HJ-NP-Za-km-z]{50}$/, "a key edpk…");
const accountCounter = shape<AccountCounter>({ account, counter: decimal });
const error = shape<ErrorShape>({ code, message: text, values });
const outcome = shape<Outcome>({ code, number: whole, values, reason: text });

const record = shape<TransactionRecord>({
  hash,
  stage: oneOf(...STAGES),
  result: orNull(oneOf("applied", "failed")),
  accounts: listOf(accountCounter),
  expires: level,
  received: level,
  promised: level,
  // Whether it is the batcher's, `checkReceipt` says.
  receipt: shape<TransactionRecord["receipt"]>({ key: text, signature: text }),
  batch: orNull(hash),
  cosigned: orNull(yesOrNo),
  deadline_ms: orNull(whole),
  message: orNull(text),
  level: orNull(level),
  index: orNull(index),
  transaction: orNull(index),
  outcomes: listOf(outcome),
  waits_for: orNull(accountCounter),
  why: orNull(error),
});

const view = shape<View>({
  level,
  counter: decimal,
  balances: listOf(shape<View["balances"][number]>({ ticket: index, amount: decimal })),
});

const accountShape = shape<AccountShape>({
  account,
  index: orNull(index),
  final: view,
  head: view,
  pending: view,
  transactions: listOf(record),
});

const batch = shape<BatchShape>({
  id: hash,
  stage: oneOf(...BATCH_STAGES),
  content: hexadecimal,
  deadline_ms: orNull(whole),
  signers: whole,
  signed: whole,
  transactions: listOf(hash),
  message: orNull(text),
  level: orNull(level),
  index: orNull(index),
  bytes: orNull(whole),
  individual: whole,
});

const limits = shape<QuoteLimits>({
  transactions_per_request: whole,
  pending_per_account: whole,
  gap: whole,
  gap_ms: whole,
  pending: whole,
  max_valid_levels: whole,
  transactions_per_second: whole,
  streams_per_address: whole,
});

const ticket = shape<Fee["ticket"]>({ index: orNull(index), ticketer: text, content: hexadecimal });

const quote = shape<Quote>({
  rollup: text,
  level,
  account: orNull(account),
  fees: listOf(shape<Fee>({ ticket, price: decimal })),
  expires: level,
  round_ms: whole,
  window_ms: whole,
  max_wait_ms: whole,
  promised_levels: whole,
  acceptance_key: key,
  limits,
});

const offer = shape<Offer>({
  batch: hash,
  content: hexadecimal,
  deadline_ms: whole,
  closes_in_ms: whole,
  accounts: listOf(account),
});

const simulated = shape<{ hash: string | null; outcomes: readonly Outcome[] | null; error: ErrorShape | null }>({
  hash: orNull(hash),
  outcomes: orNull(listOf(outcome)),
  error: orNull(error),
});

const cosigned = shape<Cosigned>({ account, error: orNull(error) });

/** What is answered to a list of things: a result for each, in their order. */
export function asResults<T>(value: unknown, length: number, check: Check<T>): readonly T[] {
  return listOf(check, length)(object(value, "answer")["results"], "results");
}

/** A record, of this hash if one is given. */
export function asRecord(value: unknown, wanted?: string, at = "record"): TransactionRecord {
  const found = record(value, at);
  if (wanted !== undefined && found.hash !== wanted) throw invalidAnswer(wanted, found.hash, `${at}.hash`);
  return found;
}

export function asError(value: unknown): ErrorShape {
  return error(value, "error");
}

export function asOffer(value: unknown): Offer {
  return offer(value, "offer");
}

export function asQuote(value: unknown): Quote {
  return quote(value, "quote");
}

export function asAccount(value: unknown, wanted: string): AccountShape {
  const found = accountShape(value, "account");
  if (found.account !== wanted) throw invalidAnswer(wanted, found.account, "account.account");
  return found;
}

export function asBatch(value: unknown, wanted: string): BatchShape {
  const found = batch(value, "batch");
  if (found.id !== wanted) throw invalidAnswer(wanted, found.id, "batch.id");
  return found;
}

export const asSimulated: Check<Simulated> = (value, at) => {
  const { hash: of, outcomes, error: why } = simulated(value, at);
  if (why !== null) return { hash: of, outcomes: [], error: why };
  if (of === null || outcomes === null) throw invalidAnswer("a hash with outcomes, or an error", value, at);
  return { hash: of, outcomes, error: null };
};

export function asCosigned(value: unknown, wanted: string): Cosigned {
  const [found] = asResults(value, 1, cosigned);
  if (found?.account !== wanted) throw invalidAnswer(wanted, found?.account, "results[0].account");
  return found;
}

/** The result of one transaction that was submitted: a record of its hash, or an error. */
export function asSubmitted(
  value: unknown,
  wanted: string,
  at: string,
): { readonly record: TransactionRecord } | { readonly hash: string | null; readonly error: ErrorShape } {
  const given = object(value, at);
  const found = orNull(hash)(given["hash"], `${at}.hash`);
  const said = given["record"] ?? null;
  // A transaction whose bytes the batcher could not read has no hash for it.
  const known = found === wanted || (found === null && said === null);
  if (!known) throw invalidAnswer(wanted, found, `${at}.hash`);
  if (said === null) return { hash: found, error: error(given["error"], `${at}.error`) };
  return { record: asRecord(said, wanted, `${at}.record`) };
}
