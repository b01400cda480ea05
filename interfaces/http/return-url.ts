const authorization = "/auth/authorize?";

/**
 * The query of the authorization request that a sign-in leads back to. Undefined for every other value: a sign-in leads
 * nowhere else, so that no link to it can send a person to another host.
 */
export const authorizationQuery = (returnUrl: string | undefined): URLSearchParams | undefined =>
  returnUrl?.startsWith(authorization)
    ? new URLSearchParams(returnUrl.slice(authorization.length))
    : undefined;

/** The way to the sign-in page and back to this authorization request, relative to the pages beside it. */
export const toSignIn = (query: string): string =>
  `login?${new URLSearchParams({ return_url: `${authorization}${query}` })}`;

/** The way back after a sign-in: what asked for that sign-in has been done, and is not asked for again. */
export function afterSignIn(returnUrl: string | undefined): string {
  const query = authorizationQuery(returnUrl);
  if (!query) return "account";
  const prompts = (query.get("prompt") ?? "").split(" ");
  const left = prompts.filter((prompt) => prompt !== "login" && prompt !== "select_account" && prompt !== "");
  if (left.length > 0) query.set("prompt", left.join(" "));
  else query.delete("prompt");
  query.delete("max_age");
  return `authorize?${query}`;
}
