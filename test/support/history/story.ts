import type { StoredEvent } from "../../../application/ports/event-store.ts";
import type { Ending } from "../../../domain/closure/closure.ts";
import type { GrantCommand } from "../../../domain/grant/commands.ts";
import { grantDecider } from "../../../domain/grant/decide.ts";
import { type GrantEvent, sign } from "../../../domain/grant/grant.ts";
import { sha256 } from "../../../domain/oauth/hash.ts";
import { isRefusal } from "../../../domain/oauth/refusal.ts";
import {
  formatCode,
  formatRefreshToken,
  parseCode,
  parseRefreshToken,
} from "../../../domain/oauth/token-forms.ts";
import type { SessionEndReason } from "../../../domain/session/session.ts";
import * as commands from "../grant-commands.ts";
import { code, terms } from "../grant-events.ts";
import { History } from "../history.ts";
import { session, sessions } from "../session-events.ts";
import { checkHistory } from "./check.ts";
import type { GrantType } from "./entry.ts";

const padded = (name: string, length: number) => name.padEnd(length, "0");

/** The access token that the event at this revision issued. */
export const accessTokenAt = (grantId: string, revision: number): string => {
  const payload = Buffer.from(JSON.stringify({ jti: `${grantId}.${revision}` })).toString("base64url");
  return `header.${payload}.signature`;
};

/** The refresh token that the event at this revision issued. */
export const refreshTokenAt = (grantId: string, revision: number): string =>
  formatRefreshToken({ grantId, revision, secret: padded(`refresh-${revision}`, 43) });

/** A token of the form that the event at this revision would issue, and never did. */
export const forgedTokenAt = (grantId: string, revision: number): string =>
  formatRefreshToken({ grantId, revision, secret: "f".repeat(43) });

/** A small server in memory: it does the right thing, tells history and log of it, and lets a test tamper with both. */
export class Story {
  now = terms.authorizedAt;
  readonly history = new History(() => ++this.now);
  log: StoredEvent[] = [];
  readonly grantId = padded("grant-1", 22);
  readonly code = formatCode(this.grantId, padded("code", 43));

  append(stream: string, type: string, data: unknown, correlationId = "unknown"): void {
    const revision = this.log.filter((event) => event.stream === stream).length;
    const position = BigInt(this.log.length + 1);
    const metadata = { actor: "system", correlationId };
    this.log.push({
      id: `${position}`,
      stream,
      revision,
      position,
      type,
      version: 1,
      data,
      metadata,
      time: this.now,
    });
  }

  events(): readonly GrantEvent[] {
    const stream = `grant-${this.grantId}`;
    return this.log.filter((event) => event.stream === stream) as unknown as readonly GrantEvent[];
  }

