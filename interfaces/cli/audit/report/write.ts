import { randomUUID } from "node:crypto";
import { lstatSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { CommandError } from "../../command-error.ts";

/**
 * Writes a file that only its owner reads, whole or not at all. Answers whether it replaced one.
 * @throws {CommandError} where it cannot be written
 */
export async function writeReport(file: string, text: string): Promise<boolean> {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there && !there.isFile())
    throw new CommandError(`${file} is there already, and no plain file: it is left as it is.`);
  const fresh = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: "wx" });
    await rename(fresh, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `${file} cannot be written: ${code === "ENOENT" ? "there is no such folder" : code}.`,
    );
  } finally {
    await rm(fresh, { force: true });
  }
  return there !== undefined;
}
