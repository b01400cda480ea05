import { describe, expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import { createPasswords } from "../../../infrastructure/crypto/passwords.ts";

const passwords = createPasswords();

describe("passwords", () => {
  it("are Argon2id with the OWASP parameters and a salt of their own", async () => {
    const [one, two] = await Promise.all([passwords.hash("secret"), passwords.hash("secret")]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
  });

  it("verify against their own hash only", async () => {
    const hash = await passwords.hash("pässword");
    expect(await passwords.verify("pässword", hash)).toBe(true);
    expect(await passwords.verify("password", hash)).toBe(false);
  });

  it("take as long for an unknown user, and are never right", async () => {
    const hash = await passwords.hash("secret");
    const known = await time(() => passwords.verify("wrong", hash));
    const unknown = await time(() => passwords.verify("wrong", undefined));
    expect(await passwords.verify("", undefined)).toBe(false);
    expect(unknown).toBeGreaterThan(known / 3);
  });

  it("of more than 1024 bytes are refused", async () => {
    const hash = await passwords.hash("ä".repeat(512));
    expect(await passwords.verify("ä".repeat(512), hash)).toBe(true);
    expect(await passwords.verify("ä".repeat(513), hash)).toBe(false);
    await expect(passwords.hash("ä".repeat(513))).rejects.toThrow(RangeError);
  });

  it("are refused at once where the queue is full, and served again after it", async () => {
    const busy = createPasswords({ running: 1, waiting: 2 });
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => busy.hash("x")));
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(results[4]).toMatchObject({ reason: expect.any(Unavailable) });
    await expect(busy.hash("x")).resolves.toMatch("argon2id");
  });

  it("keep their turn when one fails", async () => {
    const one = createPasswords({ running: 1, waiting: 0 });
    await expect(one.verify("x", "no hash")).rejects.toThrow();
    await expect(one.verify("x", undefined)).resolves.toBe(false);
  });
});

async function time(work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let i = 0; i < 5; i++) {
    const start = performance.now();
    await work();
    durations.push(performance.now() - start);
  }
  return Math.min(...durations);
}
