import { expect, it } from "vitest";
import { findingsOf } from "../../../infrastructure/config/findings.ts";
import { loadConfig } from "../../../infrastructure/config/load.ts";

/** A configuration that nothing is to be said of. */
const safe = {
  issuer: "https://auth.example.com",
  masterKeyFile: "/keys/master.key",
  dataDir: "/data",
  corsOrigins: ["https://myapp.com"],
};

const found = (settings: object) =>
  findingsOf(loadConfig({ code: { ...safe, ...settings } })).map(({ setting, set }) => `${setting}: ${set}`);

it.each<[string, object]>([
  ["a configuration for production", {}],
  [
    "all interfaces behind a TLS proxy",
    { host: "0.0.0.0", trustProxy: ["10.0.0.0/8", "fc00::/7", "192.0.2.1"] },
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
  const settings = { issuer: undefined, corsOrigins: undefined, demo: true };
  expect(found(settings).map((line) => line.split(":")[0])).toEqual([
    "demo",
    "issuer",
    "corsOrigins",
    "registration",
    "requireBearer",
  ]);
});
