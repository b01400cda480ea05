import { describe, expect, it } from "vitest";
import type { RemoteMCPConfig } from "../../../infrastructure/config/input.ts";
import { checkConfig } from "../../../infrastructure/config/load.ts";
import { lineOf } from "../../../infrastructure/config/problem.ts";
import { settingNames } from "../../../infrastructure/config/schema.ts";
import { readEnvironment, readMembers } from "../../../infrastructure/config/sources.ts";

/** What code or a file means by this, the defaults left out. */
const meant = (code: object) =>
  Object.fromEntries([...readMembers({ ...code }).given].map(([name, { value }]) => [name, value]));

/** What is said against it. */
const complaints = (code: object, env: NodeJS.ProcessEnv = {}): readonly string[] =>
  (checkConfig({ code: { ...code }, env }).problems ?? []).map(lineOf);

describe("the guide's configurations", () => {
  const oauth2_config = {
    issuer: "https://api.example.com",
    access_token_expire_minutes: 30,
    refresh_token_expire_days: 7,
    require_pkce: true,
    allow_public_clients: false,
    supported_scopes: ["read", "write", "admin", "compose"],
  };
  const session_config = {
    session_ttl_minutes: 15,
    max_sessions_per_user: 3,
    enable_sliding_expiration: true,
    secure_cookie: true,
    same_site: "strict",
  } as const;
  const whitelist = ["192.168.1.0/24", "10.0.0.0/8", "2001:db8::/32"];
  const server = {
    base_url: "https://api.example.com",
    cors_origins: ["https://myapp.com"],
    redis_url: "redis://:password@redis-server:6379/0",
  };
  const expected = {
    issuer: "https://api.example.com",
    accessTokenExpireMinutes: 30,
    refreshTokenExpireDays: 7,
    requirePkce: true,
    allowPublicClients: false,
    supportedScopes: ["read", "write", "admin", "compose"],
    sessionTtlMinutes: 15,
    maxSessionsPerUser: 3,
    enableSlidingExpiration: true,
    secureCookie: true,
    sameSite: "strict",
    allowNetworks: whitelist,
    corsOrigins: ["https://myapp.com"],
    redisUrl: "redis://:password@redis-server:6379/0",
  };

  it.each<[string, RemoteMCPConfig]>([
    ["by the names of its variables", { ...server, oauth2_config, session_config, whitelist }],
    ["in camelCase", { ...server, oauth2Config: oauth2_config, sessionConfig: session_config, whitelist }],
    ["in our groups", { ...server, oauth: oauth2_config, session: session_config, network: { whitelist } }],
    [
      "by the names of its classes",
      {
        RemoteMCPConfig: {
          ...server,
          OAuth2Config: oauth2_config,
          SessionConfig: session_config,
          IPWhitelist: whitelist,
        },
      },
    ],
    [
      "by the names of classes in our groups",
      {
        ...server,
        OAuth2Config: oauth2_config,
        SessionConfig: session_config,
        network: { IPWhitelist: whitelist },
      },
    ],
    ["flat", { ...server, ...oauth2_config, ...session_config, allow_networks: whitelist }],
  ])("are taken %s", (_, config) => {
    expect(meant(config)).toEqual(expected);
    expect(complaints(config)).toEqual([]);
  });

  it("are what the settings of this server are in the end", () => {
    const { config } = checkConfig({ code: { ...server, oauth2_config, session_config, whitelist } });
    const { supportedScopes, ...rest } = expected;
    expect(config).toMatchObject(rest);
    expect(config?.supportedScopes.map(({ name }) => name)).toEqual(supportedScopes);
  });
});

