import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Archive } from "../../application/ports/archive.ts";
import type { Clock } from "../../application/ports/clock.ts";
import { type StoredEvent, Unavailable } from "../../application/ports/event-store.ts";

/** Bytes that are gathered before they are written. */
const chunkSize = 256 * 1024;

/** One event as a line of NDJSON; the position as a string, since it may exceed what a JSON number holds exactly. */
function lineOf({
  position,
  stream,
  revision,
  type,
  version,
  id,
  time,
  data,
  metadata,
}: StoredEvent): string {
  const event = { position: String(position), stream, revision, type, version, id, time, data, metadata };
  return `${JSON.stringify(event)}\n`;
}

async function* chunksOf(events: AsyncIterable<StoredEvent>): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  let size = 0;
  for await (const event of events) {
    const line = lineOf(event);
    lines.push(line);
    size += line.length;
    if (size < chunkSize) continue;
    yield Buffer.from(lines.join(""));
    lines = [];
    size = 0;
  }
  yield Buffer.from(lines.join(""));
}

/** Writes a file that is durable, with its name, when this returns its SHA-256. */
async function writeDurably(
  folder: string,
  name: string,
  events: AsyncIterable<StoredEvent>,
): Promise<string> {
  const path = join(folder, name);
  const temporary = `${path}.part`;
  const digest = createHash("sha256");
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      for await (const chunk of chunksOf(events)) {
        digest.update(chunk);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
  return digest.digest("base64url");
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const isFileError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && "syscall" in error;

/** The archive as NDJSON files in a folder, which is made when the first one is written. */
export function createFileArchive(folder: string, clock: Pick<Clock, "now">): Archive {
  return {
    async write(events) {
      const time = new Date(clock.now()).toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const name = `events-${time}-${randomBytes(8).toString("hex")}.ndjson`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        return { name, sha256: await writeDurably(folder, name, events) };
      } catch (error) {
        if (isFileError(error)) throw new Unavailable(`the archive cannot be written (${error.code})`);
        throw error;
      }
    },
    discard: (name) => rm(join(folder, name), { force: true }),
  };
}
