// The one class of error of this package: a code for programs, a sentence for people, the values of both.

/** What an error is about, by name: numbers, texts, or lists of texts. */
export type Values = Readonly<Record<string, unknown>>;

/**
 * Anything that this package refuses, or that a batcher or a node refused.
 *
 * `code` is stable. Codes of the kernel and of the batcher come as they are sent (`BALANCE_TOO_LOW`, `COUNTER_TAKEN`).
 * The package's own are: `MALFORMED`, `INVALID_TEXT`, `INVALID_VALUE`, `WRONG_SIGNER`, `OTHER_ROLLUP`, `WRONG_HASH`,
 * `WRONG_RECEIPT`, `WRONG_BATCH_ID`, `NOT_SUBMITTED`, `NOTHING_OF_MINE`, `MAYBE_MINE`, `FEE_NOT_CONFIRMED`,
 * `EXPIRES_TOO_LATE`, `INVALID_ANSWER`, `UNREACHABLE`, `UNKNOWN_LAYOUT`.
 */
export class ToruError extends Error {
  readonly code: string;
  readonly values: Values;
  /** The status of the HTTP answer that carried the error, if one did. */
  readonly status: number | null;

  constructor(code: string, message: string, values: Values = {}, status: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ToruError";
    this.code = code;
    this.values = values;
    this.status = status;
  }
}
