import type { Erasure, ErasureEvent } from "../../domain/erasure/erasure.ts";
import type { User, UserEvent } from "../../domain/user/user.ts";
import { projection, type Write } from "./projection.ts";

const put = ({ user }: { user: User }): Write => ({ id: user.userId, document: user });

export const users = projection<UserEvent | ErasureEvent>("users", 1, {
  "user.registered": put,
  "user.password_changed": put,
  "user.password_hash_renewed": put,
  "user.scopes_changed": put,
  "user.disabled": put,
  "user.enabled": put,
  "user.signed_out_everywhere": put,
  "user.erased": put,
  // The user's own events are removed: this one tells of the user for ever.
  "erasure.requested": ({ erasure }: { erasure: Erasure }) => put(erasure),
  "erasure.completed": () => undefined,
});
