import { v7 as uuidv7 } from "uuid";
import { catalog } from "../../application/events/catalog.ts";
import { originField, personalFields, usernameField } from "../../application/personal-fields.ts";
import type { NewEvent } from "../../application/ports/event-store.ts";
import type { Secrets } from "../../application/ports/secrets.ts";
import { sha256 } from "../../domain/oauth/hash.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const hash = () => crypto.getRandomValues(Buffer.alloc(32)).toString("base64url");
const clientId = (number: number) =>
  `c_${Buffer.from(String(number).padStart(16, "0")).toString("base64url")}`;
const userId = (number: number) => `u_${Buffer.from(String(number).padStart(16, "0")).toString("base64url")}`;

/** The secret of every refresh token, so that any of them can be asked about. */
export const refreshSecret = "A".repeat(43);
const refreshHash = sha256(refreshSecret);

/** How many clients and people there are, and what one visit of a person leaves in the log. */
export const clients = 50;
export const eventsPerVisit = 8;

/** The events of one append. */
export interface Told {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly expectedRevision: number;
}

/**
 * Tells what people do, as a log of production would hold it: a sign-in, an authorization, its tokens, the end.
 * @param tick milliseconds between two events of one visit; visits follow each other
 */
export function createStories(secrets: Secrets, startsAt: number, tick: number) {
  const keys = new Map<string, ReturnType<typeof personalFields>>();
  let request = "";
  const event = (type: string, time: number, actor: string, data: unknown): NewEvent => ({
    id: uuidv7({ msecs: time }),
    type,
    version: catalog[type]?.version ?? 1,
    data,
    metadata: { actor, correlationId: request },
    time,
  });

  const clientOf = (number: number) => ({
    clientId: clientId(number),
    name: `App ${number}`,
    type: "public",
    applicationType: "web",
    authMethods: ["none"],
    redirectUris: ["https://app.example/callback"],
    grantTypes: ["authorization_code", "refresh_token"],
    scopes: ["read", "write"],
    tokenFormat: "jwt",
    jwks: null,
    jwksUri: null,
    clientUri: null,
    softwareId: null,
    origin: "operator",
    secrets: [],
    registrationTokenHash: null,
    epoch: 0,
    status: "active",
    registeredAt: startsAt,
  });

  const registration = (number: number): Told => ({
    stream: `client-${clientId(number)}`,
    events: [event("client.registered", startsAt, "operator", { client: clientOf(number) })],
    expectedRevision: -1,
  });

  function person(number: number): readonly Told[] {
    request = crypto.randomUUID();
    const id = userId(number);
    const { wrapped } = secrets.newDataKey(`username of ${id}`);
    const fields = personalFields(secrets, { userId: id, wrappedKey: wrapped });
    keys.set(id, fields);
    const user = {
      userId: id,
      username: fields.seal(usernameField(id), `person ${number}`),
      usernameIndex: hash(),
      passwordHash: `$argon2id$v=19$m=19456,t=2,p=1$${hash()}$${hash()}`,
      scopes: ["read", "write"],
      epoch: 0,
      status: "active",
      registeredAt: startsAt,
    };
    const subjectKey = { userId: id, wrappedKey: wrapped, createdAt: startsAt };
    return [
      {
        stream: `subject-key-${id}`,
        events: [event("subject_key.created", startsAt, "operator", { subjectKey })],
        expectedRevision: -1,
      },
      {
        stream: `user-${id}`,
        events: [event("user.registered", startsAt, "operator", { user })],
        expectedRevision: -1,
      },
    ];
  }

  /** One visit; `revision` is where the person's sessions stand before it. */
  function visit(number: number, time: number, revision: number): readonly Told[] {
    request = crypto.randomUUID();
    const user = userId(number);
    const client = clientId(number % clients);
    const [sessionId, grantId] = [secrets.newId(), secrets.newId()];
    const address = `198.51.${number % 200}.${(number * 7) % 250}`;
    const session = {
      sessionId,
      userId: user,
      userEpoch: 0,
      kind: "browser",
      openedBy: null,
      origin:
        keys.get(user)?.seal(originField(sessionId), JSON.stringify({ address, agent: "Mozilla/5.0" })) ??
        null,
      remembered: false,
      secretHash: hash(),
      startedAt: time,
      authenticatedAt: time,
      lastSeenAt: time,
      expiresAt: time + 30 * minute,
      absoluteExpiresAt: time + day,
    };
    const sessions = { live: [session], endedOnPurpose: [], endedThrough: 0 };
    const terms = {
      grantId,
      clientId: client,
      clientEpoch: 0,
      userId: user,
      userEpoch: 0,
      sessionId,
      scope: ["read", "write"],
      audience: ["https://auth.example/mcp"],
      authenticatedAt: time,
      authorizedAt: time + 3 * tick,
      expiresAt: time + 90 * day,
    };
    const code = {
      hash: hash(),
      challenge: hash(),
      redirectUri: "https://app.example/callback",
      expiresAt: time + minute,
    };
    const issued = (at: number, atRevision: number, known: readonly object[]) => {
      const token = { revision: atRevision, hash: hash(), expiresAt: at + 60 * minute };
      const accessToken = { ...token, scope: terms.scope, audience: terms.audience, issuedAt: at };
      const accessTokens = [...known, token];
      const grant = {
        status: "active",
        ...terms,
        refreshToken: { revision: atRevision, hash: refreshHash, issuedAt: at, expiresAt: at + 30 * day },
        spent:
          atRevision === 1 ? null : { revision: atRevision - 1, nonce: hash(), keyVersion: 1, repeats: 0 },
        accessTokens,
        revoked: { revisions: [], throughRevision: -1 },
        lastsUntil: at + 30 * day,
      };
      return { accessToken, grant };
    };
    const first = issued(time + 4 * tick, 1, []);
    const second = issued(time + 5 * tick, 2, first.grant.accessTokens);
    const third = issued(time + 6 * tick, 3, second.grant.accessTokens);
    const fourth = issued(time + 7 * tick, 4, third.grant.accessTokens);
    const [byUser, byClient] = [`user:${user}`, `client:${client}`];
    return [
      {
        stream: `sessions-${user}`,
        events: [
          event("session.started", time, byUser, { session, sessions }),
          event("session.slid", time + tick, byUser, { session, sessions }),
          event("session.ended", time + 2 * tick, "system", {
            session,
            reason: "expired",
            endedAt: time + 2 * tick,
            sessions: { ...sessions, live: [] },
          }),
        ],
        expectedRevision: revision,
      },
      {
        stream: `grant-${grantId}`,
        events: [
          event("grant.authorized", time + 3 * tick, byUser, {
            grant: { status: "pending", ...terms, code },
          }),
          event("grant.code.redeemed", time + 4 * tick, byClient, first),
          event("grant.refresh_token.rotated", time + 5 * tick, byClient, second),
          event("grant.refresh_token.rotated", time + 6 * tick, byClient, third),
          event("grant.refresh_token.rotated", time + 7 * tick, byClient, fourth),
        ],
        expectedRevision: -1,
      },
    ];
  }

  return { registration, person, visit, userId };
}
