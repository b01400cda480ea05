import { open, readFile } from "node:fs/promises";
import type { CheckpointCopies } from "../../application/ports/checkpoints.ts";

/** Milliseconds that a server has to answer. */
const patience = 10_000;
/** Characters of a page of notes; more is none. */
const maxLength = 64 * 1024 * 1024;

const isUrl = (place: string): boolean => /^https?:\/\//i.test(place);

/** Asks a server; what goes wrong is told by its host alone, as the rest of a URL may be secret. */
async function ask(url: string, init: RequestInit): Promise<Response> {
  const { host } = new URL(url);
  const signals = [init.signal, AbortSignal.timeout(patience)].filter(
    (signal) => signal instanceof AbortSignal,
  );
  try {
    const response = await fetch(url, { ...init, redirect: "error", signal: AbortSignal.any(signals) });
    if (response.ok) return response;
    await response.body?.cancel();
    throw new Error(`it answered ${response.status}`);
  } catch (error) {
    const { name, message, cause } = error as Error;
    const why =
      name === "TimeoutError" ? "it did not answer in time" : ((cause as Error)?.message ?? message);
    throw new Error(`${host}: ${why}`);
  }
}

async function append(file: string, note: string): Promise<void> {
  try {
    await using handle = await open(file, "a", 0o600);
    // An empty line keeps the notes apart for the eye.
    await handle.writeFile(`${note}\n`);
    await handle.sync();
  } catch (error) {
    throw new Error(`${file}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
}

/** Copies that are appended to a file, or put to an http or https URL, in the place of the one before. */
export const createCheckpointCopies = (place: string): CheckpointCopies => ({
  async send(note, signal) {
    if (!isUrl(place)) return await append(place, note);
    const headers = { "content-type": "text/plain; charset=utf-8" };
    await (await ask(place, { method: "PUT", body: note, headers, signal })).body?.cancel();
  },
});

/** What is in a file, or at an http or https URL. @throws an error that says why that cannot be read */
export async function readCopies(place: string, signal: AbortSignal): Promise<string> {
  if (!isUrl(place)) return await readFile(place, "utf8");
  const text = await (await ask(place, { signal })).text();
  if (text.length > maxLength) throw new Error(`${new URL(place).host}: it is too long`);
  return text;
}
