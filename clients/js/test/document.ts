// The names of all fields of the API's shapes, as our types have them, and which of them may be absent, to hold against a
// batcher's own document.

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
  Submitted,
  TransactionRecord,
  View,
} from "../src/api.js";

type Field<T, Name> = T extends unknown ? (Name extends keyof T ? T[Name] : null) : never;
/**
 * Each name of a type, once: the compiler refuses one too many or one too few. `true` is a field that has to be there,
 * `null` one that may be absent or `null`.
 */
type Names<T> = {
  readonly [Name in T extends unknown ? keyof T : never]-?: null extends Field<T, Name>
    ? null
    : undefined extends Field<T, Name>
      ? null
      : true;
};

const account: Names<AccountShape> = {
  account: true,
  index: null,
  final: true,
  head: true,
  pending: true,
  transactions: true,
};
const batch: Names<BatchShape> = {
  id: true,
  stage: true,
  content: true,
  deadline_ms: null,
  signers: true,
  signed: true,
  transactions: true,
  message: null,
  level: null,
  index: null,
  bytes: null,
  individual: true,
};
const quote: Names<Quote> = {
  rollup: true,
  level: true,
  account: null,
  fees: true,
  expires: true,
  round_ms: true,
  window_ms: true,
  max_wait_ms: true,
  promised_levels: true,
  acceptance_key: true,
  limits: true,
};
const record: Names<TransactionRecord> = {
  hash: true,
  stage: true,
  result: null,
  accounts: true,
  expires: true,
  received: true,
  promised: true,
  receipt: true,
  batch: null,
  cosigned: null,
  deadline_ms: null,
  message: null,
  level: null,
  index: null,
  transaction: null,
  outcomes: true,
  waits_for: null,
  why: null,
};
const limits: Names<QuoteLimits> = {
  transactions_per_request: true,
  pending_per_account: true,
  gap: true,
  gap_ms: true,
  pending: true,
  max_valid_levels: true,
  transactions_per_second: true,
  streams_per_address: true,
};
const offer: Names<Offer> = { batch: true, content: true, deadline_ms: true, closes_in_ms: true, accounts: true };
const outcome: Names<Outcome> = { code: true, number: true, values: true, reason: true };
const submitted: Names<Submitted> = { hash: null, record: null, error: null };
const simulated: Names<Simulated> = { hash: null, outcomes: true, error: null };
const cosigned: Names<Cosigned> = { account: true, error: null };
const error: Names<ErrorShape> = { code: true, message: true, values: true };
const counter: Names<AccountCounter> = { account: true, counter: true };
const view: Names<View> = { level: true, counter: true, balances: true };
const balance: Names<View["balances"][number]> = { ticket: true, amount: true };
const fee: Names<Fee> = { ticket: true, price: true };
const ticket: Names<Fee["ticket"]> = { index: null, ticketer: true, content: true };
const receipt: Names<TransactionRecord["receipt"]> = { key: true, signature: true };

/** What is answered to a GET. */
export const ANSWERS: { readonly [path: string]: object } = {
  "/v1/accounts/{account}": account,
  "/v1/batches/{batch}": batch,
  "/v1/quote": quote,
  "/v1/transactions/{hash}": record,
};

/** What is in such answers, by the document's names. */
export const SCHEMAS: { readonly [name: string]: object } = {
  AccountCounter: counter,
  ApiError: error,
  CoSigned: cosigned,
  Fee: fee,
  OfferEvent: offer,
  OutcomeText: outcome,
  QuoteLimits: limits,
  Receipt: receipt,
  Record: record,
  Simulated: simulated,
  SubmissionResult: submitted,
  TicketBalance: balance,
  TicketText: ticket,
  View: view,
};
