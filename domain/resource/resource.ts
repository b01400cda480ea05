import { accept, type Decider, type DomainEvent } from "../decider.ts";
import { type Refusal, refusal } from "../oauth/refusal.ts";
import type { Scope } from "../oauth/scope.ts";
import { rotateSecret, type StoredSecret } from "../oauth/secret.ts";

/** A protected resource (RFC 8707, RFC 9728) with its own credentials for introspection. */
export interface Resource {
  readonly resourceId: string;
  readonly uri: string;
  readonly name: string;
  readonly scopes: Scope;
  /** Whether a token without `resource` is for it too. */
  readonly isDefault: boolean;
  readonly secrets: readonly StoredSecret[];
  readonly status: "active" | "disabled";
  readonly registeredAt: number;
}

export type ResourceEvent =
  | DomainEvent<"resource.registered", { resource: Resource }>
  | DomainEvent<"resource.secret_rotated", { at: number; resource: Resource }>
  | DomainEvent<"resource.disabled", { at: number; resource: Resource }>
  | DomainEvent<"resource.enabled", { at: number; resource: Resource }>;

export type ResourceCommand =
  | { readonly type: "register"; readonly resource: Omit<Resource, "status"> }
  | {
      readonly type: "rotate_secret";
      readonly secret: Omit<StoredSecret, "validUntil">;
      readonly overlap: number;
      readonly now: number;
    }
  | { readonly type: "disable" | "enable"; readonly now: number };

/** The rules of one protected resource. */
export const resourceDecider: Decider<
  Resource | undefined,
  ResourceCommand,
  ResourceEvent,
  Resource | Refusal
> = {
  initialState: undefined,
  evolve: (_state, event) => event.data.resource,
  decide(command, resource) {
    if (command.type === "register") {
      if (resource) return accept([], refusal("invalid_request", "The resource exists already"));
      const registered: Resource = { ...command.resource, status: "active" };
      return accept([{ type: "resource.registered", data: { resource: registered } }], registered);
    }
    if (!resource) return accept([], refusal("invalid_request", "There is no such resource"));
    if (command.type === "rotate_secret") {
      const secrets = rotateSecret(resource.secrets, command.secret, command.overlap, command.now);
      const after = { ...resource, secrets };
      return accept([{ type: "resource.secret_rotated", data: { at: command.now, resource: after } }], after);
    }
    const status = command.type === "disable" ? "disabled" : "active";
    if (resource.status === status) return accept([], resource);
    const after: Resource = { ...resource, status };
    const type = status === "disabled" ? "resource.disabled" : "resource.enabled";
    return accept([{ type, data: { at: command.now, resource: after } }], after);
  },
};
