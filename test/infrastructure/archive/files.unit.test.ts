import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StoredEvent, Unavailable } from "../../../application/ports/event-store.ts";
import { createFileArchive } from "../../../infrastructure/archive/files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const event = (revision: number, data: unknown = { revision }): StoredEvent => ({
  id: `id-${revision}`,
  stream: "grant-1",
  revision,
  position: 2n ** 60n + BigInt(revision),
  type: "grant.revoked",
  version: 1,
  data,
  metadata: { actor: "system", correlationId: "test", traceparent: undefined },
  time: 1_700_000_000_000,
});

async function* stream(...events: readonly StoredEvent[]) {
  yield* events;
}

function openArchive() {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const path = join(folder.path, "archive");
  return { path, archive: createFileArchive(path, { now: () => Date.UTC(2027, 0, 2, 3, 4, 5, 678) }) };
}

describe("the archive in files", () => {
  it("keeps each event as stored, a line each, readable by its owner alone", async () => {
    const { path, archive } = openArchive();
    const { name, sha256 } = await archive.write(stream(event(0), event(1, { text: "ü\n" })));
    expect(name).toMatch(/^events-20270102T030405Z-[0-9a-f]{16}\.ndjson$/);
    const content = readFileSync(join(path, name));
    expect(sha256).toBe(createHash("sha256").update(content).digest("base64url"));
    const lines = content.toString().split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      [event(0), event(1, { text: "ü\n" })].map((stored) => ({
        ...stored,
        position: String(stored.position),
        metadata: { actor: "system", correlationId: "test" },
      })),
    );
    expect(statSync(join(path, name)).mode & 0o777).toBe(0o600);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it("holds more than fits into memory at once, under names that never meet", async () => {
    const { path, archive } = openArchive();
    async function* many() {
      for (let revision = 0; revision < 3_000; revision += 1)
        yield event(revision, { text: "x".repeat(500) });
    }
    const written = await Promise.all([archive.write(many()), archive.write(many())]);
    expect(new Set(written.map(({ sha256 }) => sha256)).size).toBe(1);
    expect(readdirSync(path).sort()).toEqual(written.map(({ name }) => name).sort());
    const [first] = written;
    expect(readFileSync(join(path, first?.name ?? ""), "utf8").split("\n")).toHaveLength(3_001);
  });

  it("leaves nothing of one that failed, or that was written in vain", async () => {
    const { path, archive } = openArchive();
    async function* broken() {
      yield event(0);
      throw new Error("gone");
    }
    await expect(archive.write(broken())).rejects.toThrow("gone");
    const { name } = await archive.write(stream(event(0)));
    await archive.discard(name);
    await archive.discard(name);
    expect(readdirSync(path)).toEqual([]);
  });

  it("is unavailable where its folder cannot be used", async () => {
    const { path } = openArchive();
    mkdirSync(path);
    writeFileSync(join(path, "file"), "");
    const archive = createFileArchive(join(path, "file", "archive"), { now: () => 0 });
    await expect(archive.write(stream(event(0)))).rejects.toThrow(Unavailable);
  });
});
