import { expect, it } from "vitest";
import { createClientDocuments } from "../../../infrastructure/network/client-documents.ts";

const url = "https://client.example/metadata.json";

/** Reads documents whose n-th answer is the number n, under this Cache-Control. */
function documents(cacheControl: string, fails: readonly number[] = []) {
  let fetches = 0;
  const read = createClientDocuments({ allowLoopbackHttp: false }, async () => {
    fetches += 1;
    const answer = fetches;
    await new Promise((resolve) => setImmediate(resolve));
    if (fails.includes(answer)) throw new Error("no answer");
    return { json: answer, headers: { "cache-control": cacheControl } };
  });
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
  const { read } = documents("max-age=60", [1]);
  await expect(read(url)).rejects.toThrow("no answer");
  expect(await read(url)).toBe(2);
});
