import { randomBytes } from "node:crypto";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes durable which names a folder holds. */
export async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, "r");
  await handle.sync();
}

async function placeDurably(
  file: string,
  text: string,
  place: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.part`;
  try {
    await using handle = await open(temporary, "wx", 0o600);
    await handle.writeFile(text);
    await handle.sync();
    await place(temporary);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncFolder(dirname(file));
}

/** Writes a file whole or not at all, for its owner only; answers no where there is one already. */
export async function createDurably(file: string, text: string): Promise<boolean> {
  try {
    await placeDurably(file, text, (temporary) => link(temporary, file));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Writes a file whole or not at all, for its owner only, in the place of one that may be there. */
export const replaceDurably = (file: string, text: string): Promise<void> =>
  placeDurably(file, text, (temporary) => rename(temporary, file));