it("every setting is taken from the environment", () => {
  const variable = (name: string) => `DACAPO_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
  const { given, problems } = readEnvironment(
    Object.fromEntries(settingNames.map((name) => [variable(name), name])),
  );
  expect(problems).toEqual([]);
  expect([...given].map(([name, { value }]) => [name, value])).toEqual(
    settingNames.map((name) => [name, name]),
  );
});

describe("a member that is undefined", () => {
  it("says nothing", () => {
    expect(meant({ redisUrl: undefined, oauth: undefined, session: { sameSite: undefined } })).toStrictEqual(
      {},
    );
  });
});

describe("what nobody can mean", () => {
  it.each([
    [
      { base_url: "https://a.example", issuer: "https://b.example" },
      'base_url and issuer: got "https://a.example" and "https://b.example"; they are one setting, which can have one value only',
    ],
    [
      { oauth: { issuer: "https://a.example" }, base_url: "https://b.example" },
      'oauth.issuer and base_url: got "https://a.example" and "https://b.example"; they are one setting, which can have one value only',
    ],
    [
      { oauth: { requirePkce: true }, oauth2_config: { require_pkce: false } },
      "oauth.requirePkce and oauth2_config.require_pkce: got true and false; they are one setting, which can have one value only",
    ],
    [{ session: { require_pkce: true } }, "session.require_pkce: belongs in oauth, or at the top level"],
    [{ oauth2_config: { port: 1 } }, "oauth2_config.port: belongs in server, or at the top level"],
    [{ oauth: [] }, "oauth: must be an object that holds settings"],
    [{ session_config: null }, "session_config: must be an object that holds settings"],
    [{ RemoteMCPConfig: [] }, "RemoteMCPConfig: must be an object that holds settings"],
    [
      { RemoteMCPConfig: { SessionConfig: { port: 1 } } },
      "RemoteMCPConfig.SessionConfig.port: belongs in server, or at the top level",
    ],
    [
      { RemoteMCPConfig: { port: 1 }, port: 2 },
      "RemoteMCPConfig.port and port: got 1 and 2; they are one setting, which can have one value only",
    ],
    [
      { RemoteMCPConfig: { RemoteMCPConfig: {} } },
      "RemoteMCPConfig.RemoteMCPConfig: there is no such setting",
    ],
    [{ port: null }, "port: got null; must be a whole number from 0 to 65535"],
    [{ same_site: "none" }, 'same_site: got "none"; must be one of lax, strict'],
    [
      { supported_scopes: ["read", { name: "write" }] },
      'supported_scopes: got ["read",{"name":"write"}]; must be a list of scopes, each by its name or as { name, description }',
    ],
    [
      { whitelist: ["10.0.0.0/8", "10.0.0.0/33"] },
      'whitelist: got ["10.0.0.0/8","10.0.0.0/33"]; "10.0.0.0/33" must be an address or a network such as 10.0.0.0/8',
    ],
  ])("is %j", (code, line) => {
    expect(complaints(code)).toEqual([line]);
  });

  it("is a value that JSON does not know", () => {
    expect(complaints({ port: 8000n })).toEqual([
      "port: got a bigint; must be a whole number from 0 to 65535",
    ]);
  });

  it("is not the same value twice", () => {
    const issuer = "https://a.example";
    expect(
      complaints({ issuer, base_url: issuer, oauth: { issuer }, corsOrigins: [], cors_origins: [] }),
    ).toEqual([]);
  });
});

describe("a list that holds nothing", () => {
  it.each<[object, NodeJS.ProcessEnv, string]>([
    [{}, { DACAPO_ALLOW_NETWORKS: "," }, 'DACAPO_ALLOW_NETWORKS: got ","'],
    [{}, { DACAPO_ADMIN_NETWORKS: " " }, 'DACAPO_ADMIN_NETWORKS: got " "'],
    [{ allowNetworks: " " }, {}, 'allowNetworks: got " "'],
    [{ allowNetworks: "" }, {}, 'allowNetworks: got ""'],
    [{ allowNetworks: [""] }, {}, 'allowNetworks: got [""]'],
    [{ IPWhitelist: ["", " "] }, {}, 'IPWhitelist: got [""," "]'],
  ])("is refused where somebody meant to name something: %j %j", (code, env, beginning) => {
    const wanted = "names nothing; leave it out, or write [] in the file or in code, where none is meant";
    expect(complaints(code, env)).toEqual([`${beginning}; ${wanted}`]);
  });

  it("is what [] says, and an empty variable does not", () => {
    const env = { DACAPO_ADMIN_NETWORKS: "" };
    const { config } = checkConfig({ code: { allowNetworks: [], adminNetworks: ["10.0.0.1", ""] }, env });
    expect(config).toMatchObject({ allowNetworks: [], adminNetworks: ["10.0.0.1"] });
  });
});

it("letters of yes, no and names may be capital ones or not", () => {
  const env = {
    DACAPO_DEMO: "True",
    DACAPO_REQUIRE_PKCE: "FALSE ",
    DACAPO_SAME_SITE: "Strict",
    DACAPO_SIGNING_ALGORITHM: "eddsa",
    DACAPO_LOG_LEVEL: "INFO",
  };
  const expected = {
    demo: true,
    requirePkce: false,
    sameSite: "strict",
    signingAlgorithm: "EdDSA",
    logLevel: "info",
  };
  expect(checkConfig({ env })).toMatchObject({ config: expected });
  expect(checkConfig({ code: { signingAlgorithm: "ES256" } })).toMatchObject({
    config: { signingAlgorithm: "ES256" },
  });
  expect(complaints({ sameSite: "None" })).toEqual(['sameSite: got "None"; must be one of lax, strict']);
});

describe("a name that there is not", () => {
  it.each([
    [{ acess_token_expire_minutes: 5 }, "acess_token_expire_minutes", "access_token_expire_minutes"],
    [{ sessionTTLMinutes: 5 }, "sessionTTLMinutes", "sessionTtlMinutes"],
    [{ ip_whitelist: [] }, "ip_whitelist", "whitelist"],
    [{ oauth: { session: {} } }, "oauth.session", "session"],
    [{ oauth2config: {} }, "oauth2config", "oauth2Config"],
  ])("is refused with the nearest one: %j", (code, written, near) => {
    expect(complaints(code)).toEqual([`${written}: there is no such setting; did you mean ${near}?`]);
  });

  it.each([["colour"], ["constructor"], ["__proto__"], ["toString"]])(
    "is refused alone where none is near: %s",
    (name) => {
      const code = JSON.parse(`{"${name}": 1}`);
      expect(complaints(code)).toEqual([`${name}: there is no such setting`]);
    },
  );
});

describe("a variable of the environment that begins like ours", () => {
  it.each([
    ["DACAPO_RATELIMIT", "DACAPO_RATE_LIMIT"],
    ["DACAPO_BASE_URL", "DACAPO_ISSUER"],
    ["DACAPO_ACCESS_TOKEN_EXPIRES_MINUTES", "DACAPO_ACCESS_TOKEN_EXPIRE_MINUTES"],
    ["DACAPO_port", "DACAPO_PORT"],
  ])("is refused where it is none: %s", (variable, near) => {
    expect(complaints({}, { [variable]: "1" })).toEqual([
      `${variable}: there is no such setting; did you mean ${near}?`,
    ]);
  });

  it("is left alone where a test, or Kubernetes for a service of this name, made it", () => {
    const env = {
      DACAPO_TEST_EVENTSTORE_URL: "esdb://localhost",
      DACAPO_FAULTS: "nightly",
      DACAPO_SEED: "7",
      DACAPO_FUZZ_SECONDS: "300",
      DACAPO_SERVICE_HOST: "10.0.0.1",
      DACAPO_SERVICE_PORT_HTTP: "8000",
      DACAPO_PORT: "tcp://10.0.0.1:8000",
      DACAPO_PORT_8000_TCP_ADDR: "10.0.0.1",
      DACAPO_REDIS_PORT: "tcp://10.0.0.2:6379",
      DACAPO_COLOUR: "",
      DACAPOS: "1",
    };
    expect(checkConfig({ env })).toMatchObject({ config: { port: 8000 } });
  });
});

describe("origins (RFC 6454 section 6.2)", () => {
  it.each([
    ["https://myapp.com"],
    ["http://localhost:3000"],
    ["http://[::1]:3000"],
    ["chrome-extension://abcdefghijklmnop"],
  ])("%s is one", (origin) => {
    expect(complaints({ corsOrigins: [origin] })).toEqual([]);
  });

  it.each([
    ["https://myapp.com/", 'an origin as browsers send it, "https://myapp.com"'],
    ["https://myapp.com/app", 'an origin as browsers send it, "https://myapp.com"'],
    ["https://myapp.com:443", 'an origin as browsers send it, "https://myapp.com"'],
    ["https://MyApp.com", 'an origin as browsers send it, "https://myapp.com"'],
    ["myapp.com", "an origin as browsers send it, scheme://host or scheme://host:port"],
    ["localhost:3000", "an origin as browsers send it, scheme://host or scheme://host:port"],
    ["null", "an origin as browsers send it, scheme://host or scheme://host:port"],
    ["*", "there is no wildcard"],
    ["https://*.myapp.com", "there is no wildcard"],
  ])("%s is none", (origin, wanted) => {
    const [line, ...more] = complaints({ corsOrigins: [origin] });
    expect(more).toEqual([]);
    expect(line).toContain(`corsOrigins: got ["${origin}"]; "${origin}"`);
    expect(line).toContain(wanted);
  });
});
