import { constants } from "node:fs";
import { open, readFile } from "node:fs/promises";
import type { CheckpointCopies, Lying } from "../../application/ports/checkpoints.ts";
import { notesIn } from "../../domain/audit/note.ts";
import { sha256 } from "../../domain/oauth/hash.ts";

/** Milliseconds that a server has to answer. */
const patience = 10_000;
/** Bytes of a page of notes; more is none. */
const maxLength = 64 * 1024 * 1024;
/** Bytes at the end of a place in which its last notes are. */
const tailLength = 64 * 1024;

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/** Statuses of a server that keeps nothing there, or lets nobody read. */
const absent: readonly number[] = [404, 410];
const unreadable: readonly number[] = [401, 403, 405, 501];

/** What went wrong, without what was asked: a URL may hold secrets, and messages quote it. */
function reasonOf(error: unknown): string {
  const { name, cause } = error as Error;
  if (name === "TimeoutError") return "it did not answer in time";
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? "it could not be asked";
}

/** Asks a server and works on its answer. @throws an error that names the host alone */
async function ask<T>(
  url: string,
  init: RequestInit & { readonly signal: AbortSignal },
  work: (response: Response) => Promise<T>,
): Promise<T> {
  const { host } = new URL(url);
  const signal = AbortSignal.any([init.signal, AbortSignal.timeout(patience)]);
  let failure = "";
  try {
    const response = await fetch(url, { ...init, redirect: "error", cache: "no-store", signal });
    try {
      return await work(response);
    } catch (error) {
      if (error instanceof Refused) failure = error.message;
      throw error;
    } finally {
      if (!response.bodyUsed) await response.body?.cancel();
    }
  } catch (error) {
    throw new Error(`${host}: ${failure || reasonOf(error)}`);
  }
}

/** An answer that is not what was asked for; its message is ours. */
class Refused extends Error {}

const refused = ({ status }: Response): Refused =>
  new Refused(
    status === 412
      ? "it answered 412: something lies there that it does not let this server read"
      : `it answered ${status}`,
  );

/** The end of a body. @throws {Refused} where it is longer than any page of notes */
async function endOf(response: Response, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let [read, kept] = [0, 0];
  for await (const part of response.body ?? []) {
    read += part.length;
    if (read > maxLength) throw new Refused("it is too long");
    kept += part.length;
    parts.push(part);
    for (let first = parts[0]; first && kept - first.length >= length; first = parts[0]) {
      kept -= first.length;
      parts.shift();
    }
  }
  return Buffer.concat(parts).subarray(-length);
}

/** The notes at the end of a place; the first of them, which began before, is left out where the place is longer. */
function tailOf(end: Buffer): string {
  const text = end.toString();
  const whole = end.length < tailLength ? [] : notesIn(text).slice(1);
  return whole.length > 0 ? whole.join("\n") : text;
}

const copiesAt = (url: string): Pick<CheckpointCopies, "read" | "send"> => ({
  read: (signal) =>
    ask(url, { signal }, async (response) => {
      if (absent.includes(response.status)) return "nothing";
      if (unreadable.includes(response.status)) return "unreadable";
      if (!response.ok) throw refused(response);
      return { text: tailOf(await endOf(response, tailLength)) };
    }),
  send(note, isFirst, signal) {
    const headers = {
      "content-type": "text/plain; charset=utf-8",
      ...(isFirst ? { "if-none-match": "*" } : {}),
    };
    return ask(url, { method: "PUT", body: note, headers, signal }, async (response) => {
      if (!response.ok) throw refused(response);
    });
  },
});

async function lyingIn(file: string): Promise<Lying> {
  // Without waiting for who may write: a pipe has none.
  await using handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = await handle.stat();
  if (!stat.isFile()) return "unreadable";
  const length = Math.min(stat.size, tailLength);
  const { buffer, bytesRead } = await handle.read({
    buffer: Buffer.alloc(length),
    position: stat.size - length,
  });
  return { text: tailOf(buffer.subarray(0, bytesRead)) };
}

/** Works on a file; what goes wrong is told by its name and the reason. */
async function onFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${file}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}

/** Without waiting for who may read: a pipe has none. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;

const copiesIn = (file: string): Pick<CheckpointCopies, "read" | "send"> => ({
  read: () =>
    onFile(file, () =>
      lyingIn(file).catch((error: NodeJS.ErrnoException): Lying => {
        if (error.code === "ENOENT") return "nothing";
        if (error.code === "EACCES" || error.code === "EPERM") return "unreadable";
        throw error;
      }),
    ),
  send: (note) =>
    onFile(file, async () => {
      await using handle = await open(file, appending, 0o600);
      const stat = await handle.stat();
      // Keeps it apart from the one before, also where that was cut off in the middle of a line.
      await handle.writeFile(`${stat.size === 0 ? "" : "\n\n"}${note}`);
      if (stat.isFile()) await handle.sync();
    }),
});

/** Copies that are appended to a file, or put to an http or https URL, in the place of the one before. */
export const createCheckpointCopies = (place: string): CheckpointCopies => ({
  id: sha256(place),
  ...(isUrl(place) ? copiesAt(place) : copiesIn(place)),
});

/** What is in a file, or at an http or https URL. @throws an error that says why that cannot be read */
export async function readCopies(place: string, signal: AbortSignal): Promise<string> {
  if (!isUrl(place)) return await readFile(place, "utf8");
  return await ask(place, { signal }, async (response) => {
    if (!response.ok) throw refused(response);
    return (await endOf(response, maxLength)).toString();
  });
}
