import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename, join } from "node:path";
import type { ArchiveReader } from "../../application/ports/archive.ts";
import { type StoredEvent, Unavailable } from "../../application/ports/event-store.ts";

/** The event of a line; undefined where there is none. */
function eventOf(line: string): StoredEvent | undefined {
  try {
    const event = JSON.parse(line);
    return { ...event, position: BigInt(event.position) };
  } catch {
    return undefined;
  }
}

/** Reads what `createFileArchive` wrote to a folder, line by line. */
export const createArchiveReader = (folder: string): ArchiveReader => ({
  async read(name, told) {
    const digest = createHash("sha256");
    let rest = "";
    // The name comes from the log, which may have been tampered with.
    const file = createReadStream(join(folder, basename(name)), { highWaterMark: 256 * 1024 });
    const decoder = new TextDecoder();
    try {
      for await (const chunk of file as AsyncIterable<Buffer>) {
        digest.update(chunk);
        const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) told(eventOf(line));
      }
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      throw new Unavailable(`the archive cannot be read (${code ?? message})`);
    }
    if (rest !== "") told(eventOf(rest));
    return digest.digest("base64url");
  },
});
