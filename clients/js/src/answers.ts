// Checks of what a batcher or a node answers: of all that this package relies on. The rest is as it says.

import type {
  AccountShape,
  BatchShape,
  Cosigned,
  ErrorShape,
  Offer,
  Quote,
  Simulated,
  TransactionRecord,
} from "./api.js";
import { STAGES } from "./api.js";
import { shown } from "./bytes.js";
import type { Values } from "./error.js";
import { ToruError } from "./error.js";

type Fields = { readonly [name: string]: unknown };

export function invalidAnswer(expected: string, found: unknown): ToruError {
  const text = typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing");
  return new ToruError("INVALID_ANSWER", `the answer is invalid: expected ${expected}: ${shown(text)}`, { expected });
}

export function object(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidAnswer(what, value);
  return value as Fields;
}

export function list(value: unknown, what: string, length?: number): readonly unknown[] {
  if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw invalidAnswer(what, value);
  return value;
}

export function text(value: unknown, what: string, form = /^/): string {
  if (typeof value !== "string" || !form.test(value)) throw invalidAnswer(what, value);
  return value;
}

export function whole(value: unknown, what: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw invalidAnswer(what, value);
  return value as number;
}

/** The same with `null` for what is absent, so that there is one way to say it. */
function complete<T>(fields: Fields, ...names: readonly (keyof T & string)[]): T {
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...fields } as T;
}

/** A record, of this hash if one is given. */
export function asRecord(value: unknown, hash?: string): TransactionRecord {
  const fields = object(value, "a record");
  text(fields["hash"], "the hash of a transaction", /^[0-9a-f]{64}$/);
  if (hash !== undefined && fields["hash"] !== hash) throw invalidAnswer(`the record of ${hash}`, fields["hash"]);
  if (!STAGES.some((stage) => stage === fields["stage"])) throw invalidAnswer("a stage", fields["stage"]);
  whole(fields["received"], "the level in which it was received");
  whole(fields["promised"], "the level that is promised");
  const receipt = object(fields["receipt"], "a receipt");
  text(receipt["key"], "a receipt's key");
  text(receipt["signature"], "a receipt's signature");
  list(fields["outcomes"], "a list of outcomes");
  return complete<TransactionRecord>(
    fields,
    "result",
    "batch",
    "cosigned",
    "deadline_ms",
    "message",
    "level",
    "index",
    "transaction",
    "waits_for",
    "why",
  );
}

export function asError(value: unknown): ErrorShape {
  const fields = object(value, "an error");
  text(fields["code"], "the code of an error", /^[A-Z0-9_]+$/);
  text(fields["message"], "the message of an error");
  object(fields["values"] ?? {}, "the values of an error");
  return {
    code: fields["code"] as string,
    message: fields["message"] as string,
    values: (fields["values"] ?? {}) as Values,
  };
}

export function asOffer(value: unknown): Offer {
  const fields = object(value, "an offer");
  text(fields["batch"], "the id of a batch", /^[0-9a-f]{64}$/);
  text(fields["content"], "the content of a batch", /^([0-9a-f]{2})+$/);
  for (const one of list(fields["accounts"], "the accounts that are asked")) text(one, "an account");
  return value as Offer;
}

export function asQuote(value: unknown): Quote {
  const fields = object(value, "a quote");
  for (const name of ["level", "expires", "promised_levels"]) whole(fields[name], `the quote's ${name}`);
  for (const name of ["rollup", "acceptance_key"]) text(fields[name], `the quote's ${name}`);
  for (const fee of list(fields["fees"], "the quote's fees")) {
    const { ticket, price } = object(fee, "a fee");
    whole(object(ticket, "a fee's ticket")["index"] ?? 0, "the index of a fee's ticket");
    text(price, "a fee's price", /^[0-9]{1,20}$/);
  }
  return complete<Quote>(fields, "account");
}

export function asAccount(value: unknown, account: string): AccountShape {
  const fields = object(value, "an account");
  if (fields["account"] !== account) throw invalidAnswer(`the account ${account}`, fields["account"]);
  for (const name of ["final", "head", "pending"]) {
    text(object(fields[name], `the ${name} view`)["counter"], "a counter", /^[0-9]{1,20}$/);
  }
  const transactions = list(fields["transactions"], "the account's transactions").map((one) => asRecord(one));
  return complete<AccountShape>({ ...fields, transactions }, "index");
}

export function asBatch(value: unknown, id: string): BatchShape {
  const fields = object(value, "a batch");
  if (fields["id"] !== id) throw invalidAnswer(`the batch ${id}`, fields["id"]);
  return complete<BatchShape>(fields, "deadline_ms", "message", "level", "index", "bytes");
}

export function asSimulated(value: unknown): Simulated {
  const fields = object(value, "a simulation");
  if ((fields["error"] ?? null) === null) {
    list(fields["outcomes"], "a list of outcomes");
    return complete<Simulated>(fields, "hash", "error");
  }
  return { hash: (fields["hash"] ?? null) as string | null, outcomes: [], error: asError(fields["error"]) };
}

export function asCosigned(value: unknown, account: string): Cosigned {
  const fields = object(value, "the result of a signature");
  if (fields["account"] !== account) throw invalidAnswer(`the result of ${account}`, fields["account"]);
  const error = fields["error"] ?? null;
  return { account, error: error === null ? null : asError(error) };
}
