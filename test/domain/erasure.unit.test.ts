import { describe, it } from "vitest";
import { type Erasure, erasureDecider } from "../../domain/erasure/erasure.ts";
import type { ErasedUser } from "../../domain/user/user.ts";
import { given } from "../support/given.ts";

const user: ErasedUser = { userId: "u_ada", scopes: [], epoch: 4, status: "erased", erasedAt: 7 };
const requested: Erasure = { user, removed: ["3", "9"], completedAt: null };
const completed: Erasure = { ...requested, completedAt: 12 };
const request = { type: "request", user, removed: ["3", "9"] } as const;
const wasRequested = { type: "erasure.requested", data: { erasure: requested } } as const;
const wasCompleted = { type: "erasure.completed", data: { erasure: completed } } as const;

describe("an erasure", () => {
  it("is requested once, with what is to be removed", () => {
    given(erasureDecider).when(request).then([wasRequested], requested);
    given(erasureDecider, wasRequested)
      .when({ ...request, removed: [] })
      .then([], requested);
  });

  it("is completed once, and only where it was requested", () => {
    given(erasureDecider, wasRequested).when({ type: "complete", now: 12 }).then([wasCompleted], completed);
    given(erasureDecider, wasRequested, wasCompleted).when({ type: "complete", now: 13 }).then([], completed);
    given(erasureDecider).when({ type: "complete", now: 12 }).then([], undefined);
  });
});
