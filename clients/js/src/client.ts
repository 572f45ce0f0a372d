// Pays through a batcher: prepares, submits, follows, co-signs. The batcher is believed in nothing that could cost
// money: indexes come from a node, what is co-signed is compared with what was submitted, receipts are verified.

import {
  asAccount,
  asBatch,
  asCosigned,
  asError,
  asQuote,
  asRecord,
  asSimulated,
  invalidAnswer,
  list,
  object,
} from "./answers.js";
import type {
  AccountShape,
  BatcherEvent,
  BatchShape,
  Offer,
  Quote,
  Simulated,
  Submitted,
  TransactionRecord,
} from "./api.js";
import { signedOfBatch } from "./batch.js";
import { toHex } from "./bytes.js";
import type { Me, Mine } from "./check.js";
import { checkBatch } from "./check.js";
import { ToruError } from "./error.js";
import type { Subscription } from "./events.js";
import { events } from "./events.js";
import type { HttpOptions } from "./http.js";
import { Http, sleep, waitFor } from "./http.js";
import type { Signer } from "./keys.js";
import { RollupNode } from "./node.js";
import type { Pay, Payment } from "./payment.js";
import { feeOf, refusedPayment } from "./payment.js";
import { checkReceipt } from "./receipt.js";
import type { SignedTransaction, Transaction, Transfer } from "./transaction.js";
import { signTransaction, textMemo } from "./transaction.js";

/** The furthest last level that is signed because the batcher says so. */
const VALID_LEVELS_MAX = 600;

export interface Options extends HttpOptions {
  /** The batcher's address. */
  readonly batcher: string;
  /** The address of a rollup node that you trust; that of the batcher if it is not given. */
  readonly node?: string;
  /** The rollup, `sr1…`. Have it from elsewhere than the batcher: what you sign holds on this rollup alone. */
  readonly rollup: string;
  /** The batcher's key for receipts, `edpk…`. If it is not given, it is what the batcher first says. */
  readonly acceptanceKey?: string;
}

export interface Following {
  /** Where to stop: `result` (the default) once it applied or failed, `final` once nothing can undo that. */
  readonly until?: "result" | "final";
  /** Whether to sign batches too; `true` if it is not given. It makes everybody's payments cheaper. */
  readonly cosign?: boolean;
  /** Told of every batch that was not signed, and why. If it is not given, it is said on `console.error`. */
  readonly onRefused?: (error: ToruError, offer: Offer) => void;
  readonly signal?: AbortSignal;
}

/** Refusals of a transaction that may pass by themselves, and how often it is submitted in all. */
const PASSING: readonly string[] = ["RATE_LIMITED", "BUSY", "NODE_AWAY"];
const SUBMISSIONS_MAX = 4;

const ENDS: { readonly [until in "result" | "final"]: readonly string[] } = {
  result: ["applied", "failed", "final", "cemented", "dropped", "expired"],
  final: ["final", "cemented", "dropped", "expired"],
};

/** Asks a batcher whether it serves the rollup, and with which key it signs receipts. */
export async function connect(options: Options): Promise<Client> {
  const http = new Http(options.batcher, options);
  const quote = checkedQuote(await http.get("/v1/quote"), options.rollup);
  return new Client(http, new RollupNode(options.node ?? options.batcher, options), {
    rollup: options.rollup,
    acceptanceKey: options.acceptanceKey ?? quote.acceptance_key,
  });
}

function checkedQuote(value: unknown, rollup: string): Quote {
  const quote = asQuote(value);
  if (quote.rollup === rollup) return quote;
  const values = { expected: rollup, found: quote.rollup };
  throw new ToruError("OTHER_ROLLUP", `the batcher serves ${quote.rollup}, not ${rollup}`, values);
}

export class Client {
  readonly node: RollupNode;
  readonly rollup: string;
  readonly acceptanceKey: string;
  readonly #http: Http;

  /** Use {@link connect}. */
  constructor(http: Http, node: RollupNode, pinned: { readonly rollup: string; readonly acceptanceKey: string }) {
    this.#http = http;
    this.node = node;
    this.rollup = pinned.rollup;
    this.acceptanceKey = pinned.acceptanceKey;
  }

