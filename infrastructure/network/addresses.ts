import { isIP } from "node:net";
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

/** What counts as one place for limits: an IPv4 address, the /64 that one subscriber of IPv6 has, or all that is no address. */
export function addressGroup(address: string): string {
  const parsed = parse(withoutPort(address) ?? "");
  if (!parsed || parsed.kind() === "ipv4") return parsed?.toString() ?? "unknown";
  return `${parsed.toNormalizedString().split(":").slice(0, 4).join(":")}::/64`;
}

/** An address in its one canonical form, and the networks around it, in CIDR form. */
export interface AddressParts {
  readonly address: string;
  /** What is usually given to one site: 256 addresses of IPv4, a /48 of IPv6. */
  readonly block: string;
  /** What is usually given to one provider: a /16 of IPv4, a /32 of IPv6. */
  readonly vicinity: string;
}

/** The parts of an IP address; undefined for all that is none. An IPv4-mapped one is the IPv4 address. */
export function addressParts(text: string): AddressParts | undefined {
  const ip = parse(withoutPort(text) ?? "");
  if (!ip) return undefined;
  const network = (bits: number) =>
    `${ip.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(`${ip}/${bits}`) : ipaddr.IPv6.networkAddressFromCIDR(`${ip}/${bits}`)}/${bits}`;
  const [block, vicinity] = ip.kind() === "ipv4" ? [24, 16] : [48, 32];
  return { address: ip.toString(), block: network(block), vicinity: network(vicinity) };
}

/**
 * An address as proxies write it, without the port that some add: 192.0.2.1:80, [2001:db8::1]:443. Undefined for all that is
 * no address, also for the short and octal forms that resolvers take for one.
 */
export function withoutPort(text: string): string | undefined {
  const [, bracketed, plain = text] = /^(?:\[([^\]]+)\]|([^:]+))(?::\d{1,5})?$/.exec(text) ?? [];
  const address = bracketed ?? plain;
  return isIP(address) === 0 ? undefined : address;
}

/** Whether a host, by name or address, can only be this machine. */
export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host.endsWith(".localhost") || isLoopbackAddress(host.replace(/^\[|\]$/g, ""));

/** Whether this is an address or a network in CIDR form, written in full. */
export const isNetwork = (text: string): boolean =>
  isIP(text.split("/")[0] ?? "") !== 0 && (ipaddr.isValid(text) || ipaddr.isValidCIDR(text));

interface Network {
  readonly base: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

/** Bits before the IPv4 address in an IPv4-mapped one (RFC 4291 §2.5.5.2). */
const mappedBits = 96;

function networkOf(text: string): Network {
  const isAlone = ipaddr.isValid(text);
  const [base, bits] = isAlone ? [ipaddr.parse(text), undefined] : ipaddr.parseCIDR(text);
  if (base instanceof ipaddr.IPv6 && base.isIPv4MappedAddress() && (bits ?? 128) >= mappedBits)
    return { base: base.toIPv4Address(), bits: (bits ?? 128) - mappedBits };
  return { base, bits: bits ?? (base.kind() === "ipv4" ? 32 : 128) };
}

const zoneOf = (ip: ipaddr.IPv4 | ipaddr.IPv6): string | undefined =>
  ip instanceof ipaddr.IPv6 ? ip.zoneId : undefined;

function holds({ base, bits }: Network, ip: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (zoneOf(base) !== undefined && zoneOf(base) !== zoneOf(ip)) return false;
  return ip.kind() === base.kind() && ip.match(base as never, bits);
}

/**
 * Tells which addresses lie in one of these networks (`isNetwork` holds for each). An IPv4-mapped IPv6 address is the IPv4
 * address, in a rule too; a rule without a zone holds in every zone. Ports are ignored; what is no address lies nowhere.
 */
export function networkList(networks: readonly string[]): (address: string | undefined) => boolean {
  const all = networks.map(networkOf);
  return (text) => {
    const ip = parse(withoutPort(text ?? "") ?? "");
    return ip !== undefined && all.some((network) => holds(network, ip));
  };
}
