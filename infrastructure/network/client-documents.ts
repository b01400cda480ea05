import CachePolicy from "http-cache-semantics";
import { createSafeFetch, type FetchedJson } from "./safe-fetch.ts";

/** Reads the document that a client id names. */
export type ReadClientDocument = (url: string) => Promise<unknown>;

const maxKept = 500;

/** However long a document says that it may be kept (ms): what was wrong in it for a moment is soon right again. */
const longest = 60 * 60 * 1000;

interface Kept {
  readonly policy: CachePolicy;
  readonly until: number;
  readonly json: unknown;
}

/** As the cache of many sees a request. */
const requestOf = (url: string) => ({ url, method: "GET", headers: { accept: "application/json" } });

/**
 * Reads client metadata documents, as `createSafeFetch` fetches, and keeps each for as long as HTTP lets a shared cache
 * keep it (RFC 9111). Throws what the fetch throws; failures are not kept.
 */
export function createClientDocuments(
  { allowLoopbackHttp }: { readonly allowLoopbackHttp: boolean },
  fetch: (url: string) => Promise<FetchedJson> = createSafeFetch({ allowLoopbackHttp }),
  now: () => number = Date.now,
): ReadClientDocument {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<unknown>>();

  async function fetched(url: string): Promise<unknown> {
    const { json, headers } = await fetch(url);
    // Elsewhere than where it is meant as JSON, anybody who may upload a text would be the host.
    if (!/^application\/(?:[\w.+-]+\+)?json *(?:;|$)/i.test(headers["content-type"] ?? ""))
      throw new Error("the document is not served as JSON");
    const policy = new CachePolicy(requestOf(url), { status: 200, headers: { ...headers } });
    kept.delete(url);
    if (policy.storable()) kept.set(url, { policy, json, until: now() + longest });
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break;
      kept.delete(oldest);
    }
    return json;
  }

  return async (url) => {
    const known = kept.get(url);
    const isFresh = known !== undefined && now() < known.until;
    if (isFresh && known.policy.satisfiesWithoutRevalidation(requestOf(url))) return known.json;
    const reading = underWay.get(url) ?? fetched(url).finally(() => underWay.delete(url));
    underWay.set(url, reading);
    return await reading;
  };
}
