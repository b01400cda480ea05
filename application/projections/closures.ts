import type { ClientEvent } from "../../domain/client/client.ts";
import type { Closure, ClosureEvent, Ending } from "../../domain/closure/closure.ts";
import type { ErasureEvent } from "../../domain/erasure/erasure.ts";
import { isEndOnPurpose, type SessionEvent } from "../../domain/session/session.ts";
import type { UserEvent } from "../../domain/user/user.ts";
import { projection, type Write } from "./projection.ts";

/** How long a closure that is complete can be looked at. */
const keptFor = 24 * 60 * 60 * 1000;

/** One document an ending, so that a later one of the same user or client is another and never taken for done. */
const idOf = ({ what, id, epoch }: Ending): string => `${what}-${id}-${epoch}`;

/** An ending whose grants are still to learn of it, and the event that it came by. */
export interface OpenEnding extends Ending {
  readonly cause: string;
}

const open = ({ what, id, epoch }: Ending, cause: string): Write => {
  const document: OpenEnding = { what, id, epoch, cause };
  return { id: idOf(document), document, indexes: { open: "yes" } };
};

const openUser = ({ user }: { user: { userId: string; epoch: number } }, cause: string): Write =>
  open({ what: "user", id: user.userId, epoch: user.epoch }, cause);

const openClient = ({ client }: { client: { clientId: string; epoch: number } }, cause: string): Write =>
  open({ what: "client", id: client.clientId, epoch: client.epoch }, cause);

const done = ({ closure }: { closure: Closure }): Write => ({
  id: idOf(closure),
  document: closure,
  expiresAt: closure.completedAt + keptFor,
});

const nothing = () => undefined;

/** What has ended: open until the streams of all grants that hang on it have learnt of it. */
export const closures = projection<UserEvent | ErasureEvent | ClientEvent | SessionEvent | ClosureEvent>(
  "closures",
  3,
  {
    "user.registered": nothing,
    "user.password_changed": openUser,
    "user.password_hash_renewed": nothing,
    "user.scopes_changed": nothing,
    "user.disabled": openUser,
    "user.enabled": nothing,
    "user.signed_out_everywhere": openUser,
    "user.erased": nothing,
    "erasure.requested": ({ erasure }, cause) => openUser(erasure, cause),
    "erasure.completed": nothing,
    "client.registered": nothing,
    "client.updated": nothing,
    "client.secret_rotated": (rotated, cause) =>
      rotated.compromised ? openClient(rotated, cause) : undefined,
    "client.secret_hash_renewed": nothing,
    "client.disabled": openClient,
    "client.enabled": nothing,
    "client.deleted": openClient,
    "client.tokens_ended": openClient,
    "session.started": nothing,
    "session.slid": nothing,
    "session.ended": ({ session, reason }, cause) =>
      // What hangs on those that ended with their user ends by that user's epoch.
      isEndOnPurpose(reason) && reason !== "ended_everywhere"
        ? open({ what: "session", id: session.sessionId, epoch: 0 }, cause)
        : undefined,
    "closure.completed": done,
  },
);
