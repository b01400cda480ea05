import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** What is wrong with a backup, in a sentence without a full stop. */
export class BadBackup extends Error {
  override readonly name = "BadBackup";
}

const format = 1;

const logId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Files of these names alone: whoever wrote the list may not name others. */
const fileName =
  /^(?:log\.db|archive\/events-[\w-]+\.ndjson|checkpoints\/[0-9a-f-]{36}\/(?:leaves\.db|\d{8}\.checkpoint))$/;

const manifest = z.strictObject({
  format: z.literal(format),
  /** Of the version that made it. */
  dacapo: z.string(),
  /** When the log was copied, ISO 8601 in UTC. */
  madeAt: z.iso.datetime(),
  logId: z.string().regex(logId),
  /** The last position that the log had given. */
  position: z.string().regex(/^\d+$/),
  events: z.int().nonnegative(),
  /** Kept leaves. */
  leaves: z.int().nonnegative(),
  /** The newest signed checkpoint. */
  checkpoint: z.strictObject({ number: z.int(), leaves: z.int(), time: z.iso.datetime() }).nullable(),
  files: z.array(
    z.strictObject({
      name: z.string().regex(fileName),
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});

/** What a backup says of itself. */
export type Manifest = z.infer<typeof manifest>;

export const manifestName = "backup.json";

/** As it is written. */
export const manifestText = (of: Omit<Manifest, "format">): string =>
  `${JSON.stringify({ format, ...of }, null, 2)}\n`;

async function textIn(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, manifestName), "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BadBackup(
      code === "ENOENT" || code === "ENOTDIR"
        ? `${folder} is no backup: it holds no ${manifestName}`
        : `${manifestName} in ${folder} cannot be read (${code})`,
    );
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a backup says of itself. @throws {BadBackup} */
export async function readManifest(folder: string): Promise<Manifest> {
  const found = parse(await textIn(folder));
  const { format: its } = (found ?? {}) as { readonly format?: unknown };
  if (typeof its === "number" && its > format)
    throw new BadBackup(
      `the backup has format ${its}, and this version knows format ${format}: use the one that made it`,
    );
  const parsed = manifest.safeParse(found);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new BadBackup(`${manifestName} is damaged (${issue?.path.join(".") || "no JSON"})`);
  }
  const names = parsed.data.files.map(({ name }) => name);
  if (!names.includes("log.db") || new Set(names).size !== names.length)
    throw new BadBackup(`${manifestName} is damaged (files)`);
  return parsed.data;
}
