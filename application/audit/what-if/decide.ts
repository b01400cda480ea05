import type { Client } from "../../../domain/client/client.ts";
import type { DomainEvent } from "../../../domain/decider.ts";
import type { GrantEvent } from "../../../domain/grant/grant.ts";
import { sessionDecider } from "../../../domain/session/decide.ts";
import { evolve, type SessionEvent, type Sessions } from "../../../domain/session/session.ts";
import type { StoredEvent } from "../../ports/event-store.ts";
import { streams } from "../../streams.ts";
import type { GrantDecided } from "./commands.ts";
import { decideGrantAgain, isGrantDecided, ruleOfClient } from "./grants.ts";
import type { History } from "./history.ts";
import { accessTokenUntil, grantUnder, type WhatIf } from "./policy.ts";
import type { FirstRefusal, RefusedTable } from "./refused.ts";
import { decideSessionAgain, type SessionDecided, sessionExpired, wouldHaveExpired } from "./sessions.ts";

/** What was decided, by the type of the event that tells it. */
export const kinds = {
  "session.started": "sign-ins",
  "session.slid": "session uses",
  "grant.authorized": "grants",
  "grant.code.redeemed": "redemptions",
  "grant.refresh_token.rotated": "refreshes",
  "grant.refresh_token.repeated": "refreshes",
  "grant.client_credentials.issued": "client credentials",
} as const;

export type Kind = (typeof kinds)[keyof typeof kinds];

/** What would have been decided instead. */
export interface Verdict {
  readonly rule: string | undefined;
  /** The refusal that this one follows from, where it is not refused by itself. */
  readonly because?: FirstRefusal | undefined;
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
  readonly isNarrowed: boolean;
  readonly isShorter: boolean;
  readonly isLateRefresh: boolean;
}

/** The refusal that another follows from; what was only ended to make room refuses by itself. */
const causeOf = (first: FirstRefusal | undefined) => (first?.isEviction ? undefined : first);

const nothingElse = { isNarrowed: false, isShorter: false, isLateRefresh: false };

export interface DecideDependencies {
  readonly whatIf: WhatIf;
  readonly history: History;
  readonly refused: RefusedTable;
}

/** Builds what decides recorded decisions again; what it refuses is noted, and what follows from it is refused with it. */
export function createDecideAgain({ whatIf, history, refused }: DecideDependencies) {
  const isGone = (sessionId: string) => refused.find("session", sessionId) !== undefined;

  async function isPublic(clientId: string, position: bigint): Promise<boolean> {
    if (whatIf.allowPublicClients !== false) return false;
    const event = await history.lastBefore(streams.client(clientId), position);
    return (event?.data as { readonly client?: Client } | undefined)?.client?.type === "public";
  }

  /** The sessions of a user as they were recorded then. */
  async function sessionsBefore(userId: string, position: bigint): Promise<Sessions | undefined> {
    const event = await history.lastBefore(streams.sessions(userId), position);
    return event && evolve(sessionDecider.initialState, event as SessionEvent);
  }

  /** Whether the person would not have been signed in any more, where the grant says by which session that was. */
  async function ruleOfSession({ type, data: { grant } }: GrantDecided, position: bigint) {
    const { sessionId, userId, authorizedAt } = grant;
    if (type !== "grant.authorized" || sessionId === null || userId === null) return {};
    const first = refused.find("session", sessionId);
    if (first?.isEviction) return { rule: first.rule };
    if (first) return { because: first };
    const sessions = await sessionsBefore(userId, position);
    const isOver = sessions && wouldHaveExpired(whatIf, sessions, sessionId, authorizedAt);
    return isOver ? { rule: sessionExpired } : {};
  }

  async function ofGrant(event: GrantDecided, stored: StoredEvent): Promise<Verdict | undefined> {
    const { grantId, clientId, userId } = event.data.grant;
    const hit = { clientId, userId: userId ?? undefined };
    const earlier = refused.find("grant", grantId);
    if (earlier) return { ...hit, ...nothingElse, rule: earlier.rule, because: causeOf(earlier) };
    const before = (await history.before(stored)) as GrantEvent | undefined;
    if (stored.revision > 0 && !before) return undefined;
    const ofClient = ruleOfClient(whatIf, event, await isPublic(clientId, stored.position));
    const ofSession = await ruleOfSession(event, stored.position);
    const verdict = decideGrantAgain(whatIf, event, before);
    const rule = ofClient ?? ofSession.rule ?? verdict.rule ?? ofSession.because?.rule;
    if (rule === undefined) return { ...verdict, ...hit };
    const because = rule === ofSession.because?.rule ? ofSession.because : undefined;
    const revision = verdict.endsGrant ? 0 : stored.revision;
    refused.refuse(
      "grant",
      grantId,
      because ?? { rule, position: stored.position, revision, isEviction: false },
    );
    return { ...hit, ...nothingElse, rule, because };
  }

  /** Why an MCP session could not have been opened, or used: by the access token that opened it. */
  async function ruleOfOpener({ type, data: { session } }: SessionDecided) {
    if (session.openedBy === null) return {};
    const { grantId, revision } = session.openedBy;
    const because = refused.find("grant", grantId);
    if (because && revision >= because.revision) return { because };
    if (type !== "session.started") return {};
    const issued = await history.at(streams.grant(grantId), revision);
    const data = issued?.data as GrantDecided["data"] | undefined;
    if (!data || !("accessToken" in data)) return {};
    const end = accessTokenUntil(whatIf, data.accessToken, grantUnder(whatIf, data.grant).expiresAt);
    const isOver = end <= session.startedAt && session.startedAt < data.accessToken.expiresAt;
    return isOver ? { rule: "The access token had expired" } : {};
  }

  async function ofSession(event: SessionDecided, stored: StoredEvent): Promise<Verdict | undefined> {
    const { sessionId, userId, openedBy } = event.data.session;
    const isOfClient = openedBy?.clientId === userId;
    const hit = { clientId: openedBy?.clientId, userId: isOfClient ? undefined : userId };
    const earlier = refused.find("session", sessionId);
    if (earlier) return { ...hit, ...nothingElse, rule: earlier.rule, because: causeOf(earlier) };
    const before = await history.before(stored);
    if (stored.revision > 0 && !before) return undefined;
    const opener = await ruleOfOpener(event);
    const sessions = before ? evolve(sessionDecider.initialState, before as SessionEvent) : undefined;
    const verdict = decideSessionAgain(whatIf, event, sessions ?? sessionDecider.initialState, isGone);
    const rule = opener.rule ?? verdict.rule ?? opener.because?.rule;
    const first = { position: stored.position, revision: 0, isEviction: false };
    if (rule === undefined) {
      for (const id of verdict.evicted)
        refused.refuse("session", id, { ...first, isEviction: true, rule: "Ended by the limit of sessions" });
      return { ...hit, ...nothingElse, rule };
    }
    const because = rule === opener.because?.rule ? opener.because : undefined;
    refused.refuse("session", sessionId, { ...(because ?? { rule, ...first }), revision: 0 });
    return { ...hit, ...nothingElse, rule, because };
  }

  /** Undefined where the state that it was decided on is not there any more. */
  return async (event: DomainEvent, stored: StoredEvent): Promise<Verdict | undefined> => {
    if (event.type.startsWith("session.")) return await ofSession(event as SessionDecided, stored);
    const ofThis = event as GrantEvent;
    return isGrantDecided(ofThis) ? await ofGrant(ofThis, stored) : undefined;
  };
}
