import type { Client } from "../../../../domain/client/client.ts";
import type { Grant } from "../../../../domain/grant/grant.ts";
import type { Scope } from "../../../../domain/oauth/scope.ts";
import { adminScope } from "../../../policy.ts";
import { nameOf } from "../../reason.ts";
import { anomaly, type Detector } from "./detector.ts";

/** Scopes that a client is known by, and the event that told of them last. */
interface Known {
  readonly scopes: Scope;
  readonly event: string;
  /** Of grants: how many there were, counted up to `enough`. */
  readonly grants: number;
}

/**
 * So many grants tell what a client usually asks for: a scope that one grant in twenty has was seen by then in 92 of 100
 * clients (1 − 0.95⁵⁰).
 */
const enough = 50;

/** The scope that opens the administration is told of sooner: there is no harmless way to grow into it. */
const enoughFor = (scopes: Scope): number => (scopes.includes(adminScope) ? 1 : enough);

/** More scopes than that of one client are not remembered. */
const maxScopes = 100;

const registeredKey = (clientId: string): string => `scopes:${clientId}`;
const grantedKey = (clientId: string): string => `granted:${clientId}`;

const parse = (remembered: string | undefined): Known | undefined =>
  remembered === undefined ? undefined : JSON.parse(remembered);

const clientIn = (data: unknown): Client => (data as { readonly client: Client }).client;

const union = (known: Scope, more: Scope): Scope => [...known, ...more].slice(-maxScopes);

const registered: Detector = ({ stored, event }, recall) => {
  const { clientId, scopes } = clientIn(event.data);
  const known: Known = { scopes, event: nameOf(stored), grants: 0 };
  recall.set(registeredKey(clientId), JSON.stringify(known));
  return [];
};

/** A client that may ask for more than it was registered with; each scope is told of once. */
const updated: Detector = (observed, recall) => {
  const { clientId, scopes } = clientIn(observed.event.data);
  const known = parse(recall.get(registeredKey(clientId)));
  const fresh = known ? scopes.filter((scope) => !known.scopes.includes(scope)) : [];
  if (!known || fresh.length === 0) return [];
  const after: Known = { ...known, scopes: union(known.scopes, fresh), event: nameOf(observed.stored) };
  recall.set(registeredKey(clientId), JSON.stringify(after));
  const { actor } = observed.stored.metadata;
  return [
    anomaly("scope_growth", observed, {
      subject: clientId,
      explanation: `Client ${clientId} may now ask for ${fresh.join(" ")}, which its registration did not have. It was changed by ${actor === `client:${clientId}` ? "itself" : actor}.`,
      before: [known.event],
    }),
  ];
};

/** A grant with a scope that none of the client's many grants before had. */
const granted: Detector = (observed, recall) => {
  const { clientId, scope } = (observed.event.data as { readonly grant: Grant }).grant;
  const remembered = parse(recall.get(grantedKey(clientId)));
  const known: Known = remembered ?? { scopes: [], event: "", grants: 0 };
  const fresh = scope.filter((name) => !known.scopes.includes(name));
  if (known.grants >= enough && fresh.length === 0) return [];
  const after: Known = {
    scopes: union(known.scopes, fresh),
    event: nameOf(observed.stored),
    grants: Math.min(known.grants + 1, enough),
  };
  recall.set(grantedKey(clientId), JSON.stringify(after));
  if (fresh.length === 0 || known.grants < enoughFor(fresh)) return [];
  const had = known.grants === enough ? `${enough} or more` : `${known.grants}`;
  return [
    anomaly("scope_growth", observed, {
      subject: clientId,
      explanation: `Client ${clientId} was granted ${fresh.join(" ")}, which none of its grants before had (${had}).`,
      before: [known.event],
    }),
  ];
};

export const scopeDetectors: Readonly<Record<string, Detector>> = {
  "client.registered": registered,
  "client.updated": updated,
  "client.deleted": ({ event }, recall) => {
    const { clientId } = clientIn(event.data);
    recall.forget(registeredKey(clientId));
    recall.forget(grantedKey(clientId));
    return [];
  },
  "grant.authorized": granted,
  "grant.client_credentials.issued": granted,
};