  async quote(): Promise<Quote> {
    return checkedQuote(await this.#http.get("/v1/quote"), this.rollup);
  }

  /** What became of a transaction, and why. */
  async record(hash: string): Promise<TransactionRecord> {
    const record = asRecord(await this.#http.get(`/v1/transactions/${hash}`), hash);
    checkReceipt(this.rollup, record, this.acceptanceKey);
    return record;
  }

  /** An account as the batcher sees it: at a final level, at the head, and after all that waits. */
  async account(address: string): Promise<AccountShape> {
    return asAccount(await this.#http.get(`/v1/accounts/${address}`), address);
  }

  async batch(id: string): Promise<BatchShape> {
    return asBatch(await this.#http.get(`/v1/batches/${id}`), id);
  }

  /** What transactions would do now, after all that waits. They need no signatures. */
  async simulate(transactions: readonly string[]): Promise<readonly Simulated[]> {
    const body = { transactions: transactions.map((transaction) => ({ transaction })) };
    const answer = object(await this.#http.post("/v1/simulate", body), "an answer with results");
    return list(answer["results"], `${transactions.length} results`, transactions.length).map(asSimulated);
  }

  /** Submits transactions. Each has its own answer, in their order: a record with a verified receipt, or an error. */
  async submit(signed: readonly SignedTransaction[]): Promise<readonly Submitted[]> {
    const answer = object(
      await this.#http.post("/v1/transactions", { transactions: signed }),
      "an answer with results",
    );
    return list(answer["results"], `${signed.length} results`, signed.length).map((one, i): Submitted => {
      const hash = signed[i]?.hash ?? "";
      const result = object(one, "a result");
      // A transaction whose bytes the batcher could not read has no hash for it.
      const [found, said] = [result["hash"] ?? null, result["record"] ?? null];
      const known = found === hash || (found === null && said === null);
      if (!known) throw invalidAnswer(`the result of ${hash}`, found);
      if (said === null) return { hash: found, error: asError(result["error"]) };
      const record = asRecord(said, hash);
      checkReceipt(this.rollup, record, this.acceptanceKey);
      return { hash, record };
    });
  }

  /** Events of accounts, or levels alone. It goes on after interruptions. */
  events(wanted: Subscription, signal?: AbortSignal): AsyncGenerator<BatcherEvent, void> {
    return events(this.#http, wanted, signal);
  }

  /**
   * Signs payments of one account, whose counters follow each other. An account that has a final index is named by
   * it, others by their addresses. If the batcher asks for fees, each payment pays its own, up to `feeMax`.
   */
  async prepare(signer: Signer, payments: readonly Pay[]): Promise<readonly Payment[]> {
    const [quote, state, account] = await Promise.all([this.quote(), this.node.final(), this.account(signer.address)]);
    if (quote.expires > state.level + VALID_LEVELS_MAX) {
      const values = { expires: quote.expires, level: state.level, levels: VALID_LEVELS_MAX };
      throw new ToruError(
        "EXPIRES_TOO_LATE",
        `level ${quote.expires} is too far ahead of level ${state.level}`,
        values,
      );
    }
    const me = await state.account(signer.address);
    const first = BigInt(account.pending.counter);
    if (first < me.counter) throw invalidAnswer(`a counter of at least ${me.counter}`, account.pending.counter);
    return Promise.all(
      payments.map(async (pay, i): Promise<Payment> => {
        const ticket = typeof pay.ticket === "number" ? pay.ticket : await state.ticket(pay.ticket);
        const fee = feeOf(quote, pay, ticket);
        const to = (await state.account(pay.to)).index ?? pay.to;
        const transfers: Transfer[] = [{ to, amount: pay.amount }];
        if (fee > 0n && quote.account !== null) transfers.push({ to: quote.account, amount: fee });
        const memo = pay.memo === undefined ? null : textMemo(pay.memo);
        const actions = [{ ticket: ticket ?? pay.ticket, transfers }];
        const operation = { signer: me.index ?? me.address, counter: first + BigInt(i), memo, actions };
        const transaction: Transaction = { expires: quote.expires, operations: [operation] };
        const signed = await signTransaction(this.rollup, transaction, [signer], () => !me.registered);
        return { signer, me, transaction, signed, fee };
      }),
    );
  }

  /**
   * Submits payments, and tells of each of them at every stage, until all are through. Signs batches meanwhile.
   *
   * If one is refused, this throws the refusal, with `values.hash` and, in `values.accepted`, the hashes of those that
   * were not: they go on. To send the same payments again is safe; to prepare them again may pay twice.
   */
  async *send(payments: readonly Payment[], options: Following = {}): AsyncGenerator<TransactionRecord, void> {
    const stop = new AbortController();
    const abort = () => stop.abort();
    options.signal?.addEventListener("abort", abort);
    if (options.signal?.aborted === true) abort();
    const cosign = options.cosign !== false;
    const accounts = [...new Set(payments.map((one) => one.signer.address))];
    const waiting = new Map<string, string>(payments.map((one) => [one.signed.hash, ""]));
    const isNews = (record: TransactionRecord) => {
      const [before, now] = [waiting.get(record.hash), JSON.stringify(record)];
      if (before === undefined || before === now) return false;
      waiting.set(record.hash, now);
      if (ENDS[options.until ?? "result"].includes(record.stage)) waiting.delete(record.hash);
      return true;
    };
    const stream = this.events({ accounts, cosign }, stop.signal);
    try {
      // Whoever is not there yet is not asked to sign.
      if ((await stream.next()).done === true) return;
      const submitted = await this.#submitted(
        payments.map((one) => one.signed),
        stop.signal,
      );
      const refused = submitted.findIndex((one) => one.error !== undefined);
      if (refused >= 0) throw refusedPayment(submitted, refused, payments);
      for (const { record } of submitted) if (record !== undefined && isNews(record)) yield record;
      while (waiting.size > 0) {
        const { done, value: event } = await stream.next();
        if (done === true) return;
        if (event.kind === "offer" && cosign) await this.#answer(event.data, payments, options);
        if (event.kind === "transaction" && waiting.has(event.data.hash)) {
          checkReceipt(this.rollup, event.data, this.acceptanceKey);
          if (isNews(event.data)) yield event.data;
        }
        // What happened in between is asked for.
        if (event.kind !== "open" && event.kind !== "missed") continue;
        for (const hash of [...waiting.keys()]) {
          const record = await this.record(hash);
          if (isNews(record)) yield record;
        }
      }
    } finally {
      options.signal?.removeEventListener("abort", abort);
      stop.abort();
      await stream.return();
    }
  }

  /** Submits, and submits again what was only too much at the moment. */
  async #submitted(signed: readonly SignedTransaction[], signal: AbortSignal): Promise<readonly Submitted[]> {
    const results = [...(await this.submit(signed))];
    for (let attempt = 1; attempt < SUBMISSIONS_MAX && !signal.aborted; attempt++) {
      const again = results.flatMap((one, i) => (PASSING.includes(one.error?.code ?? "") ? [i] : []));
      if (again.length === 0) break;
      await sleep(waitFor(null, attempt), signal);
      const more = await this.submit(again.map((i) => signed[i] as SignedTransaction));
      again.forEach((i, at) => {
        results[i] = more[at] as Submitted;
      });
    }
    return results;
  }

  /**
   * Signs a batch for one account, if it makes the account do what was submitted and nothing else. Otherwise it throws
   * what {@link checkBatch} says. It returns what was signed.
   */
  async cosign(offer: Offer, signer: Signer, me: Me, submitted: readonly Transaction[]): Promise<readonly Mine[]> {
    const { digest, mine } = checkBatch(this.rollup, offer, me, submitted);
    const signature = toHex(await signer.sign(signedOfBatch(digest)));
    const body = { signatures: [{ account: me.address, signature }] };
    const answer = object(
      await this.#http.post(`/v1/batches/${offer.batch}/signatures`, body),
      "an answer with results",
    );
    const { error } = asCosigned(list(answer["results"], "one result", 1)[0], me.address);
    if (error === null) return mine;
    throw new ToruError(error.code, error.message, error.values);
  }

  /** Signs an offer for all accounts that are asked. A refusal stops nothing: the payments are signed already. */
  async #answer(offer: Offer, payments: readonly Payment[], options: Following): Promise<void> {
    const asked = new Map(payments.map((one) => [one.signer.address, one]));
    for (const [address, { signer, me }] of asked) {
      if (!offer.accounts.includes(address)) continue;
      const submitted = payments.filter((one) => one.signer.address === address).map((one) => one.transaction);
      try {
        await this.cosign(offer, signer, me, submitted);
      } catch (error) {
        if (!(error instanceof ToruError)) throw error;
        const tell = options.onRefused ?? ((refused) => console.error(`the batch was not signed: ${refused.message}`));
        tell(error, offer);
      }
    }
  }
}
