import { describe, it } from "vitest";
import { usernameDecider } from "../../../domain/user/username.ts";
import { given } from "../../support/given.ts";

const reservation = { userId: "u1", reservedAt: 1 };
const reserved = { type: "username.reserved", data: { reservation } } as const;

describe("a username", () => {
  it("goes to the first that asks", () =>
    given(usernameDecider).when({ userId: "u1", now: 1 }).then([reserved], reservation));

  it.each(["u1", "u2"])("stays with the first where %s asks later", (userId) =>
    given(usernameDecider, reserved).when({ userId, now: 2 }).then([], reservation),
  );
});
