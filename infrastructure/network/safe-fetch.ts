import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isLoopbackAddress, isPublicAddress } from "./addresses.ts";

export interface SafeFetchOptions {
  /** For development: `http` to this machine is allowed too. */
  readonly allowLoopbackHttp?: boolean;
  readonly maxBytes?: number;
  /** For the whole of it, in milliseconds. */
  readonly timeLimit?: number;
}

/** What a stranger's server answered with status 200. */
export interface FetchedJson {
  readonly json: unknown;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Fetches JSON from a URL that a stranger named. Only `https` to public addresses, checked at the very look-up that
 * the connection uses; no redirects, no proxy, a small answer, a short time. Everything else throws.
 */
export function createSafeFetch({
  allowLoopbackHttp = false,
  maxBytes = 5 * 1024,
  timeLimit = 5_000,
}: SafeFetchOptions = {}): (url: string) => Promise<FetchedJson> {
  return async (url) => {
    const target = new URL(url);
    const isAllowed = addressRule(target, allowLoopbackHttp);
    const response = await get(target, isAllowed, AbortSignal.timeout(timeLimit));
    try {
      if (response.statusCode !== 200) throw new Error(`${target.host} answered ${response.statusCode}`);
      return { json: JSON.parse(await text(response, maxBytes)), headers: response.headers };
    } finally {
      response.destroy();
    }
  };
}

type AddressRule = (address: string) => boolean;

function addressRule(target: URL, allowLoopbackHttp: boolean): AddressRule {
  if (target.username || target.password) throw new Error("A URL with a user name is not fetched");
  if (target.protocol === "https:") return isPublicAddress;
  if (target.protocol === "http:" && allowLoopbackHttp) return isLoopbackAddress;
  throw new Error(`${target.protocol} is not fetched, only https:`);
}

async function get(target: URL, isAllowed: AddressRule, signal: AbortSignal): Promise<IncomingMessage> {
  const host = target.hostname.replace(/^\[|\]$/g, "");
  // No look-up happens for a literal address.
  if (isIP(host)) refuseUnless(isAllowed, host);
  const request = target.protocol === "https:" ? requestHttps : requestHttp;
  // A fresh agent: no connection of an earlier look-up, and no proxy of the environment.
  const options = {
    agent: false,
    lookup: checkedLookup(isAllowed),
    headers: { accept: "application/json" },
    signal,
  };
  return new Promise((resolve, reject) => {
    request(target, options, resolve).on("error", reject).end();
  });
}

const checkedLookup =
  (isAllowed: AddressRule): LookupFunction =>
  (hostname, options, callback) => {
    const answer = (addresses: LookupAddress[]) => {
      const [first] = addresses;
      if (options.all) callback(null, addresses);
      else callback(null, first?.address ?? "", first?.family);
    };
    lookup(hostname, { ...options, all: true })
      .then((addresses) => {
        for (const { address } of addresses) refuseUnless(isAllowed, address);
        return addresses;
      })
      .then(answer, (error) => callback(error, ""));
  };

function refuseUnless(isAllowed: AddressRule, address: string): void {
  if (!isAllowed(address)) throw new Error(`${address} is not an address to fetch from`);
}

async function text(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > maxBytes) throw new Error(`The answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
