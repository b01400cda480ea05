import type { AccessToken, ActiveGrant, Grant } from "../../domain/grant/grant.ts";
import { scopeNow } from "../../domain/grant/issue.ts";
import { constantTimeEqual } from "../../domain/oauth/hash.ts";
import { intersectScope, type Scope } from "../../domain/oauth/scope.ts";
import type { Session, Sessions } from "../../domain/session/session.ts";
import type { Context } from "../context.ts";
import { ref } from "../documents.ts";
import { decode } from "../events/catalog.ts";
import { timeText } from "../events/words/words.ts";
import type { StoredEvent } from "../ports/event-store.ts";
import { askedToken, introspect } from "../queries/introspect.ts";
import { streams } from "../streams.ts";
import { addHolders, firstEvent, scopesThen } from "./conditions.ts";
import { term } from "./index/terms.ts";
import { createPast, documentsOf, eventAt, Gone, type Past, type PastDependencies } from "./past.ts";
import { type Citation, type Reason, Reasons } from "./reason.ts";
import { addLostHistory } from "./restored.ts";
import { type NamedToken, readToken } from "./token.ts";

export interface ExplainDependencies extends PastDependencies, Pick<Context, "tokens" | "policy"> {}

/** Whether a token was good at one moment, and why. Times are epoch milliseconds. */
export interface Explanation {
  /** Null where the events that would tell have left the log. */
  readonly active: boolean | null;
  readonly at: number;
  /** Up to which position the log was asked. */
  readonly position: bigint;
  readonly kind: NamedToken["kind"];
  readonly grantId: string;
  readonly clientId: string | null;
  readonly userId: string | null;
  /** What it allowed then; empty where it allowed nothing. */
  readonly scope: Scope;
  readonly resources: readonly string[];
  readonly expiresAt: number | null;
  readonly reasons: readonly Reason[];
  readonly events: readonly Citation[];
}

interface Question extends ExplainDependencies {
  readonly named: NamedToken;
  readonly at: number;
  readonly past: Past;
  readonly reasons: Reasons;
}

/** What an event that issues tokens says. */
interface Issue {
  readonly grant: ActiveGrant;
  readonly accessToken: AccessToken;
}

/** The event that issued the token; undefined, with the reason why, where it issued none such. */
async function issueOf(question: Question): Promise<{ event: StoredEvent; issue: Issue } | undefined> {
  const { named, past, reasons, index } = question;
  const { grantId, revision, hash, kind } = named;
  const stream = streams.grant(grantId);
  const event = await eventAt(question, { stream, revision });
  if (!event) {
    const known = index.find([term.stream(stream)], { limit: 1 });
    if (known.length > 0) throw new Gone(stream, revision);
    reasons.add(false, `the log holds no grant ${grantId}, so it never issued this`);
    await addLostHistory(question, reasons);
    return undefined;
  }
  const issue = decode(event).data as Partial<Issue>;
  const issued = kind === "access_token" ? issue.accessToken?.hash : issue.grant?.refreshToken?.hash;
  if (!issue.accessToken || !issue.grant || issued === undefined || !constantTimeEqual(issued, hash)) {
    reasons.add(
      false,
      "this is not what was issued by the event that it names; it was altered, cut off or made up",
      event,
    );
    await addLostHistory(question, reasons);
    return undefined;
  }
  if (event.position > past.position) {
    reasons.add(false, "it was issued only later", event);
    return undefined;
  }
  reasons.add(true, "it was issued", event);
  return { event, issue: issue as Issue };
}

/** Adds by whose act the grant began: the code, the consent and the sign-in that it rests on. */
async function addOrigin(question: Question, grant: Grant): Promise<void> {
  const { reasons } = question;
  const { grantId, userId, clientId, authenticatedAt } = grant;
  const begun = await eventAt(question, { stream: streams.grant(grantId), revision: 0 });
  if (!begun || userId === null) return;
  reasons.add(true, "the grant began", begun);
  const then = createPast(question, begun.position);
  const consent = await then.state(ref.consent(userId, clientId));
  if (consent) reasons.add(true, "the user had agreed", consent.event);
  const { index } = question;
  const last = index.last(streams.sessions(userId), begun.position);
  const list = last && (await eventAt(question, last));
  const session = list && sessionsIn(list).live.find((live) => live.authenticatedAt === authenticatedAt);
  if (!session) return;
  const started = await firstEvent(
    question,
    [term.session(session.sessionId)],
    { to: begun.position },
    (event) => event.type === "session.started" && isOf(event.data, session.sessionId),
  );
  if (started) reasons.add(true, "the user had signed in", started);
}

const sessionsIn = (stored: StoredEvent): Sessions =>
  (decode(stored).data as { sessions: Sessions }).sessions;
const isOf = (data: unknown, id: string): boolean => (data as { session: Session }).session.sessionId === id;

async function addExpiry({ at, reasons }: Question, what: string, expiresAt: number): Promise<void> {
  reasons.add(
    at < expiresAt,
    at < expiresAt
      ? `${what} lived until ${timeText(expiresAt)}`
      : `${what} had expired at ${timeText(expiresAt)}`,
  );
}

/** Adds whether the access token itself was revoked. */
async function addRevocation(question: Question, grant: Grant, issued: StoredEvent): Promise<void> {
  const { named, past, reasons } = question;
  const { revision } = named;
  if (grant.status !== "active") return;
  const { revisions, throughRevision } = grant.revoked;
  if (!revisions.includes(revision) && throughRevision < revision) return;
  const stream = [term.stream(streams.grant(grant.grantId))];
  const range = { from: issued.position, to: past.position };
  const revoked = await firstEvent(
    question,
    stream,
    range,
    ({ type, data }) =>
      type === "grant.access_token.revoked" && (data as { readonly revision: number }).revision >= revision,
  );
  reasons.add(false, "it was revoked", revoked);
}

