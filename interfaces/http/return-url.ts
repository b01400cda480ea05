/** Where a sign-in may lead: a path of our own, never another host. */
export function ownPath(value: string | undefined): string | undefined {
  if (value === undefined || !/^\/(?![/\\])[\x21-\x7e]*$/.test(value)) return undefined;
  const base = "http://own.invalid";
  const url = URL.parse(value, base);
  return url?.origin === base ? value : undefined;
}

/** The query of an authorization request that a sign-in leads back to; undefined where it leads elsewhere. */
export function authorizationQuery(returnUrl: string | undefined): URLSearchParams | undefined {
  const path = ownPath(returnUrl);
  if (!path?.startsWith("/auth/authorize?")) return undefined;
  return new URLSearchParams(path.slice(path.indexOf("?") + 1));
}

/** The way back after a sign-in: what asked for that sign-in has been done, and is not asked for again. */
export function afterSignIn(returnUrl: string | undefined): string {
  const query = authorizationQuery(returnUrl);
  if (!query) return ownPath(returnUrl) ?? "/auth/logout";
  const prompts = (query.get("prompt") ?? "").split(" ");
  const left = prompts.filter((prompt) => prompt !== "login" && prompt !== "select_account" && prompt !== "");
  if (left.length > 0) query.set("prompt", left.join(" "));
  else query.delete("prompt");
  query.delete("max_age");
  return `/auth/authorize?${query}`;
}
