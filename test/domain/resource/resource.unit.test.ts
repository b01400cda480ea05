import { describe, it } from "vitest";
import {
  type Resource,
  type ResourceCommand,
  type ResourceEvent,
  resourceDecider,
} from "../../../domain/resource/resource.ts";
import { given, refused } from "../../support/given.ts";

const first = { kind: "sha256", hash: "first", validUntil: null } as const;
const fresh = { kind: "sha256", hash: "fresh" } as const;
const details = {
  resourceId: "mcp",
  uri: "https://mcp.example",
  name: "MCP",
  scopes: ["read"],
  isDefault: true,
  secrets: [first],
  registeredAt: 1,
};
const mcp: Resource = { ...details, status: "active" };
const disabled: Resource = { ...mcp, status: "disabled" };
const registered: ResourceEvent = { type: "resource.registered", data: { resource: mcp } };
const disabling: ResourceEvent = { type: "resource.disabled", data: { at: 5, resource: disabled } };

describe("a protected resource", () => {
  it("is registered active", () =>
    given(resourceDecider).when({ type: "register", resource: details }).then([registered], mcp));

  it("is registered once", () =>
    given(resourceDecider, registered)
      .when({ type: "register", resource: details })
      .then([], refused("invalid_request")));

  it("gets a new secret, the old one overlaps", () => {
    const secrets = [
      { ...fresh, validUntil: null },
      { ...first, validUntil: 109 },
    ];
    const after = { ...mcp, secrets };
    given(resourceDecider, registered)
      .when({ type: "rotate_secret", secret: fresh, overlap: 100, now: 9 })
      .then([{ type: "resource.secret_rotated", data: { at: 9, resource: after } }], after);
  });

  it("is disabled and enabled", () => {
    given(resourceDecider, registered).when({ type: "disable", now: 5 }).then([disabling], disabled);
    given(resourceDecider, registered, disabling)
      .when({ type: "enable", now: 9 })
      .then([{ type: "resource.enabled", data: { at: 9, resource: mcp } }], mcp);
  });

  it("is disabled or enabled only where that changes something", () => {
    given(resourceDecider, registered, disabling).when({ type: "disable", now: 9 }).then([], disabled);
    given(resourceDecider, registered).when({ type: "enable", now: 9 }).then([], mcp);
  });

  it.each<ResourceCommand>([
    { type: "rotate_secret", secret: fresh, overlap: 0, now: 9 },
    { type: "disable", now: 9 },
    { type: "enable", now: 9 },
  ])("that does not exist cannot $type", (command) =>
    given(resourceDecider).when(command).then([], refused("invalid_request")),
  );
});