/** Adds whether the refresh token was the newest of its grant still. */
async function addUse(question: Question, grant: Grant, issued: StoredEvent): Promise<void> {
  const { past, named, reasons } = question;
  if (grant.status !== "active" || grant.refreshToken?.revision === named.revision) return;
  const stream = [term.stream(streams.grant(grant.grantId))];
  const range = { from: issued.position + 1n, to: past.position };
  const used = await firstEvent(
    question,
    stream,
    range,
    ({ type }) => type === "grant.refresh_token.rotated",
  );
  reasons.add(false, "it had been used, and another took its place", used);
}

async function addGrant({ past, reasons }: Question, grantId: string): Promise<Grant | undefined> {
  const found = await past.state(ref.grant(grantId));
  if (found?.document.status === "ended") reasons.add(false, "the grant had ended", found.event);
  return found?.document;
}

/** Whether it was good then, by the very code that answers introspection. */
async function isActiveThen(
  { tokens, policy, past, at, named }: Question,
  clientId: string,
): Promise<boolean> {
  const client = await past.state(ref.client(clientId));
  if (!client) return false;
  const context = {
    documents: documentsOf(past),
    tokens,
    policy,
    clock: { now: () => at, monotonic: () => at, sleep: () => Promise.resolve() },
  };
  const answer = await introspect(
    context,
    { kind: "client", client: client.document },
    askedToken(context, named.token),
  );
  return answer.active;
}

async function answer(question: Question): Promise<Explanation> {
  const { named, past, reasons, at } = question;
  const { kind, grantId } = named;
  const found = await issueOf(question);
  const { accessToken, grant: then } = found?.issue ?? {};
  const isAccess = kind === "access_token";
  const expiresAt = (isAccess ? accessToken?.expiresAt : then?.refreshToken?.expiresAt) ?? null;
  let scope: Scope = [];
  if (found && then) {
    await addOrigin(question, then);
    if (expiresAt !== null) await addExpiry(question, "it", expiresAt);
    const grant = (await addGrant(question, grantId)) ?? then;
    if (isAccess) await addRevocation(question, grant, found.event);
    else await addUse(question, grant, found.event);
    await addHolders(question, past, grant, reasons);
    const left = scopeNow(grant, await scopesThen(past, grant));
    scope = isAccess ? intersectScope(accessToken?.scope ?? [], left) : left;
    const had = isAccess ? (accessToken?.scope ?? []) : grant.scope;
    if (scope.length === 0) reasons.add(false, "nothing of its scope was left to client and user");
    else if (scope.length < had.length)
      reasons.add(true, `client and user had only ${scope.join(" ")} left of its scope ${had.join(" ")}`);
  }
  const active = then !== undefined && (await isActiveThen(question, then.clientId));
  // The verdict is that of the code that answered; reasons that do not lead to it are told apart from it.
  if (active !== reasons.allHold)
    reasons.add(
      active,
      `introspection, decided again for that moment, says ${active ? "active" : "not active"} all the same`,
    );
  return {
    active,
    at,
    position: past.position,
    kind,
    grantId,
    clientId: then?.clientId ?? null,
    userId: then?.userId ?? null,
    scope: active ? scope : [],
    resources: (isAccess ? accessToken?.audience : then?.audience) ?? [],
    expiresAt,
    reasons: reasons.all,
    events: reasons.events,
  };
}

/** What is known of a token whose events have left the log. */
async function answerGone(question: Question, { stream, revision }: Gone): Promise<Explanation> {
  const { named, past, at, index } = question;
  const reasons = new Reasons();
  reasons.add(false, `${stream}@${revision}, which would tell, has left the log`);
  const [removed] = index.find([term.removed(stream)], { limit: 1 });
  const event = removed && (await eventAt(question, removed));
  if (event) reasons.add(false, "it is in the archive", event);
  else await addLostHistory(question, reasons);
  const claims = named.kind === "access_token" ? named.claims : undefined;
  // Only what was dead for long is removed, so from then on it was dead for certain.
  const isDead = (claims && claims.exp * 1000 <= at) || (removed && removed.position <= past.position);
  if (claims && claims.exp * 1000 <= at)
    reasons.add(false, `it had expired at ${timeText(claims.exp * 1000)}`);
  return {
    active: isDead ? false : null,
    at,
    position: past.position,
    kind: named.kind,
    grantId: named.grantId,
    clientId: claims?.client_id ?? null,
    userId: null,
    scope: [],
    resources: claims?.aud ?? [],
    expiresAt: claims ? claims.exp * 1000 : null,
    reasons: reasons.all,
    events: reasons.events,
  };
}

/**
 * Tells whether a token was good at an instant (RFC 7662 §4 as of then), by the events that made it so. The verdict is
 * that of the code that answers introspection, given the documents of that moment.
 * @param at epoch milliseconds @throws {NotFound} where this is no token of this server
 */
export async function explainToken(
  dependencies: ExplainDependencies,
  token: string,
  at: number,
): Promise<Explanation> {
  const named = readToken(dependencies, token);
  const past = createPast(dependencies, dependencies.index.positionAt(at));
  const question: Question = { ...dependencies, named, at, past, reasons: new Reasons() };
  try {
    return await answer(question);
  } catch (error) {
    if (error instanceof Gone) return await answerGone(question, error);
    throw error;
  }
}
