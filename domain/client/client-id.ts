/**
 * Why an id that was given elsewhere cannot be that of a client here; undefined where it can: visible ASCII (RFC 6749
 * §A.1), and nothing that stands for a person, a protected resource or a client metadata document.
 */
export function clientIdFault(id: string): string | undefined {
  if (!/^[\x21-\x7e]{1,200}$/.test(id)) return "it must have 1 to 200 visible ASCII characters";
  if (/^(?:u|rs)_/.test(id)) return "u_ and rs_ begin the ids of users and resources";
  if (/^https?:/i.test(id)) return "a URL names a client metadata document";
  return undefined;
}
