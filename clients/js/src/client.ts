// A client of a batcher, and of the node that says what the batcher is not believed in: indexes, and what became of a
// payment. What is co-signed is compared with what was submitted, and receipts are verified.

import { asAccount, asBatch, asCosigned, asQuote, asRecord, asResults, asSimulated, asSubmitted } from "./answers.js";
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
import { decodeBatch, hashBatch, signedOfBatch } from "./batch.js";
import { fromHex, invalid, toHex } from "./bytes.js";
import type { Me, Mine } from "./check.js";
import { checkBatch } from "./check.js";
import { ToruError } from "./error.js";
import type { Subscription } from "./events.js";
import { events } from "./events.js";
import type { Fate, InBatch } from "./fate.js";
import { fateOf } from "./fate.js";
import type { HttpOptions } from "./http.js";
import { Http, sleep } from "./http.js";
import type { Signer } from "./keys.js";
import { RollupNode } from "./node.js";
import type { Pay, Payment } from "./payment.js";
import { mustBeVoid, prepared } from "./prepare.js";
import { checkReceipt } from "./receipt.js";
import type { Following } from "./send.js";
import { sent } from "./send.js";
import { invalidAnswer } from "./shape.js";
import { fromText } from "./text.js";
import type { SignedTransaction, Transaction } from "./transaction.js";
import { hashTransaction, openSigned } from "./transaction.js";

/** How often the node is asked for its final level. */
const ASKED_AGAIN_MS = 2000;
/** Batches that are remembered for each transaction, the last ones. */
const BATCHES_KEPT = 64;

export interface Options extends HttpOptions {
  /** The batcher's address. */
  readonly batcher: string;
  /** The address of a rollup node that you trust: your own, and not the batcher's. */
  readonly node: string;
  /** The rollup, `sr1…`. Have it from elsewhere than the batcher: what you sign holds on this rollup alone. */
  readonly rollup: string;
  /** The batcher's key for receipts, `edpk…`. If it is not given, it is what the batcher first says. */
  readonly acceptanceKey?: string;
}

export interface Preparing {
  /**
   * What these payments are to replace. Nothing is signed, and `MAY_STILL_APPLY` is thrown, unless the node's final
   * state shows of each that it was not applied and can never be.
   */
  readonly insteadOf?: readonly SignedTransaction[];
}

/** Asks the batcher and the node whether they serve the rollup, and the batcher with which key it signs receipts. */
export async function connect(options: Options): Promise<Client> {
  for (const name of ["batcher", "node", "rollup"] as const) {
    // A program in JavaScript has no compiler to tell it.
    if (typeof options[name] !== "string") throw invalid(`a text for the option ${name}`, options[name]);
  }
  fromText("sr1", options.rollup);
  if (options.acceptanceKey !== undefined) fromText("edpk", options.acceptanceKey);
  const http = new Http(options.batcher, options);
  const node = new RollupNode(options.node, options);
  const [quote, rollup] = await Promise.all([http.get("/v1/quote"), node.rollup()]);
  mustServe("node", rollup, options.rollup);
  const { acceptance_key } = checkedQuote(quote, options.rollup);
  const acceptanceKey = options.acceptanceKey ?? acceptance_key;
  return new Client(http, node, { rollup: options.rollup, acceptanceKey });
}

function mustServe(who: "batcher" | "node", found: string, expected: string): void {
  if (found === expected) return;
  throw new ToruError("OTHER_ROLLUP", `the ${who} serves ${found}, not ${expected}`, { who, expected, found });
}

function checkedQuote(value: unknown, rollup: string): Quote {
  const quote = asQuote(value);
  mustServe("batcher", quote.rollup, rollup);
  return quote;
}

export class Client {
  readonly node: RollupNode;
  readonly rollup: string;
  readonly acceptanceKey: string;
  readonly #http: Http;
  /** The batches that were signed here with a transaction in them, by its hash. */
  readonly #cosigned = new Map<string, InBatch[]>();

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

