import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ensureSigningKeys,
  maintainSigningKeys,
  rotateSigningKeys,
} from "../../../application/commands/manage-signing-keys.ts";
import type { SigningKeyEvent } from "../../../domain/signing-key/signing-key.ts";
import { generateMasterKey, parseKeyRing } from "../../../infrastructure/crypto/key-ring.ts";
import { createSecrets } from "../../../infrastructure/crypto/secrets.ts";
import { createTokens } from "../../../infrastructure/crypto/tokens.ts";
import { type JobWorld, openJobWorld } from "../../support/job-world.ts";

const metadata = { actor: "system", correlationId: "test" };
const day = 24 * 60 * 60 * 1000;
const tokens = createTokens(createSecrets(parseKeyRing(generateMasterKey())));

let world: JobWorld;
beforeEach(async () => {
  world = await openJobWorld({ signingKeyDays: 30 });
  await ensureSigningKeys(process(), metadata);
});
afterEach(() => world[Symbol.asyncDispose]());

/** What one process maintains the keys with: a command queue of its own. */
const process = () => ({
  ...world.over((store) => store),
  tokens,
  visibility: { wait: async () => true, advanced: () => undefined },
});

const history = async () => (await world.events("signing-keys")) as unknown as readonly SigningKeyEvent[];
const types = async () => (await history()).map(({ type }) => type.slice("signing_keys.".length));

const together = (work: (of: ReturnType<typeof process>) => Promise<unknown>) =>
  Promise.all(Array.from({ length: 10 }, () => work(process())));

describe("ten processes that maintain the signing keys at once", () => {
  it("rotate them once per due date, and remove the old ones once", async () => {
    await together((one) => maintainSigningKeys(one, metadata));
    expect(await types()).toEqual(["created"]);
    for (let month = 1; month <= 3; month += 1) {
      world.pass(30 * day);
      await together((one) => maintainSigningKeys(one, metadata));
      expect((await types()).filter((type) => type === "rotated")).toHaveLength(month);
      await together((one) => maintainSigningKeys(one, metadata));
      expect((await types()).filter((type) => type === "rotated")).toHaveLength(month);
    }
    world.pass(day);
    await together((one) => maintainSigningKeys(one, metadata));
    expect(await types()).toEqual(["created", "rotated", "rotated", "rotated", "removed"]);
  });

  it("rotate them once when ten operators force that at the same time, and tell all of them the same", async () => {
    const answers = await together((one) => rotateSigningKeys(one, { force: true }, metadata));
    expect(await types()).toEqual(["created", "rotated"]);
    const [, rotated] = await history();
    for (const answer of answers) expect(answer).toEqual(rotated?.data.keys);
    await rotateSigningKeys(process(), { force: true }, metadata);
    expect(await types()).toEqual(["created", "rotated", "rotated"]);
  });
});
