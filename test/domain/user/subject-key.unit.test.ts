import { describe, it } from "vitest";
import { subjectKeyDecider } from "../../../domain/user/subject-key.ts";
import { given } from "../../support/given.ts";

const key = { userId: "u1", wrappedKey: "wrapped-1", createdAt: 1 };
const created = { type: "subject_key.created", data: { subjectKey: key } } as const;

describe("a person's data key", () => {
  it("is created", () => given(subjectKeyDecider).when(key).then([created], key));

  it("is never replaced: what it sealed must stay readable", () =>
    given(subjectKeyDecider, created)
      .when({ ...key, wrappedKey: "wrapped-2", createdAt: 2 })
      .then([], key));
});
