import { accept, type Decider, type Decision, type DomainEvent } from "../decider.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";
import type { Scope } from "../oauth/scope.ts";

/** A person who can sign in. The name stands here only encrypted under that person's own key. */
export interface User {
  readonly userId: string;
  readonly username: string;
  /** Keyed blind index of the username, which also names its reservation. */
  readonly usernameIndex: string;
  /** Argon2id in PHC string form. */
  readonly passwordHash: string;
  readonly scopes: Scope;
  /** Raised by all that must end every session and token of this user at once. */
  readonly epoch: number;
  readonly status: "active" | "disabled";
  readonly registeredAt: number;
}

export type UserEvent =
  | DomainEvent<"user.registered", { user: User }>
  | DomainEvent<"user.password_changed", { user: User; at: number }>
  | DomainEvent<"user.scopes_changed", { user: User; at: number }>
  | DomainEvent<"user.disabled", { user: User; at: number }>
  | DomainEvent<"user.enabled", { user: User; at: number }>
  | DomainEvent<"user.signed_out_everywhere", { user: User; at: number }>;

export type UserCommand =
  | { readonly type: "register"; readonly user: Omit<User, "epoch" | "status"> }
  | { readonly type: "change_password"; readonly passwordHash: string; readonly now: number }
  | { readonly type: "change_scopes"; readonly scopes: Scope; readonly now: number }
  | { readonly type: "disable" | "enable" | "sign_out_everywhere"; readonly now: number };

type UserState = User | undefined;
type UserDecision = Decision<UserEvent, User | Refusal>;

const recorded = <Type extends Exclude<UserEvent["type"], "user.registered">>(
  type: Type,
  user: User,
  at: number,
): UserDecision => accept([{ type, data: { user, at } } as UserEvent], user);

/** The rules of one user. What ends access raises the epoch, so that one event ends all of it and nothing revives it. */
export const userDecider: Decider<UserState, UserCommand, UserEvent, User | Refusal> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.user,
  decide(command, user) {
    if (command.type === "register") {
      if (user) return accept([], refusal("invalid_request", "The username is taken"));
      const registered: User = { ...command.user, epoch: 0, status: "active" };
      return accept([{ type: "user.registered", data: { user: registered } }], registered);
    }
    if (!user) return accept([], refusal("invalid_request", "There is no such user"));
    const raised = { ...user, epoch: user.epoch + 1 };
    switch (command.type) {
      case "change_password":
        return recorded(
          "user.password_changed",
          { ...raised, passwordHash: command.passwordHash },
          command.now,
        );
      case "change_scopes":
        return recorded("user.scopes_changed", { ...user, scopes: command.scopes }, command.now);
      case "disable":
        if (user.status === "disabled") return accept([], user);
        return recorded("user.disabled", { ...raised, status: "disabled" }, command.now);
      case "enable":
        if (user.status === "active") return accept([], user);
        return recorded("user.enabled", { ...user, status: "active" }, command.now);
      case "sign_out_everywhere":
        return recorded("user.signed_out_everywhere", raised, command.now);
    }
  },
};
