import { z } from "zod";
import { RefusedError } from "../../application/errors.ts";
import { refusal } from "../../domain/oauth/refusal.ts";

/** The parameters of a form or query, each with all its values; one without a value counts as absent (RFC 6749 §3.1). */
export type Parameters = Readonly<Record<string, readonly string[]>>;

/** More than any request of ours has; `resource` may be repeated. */
const maxParameters = 128;

/**
 * Parses `application/x-www-form-urlencoded` so that a repeated parameter can be told. A text of more than 128 parameters
 * counts as empty: what is needed is then missing.
 */
export function parseParameters(text: string): Parameters {
  const parameters: Record<string, string[]> = Object.create(null);
  if (text.split("&", maxParameters + 1).length > maxParameters) return parameters;
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === "") continue;
    const values = parameters[name];
    if (values) values.push(value);
    else parameters[name] = [value];
  }
  return parameters;
}

/** A parameter that must be there exactly once. */
export const one = () =>
  z
    .array(z.string(), "is missing")
    .length(1, "is repeated")
    .transform((values) => values[0] ?? "");

/** A parameter that may be there once. */
export const maybe = () => one().optional();

/** A parameter that turned out to be needed. @throws {RefusedError} */
export function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new RefusedError(refusal("invalid_request", `${name} is missing`));
  return value;
}

/** A parameter that may be repeated (RFC 8707 §2). */
export const many = () => z.array(z.string()).optional();
