import { describe, it } from "vitest";
import {
  type ErasedUser,
  type RegisteredUser,
  type User,
  type UserCommand,
  type UserEvent,
  userDecider,
} from "../../../domain/user/user.ts";
import { given, refused } from "../../support/given.ts";

const details = {
  userId: "u1",
  username: "sealed-name",
  usernameIndex: "blind-index",
  passwordHash: "$argon2id$one",
  scopes: ["read"],
  registeredAt: 1,
};
const ada: RegisteredUser = { ...details, epoch: 0, status: "active" };
const disabled: RegisteredUser = { ...ada, epoch: 1, status: "disabled" };
const registered: UserEvent = { type: "user.registered", data: { user: ada } };
const disabling: UserEvent = { type: "user.disabled", data: { user: disabled, at: 5 } };

const erased: ErasedUser = { userId: "u1", scopes: [], epoch: 1, status: "erased", erasedAt: 7 };
const erasing: UserEvent = { type: "user.erased", data: { user: erased, at: 7 } };

describe("a user", () => {
  it("is registered active, at epoch 0", () =>
    given(userDecider).when({ type: "register", user: details }).then([registered], ada));

  it("may be registered disabled", () => {
    const user: RegisteredUser = { ...details, epoch: 0, status: "disabled" };
    given(userDecider)
      .when({ type: "register", user: details, isDisabled: true })
      .then([{ type: "user.registered", data: { user } }], user);
  });

  it("keeps its epoch where only the hash of the password is renewed", () => {
    const user: RegisteredUser = { ...ada, passwordHash: "$argon2id$two" };
    given(userDecider, registered)
      .when({ type: "renew_password_hash", from: "$argon2id$one", passwordHash: "$argon2id$two", now: 9 })
      .then([{ type: "user.password_hash_renewed", data: { user, at: 9 } }], user);
  });

  it("keeps a password that was changed while the hash of the old one was renewed", () =>
    given(userDecider, registered)
      .when({ type: "renew_password_hash", from: "$argon2id$old", passwordHash: "$argon2id$two", now: 9 })
      .then([], ada));

  it("is registered once", () =>
    given(userDecider, registered)
      .when({ type: "register", user: details })
      .then([], refused("invalid_request")));

  it.each<[string, UserCommand, UserEvent["type"], User]>([
    [
      "a new password ends every session and token (epoch)",
      { type: "change_password", passwordHash: "$argon2id$two", now: 9 },
      "user.password_changed",
      { ...ada, passwordHash: "$argon2id$two", epoch: 1 },
    ],
    [
      "other scopes end nothing: refresh intersects them",
      { type: "change_scopes", scopes: ["read", "write"], now: 9 },
      "user.scopes_changed",
      { ...ada, scopes: ["read", "write"] },
    ],
    ["disabling ends everything (epoch)", { type: "disable", now: 9 }, "user.disabled", disabled],
    [
      "signing out everywhere ends everything (epoch)",
      { type: "sign_out_everywhere", now: 9 },
      "user.signed_out_everywhere",
      { ...ada, epoch: 1 },
    ],
  ])("%s", (_, command, type, user) =>
    given(userDecider, registered)
      .when(command)
      .then([{ type, data: { user, at: 9 } } as UserEvent], user),
  );

  it("is enabled again at the raised epoch, so that nothing revives (I5)", () => {
    const enabled: RegisteredUser = { ...disabled, status: "active" };
    given(userDecider, registered, disabling)
      .when({ type: "enable", now: 9 })
      .then([{ type: "user.enabled", data: { user: enabled, at: 9 } }], enabled);
  });

  it("is disabled or enabled only where that changes something", () => {
    given(userDecider, registered, disabling).when({ type: "disable", now: 9 }).then([], disabled);
    given(userDecider, registered).when({ type: "enable", now: 9 }).then([], ada);
  });

  it.each<UserCommand>([
    { type: "change_password", passwordHash: "$argon2id$two", now: 9 },
    { type: "change_scopes", scopes: [], now: 9 },
    { type: "disable", now: 9 },
    { type: "enable", now: 9 },
    { type: "sign_out_everywhere", now: 9 },
  ])("that does not exist cannot $type", (command) =>
    given(userDecider).when(command).then([], refused("invalid_request")),
  );

  it("is erased to an id and a raised epoch, once, and comes back by nothing", () => {
    given(userDecider, registered).when({ type: "erase", now: 7 }).then([erasing], erased);
    given(userDecider, registered, erasing).when({ type: "erase", now: 9 }).then([], erased);
    const commands: readonly UserCommand[] = [
      { type: "register", user: details },
      { type: "change_password", passwordHash: "$argon2id$two", now: 9 },
      { type: "enable", now: 9 },
    ];
    for (const command of commands)
      given(userDecider, registered, erasing).when(command).then([], refused("invalid_request"));
  });

  it("gets no other password on the strength of one that was changed meanwhile", () => {
    const command: UserCommand = { type: "change_password", passwordHash: "$argon2id$two", epoch: 0, now: 9 };
    given(userDecider, registered, disabling).when(command).then([], refused("invalid_request"));
    const changed: RegisteredUser = { ...ada, passwordHash: "$argon2id$two", epoch: 1 };
    given(userDecider, registered)
      .when(command)
      .then([{ type: "user.password_changed", data: { user: changed, at: 9 } }], changed);
  });
});
