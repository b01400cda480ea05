import { open, readFile } from "node:fs/promises";
import type { ErasureList } from "../../application/ports/erasure-list.ts";
import { Unavailable } from "../../application/ports/event-store.ts";

interface Line {
  readonly userId: string;
}

/** What a process that died in the middle of a line left of it is no entry: that erasure had not begun. */
function parse(line: string): readonly string[] {
  try {
    return [(JSON.parse(line) as Line).userId];
  } catch {
    return [];
  }
}

async function read(path: string): Promise<readonly string[]> {
  try {
    const text = await readFile(path, "utf8");
    return [...new Set(text.split("\n").flatMap(parse))];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Unavailable(`the list of erasures cannot be read: ${(error as Error).message}`);
  }
}

/** The list in a file, one JSON object a line, which only grows. */
export const createErasureList = (path: string): ErasureList => ({
  all: () => read(path),
  async add(userId) {
    if ((await read(path)).includes(userId)) return;
    try {
      await using file = await open(path, "a", 0o600);
      // A line of its own, whatever an earlier process left behind.
      await file.writeFile(`\n${JSON.stringify({ userId, erasedAt: new Date().toISOString() })}\n`);
      await file.sync();
    } catch (error) {
      throw new Unavailable(`the list of erasures cannot be written: ${(error as Error).message}`);
    }
  },
});

/** The list of a log that is gone with its process. */
export function createEphemeralErasureList(): ErasureList {
  const userIds = new Set<string>();
  return {
    all: async () => [...userIds],
    async add(userId) {
      userIds.add(userId);
    },
  };
}
