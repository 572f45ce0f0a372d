// The shapes of a batcher's API. The batcher writes amounts and counters as decimal texts; here they are `bigint`.
// Levels are numbers, hashes and bytes are lowercase hexadecimal. What is absent from an answer is `null` here.

/** The way of a transaction, in order; `dropped` and `expired` end it too. */
export const STAGES = [
  "queued",
  "offered",
  "sealed",
  "sent",
  "included",
  "applied",
  "failed",
  "final",
  "cemented",
  "dropped",
  "expired",
] as const;
export type Stage = (typeof STAGES)[number];

/** Values of an error or of a result, by name. All of them are texts. */
export type Texts = Readonly<Record<string, string>>;

export interface ErrorShape {
  readonly code: string;
  readonly message: string;
  readonly values: Texts;
}

/** What became of one operation, as the kernel says it. */
export interface Outcome {
  readonly code: string;
  readonly number: number;
  readonly values: Texts;
  readonly reason: string;
}

export interface AccountCounter {
  readonly account: string;
  readonly counter: bigint;
}

/** What a batcher says of a transaction. Only `receipt` is verified: see `Client.fate` for what became of it for certain. */
export interface TransactionRecord {
  readonly hash: string;
  readonly stage: Stage;
  readonly result: "applied" | "failed" | null;
  readonly accounts: readonly AccountCounter[];
  readonly expires: number;
  /** The level in which the batcher took it. */
  readonly received: number;
  /** The level by which the batcher promised to have it in an inbox. */
  readonly promised: number;
  readonly receipt: { readonly key: string; readonly signature: string };
  readonly batch: string | null;
  readonly cosigned: boolean | null;
  readonly deadline_ms: number | null;
  readonly message: string | null;
  readonly level: number | null;
  readonly index: number | null;
  readonly transaction: number | null;
  readonly outcomes: readonly Outcome[];
  readonly waits_for: AccountCounter | null;
  readonly why: ErrorShape | null;
}

/** One for each transaction that was submitted, in their order. */
export type Submitted =
  | { readonly hash: string; readonly record: TransactionRecord; readonly error?: never }
  | { readonly hash: string | null; readonly record?: never; readonly error: ErrorShape };

export interface View {
  readonly level: number;
  readonly counter: bigint;
  readonly balances: readonly { readonly ticket: number; readonly amount: bigint }[];
}

export interface AccountShape {
  readonly account: string;
  readonly index: number | null;
  readonly final: View;
  readonly head: View;
  readonly pending: View;
  readonly transactions: readonly TransactionRecord[];
}

export const BATCH_STAGES = ["offered", "sealed", "sent", "included", "accepted", "dropped"] as const;

export interface BatchShape {
  readonly id: string;
  readonly stage: (typeof BATCH_STAGES)[number];
  readonly content: string;
  readonly deadline_ms: number | null;
  readonly signers: number;
  readonly signed: number;
  readonly transactions: readonly string[];
  readonly message: string | null;
  readonly level: number | null;
  readonly index: number | null;
  readonly bytes: number | null;
  readonly individual: number;
}

export interface Cosigned {
  readonly account: string;
  readonly error: ErrorShape | null;
}

export type Simulated =
  | { readonly hash: string; readonly outcomes: readonly Outcome[]; readonly error: null }
  | { readonly hash: string | null; readonly outcomes: readonly []; readonly error: ErrorShape };

export interface Fee {
  readonly ticket: { readonly index: number | null; readonly ticketer: string; readonly content: string };
  /** For each transfer and each withdrawal. */
  readonly price: bigint;
}

/** How much a client may ask of the batcher. */
export interface QuoteLimits {
  readonly transactions_per_request: number;
  readonly pending_per_account: number;
  /** How far ahead of the next counter a transaction may be, and how long it waits for those between. */
  readonly gap: number;
  readonly gap_ms: number;
  readonly pending: number;
  readonly max_valid_levels: number;
  readonly transactions_per_second: number;
  readonly streams_per_address: number;
}

export interface Quote {
  readonly rollup: string;
  readonly level: number;
  /** The account that fees go to. */
  readonly account: string | null;
  readonly fees: readonly Fee[];
  /** What to sign as last level now. */
  readonly expires: number;
  readonly round_ms: number;
  readonly window_ms: number;
  readonly max_wait_ms: number;
  readonly promised_levels: number;
  /** `edpk…` */
  readonly acceptance_key: string;
  readonly limits: QuoteLimits;
}

/** A batch that accounts are asked to sign. */
export interface Offer {
  readonly batch: string;
  readonly content: string;
  readonly deadline_ms: number;
  readonly closes_in_ms: number;
  readonly accounts: readonly string[];
}

/** What a stream of events has. `open` does not come from the batcher: the connection was made, or made again. */
export type BatcherEvent =
  | { readonly kind: "open"; readonly id: null }
  | { readonly kind: "offer"; readonly id: string; readonly data: Offer }
  | { readonly kind: "transaction"; readonly id: string; readonly data: TransactionRecord }
  | { readonly kind: "level"; readonly id: string; readonly data: { readonly level: number; readonly block: string } }
  | { readonly kind: "missed"; readonly id: string; readonly data: { readonly from: number; readonly to: number } };
