import ipaddr from "ipaddr.js";

const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");

/** Whether an IP address is one of the public internet; no private, local, special, translated or reserved one is. */
export function isPublicAddress(address: string): boolean {
  const ip = parse(address);
  if (ip?.range() !== "unicast") return false;
  return ip instanceof ipaddr.IPv4 || ip.match(globalUnicast);
}

/** Whether an IP address stays on this machine. */
export const isLoopbackAddress = (address: string): boolean => parse(address)?.range() === "loopback";

// `process` turns an IPv4-mapped IPv6 address into the IPv4 address that it reaches.
const parse = (address: string) => (ipaddr.isValid(address) ? ipaddr.process(address) : undefined);

/** What counts as one place for limits: an IPv4 address, or the /64 that one subscriber of IPv6 has. */
export function addressGroup(address: string): string {
  const parsed = parse(address);
  if (!parsed || parsed.kind() === "ipv4") return parsed?.toString() ?? address;
  return `${parsed.toNormalizedString().split(":").slice(0, 4).join(":")}::/64`;
}

/** Whether a host, by name or address, can only be this machine. */
export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || isLoopbackAddress(host.replace(/^\[|\]$/g, ""));

/** Whether this is an address or a network in CIDR form. */
export const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
