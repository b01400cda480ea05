export type ApplicationType = "web" | "native";

const loopbackAddresses = ["127.0.0.1", "[::1]"];

/** A scheme, an authority and a host of letters, digits and hyphens or an address: nothing that reads otherwise elsewhere. */
const webForm =
  /^https?:\/\/(?:[^/?@]*@)?(?:[a-z\d](?:[a-z\d.-]*[a-z\d])?|\[[\da-f:.]+\])(?::\d{1,5})?(?:[/?]|$)/i;

/** The URI of a redirect as registered: absolute, without a fragment. Undefined where it is not one. */
function parse(uri: string): URL | undefined {
  if (!/^[\x21-\x7e]+$/.test(uri) || uri.includes("#") || uri.includes("\\")) return undefined;
  const url = URL.parse(uri) ?? undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  return isWeb && !webForm.test(uri) ? undefined : url;
}

/** Whether a redirect stays on the person's own machine by http (RFC 8252 §7.3). */
export function isLoopbackRedirect(uri: string): boolean {
  const url = parse(uri);
  return (
    url?.protocol === "http:" && (loopbackAddresses.includes(url.hostname) || url.hostname === "localhost")
  );
}

/** Whether a redirect is by https, so that its host is proven by a certificate. */
export const isHttpsRedirect = (uri: string): boolean => parse(uri)?.protocol === "https:";

/**
 * Why a redirect URI cannot be registered; undefined where it can (RFC 7591 §2, RFC 8252 §7, RFC 9700 §2.1):
 * https, http on loopback, or a private-use scheme that holds a dot.
 */
export function redirectUriFault(uri: string): string | undefined {
  const url = parse(uri);
  if (!url) return "a redirect URI must be an absolute URI without a fragment";
  if (url.pathname.includes("*"))
    return "the path of a redirect URI must not hold *: there are no wildcards, each is compared as it stands";
  if (url.username !== "" || url.password !== "") return "a redirect URI must not hold user information";
  if (url.protocol === "https:") return undefined;
  if (url.protocol === "http:")
    return isLoopbackRedirect(uri) ? undefined : "an http redirect URI is allowed on loopback only";
  return url.protocol.includes(".")
    ? undefined
    : "a private-use scheme must hold a dot (RFC 8252 section 7.1)";
}

/** A loopback URI with its port taken out of the string itself, so that nothing else is normalised away. */
function withoutPort(uri: string): { port: string; rest: string } | undefined {
  const parts = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::(\d{1,5}))?((?:[/?].*)?)$/.exec(uri);
  return parts ? { port: parts[2] ?? "", rest: `${parts[1]}${parts[3]}` } : undefined;
}

/**
 * Whether a requested redirect URI is the registered one: string equality, except that the port of a loopback
 * address may differ (RFC 8252 §7.3), and that of `localhost` where the registered URI has none or the client
 * is native.
 */
export function redirectUriMatches(requested: string, registered: string, type: ApplicationType): boolean {
  if (requested === registered) return parse(requested) !== undefined;
  const asked = withoutPort(requested);
  const known = withoutPort(registered);
  if (!asked || !known || asked.rest !== known.rest || Number(asked.port) > 65_535) return false;
  const byName = registered.startsWith("http://localhost");
  return !byName || known.port === "" || type === "native";
}
