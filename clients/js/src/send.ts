// Sends payments: submits them, follows what the batcher says of them, and signs batches meanwhile.

import type { BatcherEvent, Offer, Submitted, TransactionRecord } from "./api.js";
import type { Me, Mine } from "./check.js";
import { ToruError } from "./error.js";
import type { Subscription } from "./events.js";
import { sleep, waitFor } from "./http.js";
import type { Signer } from "./keys.js";
import type { Payment } from "./payment.js";
import { refusedPayment } from "./payment.js";
import { checkReceipt } from "./receipt.js";
import { texts } from "./shape.js";
import type { SignedTransaction, Transaction } from "./transaction.js";

export interface Following {
  /** Where to stop, by what the batcher says: once it applied or failed (`result`, the default), or is `final`. */
  readonly until?: "result" | "final";
  /** Whether to sign batches too; `true` if it is not given. It makes everybody's payments cheaper. */
  readonly cosign?: boolean;
  /** Told of every batch that was not signed, and why. If it is not given, it is said on `console.error`. */
  readonly onRefused?: (error: ToruError, offer: Offer) => void;
  readonly signal?: AbortSignal;
}

/** What sending needs of a client. */
export interface Sender {
  readonly rollup: string;
  readonly acceptanceKey: string;
  events(wanted: Subscription, signal?: AbortSignal): AsyncGenerator<BatcherEvent, void>;
  submit(signed: readonly SignedTransaction[]): Promise<readonly Submitted[]>;
  record(hash: string): Promise<TransactionRecord>;
  cosign(offer: Offer, signer: Signer, me: Me, submitted: readonly Transaction[]): Promise<readonly Mine[]>;
}

/** Refusals of a transaction that may pass by themselves, and how often it is submitted in all. */
const PASSING: readonly string[] = ["RATE_LIMITED", "BUSY", "NODE_AWAY"];
const SUBMISSIONS_MAX = 4;

const ENDS: { readonly [until in "result" | "final"]: readonly string[] } = {
  result: ["applied", "failed", "final", "cemented", "dropped", "expired"],
  final: ["final", "cemented", "dropped", "expired"],
};

/** What the batcher has said of payments that are on their way. */
class Waiting {
  readonly #said: Map<string, string>;
  readonly #payments: Map<string, Payment>;
  readonly #sender: Sender;
  readonly #ends: readonly string[];

  constructor(sender: Sender, payments: readonly Payment[], ends: readonly string[]) {
    this.#said = new Map(payments.map((one) => [one.signed.hash, ""]));
    this.#payments = new Map(payments.map((one) => [one.signed.hash, one]));
    this.#sender = sender;
    this.#ends = ends;
  }

  get hashes(): readonly string[] {
    return [...this.#said.keys()];
  }

  /** Whether a record says anything new of one of the payments. An invalid receipt ends everything. */
  isNews(record: TransactionRecord): boolean {
    const { hash } = record;
    const [before, payment] = [this.#said.get(hash), this.#payments.get(hash)];
    if (before === undefined || payment === undefined) return false;
    const { rollup, acceptanceKey } = this.#sender;
    checkReceipt(rollup, record, acceptanceKey, payment.transaction.expires ?? undefined);
    const now = JSON.stringify(record, texts);
    if (before === now) return false;
    this.#said.set(hash, now);
    if (this.#ends.includes(record.stage)) this.#said.delete(hash);
    return true;
  }
}

export async function* sent(
  sender: Sender,
  payments: readonly Payment[],
  options: Following,
): AsyncGenerator<TransactionRecord, void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  options.signal?.addEventListener("abort", abort);
  if (options.signal?.aborted === true) abort();
  const cosign = options.cosign !== false;
  const accounts = [...new Set(payments.map((one) => one.signer.address))];
  const waiting = new Waiting(sender, payments, ENDS[options.until ?? "result"]);
  const stream = sender.events({ accounts, cosign }, stop.signal);
  try {
    // Whoever is not there yet is not asked to sign.
    if ((await stream.next()).done === true) return;
    const all = payments.map((one) => one.signed);
    const submitted = await submittedAll(sender, all, stop.signal);
    const refused = submitted.findIndex((one) => one.error !== undefined);
    if (refused >= 0) throw refusedPayment(submitted, refused, payments);
    for (const { record } of submitted) if (record !== undefined && waiting.isNews(record)) yield record;
    while (waiting.hashes.length > 0) {
      const { done, value: event } = await stream.next();
      if (done === true) return;
      if (event.kind === "offer" && cosign) await answer(sender, event.data, payments, options);
      if (event.kind === "transaction" && waiting.isNews(event.data)) yield event.data;
      // What happened in between is asked for.
      if (event.kind !== "open" && event.kind !== "missed") continue;
      for (const hash of waiting.hashes) {
        const record = await sender.record(hash);
        if (waiting.isNews(record)) yield record;
      }
    }
  } finally {
    options.signal?.removeEventListener("abort", abort);
    stop.abort();
    await stream.return();
  }
}

/** Submits, and submits again what was only too much at the moment. */
async function submittedAll(
  sender: Sender,
  signed: readonly SignedTransaction[],
  signal: AbortSignal,
): Promise<readonly Submitted[]> {
  const results = [...(await sender.submit(signed))];
  for (let attempt = 1; attempt < SUBMISSIONS_MAX && !signal.aborted; attempt++) {
    const again = results.flatMap((one, i) => (PASSING.includes(one.error?.code ?? "") ? [i] : []));
    if (again.length === 0) break;
    await sleep(waitFor(null, attempt), signal);
    const more = await sender.submit(again.map((i) => signed[i] as SignedTransaction));
    again.forEach((i, at) => {
      results[i] = more[at] as Submitted;
    });
  }
  return results;
}

/** Signs an offer for all accounts that are asked, at once: it is open for a moment only. */
async function answer(sender: Sender, offer: Offer, payments: readonly Payment[], options: Following): Promise<void> {
  const asked = [...new Map(payments.map((one) => [one.signer.address, one])).values()];
  const answered = asked.map(async ({ signer, me }) => {
    if (!offer.accounts.includes(signer.address)) return;
    const own = payments.filter((one) => one.signer.address === signer.address);
    try {
      const submitted = own.map((one) => one.transaction);
      await sender.cosign(offer, signer, me, submitted);
    } catch (error) {
      if (!(error instanceof ToruError)) throw error;
      // A refusal stops nothing: the payments are signed already.
      const tell = options.onRefused ?? ((refused) => console.error(`the batch was not signed: ${refused.message}`));
      tell(error, offer);
    }
  });
  await Promise.all(answered);
}
