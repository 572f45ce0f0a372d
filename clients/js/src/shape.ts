// Checks of JSON that somebody else has sent: each field has the form that its type says, or the answer is refused with
// the place at which it has not.

import { LEVEL_MAX, shown, U64_MAX } from "./bytes.js";
import { ToruError } from "./error.js";

/** Returns the value with the type that it turned out to have. `at` says where in an answer it is. */
export type Check<T> = (value: unknown, at: string) => T;

export function invalidAnswer(expected: string, found: unknown, at = ""): ToruError {
  const text = typeof found === "string" ? found : (JSON.stringify(found, texts) ?? "nothing");
  const where = at === "" ? "" : ` at ${at}`;
  const message = `the answer is invalid${where}: expected ${expected}: ${shown(text)}`;
  return new ToruError("INVALID_ANSWER", message, { expected, ...(at === "" ? {} : { at }) });
}

/** For JSON.stringify: it has no form for a bigint of its own. */
export function texts(_name: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

export function object(value: unknown, at: string): { readonly [name: string]: unknown } {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalidAnswer("an object", value, at);
  return value as { readonly [name: string]: unknown };
}

/** An object with exactly the fields of a type. Fields that a later version adds are left out. */
export function shape<T extends object>(checks: { readonly [name in keyof T]-?: Check<T[name]> }): Check<T> {
  return (value, at) => {
    const given = object(value, at);
    const named = Object.entries<Check<unknown>>(checks);
    return Object.fromEntries(named.map(([name, check]) => [name, check(given[name], `${at}.${name}`)])) as T;
  };
}

export function listOf<T>(check: Check<T>, length?: number): Check<readonly T[]> {
  return (value, at) => {
    const fits = Array.isArray(value) && (length === undefined || value.length === length);
    if (!fits) throw invalidAnswer(length === undefined ? "a list" : `a list of ${length}`, value, at);
    return value.map((one, i) => check(one, `${at}[${i}]`));
  };
}

/** `null` for what is absent too, so that there is one way to say it. */
export function orNull<T>(check: Check<T>): Check<T | null> {
  return (value, at) => (value === undefined || value === null ? null : check(value, at));
}

export function oneOf<T extends string>(...all: readonly T[]): Check<T> {
  return (value, at) => {
    const found = all.find((one) => one === value);
    if (found === undefined) throw invalidAnswer(all.join(" or "), value, at);
    return found;
  };
}

export function matching(form: RegExp, what: string): Check<string> {
  return (value, at) => {
    if (typeof value !== "string" || !form.test(value)) throw invalidAnswer(what, value, at);
    return value;
  };
}

function numberUpTo(end: number, what: string): Check<number> {
  return (value, at) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > end) {
      throw invalidAnswer(what, value, at);
    }
    return value as number;
  };
}

export const text: Check<string> = matching(/^/, "a text");
export const hash: Check<string> = matching(/^[0-9a-f]{64}$/, "32 bytes in lowercase hexadecimal");
export const hexadecimal: Check<string> = matching(/^([0-9a-f]{2})*$/, "bytes in lowercase hexadecimal");
export const code: Check<string> = matching(/^[A-Z0-9_]+$/, "a code");
export const whole: Check<number> = numberUpTo(Number.MAX_SAFE_INTEGER, "a whole number");
export const index: Check<number> = numberUpTo(2 ** 32 - 1, "a whole number below 2^32");
export const level: Check<number> = numberUpTo(LEVEL_MAX, "a level");

export const yesOrNo: Check<boolean> = (value, at) => {
  if (typeof value !== "boolean") throw invalidAnswer("true or false", value, at);
  return value;
};

/** An amount or a counter: a decimal text of at most 64 bits. */
export const decimal: Check<bigint> = (value, at) => {
  const read = typeof value === "string" && /^(0|[1-9][0-9]{0,19})$/.test(value) ? BigInt(value) : null;
  if (read === null || read > U64_MAX) throw invalidAnswer("a decimal number of at most 64 bits", value, at);
  return read;
};

/** Values of an error or of a result. Without any they may be left out. */
export const values: Check<Readonly<Record<string, string>>> = (value, at) => {
  const given = Object.entries(value === undefined || value === null ? {} : object(value, at));
  return Object.fromEntries(given.map(([name, one]) => [name, text(one, `${at}.${name}`)]));
};
