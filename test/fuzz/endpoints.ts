import { pick, type Random } from "../faults/random.ts";
import { fieldOf, Person, pkcePair } from "../support/person.ts";
import { basic, bearer } from "../support/requests.ts";
import { encodeFields, type Field, type FuzzRequest, fieldsOf } from "./request.ts";
import type { KnownClient, SignedIn, World } from "./world.ts";

/** Builds a request that lacks nothing; what it needs of the world is chosen by chance. */
export type Build = (world: World, random: Random) => FuzzRequest | Promise<FuzzRequest>;

const nothing = { query: [], headers: {}, body: { kind: "none" } } as const;

export const get = (path: string, headers: Readonly<Record<string, string>> = {}): FuzzRequest => ({
  ...nothing,
  method: "GET",
  path,
  headers,
});

export const sendForm = (
  path: string,
  fields: readonly Field[],
  headers: Readonly<Record<string, string>> = {},
): FuzzRequest => ({ ...nothing, method: "POST", path, headers, body: { kind: "form", fields } });

export const cookiesOf = (person: Person): { readonly cookie: string } => ({
  cookie: [...person.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
});

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** How a client authenticates: fields of the form and headers. */
async function authentication(world: World, client: KnownClient) {
  const { id, secret, method } = client;
  switch (method) {
    case "none":
      return { fields: { client_id: id }, headers: {} };
    case "post":
      return { fields: { client_id: id, client_secret: secret }, headers: {} };
    case "basic":
      return { fields: {}, headers: basic(id, secret ?? "") };
    case "jwt": {
      const client_assertion = await world.assertionOf(id);
      return { fields: { client_assertion_type: assertionType, client_assertion }, headers: {} };
    }
  }
}

async function asClient(
  world: World,
  client: KnownClient,
  path: string,
  values: Readonly<Record<string, string | null>>,
): Promise<FuzzRequest> {
  const { fields, headers } = await authentication(world, client);
  return sendForm(path, fieldsOf({ ...values, ...fields }), headers);
}

function authorizationRequest(world: World, random: Random, { person }: SignedIn): FuzzRequest {
  const client = world.anyClient(random);
  const { verifier, challenge } = pkcePair();
  const values = {
    response_type: "code",
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: pick(random, ["read", "read write", "read write admin", null]),
    state: pick(random, ["xyz", "a b+c&d=e", null]),
    code_challenge: challenge,
    code_challenge_method: "S256",
    resource: pick(random, [null, null, `${world.server.issuer}/mcp`]),
    prompt: pick(random, [null, null, null, "none", "consent", "login"]),
    max_age: pick(random, [null, null, null, "3600"]),
    response_mode: pick(random, [null, null, "form_post"]),
  };
  const memo = { clientId: client.id, verifier };
  const headers = random() < 0.9 ? cookiesOf(person) : {};
  return { ...get("/auth/authorize", headers), query: fieldsOf(values), memo };
}

const someone = (world: World, random: Random): SignedIn => world.people.any(random);

const authorize: Build = (world, random) => authorizationRequest(world, random, someone(world, random));

/** Opens the consent page, and is what its button sends. */
const consent: Build = async (world, random) => {
  const { person } = someone(world, random);
  const client = world.anyClient(random);
  const { verifier, challenge } = pkcePair();
  const query = fieldsOf({
    response_type: "code",
    client_id: client.id,
    redirect_uri: client.redirectUri,
    scope: "read write",
    code_challenge: challenge,
    code_challenge_method: "S256",
    prompt: "consent",
  });
  const page = await (
    await person.open(`${world.server.address}/auth/authorize?${encodeFields(query)}`)
  ).text();
  const fields = fieldsOf({
    csrf: fieldOf(page, "csrf"),
    decision: pick(random, ["approve", "approve", "deny"]),
  });
  return {
    ...sendForm("/auth/consent", fields, cookiesOf(person)),
    query,
    memo: { clientId: client.id, verifier },
  };
};

const signIn: Build = async (world, random) => {
  const browser = new Person(world.server.address);
  const page = await (await browser.open("/auth/login")).text();
  const { username } = someone(world, random);
  const password = random() < 0.5 ? (world.passwords.get(username) ?? "") : "wrong";
  const values = { username, password, csrf: fieldOf(page, "csrf"), return_url: fieldOf(page, "return_url") };
  const remember = pick(random, [null, "on"]);
  return sendForm("/auth/login", fieldsOf({ ...values, remember_me: remember }), cookiesOf(browser));
};

const signOut: Build = async (world, random) => {
  const { person } = someone(world, random);
  const page = await (await person.open(`${world.server.address}/auth/logout`)).text();
  return sendForm("/auth/logout", fieldsOf({ csrf: fieldOf(page, "csrf") }), cookiesOf(person));
};

/** A form of the person's own page; no password is really changed. */
const account: Build = async (world, random) => {
  const { person } = someone(world, random);
  const page = await (await person.open(`${world.server.address}/auth/account`)).text();
  const sessionId = person.cookies.get("dacapo_session")?.split(".")[1] ?? "";
  const [action, values] = pick<readonly [string, Readonly<Record<string, string>>]>(random, [
    ["disconnect", { client_id: world.anyClient(random).id }],
    ["end-session", { session_id: sessionId }],
    ["password", { present_password: "wrong", new_password: "another password" }],
    ["sign-out-everywhere", {}],
  ]);
  const fields = fieldsOf({ csrf: fieldOf(page, "csrf"), ...values });
  return sendForm(`/auth/account/${action}`, fields, cookiesOf(person));
};

const redeem: Build = async (world, random) => {
  const held =
    world.codes.size > 0 ? world.codes.any(random) : { code: "dcc_x", clientId: "", verifier: "x" };
  const client = world.clientOf(held.clientId) ?? world.anyClient(random);
  return await asClient(world, client, "/auth/token", {
    grant_type: "authorization_code",
    code: held.code,
    redirect_uri: client.redirectUri,
    code_verifier: held.verifier,
  });
};

const refresh: Build = async (world, random) => {
  const held = world.refreshTokens.size > 0 ? world.refreshTokens.any(random) : { token: "x", clientId: "" };
  const client = world.clientOf(held.clientId) ?? world.anyClient(random);
  return await asClient(world, client, "/auth/token", {
    grant_type: "refresh_token",
    refresh_token: held.token,
    scope: pick(random, [null, null, "read"]),
  });
};

const clientCredentials: Build = async (world, random) =>
  await asClient(world, world.anyClient(random), "/auth/token", {
    grant_type: "client_credentials",
    scope: pick(random, [null, "read"]),
  });

/** A token of any kind that the world holds. */
export function anyToken(world: World, random: Random): string {
  const kinds = [
    () => (world.accessTokens.size > 0 ? world.accessTokens.any(random).token : "x"),
    () => (world.refreshTokens.size > 0 ? world.refreshTokens.any(random).token : "x"),
    () => (world.codes.size > 0 ? world.codes.any(random).code : "x"),
    () => (world.mcpSessions.size > 0 ? world.mcpSessions.any(random).id : "x"),
    () => world.adminTokens.any(random),
    () => world.anyClient(random).registrationToken ?? "x",
  ];
  return pick(random, kinds)();
}

const introspect: Build = async (world, random) => {
  const values = { token: anyToken(world, random), token_type_hint: pick(random, [null, "access_token"]) };
  if (random() < 0.3) return await asClient(world, world.anyClient(random), "/auth/introspect", values);
  const { id, secret } = world.server.introspection;
  return sendForm("/auth/introspect", fieldsOf(values), basic(id, secret));
};

const revoke: Build = async (world, random) => {
  const pool = random() < 0.5 ? world.accessTokens : world.refreshTokens;
  const held = pool.size > 0 ? pool.any(random) : { token: "x", clientId: "" };
  const client = world.clientOf(held.clientId) ?? world.anyClient(random);
  return await asClient(world, client, "/auth/revoke", { token: held.token });
};

const registerByAdministrator: Build = (world, random) =>
  sendForm(
    "/auth/register/client",
    fieldsOf({
      client_name: "By the administrator",
      redirect_uris: "https://app.example/cb, https://app.example/other",
      client_type: pick(random, ["public", "confidential"]),
      scope: "read write",
    }),
    bearer(world.adminTokens.any(random)),
  );

const publicPaths = [
  "/",
  "/livez",
  "/health",
  "/readyz",
  "/auth/jwks",
  "/auth/login",
  "/auth/logout",
  "/auth/account",
  "/.well-known/oauth-authorization-server",
  "/auth/.well-known/oauth-authorization-server",
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/openapi.json",
  "/docs",
  "/docs/start.js",
  "/docs/unknown",
  "/favicon.ico",
  "/auth/unknown",
  "/robots.txt",
];

const readPublic: Build = (world, random) => {
  const headers = random() < 0.3 ? cookiesOf(someone(world, random).person) : {};
  return get(pick(random, publicPaths), headers);
};

/** The endpoints of the authorization server, each as often as it stands here. */
export const oauthEndpoints: readonly (readonly [name: string, weight: number, build: Build])[] = [
  ["authorize", 6, authorize],
  ["consent", 4, consent],
  ["sign in", 1, signIn],
  ["sign out", 1, signOut],
  ["account", 1, account],
  ["redeem", 6, redeem],
  ["refresh", 6, refresh],
  ["client credentials", 4, clientCredentials],
  ["introspect", 6, introspect],
  ["revoke", 3, revoke],
  ["register by administrator", 2, registerByAdministrator],
  ["public", 3, readPublic],
];
