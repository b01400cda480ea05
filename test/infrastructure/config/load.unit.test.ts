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

describe("the guide's names", () => {
  it("are taken in the file", () => {
    const file = {
      base_url: "https://api.example.com",
      access_token_expire_minutes: 30,
      refresh_token_expire_days: 7,
      require_pkce: true,
      allow_public_clients: false,
      supported_scopes: ["read", "write", "admin", "compose"],
      session_ttl_minutes: 15,
      max_sessions_per_user: 3,
      enable_sliding_expiration: false,
      cors_origins: ["https://myapp.com"],
    };
    const { supportedScopes, ...config } = load({ file });
    expect(config).toMatchObject({
      issuer: "https://api.example.com",
      accessTokenExpireMinutes: 30,
      refreshTokenExpireDays: 7,
      requirePkce: true,
      allowPublicClients: false,
      sessionTtlMinutes: 15,
      maxSessionsPerUser: 3,
      enableSlidingExpiration: false,
      corsOrigins: ["https://myapp.com"],
    });
    expect(supportedScopes.map(({ name }) => name)).toEqual(["read", "write", "admin", "compose"]);
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
    expect(complaint({ flags: { issuer } })).toContain(`issuer: got ${JSON.stringify(issuer)}; ${reason}`);
  });
});

describe("what is wrong", () => {
  it("is told field by field, a line each", () => {
    const lines = complaint({ flags: { port: "99999" }, env: { DACAPO_DEMO: "maybe" } }).split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/^port: got "99999"; /),
      expect.stringMatching(/^demo: got "maybe"; /),
    ]);
  });

  it("is a setting that there is not", () => {
    expect(complaint({ file: { acess_token_expire_minutes: 5 } })).toBe(
      "acessTokenExpireMinutes: there is no such setting",
    );
  });

  it("is a demo in production", () => {
    expect(complaint({ flags: { demo: true }, env: { NODE_ENV: "production" } })).toBe(
      "demo: got true; must not be used where NODE_ENV is production",
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
    ["a URL", { env: { DACAPO_REDIS_URL: `redis://:${secret}@redis:6379/x` } }, "redisUrl: got (hidden);"],
    ["a list of it", { file: { masterKey: [secret] } }, "masterKey: got (hidden);"],
    ["a broken file", { file: `{"masterKey": ${secret}}` }, "config: "],
  ])("is not shown where %s is refused", (_, sources, beginning) => {
    const said = complaint(sources);
    expect(said.startsWith(beginning)).toBe(true);
    expect(said).not.toContain(secret.slice(0, 7));
  });
});
