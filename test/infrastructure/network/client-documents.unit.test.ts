import { expect, it } from "vitest";
import { createClientDocuments } from "../../../infrastructure/network/client-documents.ts";

const url = "https://client.example/metadata.json";

interface Faults {
  /** Which answers do not come. */
  readonly fails: readonly number[];
  readonly type: string;
  readonly now: () => number;
}

/** Reads documents whose n-th answer is the number n, under this Cache-Control. */
function documents(
  cacheControl: string,
  { fails = [], type = "application/json", now = Date.now }: Partial<Faults> = {},
) {
  let fetches = 0;
  const read = createClientDocuments(
    { allowLoopbackHttp: false },
    async () => {
      fetches += 1;
      const answer = fetches;
      await new Promise((resolve) => setImmediate(resolve));
      if (fails.includes(answer)) throw new Error("no answer");
      return { json: answer, headers: { "cache-control": cacheControl, "content-type": type } };
    },
    now,
  );
  return { read, fetches: () => fetches };
}

it("a document is kept for as long as it says, and fetched once for all who ask at once", async () => {
  const { read, fetches } = documents("max-age=60");
  expect(await Promise.all([read(url), read(url), read(url)])).toEqual([1, 1, 1]);
  expect(await read(url)).toBe(1);
  expect(await read(`${url}x`)).toBe(2);
  expect(fetches()).toBe(2);
});

it.each(["no-store", "no-cache", "max-age=0", "private, max-age=60"])(
  "one that says %s is fetched each time",
  async (cacheControl) => {
    const { read } = documents(cacheControl);
    expect([await read(url), await read(url)]).toEqual([1, 2]);
  },
);

it("a failure is not kept", async () => {
  const { read } = documents("max-age=60", { fails: [1] });
  await expect(read(url)).rejects.toThrow("no answer");
  expect(await read(url)).toBe(2);
});

it("none is kept for more than an hour, whatever it says", async () => {
  let now = Date.now();
  const { read } = documents("max-age=315360000", { now: () => now });
  expect(await read(url)).toBe(1);
  now += 59 * 60_000;
  expect(await read(url)).toBe(1);
  now += 2 * 60_000;
  expect(await read(url)).toBe(2);
});

it.each(["text/plain", "text/html; charset=utf-8", "application/jsonp", ""])(
  "one that is served as %j is none",
  async (type) => {
    await expect(documents("max-age=60", { type }).read(url)).rejects.toThrow("not served as JSON");
  },
);

it.each(["application/json; charset=utf-8", "application/cimd+json", "Application/JSON"])(
  "one that is served as %j is read",
  async (type) => {
    expect(await documents("max-age=60", { type }).read(url)).toBe(1);
  },
);
