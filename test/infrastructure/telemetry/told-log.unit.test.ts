import { pino } from "pino";
import { expect, it } from "vitest";
import { createHandle } from "../../../application/commands/handle.ts";
import { closeGrants } from "../../../application/jobs/close-grants.ts";
import { WrongExpectedRevision } from "../../../application/ports/event-store.ts";
import { toldLog } from "../../../infrastructure/telemetry/told-log.ts";
import { at, pending } from "../../support/grant-events.ts";
import { type JobWorld, openJobWorld, undisturbed } from "../../support/job-world.ts";
import { user } from "../../support/projection.ts";

const hash = "h".repeat(43);

function listening(level: string) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level, base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, logger };
}

/** A grant whose user was disabled since. */
async function endedUser(world: JobWorld): Promise<void> {
  const grant = { ...pending, grantId: "g", userId: "ada", userEpoch: 0, code: { ...pending.code, hash } };
  await world.append("grant-g", { type: "grant.authorized", data: { grant } });
  await world.append("user-ada", {
    type: "user.disabled",
    data: { user: { ...user(1), userId: "ada" }, at: 1 },
  });
  await world.project();
}

it("tells what a job decides, under the job's own correlation id", async () => {
  await using world = await openJobWorld({}, at(10));
  await endedUser(world);
  const { lines, logger } = listening("debug");
  const log = toldLog(world.context.log, logger);
  await closeGrants(
    { ...world.context, log, handle: createHandle(log, async () => undefined) },
    undisturbed(),
  );
  const events = (await world.events()).slice(-2);
  expect(lines).toMatchObject(
    events.map(({ type, stream, position, metadata }) => ({
      ...{ type, stream, position: String(position), actor: "system", requestId: metadata.correlationId },
    })),
  );
  expect(lines.map(({ msg }) => msg)).toEqual([
    expect.stringMatching(
      /^grant g: ended with all its tokens, client \S+ \(user ada\): its user was disabled, /,
    ),
    "closure: user ada had ended; all grants that lived by it know of it, 1 of them since now",
  ]);
});

it("tells nothing of what could not be appended", async () => {
  await using world = await openJobWorld({}, at(10));
  const { lines, logger } = listening("debug");
  const event = { type: "library.reset", data: { library: { epoch: 1, resetAt: 1 } } };
  const append = toldLog(world.context.log, logger).append("library", [event], 7, {
    ...{ actor: "system", correlationId: "test" },
  });
  await expect(append).rejects.toBeInstanceOf(WrongExpectedRevision);
  expect(lines).toEqual([]);
});

it("costs nothing at any other level", async () => {
  await using world = await openJobWorld({}, at(10));
  expect(toldLog(world.context.log, listening("info").logger)).toBe(world.context.log);
});
