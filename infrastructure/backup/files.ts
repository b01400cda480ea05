import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** What tells a file from any other. */
export interface FileFacts {
  readonly bytes: number;
  /** SHA-256 in hexadecimal, as `sha256sum` prints it. */
  readonly sha256: string;
}

/** Told how many bytes were read. */
export type Read = (bytes: number) => void;

/** Not through a link: what is copied is what lies there. */
const reading = constants.O_RDONLY | constants.O_NOFOLLOW;
const chunkSize = 1024 * 1024;

async function hashing(from: string, read: Read, take: (chunk: Buffer) => Promise<void>): Promise<FileFacts> {
  const digest = createHash("sha256");
  let bytes = 0;
  await using file = await open(from, reading);
  for await (const chunk of file.createReadStream({ highWaterMark: chunkSize, autoClose: false })) {
    digest.update(chunk);
    bytes += chunk.length;
    await take(chunk);
    read(chunk.length);
  }
  return { bytes, sha256: digest.digest("hex") };
}

/** Makes a file durable that is there already, and says what it is. */
export async function settle(path: string, read: Read): Promise<FileFacts> {
  const facts = await hashing(path, read, async () => undefined);
  await using file = await open(path, "r+");
  await file.sync();
  return facts;
}

/** Copies a file to where there is none, durably and for its owner only; its folders are made. */
export async function copyDurably(from: string, to: string, read: Read): Promise<FileFacts> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await using file = await open(to, "wx", 0o600);
  const facts = await hashing(from, read, (chunk) => file.writeFile(chunk));
  await file.sync();
  return facts;
}

/** What a file is. */
export const factsOf = (path: string): Promise<FileFacts> =>
  hashing(
    path,
    () => undefined,
    async () => undefined,
  );

/** Adds up what was read. */
export function summing(progress: (done: number, total: number) => void, total: number): Read {
  let done = 0;
  return (bytes) => {
    done += bytes;
    progress(done, total);
  };
}