  /** What the batcher says of a transaction. Its receipt is verified, its stage is not: see {@link Client.fate}. */
  async record(hash: string): Promise<TransactionRecord> {
    const record = asRecord(await this.#http.get(`/v1/transactions/${encodeURIComponent(hash)}`), hash);
    checkReceipt(this.rollup, record, this.acceptanceKey);
    return record;
  }

  /**
   * An account as the batcher sees it: at a final level, at the head, and after all that waits. Nothing of it is
   * verified: `node.final()` says what is certain.
   */
  async account(address: string): Promise<AccountShape> {
    return asAccount(await this.#http.get(`/v1/accounts/${encodeURIComponent(address)}`), address);
  }

  /** A batch. Its content and the hashes of its transactions are those of its id. */
  async batch(id: string): Promise<BatchShape> {
    const batch = asBatch(await this.#http.get(`/v1/batches/${encodeURIComponent(id)}`), id);
    const content = fromHex(batch.content);
    const computed = toHex(hashBatch(this.rollup, content));
    if (computed !== id) {
      throw new ToruError("WRONG_BATCH_ID", "the batch's id is not the digest of its content", { found: id, computed });
    }
    const hashes = decodeBatch(content).transactions.map((one) => toHex(hashTransaction(this.rollup, one)));
    if (hashes.join() !== batch.transactions.join()) {
      throw invalidAnswer("the hashes of its transactions", batch.transactions, "batch.transactions");
    }
    return batch;
  }

  /** What transactions would do now, after all that waits. They need no signatures. */
  async simulate(transactions: readonly string[]): Promise<readonly Simulated[]> {
    const body = { transactions: transactions.map((transaction) => ({ transaction })) };
    return asResults(await this.#http.post("/v1/simulate", body), transactions.length, asSimulated);
  }

  /** Submits transactions. Each has its own answer, in their order: a record with a verified receipt, or an error. */
  async submit(signed: readonly SignedTransaction[]): Promise<readonly Submitted[]> {
    const opened = signed.map((one) => openSigned(this.rollup, one));
    const answer = await this.#http.post("/v1/transactions", { transactions: signed });
    const given = asResults(answer, signed.length, (value) => value);
    return signed.map(({ hash }, i): Submitted => {
      const result = asSubmitted(given[i], hash, `results[${i}]`);
      if ("error" in result) return result;
      const { record } = result;
      checkReceipt(this.rollup, record, this.acceptanceKey, opened[i]?.expires ?? undefined);
      return { hash, record };
    });
  }

  /**
   * Events of accounts, or levels alone. It goes on after interruptions. Receipts in it are not verified, as it may have
   * transactions that others have signed: see {@link checkReceipt}.
   */
  events(wanted: Subscription, signal?: AbortSignal): AsyncGenerator<BatcherEvent, void> {
    return events(this.#http, wanted, signal);
  }

  /**
   * Signs payments of one account, whose counters follow each other. An account that has a final index is named by
   * it, others by their addresses. If the batcher asks for fees, each payment pays its own, up to `feeMax`.
   */
  async prepare(signer: Signer, payments: readonly Pay[], options: Preparing = {}): Promise<readonly Payment[]> {
    for (const signed of options.insteadOf ?? []) mustBeVoid(signed.hash, await this.fate(signed));
    const [quote, state, account] = await Promise.all([this.quote(), this.node.final(), this.account(signer.address)]);
    return prepared({ rollup: this.rollup, quote, state, account }, signer, payments);
  }

  /**
   * Submits payments, and tells what the batcher says of each at every stage, until it says of all that they are
   * through. Signs batches meanwhile.
   *
   * If one is refused, this throws the refusal, with `values.hash` and, in `values.accepted`, the hashes of those that
   * were not: they go on. To send the same payments again is safe. To prepare them again may pay twice, whatever the
   * batcher says of them: give `prepare` what it is to replace.
   */
  send(payments: readonly Payment[], options: Following = {}): AsyncGenerator<TransactionRecord, void> {
    return sent(this, payments, options);
  }

  /** What became of a transaction at the node's last final level. The batcher is believed in nothing of it. */
  async fate(signed: SignedTransaction): Promise<Fate> {
    const transaction = openSigned(this.rollup, signed);
    return fateOf(await this.node.final(), signed.hash, transaction, () => this.#batchesOf(signed.hash));
  }

  /** The same, once the transaction is through: not `open`, unless `signal` ends the waiting. */
  async settled(signed: SignedTransaction, signal?: AbortSignal): Promise<Fate> {
    for (;;) {
      const fate = await this.fate(signed);
      if (fate.fate !== "open" || signal?.aborted === true) return fate;
      await sleep(ASKED_AGAIN_MS, signal);
    }
  }

  /** Batches that a transaction may have been in: those that were signed here, and the one that the batcher names. */
  async #batchesOf(hash: string): Promise<readonly InBatch[]> {
    const signed = this.#cosigned.get(hash) ?? [];
    try {
      const { batch: id } = await this.record(hash);
      if (id === null || signed.some((one) => one.batch === id)) return signed;
      const transaction = (await this.batch(id)).transactions.indexOf(hash);
      return transaction < 0 ? signed : [...signed, { batch: id, transaction }];
    } catch (error) {
      // A batcher that tells nothing, or lies, can make the fate unknown and nothing else.
      if (error instanceof ToruError) return signed;
      throw error;
    }
  }

  /**
   * Signs a batch for one account, if it makes the account do what was submitted and nothing else. Otherwise it throws
   * what {@link checkBatch} says. It returns what was signed.
   */
  async cosign(offer: Offer, signer: Signer, me: Me, submitted: readonly Transaction[]): Promise<readonly Mine[]> {
    const { digest, mine } = checkBatch(this.rollup, offer, me, submitted);
    const signature = toHex(await signer.sign(signedOfBatch(digest)));
    for (const { hash, transaction } of mine) {
      const before = this.#cosigned.get(hash) ?? [];
      this.#cosigned.set(hash, [...before, { batch: offer.batch, transaction }].slice(-BATCHES_KEPT));
    }
    const body = { signatures: [{ account: me.address, signature }] };
    const answer = await this.#http.post(`/v1/batches/${offer.batch}/signatures`, body);
    const { error } = asCosigned(answer, me.address);
    if (error === null) return mine;
    throw new ToruError(error.code, error.message, error.values);
  }
}
