import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createClient } from "../../../infrastructure/event-store/eventstoredb/address.ts";
import { openEventStoreDb } from "../../../infrastructure/event-store/eventstoredb/index.ts";
import { makeCa, type TestCa, writeIn, writePair } from "../../support/certificates.ts";
import { type EventStoreDouble, startEventStoreDouble } from "../../support/eventstore-double/index.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { event, newStream } from "./events.ts";

const impatient = { perTry: 500, total: 1_500 };
const folder = temporaryFolder();
let ca: TestCa;
let files: { readonly caFile: string; readonly certFile: string; readonly keyFile: string };
let double: EventStoreDouble;
/** One that asks its clients for certificates. */
let strict: EventStoreDouble;

beforeAll(async () => {
  ca = await makeCa();
  files = { caFile: writeIn(folder.path, "ca.pem", ca.cert), ...writePair(folder.path, await ca.issue()) };
  [double, strict] = await Promise.all([
    startEventStoreDouble({ tls: files }),
    startEventStoreDouble({ tls: { ...files, authClients: true } }),
  ]);
});
afterAll(async () => {
  await double.kill();
  await strict.kill();
  folder[Symbol.dispose]();
});

async function startOther(tls: typeof files) {
  const double = await startEventStoreDouble({ tls });
  return { double, [Symbol.asyncDispose]: () => double.kill() };
}

const addressOf = ({ port }: EventStoreDouble, options: Record<string, string> = {}, host = "127.0.0.1") => {
  const query = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `esdb://${host}:${port}${query.length > 0 ? `?${query.join("&")}` : ""}`;
};

/** Appends an event to a store that is opened and closed for it; answers its revision. */
async function append(url: string): Promise<number> {
  const store = await openEventStoreDb({ url, patience: impatient });
  try {
    return (await store.append(newStream(), [event()], -1)).revision;
  } finally {
    await store.close();
  }
}

describe("a store that speaks TLS", () => {
  it("is used where the connection string names its CA", async () => {
    expect(await append(addressOf(double, { tlsCAFile: files.caFile, tlsVerifyCert: "true" }))).toBe(0);
    expect(await append(addressOf(double, { tlsCAFile: files.caFile, tls: "true" }, "localhost"))).toBe(0);
  });

  it("is not used, and the reason told, where its CA is another one or none is named", async () => {
    const another = writeIn(folder.path, "another.pem", (await makeCa("Another CA")).cert);
    for (const options of [{ tlsCAFile: another }, {}] as const) {
      const failure = append(addressOf(double, options));
      await expect(failure).rejects.toBeInstanceOf(Unavailable);
      await expect(failure).rejects.toThrow(/certificate/);
    }
  });

  it("is not used by an address that its certificate is not for", async () => {
    const named = writePair(folder.path, await ca.issue({ isForAddress: false }), "named");
    await using other = await startOther({ ...files, ...named });
    expect(await append(addressOf(other.double, { tlsCAFile: files.caFile }, "localhost"))).toBe(0);
    await expect(append(addressOf(other.double, { tlsCAFile: files.caFile }))).rejects.toBeInstanceOf(
      Unavailable,
    );
  });

  it("that asks for certificates is used with one, and not without", async () => {
    const client = writePair(folder.path, await ca.issue({ name: "dacapo" }), "client");
    const trusting = { tlsCAFile: files.caFile };
    const known = { ...trusting, userCertFile: client.certFile, userKeyFile: client.keyFile };
    expect(await append(addressOf(strict, known))).toBe(0);
    await expect(append(addressOf(strict, trusting))).rejects.toBeInstanceOf(Unavailable);
  });
});

describe("an address is refused, with what to do", () => {
  it.each([
    ["tlsVerifyCert=false", /must leave tlsVerifyCert on.*tlsCAFile/],
    ["tls_verify_cert=false", /must leave tlsVerifyCert on/],
    ["tlsCAFile=%2Fnone.pem", /^eventstoreUrl, tlsCAFile: there is no file \/none\.pem$/],
    ["userCertFile=%2Fnone.pem", /must have both userCertFile and userKeyFile/],
    ["userCertFile=%2Fnone.pem&userKeyFile=%2Fnone.key", /^eventstoreUrl, userCertFile: there is no file/],
    ["tlsCAFile=%", /percent-encoded file as tlsCAFile/],
  ])("%s", (options, message) => {
    expect(() => createClient(`esdb://user:password@localhost:2113?${options}`)).toThrow(message);
    expect(() => createClient(`esdb://user:password@localhost:2113?${options}`)).not.toThrow(/password@/);
  });
});
