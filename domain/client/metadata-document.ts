import { isLoopbackRedirect } from "../oauth/redirect-uri.ts";

/**
 * Whether a client id names the document that describes the client (OAuth Client ID Metadata Documents §3): an https
 * URL with a path, written as it is parsed, without user information, query or fragment.
 * @param allowLoopback for development: http to this machine too
 */
export function isMetadataDocumentUrl(clientId: string, allowLoopback: boolean): boolean {
  const url = clientId.length <= 1_024 ? URL.parse(clientId) : null;
  if (!url || url.href !== clientId || url.pathname === "/") return false;
  if (url.username !== "" || url.password !== "" || url.search !== "" || clientId.includes("#")) return false;
  return url.protocol === "https:" || (allowLoopback && isLoopbackRedirect(clientId));
}
