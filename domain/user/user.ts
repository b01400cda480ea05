import { accept, type Decider, type Decision, type DomainEvent } from "../decider.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";
import type { Scope } from "../oauth/scope.ts";

interface Person {
  readonly userId: string;
  /** What the person may grant; nothing once erased. */
  readonly scopes: Scope;
  /** Raised by all that must end every session and token of this user at once. */
  readonly epoch: number;
}

/** A person who can sign in. The name stands here only encrypted under that person's own key. */
export interface RegisteredUser extends Person {
  readonly status: "active" | "disabled";
  readonly username: string;
  /** Keyed blind index of the username, which also names its reservation. */
  readonly usernameIndex: string;
  /** Argon2id in PHC string form; of an imported person what `passwordHashFault` allows, until the next sign-in. */
  readonly passwordHash: string;
  readonly registeredAt: number;
}

/** A person whose data were erased: an id, so that what it did is still told apart. */
export interface ErasedUser extends Person {
  readonly status: "erased";
  readonly erasedAt: number;
}

export type User = RegisteredUser | ErasedUser;

export type UserEvent =
  | DomainEvent<"user.registered", { user: RegisteredUser }>
  | DomainEvent<"user.password_changed", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.password_hash_renewed", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.scopes_changed", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.disabled", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.enabled", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.signed_out_everywhere", { user: RegisteredUser; at: number }>
  | DomainEvent<"user.erased", { user: ErasedUser; at: number }>;

export type UserCommand =
  | {
      readonly type: "register";
      readonly user: Omit<RegisteredUser, "epoch" | "status">;
      /** Whether nobody may sign in yet. */
      readonly isDisabled?: boolean | undefined;
    }
  | {
      readonly type: "change_password";
      readonly passwordHash: string;
      /** Where set, the epoch at which the old password was right: one that was changed since is not changed again. */
      readonly epoch?: number | undefined;
      readonly now: number;
    }
  | {
      /** The same password, hashed anew: nothing that was opened by it ends. */
      readonly type: "renew_password_hash";
      /** What was checked; where another hash holds now, nothing is done. */
      readonly from: string;
      readonly passwordHash: string;
      readonly now: number;
    }
  | { readonly type: "change_scopes"; readonly scopes: Scope; readonly now: number }
  | { readonly type: "disable" | "enable" | "sign_out_everywhere" | "erase"; readonly now: number };

type UserState = User | undefined;
type UserDecision = Decision<UserEvent, User | Refusal>;

const recorded = <Type extends Exclude<UserEvent["type"], "user.registered" | "user.erased">>(
  type: Type,
  user: RegisteredUser,
  at: number,
): UserDecision => accept([{ type, data: { user, at } } as UserEvent], user);

/** The rules of one user. What ends access raises the epoch, so that one event ends all of it and nothing revives it. */
export const userDecider: Decider<UserState, UserCommand, UserEvent, User | Refusal> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.user,
  decide(command, user) {
    if (command.type === "register") {
      if (user) return accept([], refusal("invalid_request", "The username is taken"));
      const status = command.isDisabled ? "disabled" : "active";
      const registered: RegisteredUser = { ...command.user, epoch: 0, status };
      return accept([{ type: "user.registered", data: { user: registered } }], registered);
    }
    if (command.type === "erase" && user?.status === "erased") return accept([], user);
    if (!user || user.status === "erased")
      return accept([], refusal("invalid_request", "There is no such user"));
    const raised = { ...user, epoch: user.epoch + 1 };
    switch (command.type) {
      case "change_password":
        if (command.epoch !== undefined && command.epoch !== user.epoch)
          return accept([], refusal("invalid_request", "The account has changed meanwhile"));
        return recorded(
          "user.password_changed",
          { ...raised, passwordHash: command.passwordHash },
          command.now,
        );
      case "renew_password_hash": {
        if (command.from !== user.passwordHash) return accept([], user);
        const renewed = { ...user, passwordHash: command.passwordHash };
        return recorded("user.password_hash_renewed", renewed, command.now);
      }
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
      case "erase": {
        const { userId } = user;
        const erased: ErasedUser = {
          userId,
          scopes: [],
          epoch: raised.epoch,
          status: "erased",
          erasedAt: command.now,
        };
        return accept([{ type: "user.erased", data: { user: erased, at: command.now } }], erased);
      }
    }
  },
};
