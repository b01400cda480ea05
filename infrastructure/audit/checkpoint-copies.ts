import { open, readFile } from "node:fs/promises";
import type { CheckpointCopies } from "../../application/ports/checkpoints.ts";
import { notesIn } from "../../domain/audit/note.ts";

/** Milliseconds that a server has to answer. */
const patience = 10_000;
/** Characters of a page of notes; more is none. */
const maxLength = 64 * 1024 * 1024;

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/** Answers of a server that keeps nothing there, or lets nobody read. */
const absent: readonly number[] = [404, 410];
const unreadable: readonly number[] = [401, 403, 405, 501];

/** Asks a server; what goes wrong is told by its host alone, as the rest of a URL may be secret. */
async function ask(url: string, init: RequestInit, expected: readonly number[] = []): Promise<Response> {
  const { host } = new URL(url);
  const signals = [init.signal, AbortSignal.timeout(patience)].filter(
    (signal) => signal instanceof AbortSignal,
  );
  try {
    const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.any(signals) });
    if (response.ok || expected.includes(response.status)) return response;
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  } catch (error) {
    const { name, message, cause } = error as Error;
    const why =
      name === "TimeoutError" ? "it did not answer in time" : ((cause as Error)?.message ?? message);
    throw new Error(`${host}: ${why}`);
  }
}

/** What is in a body, up to a length that no page of notes has. @throws where it is longer */
async function textOf(response: Response, url: string): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > maxLength) throw new Error(`${new URL(url).host}: it is too long`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

const copiesAt = (url: string): CheckpointCopies => ({
  async read(signal) {
    const response = await ask(url, { signal }, [...absent, ...unreadable]);
    if (response.ok) return await textOf(response, url);
    await response.body?.cancel();
    return absent.includes(response.status) ? "" : undefined;
  },
  async send(note, isFirst, signal) {
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      ...(isFirst ? { "if-none-match": "*" } : {}),
    };
    await (await ask(url, { method: "PUT", body: note, headers, signal })).body?.cancel();
  },
});

/** Works on a file; what goes wrong is told by its name and the reason. */
async function onFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${file}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}

/** Bytes at the end of a file in which its last notes are. */
const tailLength = 64 * 1024;

/** The notes at the end of a file, without one that began before. */
async function tailOf(file: string): Promise<string> {
  await using handle = await open(file);
  const { size } = await handle.stat();
  const start = Math.max(0, size - tailLength);
  const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(size - start), position: start });
  const text = buffer.subarray(0, bytesRead).toString();
  return start === 0 ? text : notesIn(text).slice(1).join("\n");
}

const copiesIn = (file: string): CheckpointCopies => ({
  read: () =>
    onFile(file, () =>
      tailOf(file).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return "";
        if (error.code === "EACCES" || error.code === "EPERM") return undefined;
        throw error;
      }),
    ),
  send: (note) =>
    onFile(file, async () => {
      await using handle = await open(file, "a", 0o600);
      const { size } = await handle.stat();
      // Keeps it apart from the one before, also where that was cut off in the middle of a line.
      await handle.writeFile(`${size === 0 ? "" : "\n\n"}${note}`);
      await handle.sync();
    }),
});

/** Copies that are appended to a file, or put to an http or https URL, in the place of the one before. */
export const createCheckpointCopies = (place: string): CheckpointCopies =>
  isUrl(place) ? copiesAt(place) : copiesIn(place);

/** What is in a file, or at an http or https URL. @throws an error that says why that cannot be read */
export async function readCopies(place: string, signal: AbortSignal): Promise<string> {
  return isUrl(place) ? await textOf(await ask(place, { signal }), place) : await readFile(place, "utf8");
}
