/** One thing that is wrong in a configuration. */
export interface Problem {
  /** The field as it was written: a flag, a variable of the environment, or a member of the file or of code. */
  readonly field: string;
  /** What it holds, as a person may see it; absent where that is not the matter. */
  readonly got?: string;
  readonly message: string;
}

/** A problem in one line. */
export const lineOf = ({ field, got, message }: Problem): string =>
  got === undefined ? `${field}: ${message}` : `${field}: got ${got}; ${message}`;

/** The configuration is wrong; each line of the message names a field, what it got and what it wants. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}