  #execute(command: GrantCommand) {
    const events = this.events();
    const state = events.slice(-1).reduce(grantDecider.evolve, grantDecider.initialState);
    const decision = grantDecider.decide(command, state, events.length - 1);
    const hash = sha256(accessTokenAt(this.grantId, events.length));
    for (const event of decision.events) {
      const { type, data } = sign(event, hash);
      this.append(`grant-${this.grantId}`, type, data);
    }
    return decision.answer;
  }

  /** A person agrees, and the client gets its code. */
  authorize(): this {
    const call = this.history.begin("app");
    const secret = parseCode(this.code)?.secret ?? "";
    this.#execute({
      type: "authorize",
      terms: { ...terms, grantId: this.grantId },
      code: { ...code, hash: sha256(secret), expiresAt: this.now + 60_000 },
    });
    call.code(this.code);
    return this;
  }

  /** Tokens as the server would answer this command with; their refresh token's revision is that of the grant. */
  #tokens(command: GrantCommand) {
    const revision = this.events().length;
    const answer = this.#execute(command);
    if (isRefusal(answer)) return { status: 400, body: { error: answer.error } };
    const grant = "grant" in answer ? answer.grant : undefined;
    const access_token = accessTokenAt(this.grantId, revision);
    const refresh_token = refreshTokenAt(this.grantId, grant?.refreshToken?.revision ?? -1);
    return { status: 200, body: { access_token, refresh_token } };
  }

  #nextSecretHash() {
    return sha256(padded(`refresh-${this.events().length}`, 43));
  }

  redeem(clientId = "app"): this {
    const call = this.history.begin(clientId);
    const presented = { hash: sha256(parseCode(this.code)?.secret ?? ""), issuedBy: this.events()[0] };
    const refreshTokenHash = this.#nextSecretHash();
    const { status, body } = this.#tokens(
      commands.redeem({ clientId, presented, refreshTokenHash, now: this.now }),
    );
    call.token("authorization_code", this.code, status, body);
    return this;
  }

  /** Presents the refresh token that `revision` issued, or a given one. */
  refresh(revision: number, token = refreshTokenAt(this.grantId, revision), clientId = "app"): this {
    const call = this.history.begin(clientId);
    const secret = parseRefreshToken(token)?.secret ?? "";
    const presented = { hash: sha256(secret), revision, issuedBy: this.events()[revision] };
    const successor = { hash: this.#nextSecretHash(), nonce: "nonce", keyVersion: 1 };
    const command = commands.refresh(this.events(), revision, this.now, { presented, successor, clientId });
    const { status, body } = this.#tokens(command);
    call.token("refresh_token", token, status, body);
    return this;
  }

  revoke(revision: number): this {
    const call = this.history.begin("app");
    this.#execute({ type: "revoke_access_token", clientId: "app", tokenRevision: revision, now: this.now });
    call.revoke(accessTokenAt(this.grantId, revision), 200);
    return this;
  }

  /** Revokes the whole family by its refresh token. */
  revokeFamily(revision: number): this {
    const call = this.history.begin("app");
    this.#execute(commands.revoke(this.now));
    call.revoke(refreshTokenAt(this.grantId, revision), 200);
    return this;
  }

  /** Ends the session s1 of the user, in this way. */
  signOut(reason: SessionEndReason = "signed_out"): this {
    const call = this.history.begin("browser");
    const data = { session: session("s1", 0), reason, endedAt: this.now, sessions: sessions([]) };
    this.append("sessions-ada", "session.ended", data);
    call.ended("session", "s1", 200);
    return this;
  }

  /** The job tells the grant that what it lived by has ended, true or not. */
  close(ending: Ending): this {
    this.#execute({ type: "close", ending, now: this.now });
    return this;
  }

  disable(what: "user" | "client", id: string): this {
    const call = this.history.begin("operator");
    this.append(`${what}-${id}`, `${what}.disabled`, {});
    call.ended(what, id, 200);
    return this;
  }

  /** Starts one session after another, and ends none. */
  signIn(...names: readonly string[]): this {
    const live = names.map((name, index) => session(name, index));
    for (const [index, one] of live.entries())
      this.append("sessions-ada", "session.started", {
        session: one,
        sessions: sessions(live.slice(0, index + 1)),
      });
    return this;
  }

  /** Says that a token request was answered with the tokens of this revision, true or not. */
  answered(grantType: GrantType, presented: string | null, revision: number): this {
    this.history.begin("app").token(grantType, presented, 200, {
      access_token: accessTokenAt(this.grantId, revision),
      refresh_token: refreshTokenAt(this.grantId, revision),
    });
    return this;
  }

  /** Says that the last request, which was answered with tokens, was answered so instead. */
  unanswered(status: number, error: string | null): this {
    const last = this.history.entries.pop();
    if (last?.kind !== "token.issued") throw new Error("the last request was not answered with tokens");
    const { kind: _, accessToken: __, refreshToken: ___, ...asked } = last;
    this.history.entries.push({ ...asked, kind: "token.refused", status, error });
    return this;
  }

  /** Says what an introspection of an access token answered, true or not. */
  introspected(revision: number, active: boolean, status = 200): this {
    this.history.begin("rs").introspect(accessTokenAt(this.grantId, revision), status, active);
    return this;
  }

  wait(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  /** Rewrites an event of the log as no server should have. */
  tamper<Data>(type: string, change: (data: Data) => Data): this {
    this.log = this.log.map((event) =>
      event.type === type ? { ...event, data: change(structuredClone(event.data) as Data) } : event,
    );
    return this;
  }

  /** Loses the events of a type. */
  lose(type: string): this {
    this.log = this.log.filter((event) => event.type !== type);
    return this;
  }
}

/** A family with refresh tokens at revisions 1 (spent) and 2. */
export const family = (): Story => new Story().authorize().redeem().refresh(1);

/** The invariants that this story breaks. */
export const broken = ({ history, log }: Story, limits = {}): readonly string[] => [
  ...new Set(checkHistory(history, log, limits).map(({ invariant }) => invariant)),
];
