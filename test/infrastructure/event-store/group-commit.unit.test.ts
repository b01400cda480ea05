import { expect, it } from "vitest";
import { Unavailable } from "../../../application/ports/event-store.ts";
import type { Batch, BatchWriter, Outcome } from "../../../infrastructure/event-store/sqlite/batch.ts";
import { GroupCommit } from "../../../infrastructure/event-store/sqlite/group-commit.ts";

const clock = { now: () => 7 };
const append = { stream: "a", events: [], expectedRevision: -1 };

class FakeWriter implements BatchWriter {
  readonly batches: Batch[] = [];
  fails = false;

  async write(batch: Batch): Promise<Outcome[]> {
    this.batches.push(batch);
    await Promise.resolve();
    if (this.fails) throw new Unavailable("no space left");
    return batch.appends.map((_, index) => ({ revision: index, position: 1n }));
  }

  async close(): Promise<void> {}
}

function groupCommit() {
  const writer = new FakeWriter();
  let committed = 0;
  const commits = new GroupCommit(writer, clock, () => {
    committed += 1;
  });
  return { writer, commits, committed: () => committed };
}

it("writes the appends of one turn together, stamped with the time", async () => {
  const { writer, commits, committed } = groupCommit();
  const results = await Promise.all([commits.append(append), commits.append(append), commits.append(append)]);
  expect(results.map(({ revision }) => revision)).toEqual([0, 1, 2]);
  expect(writer.batches).toEqual([{ time: 7, appends: [append, append, append] }]);
  expect(committed()).toBe(1);
});

it("collects while a batch is being written", async () => {
  const { writer, commits } = groupCommit();
  await Promise.all(Array.from({ length: 2_500 }, () => commits.append(append)));
  expect(writer.batches.map(({ appends }) => appends.length)).toEqual([1_000, 1_000, 500]);
});

it("turns appends away at once while too many wait", async () => {
  const { commits } = groupCommit();
  const accepted = Array.from({ length: 10_000 }, () => commits.append(append));
  await expect(commits.append(append)).rejects.toThrow(Unavailable);
  await Promise.all(accepted);
  await commits.append(append);
});

it("fails a batch that cannot be written, and tries the next one anew", async () => {
  const { writer, commits, committed } = groupCommit();
  writer.fails = true;
  const failing = [commits.append(append), commits.append(append)];
  for (const result of failing) await expect(result).rejects.toThrow("no space left");
  expect(committed()).toBe(0);
  writer.fails = false;
  expect(await commits.append(append)).toEqual({ revision: 0, position: 1n });
});

it("waits for what is under way when it is closed", async () => {
  const { commits } = groupCommit();
  const underWay = commits.append(append);
  await commits.close();
  await expect(commits.append(append)).rejects.toThrow(Unavailable);
  expect(await underWay).toEqual({ revision: 0, position: 1n });
});
