/** better-auth's OAuth provider on SQLite; says and is told what is in `protocol.ts`. */
import { hash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { oauthProvider } from "@better-auth/oauth-provider";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { jwt } from "better-auth/plugins";
import { answer } from "../programs/answer.ts";
import { ownFolder } from "../programs/folder.ts";
import { listen } from "./listen.ts";
import {
  accessTokenLifetime,
  type PeerDeployment,
  type PeerMessage,
  type PeerSettings,
  type PeerTokens,
  redirectUri,
  refreshTokenLifetime,
  resource,
} from "./protocol.ts";

/** Whose families are as many each. */
const users = 8;
const scopes = ["read", "write", "offline_access"];
const newSecret = (): string => randomBytes(32).toString("base64url");

/** Durable at each commit, as Dacapo's log is. */
function openDatabase(): DatabaseSync {
  const database = new DatabaseSync(join(ownFolder(), "better-auth.db"));
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
  return database;
}

const createAuth = (origin: string, trustedClients: Set<string>) =>
  betterAuth({
    baseURL: origin,
    secret: newSecret(),
    database: openDatabase(),
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: "error" },
    // The plugin's installation guide says so: its own token endpoint is another one.
    disabledPaths: ["/token"],
    plugins: [
      jwt({ jwks: { keyPairConfig: { alg: "ES256" } } }),
      oauthProvider({
        loginPage: "/sign-in",
        consentPage: "/consent",
        scopes,
        resources: [resource],
        clientRegistrationDefaultResources: [resource],
        // Kept in memory for speed, as its documentation advises for clients and resources that hardly change.
        cachedResources: new Set([resource]),
        cachedTrustedClients: trustedClients,
        accessTokenExpiresIn: accessTokenLifetime,
        m2mAccessTokenExpiresIn: accessTokenLifetime,
        refreshTokenExpiresIn: refreshTokenLifetime,
        clientPrivileges: () => true,
      }),
    ],
  });

type Auth = ReturnType<typeof createAuth>;

interface Running {
  readonly auth: Auth;
  readonly deployment: PeerDeployment;
  /** Of the users, who are all signed in. */
  readonly cookies: readonly string[];
}

let running: Running | undefined;

async function signUp(auth: Auth, number: number): Promise<string> {
  const response = await auth.api.signUpEmail({
    body: { name: "user", email: `user-${number}@example.com`, password: newSecret() },
    asResponse: true,
  });
  return response.headers
    .getSetCookie()
    .map((line) => line.split(";", 1)[0])
    .join("; ");
}

async function createClient(auth: Auth, cookie: string) {
  const { client_id: id, client_secret: secret = "" } = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie }),
    body: {
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "client_secret_basic",
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
      scope: scopes.join(" "),
      client_credentials_scopes: ["read", "write"],
      skip_consent: true,
    },
  });
  return { id, secret };
}

async function start({ tokenFormat }: PeerSettings): Promise<PeerDeployment> {
  const { server, origin } = await listen();
  const trustedClients = new Set<string>();
  const auth = createAuth(origin, trustedClients);
  await (await getMigrations(auth.options)).runMigrations();
  server.on("request", toNodeHandler(auth));
  const cookies: string[] = [];
  while (cookies.length < users) cookies.push(await signUp(auth, cookies.length));
  const [cookie = ""] = cookies;
  const client = await createClient(auth, cookie);
  const introspector = await createClient(auth, cookie);
  trustedClients.add(client.id).add(introspector.id);
  const endpoints = `${origin}/api/auth/oauth2`;
  const deployment = {
    url: { token: `${endpoints}/token`, introspect: `${endpoints}/introspect` },
    client,
    // A token that names no resource is opaque, and only its own client may introspect it.
    resource: tokenFormat === "jwt" ? introspector : client,
    form: tokenFormat === "jwt" ? { resource } : {},
  };
  running = { auth, deployment, cookies };
  return deployment;
}

function started(): Running {
  if (running === undefined) throw new Error("better-auth is not started");
  return running;
}

async function authorize(number: number, challenge: string): Promise<string> {
  const { auth, deployment, cookies } = started();
  const query = new URLSearchParams({
    ...deployment.form,
    response_type: "code",
    client_id: deployment.client.id,
    redirect_uri: redirectUri,
    scope: scopes.join(" "),
    state: "bench",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  const url = deployment.url.token.replace(/token$/, `authorize?${query}`);
  const response = await auth.handler(
    new Request(url, { headers: { cookie: cookies[number % users] ?? "" } }),
  );
  const code = new URL(response.headers.get("location") ?? "").searchParams.get("code");
  if (code === null) throw new Error(`no code: ${response.status} ${await response.text()}`);
  return code;
}

async function grant(number: number): Promise<PeerTokens> {
  const { auth, deployment } = started();
  const { client, form, url } = deployment;
  const verifier = newSecret();
  const code = await authorize(number, hash("sha256", verifier, "base64url"));
  const authorization = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
  const response = await auth.handler(
    new Request(url.token, {
      method: "POST",
      headers: { authorization },
      body: new URLSearchParams({
        ...form,
        grant_type: "authorization_code",
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      }),
    }),
  );
  if (!response.ok) throw new Error(`no tokens: ${response.status} ${await response.text()}`);
  return (await response.json()) as PeerTokens;
}

/** Makes that many, one after another. */
async function times<Made>(count: number, make: (number: number) => Promise<Made>): Promise<readonly Made[]> {
  const made: Made[] = [];
  while (made.length < count) made.push(await make(made.length));
  return made;
}

answer(async (message: PeerMessage) => {
  if ("start" in message) return await start(message.start);
  if ("grants" in message) return await times(message.grants, grant);
  return await times(message.codes, (number) => authorize(number, message.challenge));
});
