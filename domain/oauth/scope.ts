/** A scope is a list of distinct scope tokens in the order they were asked for (RFC 6749 §3.3). */
export type Scope = readonly string[];

const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Whether this is one scope token of RFC 6749 §3.3. */
export const isScopeToken = (value: string): boolean => scopeToken.test(value);

/** Splits a space-separated scope string; undefined where a token is malformed. */
export function parseScope(value: string): Scope | undefined {
  const tokens = value.split(" ").filter((token) => token !== "");
  return tokens.every(isScopeToken) ? [...new Set(tokens)] : undefined;
}

/** The wire form of a scope. */
export const formatScope = (scope: Scope): string => scope.join(" ");

/** What of `scope` all the others allow, in `scope`'s order. */
export const intersectScope = (scope: Scope, ...others: readonly Scope[]): Scope =>
  scope.filter((token) => others.every((other) => other.includes(token)));

/** Whether every token of `scope` is in `of`. */
export const isSubset = (scope: Scope, of: Scope): boolean => scope.every((token) => of.includes(token));
