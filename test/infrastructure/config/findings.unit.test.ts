import { describe, expect, it } from "vitest";
import { findingsOf } from "../../../infrastructure/config/findings.ts";
import { checkConfig, loadConfig } from "../../../infrastructure/config/load.ts";

/** A configuration that nothing is to be said of. */
const safe = {
  issuer: "https://auth.example.com",
  masterKeyFile: "/keys/master.key",
  dataDir: "/data",
  corsOrigins: ["https://myapp.com"],
  trustProxy: ["10.0.0.7"],
  erasureList: "/shared/erasures.ndjson",
};

/** What a configuration is told; it may be a wrong one. */
function told(settings: object, masterKeyMode?: number) {
  const { config, remainder } = checkConfig({ code: { ...safe, ...settings } });
  const known = config ? { config } : remainder;
  return findingsOf(known.config, { ...known, files: { masterKeyMode } });
}

const found = (settings: object) =>
  findingsOf(loadConfig({ code: { ...safe, ...settings } })).map(({ setting, set }) => `${setting}: ${set}`);

it.each<[string, object]>([
  ["a configuration for production", {}],
  [
    "all interfaces behind a TLS proxy",
    { host: "0.0.0.0", trustProxy: ["10.0.0.0/8", "fc00::/7", "192.0.2.1"] },
  ],
  [
    "a server that speaks TLS itself, to all networks",
    { host: "0.0.0.0", trustProxy: [], tlsCertFile: "/tls/tls.crt", tlsKeyFile: "/tls/tls.key" },
  ],
  ["Redis with password and TLS", { redisUrl: "rediss://:secret@redis:6379" }],
  ["Redis on this machine", { redisUrl: "redis://localhost,127.0.0.1:6380" }],
  ["a secured EventStoreDB", { eventstoreUrl: "esdb://me:secret@store:2113?tls=true" }],
  [
    "the key of a folder that holds no data",
    {
      masterKeyFile: undefined,
      eventstoreUrl: "esdb://store",
      redisUrl: "rediss://:secret@redis",
    },
  ],
  ["a key in the configuration", { masterKeyFile: undefined, masterKey: "k" }],
  ["a key beside the data folder", { masterKeyFile: "/data-keys/master.key" }],
  ["a list of erasures beside the data folder", { erasureList: "/data-erasures/erasures.ndjson" }],
  [
    "the longest lifetimes that are usual",
    {
      accessTokenExpireMinutes: 60,
      refreshTokenExpireDays: 90,
      refreshTokenAbsoluteDays: 365,
    },
  ],
])("nothing is said of %s", (_, settings) => {
  expect(found(settings)).toEqual([]);
});

const http = { issuer: "http://localhost:8000" };
const httpSaid = "issuer: http://localhost:8000";

it.each<[object, string[]]>([
  [http, [httpSaid]],
  [{ ...http, host: "0.0.0.0" }, [httpSaid, "host: 0.0.0.0"]],
  [{ ...http, host: "::" }, [httpSaid, "host: ::"]],
  [{ ...http, rateLimit: false }, [httpSaid, "rateLimit: no"]],
  [{ ...http, rateLimit: false, host: "10.0.0.1" }, [httpSaid, "rateLimit: no, while host is 10.0.0.1"]],
  [{ ...http, trustProxy: [] }, [httpSaid]],
  [{ trustProxy: [] }, ["trustProxy: nothing"]],
  [{ trustProxy: [], host: "0.0.0.0" }, ["trustProxy: nothing"]],
  [{ erasureList: undefined }, ["erasureList: nothing, which means /data/erasures.ndjson"]],
  [{ erasureList: "/data/kept/erased" }, ["erasureList: /data/kept/erased"]],
  [{ erasureList: "/data/..erased" }, ["erasureList: /data/..erased"]],
  [{ erasureList: undefined, ephemeral: true }, ["ephemeral: yes"]],
  [{ demoOnNetwork: true }, ["demoOnNetwork: yes"]],
  [{ trustProxy: ["0.0.0.0/0", "10.0.0.1", "::/0"] }, ["trustProxy: 0.0.0.0/0, ::/0"]],
  [{ corsOrigins: ["http://myapp.com", "https://myapp.com"] }, ["corsOrigins: http://myapp.com"]],
  [{ registration: "open" }, ["registration: open"]],
  [{ requirePkce: false }, ["requirePkce: no"]],
  [{ accessTokenExpireMinutes: 61 }, ["accessTokenExpireMinutes: 61"]],
  [{ refreshTokenExpireDays: 91 }, ["refreshTokenExpireDays: 91"]],
  [{ refreshTokenAbsoluteDays: 366 }, ["refreshTokenAbsoluteDays: 366"]],
  [{ secureCookie: false }, ["secureCookie: no"]],
  [{ bindTokens: false }, ["bindTokens: no"]],
  [{ requireBearer: false }, ["requireBearer: no"]],
  [{ masterKeyFile: undefined }, ["masterKeyFile: nothing, which means /data/master.key"]],
  [
    { masterKeyFile: undefined, eventstoreUrl: "esdb://store" },
    ["masterKeyFile: nothing, which means /data/master.key"],
  ],
  [{ masterKeyFile: "/data/keys/master.key" }, ["masterKeyFile: /data/keys/master.key"]],
  [{ ephemeral: true }, ["ephemeral: yes"]],
  [{ redisUrl: "redis://redis" }, ["redisUrl: redis:6379", "redisUrl: redis:6379"]],
  [{ redisUrl: "rediss://redis" }, ["redisUrl: redis:6379"]],
  [{ redisUrl: "redis://:secret@10.0.0.1:1,localhost:2" }, ["redisUrl: 10.0.0.1:1"]],
  [{ eventstoreUrl: "esdb://me:secret@store?tls=false" }, ["eventstoreUrl: tls=false"]],
  [{ retentionGrantDays: 0 }, ["retentionGrantDays: 0"]],
  [{ logLevel: "debug" }, ["logLevel: debug"]],
  [{ logLevel: "trace" }, ["logLevel: trace"]],
])("%j is told", (settings, lines) => {
  expect(found(settings)).toEqual(lines);
});

