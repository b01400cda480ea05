import { createLocalJWKSet, type JSONWebKeySet } from "jose";
import { BoundedMap } from "../bounded/map.ts";

/** Fetches JSON over the network. */
export type FetchJson = (url: string) => Promise<unknown>;
/** Finds the key of a JWS among the keys of a client. */
export type KeySet = ReturnType<typeof createLocalJWKSet>;

interface Fetched {
  readonly keySet: Promise<KeySet>;
  readonly fetchedAt: number;
  readonly freshUntil: number;
}

const freshFor = 5 * 60_000;
const pauseBetweenFetches = 30_000;
const maxKeySets = 1000;

/** Key sets of clients by their `jwks_uri`. Times are epoch milliseconds. */
export function createRemoteKeySets(fetchJson: FetchJson) {
  const cache = new BoundedMap<string, Fetched>(maxKeySets);

  function fetchKeySet(uri: string, now: number, previous?: Fetched): Promise<KeySet> {
    const keySet = fetchJson(uri).then((json) => createLocalJWKSet(json as JSONWebKeySet));
    cache.set(uri, { keySet, fetchedAt: now, freshUntil: now + freshFor });
    const failed = { keySet, fetchedAt: now, freshUntil: now + pauseBetweenFetches };
    keySet.catch(() => cache.set(uri, previous ? { ...previous, fetchedAt: now } : failed));
    return keySet;
  }

  function fresh(uri: string, now: number): Fetched | undefined {
    const known = cache.get(uri);
    return known && now >= known.fetchedAt && now < known.freshUntil ? known : undefined;
  }

  return {
    /** The keys, at most five minutes old. A failed fetch is repeated after 30 s at the earliest. */
    async get(uri: string, now: number): Promise<KeySet> {
      return fresh(uri, now)?.keySet ?? fetchKeySet(uri, now);
    },
    /** For a key that is not among them: the keys fetched anew, unless that was done in the last 30 s. */
    async getNewer(uri: string, now: number): Promise<KeySet> {
      const known = fresh(uri, now);
      if (known && now < known.fetchedAt + pauseBetweenFetches) return known.keySet;
      return fetchKeySet(uri, now, known);
    },
  };
}
