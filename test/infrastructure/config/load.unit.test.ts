import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { ConfigurationError, loadConfig } from "../../../infrastructure/config/load.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

/** A file that holds this, as it is or as JSON. */
function fileWith(content: unknown): string {
  const path = join(folder.path, "dacapo.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const load = ({ flags = {}, env = {}, file }: { flags?: object; env?: NodeJS.ProcessEnv; file?: unknown }) =>
  loadConfig({ flags: { ...flags }, env, ...(file === undefined ? {} : { file: fileWith(file) }) });

/** What is said of a configuration that is refused. */
function complaint(sources: Parameters<typeof load>[0]): string {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error("the configuration was taken");
}

describe("the source of a setting", () => {
  const env = { DACAPO_ACCESS_TOKEN_EXPIRE_MINUTES: "20", DACAPO_PORT: "8020" };
  const file = { accessTokenExpireMinutes: 10, port: 8010, host: "127.0.0.2" };

  it("is a flag before the environment, that before the file, that before the default", () => {
    expect(load({ flags: { accessTokenExpireMinutes: "30" }, env, file })).toMatchObject({
      accessTokenExpireMinutes: 30,
      port: 8020,
      host: "127.0.0.2",
      codeExpireSeconds: 60,
    });
  });

  it("is not the environment where that holds an empty string", () => {
    expect(load({ env: { DACAPO_PORT: "" }, file })).toMatchObject({ port: 8010 });
  });

  it("is the demo's own default before the general one, and after all others", () => {
    expect(load({ flags: { demo: true } })).toMatchObject({
      accessTokenExpireMinutes: 60,
      registration: "open",
    });
    expect(load({ env, file: { demo: true } }).accessTokenExpireMinutes).toBe(20);
  });
});

describe("the issuer", () => {
  it("is localhost at the port where none is set, whatever the host", () => {
    expect(load({ flags: { host: "0.0.0.0", port: "8123" } }).issuer).toBe("http://localhost:8123");
  });

  it.each([
    "https://auth.example.com",
    "https://auth.example.com/tenant",
    "http://127.0.0.1:9000",
    "http://[::1]:9000",
  ])("may be %s, and stays as it was written", (issuer) => {
    expect(load({ flags: { issuer } }).issuer).toBe(issuer);
  });

  it.each([
    ["auth.example.com", "must be an absolute URL"],
    ["http://auth.example.com", "must be https"],
    ["https://auth.example.com/", "must have no user information and no trailing slash"],
    ["https://somebody:pw@auth.example.com", "must have no user information and no trailing slash"],
    ["https://auth.example.com?a=b", "must have no query"],
  ])("may not be %s", (issuer, reason) => {
    expect(complaint({ flags: { issuer } })).toContain(
      `--issuer: got ${JSON.stringify(issuer).replace("somebody:pw@", "(hidden)@")}; ${reason}`,
    );
  });
});

describe("what is wrong", () => {
  it("is told field by field, a line each", () => {
    const sources = {
      flags: { port: "99999", redisUrl: "redis://localhost", ephemeral: true },
      env: { DACAPO_DEMO: "maybe" },
      file: { session: { session_ttl_minutes: 0 }, corsOrigin: [] },
    };
    expect(complaint(sources).split("\n").sort()).toEqual([
      '--port: got "99999"; must be a whole number from 0 to 65535',
      "--redis-url: got (hidden); and ephemeral exclude each other",
      'DACAPO_DEMO: got "maybe"; must be yes or no',
      "corsOrigin: there is no such setting; did you mean corsOrigins?",
      "session.session_ttl_minutes: got 0; must be a number from 0.05 to 43200",
    ]);
  });

  it.each<[object, string]>([
    [{ tlsCertFile: "c.pem" }, '--tls-cert-file: got "c.pem"; and tlsKeyFile go together: both or none'],
    [{ tlsKeyFile: "k.pem" }, "tlsCertFile: and tlsKeyFile go together: both or none"],
    [
      { tlsClientCaFile: "ca.pem" },
      '--tls-client-ca-file: got "ca.pem"; needs tlsCertFile and tlsKeyFile: only a server that speaks TLS asks for certificates',
    ],
    [
      { tlsCertFile: "c.pem", tlsKeyFile: "k.pem", issuer: "http://localhost:8000" },
      '--issuer: got "http://localhost:8000"; must be an https URL where tlsCertFile is set, as nothing is served by http',
    ],
    [
      { redisUrl: "rediss://redis", redisKeyFile: "k.pem" },
      "redisCertFile: and redisKeyFile go together: both or none",
    ],
    [
      { redisUrl: "redis://redis", redisCaFile: "ca.pem" },
      '--redis-ca-file: got "ca.pem"; is for TLS: redisUrl must begin with rediss:// or rediss+sentinel://',
    ],
    [
      { redisCertFile: "c.pem", redisKeyFile: "k.pem" },
      '--redis-cert-file: got "c.pem"; is for TLS: redisUrl must begin with rediss:// or rediss+sentinel://',
    ],
  ])("is half of what TLS needs: %j", (flags, said) => {
    expect(complaint({ flags: { ...flags } })).toBe(said);
  });

  it("is not what settings say together where one of them is wrong already", () => {
    expect(complaint({ flags: { ephemeral: "perhaps", redisUrl: "redis://localhost" } })).toBe(
      '--ephemeral: got "perhaps"; must be yes or no',
    );
  });

  it("is a demo in production", () => {
    expect(load({ env: { NODE_ENV: "production" } }).demo).toBe(false);
    expect(complaint({ flags: { demo: true }, env: { NODE_ENV: "production" } })).toBe(
      "--demo: got true; must not be used where NODE_ENV is production",
    );
  });

  it("is a file that is not there, no JSON or no object", () => {
    expect(() => loadConfig({ flags: {}, env: {}, file: join(folder.path, "none.json") })).toThrow(
      /^config: cannot read .*none\.json: ENOENT/,
    );
    expect(complaint({ file: '{"port": 80,}' })).toMatch(/is not JSON at position 12 /);
    expect(complaint({ file: [] })).toMatch(/must hold a JSON object$/);
  });
});

describe("a secret", () => {
  const secret = "hunter2hunter2";

  it.each([
    [
      "a key that is too short",
      { file: { initialAccessToken: secret } },
      "initialAccessToken: got (hidden);",
    ],
    [
      "a key beside its file",
      { file: { masterKey: secret, masterKeyFile: "k" } },
      "masterKey: got (hidden);",
    ],
    [
      "a URL",
      { env: { DACAPO_REDIS_URL: `redis://:${secret}@redis:6379/x` } },
      "DACAPO_REDIS_URL: got (hidden);",
    ],
    [
      "one of two",
      { file: { masterKey: "one", storage: { masterKey: secret } } },
      "masterKey and storage.masterKey: got (hidden) and (hidden);",
    ],
    ["another URL", { file: { eventstoreUrl: secret } }, "eventstoreUrl: got (hidden);"],
    ["a URL elsewhere", { file: { issuer: `http://me:${secret}@host` } }, "issuer: got"],
    ["an origin", { file: { corsOrigins: [`https://me:${secret}@host`] } }, "corsOrigins: got"],
    ["a wrong name", { env: { DACAPO_MASTERKEY: secret } }, "DACAPO_MASTERKEY: there is"],
    ["a wrong group", { file: { session: { masterKey: secret } } }, "session.masterKey: belongs in storage"],
    ["a group", { file: { storage: secret } }, "storage: must be an object"],
    ["a list of it", { file: { masterKey: [secret] } }, "masterKey: got (hidden);"],
    ["a broken file", { file: `{"masterKey": ${secret}}` }, "config: "],
  ])("is not shown where %s is refused", (_, sources, beginning) => {
    const said = complaint(sources);
    expect(said.startsWith(beginning)).toBe(true);
    expect(said).not.toContain(secret.slice(0, 7));
  });
});
