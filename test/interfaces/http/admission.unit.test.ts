import { expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createAdmission } from "../../../interfaces/http/oauth/admission.ts";

it("turns away what is too much, after half a second, and lets in again at once what is not", async () => {
  const waits: number[] = [];
  const admitted = createAdmission({ sleep: async (milliseconds) => void waits.push(milliseconds) });
  const { promise: disk, resolve: written } = Promise.withResolvers<void>();
  const requests = Array.from({ length: 1_000 }, () => admitted(() => disk));
  const outcomes = Promise.allSettled(requests);
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(waits).toEqual(new Array(1_000 - 128).fill(500));
  written();
  const settled = await outcomes;
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(128);
  for (const outcome of settled)
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Unavailable);
  expect(await admitted(async () => "let in")).toBe("let in");
});

it("holds nobody back whose own work was refused", async () => {
  const waits: number[] = [];
  const admitted = createAdmission({ sleep: async (milliseconds) => void waits.push(milliseconds) });
  await expect(admitted(() => Promise.reject(new Unavailable("the log is gone")))).rejects.toThrow("gone");
  expect(waits).toEqual([]);
});
