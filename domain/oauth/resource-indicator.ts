/**
 * The form in which resource indicators are compared (RFC 8707 §2): an absolute URI without fragment or user
 * information, in the WHATWG serialisation, a lone trailing slash of an origin dropped. Undefined where the value is not one.
 */
export function normaliseResource(value: string): string | undefined {
  if (value.includes("#")) return undefined;
  const url = URL.parse(value);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  return url.pathname === "/" && url.search === "" ? url.origin : url.href;
}