it("the demo is told, with all that it loosens", () => {
  const settings = { issuer: undefined, corsOrigins: undefined, erasureList: undefined, demo: true };
  expect(found(settings).map((line) => line.split(":")[0])).toEqual([
    "demo",
    "issuer",
    "corsOrigins",
    "registration",
    "requireBearer",
  ]);
});

it.each([{ allowNetworks: ["192.0.2.0/24"] }, { adminNetworks: ["192.0.2.0/24"] }])(
  "a proxy that is not named is told in stronger words beside %j",
  (networks) => {
    const [{ danger = "" } = {}, ...more] = told({ trustProxy: [], ...networks });
    expect(danger).toMatch(/judge the TLS proxy instead of the client.*share one rate limit/);
    expect(more).toEqual([]);
    expect(told({ trustProxy: [] })[0]?.danger).not.toContain("judge");
  },
);

it("a list of erasures must be on storage that all share where the log is on a server", () => {
  const advice = (settings: object) => told({ erasureList: undefined, ...settings }).map((one) => one.advice);
  expect(advice({})).toEqual([expect.stringContaining("apart from the data folder")]);
  const shared = [expect.stringContaining("on storage that all machines share")];
  expect(advice({ eventstoreUrl: "esdb://me:secret@store" })).toEqual(shared);
});

describe("the file of the master key", () => {
  it.each([0o640, 0o604, 0o620, 0o601])("is told where others may use it: mode %o", (mode) => {
    const set = `/keys/master.key, which has the mode ${mode.toString(8)}`;
    expect(told({}, mode)).toMatchObject([{ setting: "masterKeyFile", set }]);
  });

  it.each<[string, object, number | undefined]>([
    ["is its owner's alone", {}, 0o600],
    ["could not be looked at", {}, undefined],
    ["is not used", { masterKeyFile: undefined, masterKey: "k" }, 0o644],
  ])("is not told where it %s", (_, settings, mode) => {
    expect(told(settings, mode)).toEqual([]);
  });
});

describe("of a wrong configuration", () => {
  const settingsOf = (settings: object) => told(settings).map(({ setting }) => setting);

  it("all is told that what is right says", () => {
    expect(settingsOf({ corsOrigins: ["*"], logLevel: "debug" })).toEqual(["logLevel"]);
    const conflict = { ephemeral: true, redisUrl: "rediss://:secret@redis", requirePkce: false };
    expect(settingsOf(conflict)).toEqual(["requirePkce", "ephemeral"]);
  });

  it.each<[string, object]>([
    ["is wrong", { dataDir: 7, masterKeyFile: undefined, erasureList: undefined }],
    ["was given twice", { requirePkce: false, oauth: { requirePkce: true } }],
    ["is misspelt", { masterKeyFile: undefined, master_keyfile: "/keys/master.key" }],
    ["is in no group", { masterKeyFile: undefined, erasureList: undefined, storage: "/data" }],
    ["is in another group", { masterKeyFile: undefined, oauth: { masterKeyFile: "/keys/master.key" } }],
  ])("nothing is told that rests on what %s", (_, settings) => {
    expect(checkConfig({ code: { ...safe, ...settings } }).problems).toHaveLength(1);
    expect(told(settings)).toEqual([]);
  });

  it("nothing is told where its file cannot be read, which may say otherwise", () => {
    const { remainder } = checkConfig({ file: "/none/dacapo.json" });
    expect(remainder && findingsOf(remainder.config, remainder)).toEqual([]);
  });
});
