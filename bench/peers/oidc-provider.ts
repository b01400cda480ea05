/** oidc-provider on Redis, as its users run it in production; says and is told what is in `protocol.ts`. */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import Provider, { type Configuration, type JWK, type ResourceServer } from "oidc-provider";
import { answer } from "../programs/answer.ts";
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
import { createRedisAdapter } from "./redis-adapter.ts";

const scope = "read write";
const newSecret = (): string => randomBytes(32).toString("base64url");
const client = { id: "bench", secret: newSecret() };
const introspector = { id: "api", secret: newSecret() };

function newSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...privateKey.export({ format: "jwk" }), kty: "EC", kid: "bench", alg: "ES256", use: "sig" };
}

function configure(redis: Redis, resourceServer: ResourceServer): Configuration {
  return {
    adapter: createRedisAdapter(redis),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [redirectUri],
        grant_types: ["authorization_code", "refresh_token", "client_credentials"],
        token_endpoint_auth_method: "client_secret_basic",
      },
      {
        client_id: introspector.id,
        client_secret: introspector.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
        token_endpoint_auth_method: "client_secret_basic",
      },
    ],
    // Production must bring its own; the only key is of the algorithm that all are measured with.
    cookies: { keys: [newSecret()] },
    jwks: { keys: [newSigningKey()] },
    clientDefaults: { id_token_signed_response_alg: "ES256" },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_, { clientId }) => clientId === introspector.id },
      // One resource, which nobody needs to name: access tokens in its format instead of ones for userinfo.
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => resourceServer,
      },
    },
    scopes: ["openid", "offline_access"],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    // Refresh tokens without OpenID Connect's offline_access, which outlive the browser session and so look none up.
    issueRefreshToken: (_, { grantTypes = [] }) => grantTypes.includes("refresh_token"),
    expiresWithSession: () => false,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenLifetime,
      ClientCredentials: accessTokenLifetime,
      AuthorizationCode: 60,
      RefreshToken: refreshTokenLifetime,
      Grant: refreshTokenLifetime,
    },
  };
}

interface Running {
  readonly provider: Provider;
  readonly redis: Redis;
  readonly resourceServer: ResourceServer;
}

let running: Running | undefined;

async function start({ tokenFormat, redisUrl }: PeerSettings): Promise<PeerDeployment> {
  if (redisUrl === undefined) throw new Error("oidc-provider keeps its data in Redis, whose URL is missing");
  const { server, origin } = await listen();
  // What is sent in one turn of the event loop goes in one write, as ioredis advises for speed.
  const redis = new Redis(redisUrl, { enableAutoPipelining: true });
  const resourceServer: ResourceServer = {
    scope,
    audience: resource,
    accessTokenFormat: tokenFormat,
    jwt: { sign: { alg: "ES256" } },
  };
  const provider = new Provider(origin, configure(redis, resourceServer));
  // Otherwise the client is told no more than that the server failed.
  provider.on("server_error", (_, error) => console.error(error));
  server.on("request", provider.callback());
  running = { provider, redis, resourceServer };
  return {
    url: { token: `${origin}/token`, introspect: `${origin}/token/introspection` },
    client,
    resource: introspector,
    form: {},
  };
}

function started(): Running {
  if (running === undefined) throw new Error("oidc-provider is not started");
  return running;
}

/** A user's consent, and what each token of it says. */
async function authorize(number: number) {
  const { provider } = started();
  const found = await provider.Client.find(client.id);
  if (found === undefined) throw new Error("the client is missing");
  const accountId = `user-${number}`;
  const grant = new provider.Grant({ accountId, clientId: client.id });
  grant.addResourceScope(resource, scope);
  const grantId = await grant.save();
  return {
    accountId,
    client: found,
    grantId,
    gty: "authorization_code",
    scope,
    expiresWithSession: false,
    authTime: Math.floor(Date.now() / 1000),
  };
}

async function grantOf(number: number): Promise<PeerTokens> {
  const { provider, resourceServer } = started();
  const common = await authorize(number);
  const accessToken = new provider.AccessToken({
    ...common,
    resourceServer: new provider.ResourceServer(resource, resourceServer),
  });
  const refreshToken = new provider.RefreshToken({ ...common, resource });
  return { access_token: await accessToken.save(), refresh_token: await refreshToken.save() };
}

async function codeOf(number: number, codeChallenge: string): Promise<string> {
  const { provider } = started();
  const code = new provider.AuthorizationCode({
    ...(await authorize(number)),
    codeChallenge,
    codeChallengeMethod: "S256",
    redirectUri,
    resource,
  });
  return await code.save();
}

/** Makes that many, a few at a time. */
async function times<Made>(count: number, make: (number: number) => Promise<Made>): Promise<readonly Made[]> {
  const made: Made[] = [];
  while (made.length < count) {
    const together = Array.from({ length: Math.min(100, count - made.length) }, (_, at) => made.length + at);
    made.push(...(await Promise.all(together.map(make))));
  }
  return made;
}

answer(
  async (message: PeerMessage) => {
    if ("start" in message) return await start(message.start);
    if ("grants" in message) return await times(message.grants, grantOf);
    return await times(message.codes, (number) => codeOf(number, message.challenge));
  },
  async () => {
    await running?.redis.quit();
  },
);
