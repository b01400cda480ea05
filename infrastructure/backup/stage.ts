import { rm } from "node:fs/promises";
import { join } from "node:path";
import { copyDurably, summing } from "./files.ts";
import { BadBackup, type Manifest, readManifest } from "./manifest.ts";

async function copyOne(
  from: string,
  to: string,
  { name, bytes, sha256 }: Manifest["files"][number],
  read: (bytes: number) => void,
): Promise<void> {
  const copied = await copyDurably(join(from, name), join(to, name), read).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ELOOP")
        throw new BadBackup(`${name} is not in the backup`);
      throw error;
    },
  );
  if (copied.bytes !== bytes || copied.sha256 !== sha256)
    throw new BadBackup(`${name} is not what was backed up: it was changed or damaged`);
}

/**
 * Copies a backup to a folder, in the place of what may be there, and checks each file by its SHA-256.
 * @param progress is told how many bytes were copied, of how many @throws {BadBackup}
 */
export async function stageBackup(
  from: string,
  to: string,
  progress: (done: number, total: number) => void,
): Promise<Manifest> {
  const manifest = await readManifest(from);
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const read = summing(progress, total);
  await rm(to, { recursive: true, force: true });
  for (const file of manifest.files) await copyOne(from, to, file, read);
  return manifest;
}
