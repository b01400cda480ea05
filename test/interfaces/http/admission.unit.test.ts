import { expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createAdmission, Overloaded } from "../../../interfaces/http/oauth/admission.ts";

function openAdmission() {
  const waits: number[] = [];
  const told: string[] = [];
  const sleep = async (milliseconds: number) => void waits.push(milliseconds);
  const warn = (_facts: unknown, message: string) => void told.push(message);
  return { waits, told, ...createAdmission({ sleep }, { warn } as never) };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it("turns away what is too much, soon, in few words, and lets in again at once what is not", async () => {
  const { told, inTurn } = openAdmission();
  const { promise: disk, resolve: written } = Promise.withResolvers<void>();
  const outcomes = Promise.allSettled(Array.from({ length: 1_000 }, () => inTurn(() => disk)));
  await pause(150);
  written();
  const settled = await outcomes;
  expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(128);
  for (const outcome of settled)
    if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(Overloaded);
  expect(await inTurn(async () => "let in")).toBe("let in");
  await pause(1_000);
  expect(told).toEqual([expect.stringContaining("872 token requests were turned away")]);
});

it("holds those back who were turned away, and nobody whose own work was refused", async () => {
  const { waits, holdingBack } = openAdmission();
  const failing = (error: Error) => holdingBack(() => Promise.reject(error));
  await expect(failing(new Unavailable("the log is gone"))).rejects.toThrow("gone");
  expect(waits).toEqual([]);
  await expect(failing(new Overloaded("too much"))).rejects.toThrow("too much");
  expect(waits).toEqual([500]);
});
