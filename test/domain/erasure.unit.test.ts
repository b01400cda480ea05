import { describe, it } from "vitest";
import { type Erasure, erasureDecider } from "../../domain/erasure/erasure.ts";
import type { ErasedUser } from "../../domain/user/user.ts";
import { given } from "../support/given.ts";

const user: ErasedUser = { userId: "u_ada", scopes: [], epoch: 4, status: "erased", erasedAt: 7 };
const terms = {
  user,
  removed: [{ stream: "user-u_ada", revision: 3 }],
  reservation: "019b85da-3400-7001-8000-000000000001",
  positions: ["3", "9"],
};
const requested: Erasure = { ...terms, completedAt: null };
const completed: Erasure = { ...requested, completedAt: 12 };
const request = { type: "request", erasure: terms } as const;
const wasRequested = { type: "erasure.requested", data: { erasure: requested } } as const;
const wasCompleted = { type: "erasure.completed", data: { erasure: completed } } as const;

describe("an erasure", () => {
  it("is requested once, with what is to be removed", () => {
    given(erasureDecider).when(request).then([wasRequested], requested);
    given(erasureDecider, wasRequested)
      .when({ type: "request", erasure: { ...terms, removed: [] } })
      .then([], requested);
  });

  it("is completed once, and only where it was requested", () => {
    given(erasureDecider, wasRequested).when({ type: "complete", now: 12 }).then([wasCompleted], completed);
    given(erasureDecider, wasRequested, wasCompleted).when({ type: "complete", now: 13 }).then([], completed);
    given(erasureDecider).when({ type: "complete", now: 12 }).then([], undefined);
  });
});
