import type { Decision } from "../../domain/decider.ts";
import type { GrantAnswer, GrantCommand } from "../../domain/grant/commands.ts";
import { grantDecider } from "../../domain/grant/decide.ts";
import { type GrantEvent, sign } from "../../domain/grant/grant.ts";
import { sha256 } from "../../domain/oauth/hash.ts";
import * as commands from "./grant-commands.ts";
import { at, code, terms, verifier } from "./grant-events.ts";
import type { Happening } from "./grant-story.ts";
import { Stream } from "./stream.ts";

/** One command with what came of it. */
export interface Turn extends Decision<GrantEvent, GrantAnswer> {
  readonly command: GrantCommand;
  readonly before: GrantEvent | undefined;
  readonly after: GrantEvent | undefined;
}

export const policy = { ...commands.policy, maxRepeats: 3 };

const issuesRefreshToken = ({ type }: GrantEvent) =>
  type === "grant.code.redeemed" || type === "grant.refresh_token.rotated";

function commandFor(
  happening: Exclude<Happening, { kind: "wait" }>,
  log: readonly GrantEvent[],
  now: number,
): GrantCommand {
  if (happening.kind === "redeem") {
    const { clientId, verifier: codeVerifier } = happening;
    const presented = { hash: code.hash, issuedBy: log[0] };
    return commands.redeem({
      clientId,
      codeVerifier,
      presented,
      policy,
      now,
      refreshTokenHash: sha256(`${log.length}`),
    });
  }
  if (happening.kind === "revoke_access_token")
    return {
      type: "revoke_access_token",
      clientId: "app",
      tokenRevision: Math.max(0, log.length - 1 - happening.pick),
      now,
    };
  if (happening.kind === "close")
    return { type: "close", ending: { what: "user", id: "ada", epoch: happening.epoch }, now };
  const issuing = log.filter(issuesRefreshToken);
  const issuedBy = issuing.at(-1 - (happening.pick % Math.max(1, issuing.length)));
  const revision = issuedBy ? log.indexOf(issuedBy) : 0;
  const presented = { hash: sha256(happening.forged ? "forged" : `${revision}`), revision, issuedBy };
  if (happening.kind === "revoke") return commands.revoke(now, { presented });
  const { clientId, scope, audience, user, resources } = happening;
  return commands.refresh(log, revision, now, {
    presented,
    clientId,
    scope,
    audience,
    standing: commands.standing({ client: ["read", "write"], user, audience: resources }),
    successor: { hash: sha256(`${log.length}`), nonce: sha256(`nonce ${log.length}`), keyVersion: 1 },
    policy,
  });
}

/** Plays a story through the real decider, one command after another. */
export function play(story: readonly Happening[]): readonly Turn[] {
  const stream = new Stream(grantDecider, (event, revision) => sign(event, sha256(`access ${revision}`)));
  stream.execute({ type: "authorize", terms, code });
  const turns: Turn[] = [];
  let now = at(1);
  for (const happening of [{ kind: "redeem", clientId: "app", verifier } as const, ...story]) {
    if (happening.kind === "wait") {
      now += happening.time;
      continue;
    }
    const command = commandFor(happening, stream.events, now);
    const before = stream.events.at(-1);
    turns.push({ command, before, ...stream.execute(command), after: stream.events.at(-1) });
  }
  return turns;
}
