// The one class of error of this package: a code for programs, a sentence for people, the values of both.

/** What an error is about, by name: numbers, texts, or lists of texts. */
export type Values = Readonly<Record<string, unknown>>;

/** The codes of what this package refuses itself. README.md says what each means. */
export const OWN_CODES = [
  "EXPIRES_TOO_LATE",
  "FEE_NOT_CONFIRMED",
  "INVALID_ANSWER",
  "INVALID_TEXT",
  "INVALID_VALUE",
  "MALFORMED",
  "MAYBE_MINE",
  "MAY_STILL_APPLY",
  "NOTHING_OF_MINE",
  "NOT_SUBMITTED",
  "OTHER_ROLLUP",
  "UNKNOWN_LAYOUT",
  "UNREACHABLE",
  "WRONG_BATCH_ID",
  "WRONG_HASH",
  "WRONG_RECEIPT",
  "WRONG_SIGNER",
] as const;
export type OwnCode = (typeof OWN_CODES)[number];

/** One of this package's codes, or one of the kernel or of the batcher as it was sent: `BALANCE_TOO_LOW`. */
export type Code = OwnCode | (string & {});

/** Anything that this package refuses, or that a batcher or a node refused. Codes are stable. */
export class ToruError extends Error {
  readonly code: Code;
  readonly values: Values;
  /** The status of the HTTP answer that carried the error, if one did. */
  readonly status: number | null;

  constructor(code: Code, message: string, values: Values = {}, status: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ToruError";
    this.code = code;
    this.values = values;
    this.status = status;
  }
}
