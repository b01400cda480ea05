import { describe, it } from "vitest";
import { type Closure, closureDecider } from "../../domain/closure/closure.ts";
import { given } from "../support/given.ts";

const closure: Closure = { what: "user", id: "ada", epoch: 3, grants: 7, completedAt: 100 };

describe("a closure", () => {
  it("is completed", () =>
    given(closureDecider)
      .when(closure)
      .then([{ type: "closure.completed", data: { closure } }], closure));

  it("is completed once: a second process gets the first one's", () =>
    given(closureDecider, { type: "closure.completed" as const, data: { closure } })
      .when({ ...closure, grants: 2, completedAt: 200 })
      .then([], closure));
});
