import { existsSync } from "node:fs";
import type { Command } from "commander";
import { createBackup } from "../../infrastructure/backup/create.ts";
import { BadBackup } from "../../infrastructure/backup/manifest.ts";
import { systemClock as clock } from "../../infrastructure/clock.ts";
import { archiveDirOf, erasureListOf, masterKeyFileOf } from "../../infrastructure/config/places.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { logFile } from "../engines.ts";
import { sentence } from "./audit/with-proof.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, configOf } from "./options.ts";
import { tellingProgress } from "./progress.ts";
import { print } from "./run.ts";
import { version } from "./version.ts";

/** Only an embedded log is files of ours. @throws {CommandError} */
export function requireEmbedded({ eventstoreUrl, ephemeral }: Config, what: string): void {
  if (ephemeral) throw new CommandError(`A log in memory cannot be ${what}.`);
  if (eventstoreUrl !== undefined)
    throw new CommandError(
      `A log in EventStoreDB is ${what} by that database's own means (docs/operations.md); afterwards, dacapo store new-epoch ends what would be alive again.`,
    );
}

/** A failure of a backup as one that a person can do something about. */
export const asCommandError = (error: unknown): unknown =>
  error instanceof BadBackup ? new CommandError(sentence(error.message)) : error;

const elsewhere = (config: Config): string =>
  [
    "Not in it, to be kept elsewhere:",
    `  the master key (${config.masterKey === undefined ? masterKeyFileOf(config) : "masterKey"}): without it the backup cannot be read, and with it all of it can`,
    `  the list of erasures (${erasureListOf(config)}): it is never set back, so keep its newest copy`,
    "Read models and the audit index are made anew from the log.",
  ].join("\n");

async function backUp(folder: string, config: Config, asJson: boolean | undefined): Promise<void> {
  requireEmbedded(config, "backed up");
  const { dataDir } = config;
  if (!existsSync(logFile(dataDir))) throw new CommandError(`There is no log in ${dataDir}.`);
  const progress = tellingProgress();
  try {
    const made = await createBackup(folder, {
      ...{ dataDir, archiveDir: archiveDirOf(config), version, clock },
      progress: (done, total) => progress.told("Copying", done, total),
    });
    progress.stop();
    const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
    const { madeAt, logId, position, events, leaves, checkpoint } = made;
    print(
      {
        ...{ backup: folder, time: madeAt, log_id: logId, position, events, leaves },
        checkpoint: checkpoint === null ? "none" : checkpoint.number,
        ...{ files: made.files.length, bytes },
      },
      asJson,
    );
    if (!asJson) console.log(elsewhere(config));
  } catch (error) {
    throw asCommandError(error);
  } finally {
    progress.stop();
  }
}

/** dacapo backup: a copy of an embedded log, with its archive and its proof, while it is in use. */
export function addBackupCommand(program: Command): void {
  addSettings(
    program
      .command("backup <folder>")
      .description(
        "copy the embedded log, its archive and what proves it to a new folder, while the server runs and without holding it up",
      ),
    ["dataDir", "archiveDir", "eventstoreUrl", "logLevel"],
  )
    .option("--json", "print JSON")
    .action((folder: string, { json }, command: Command) => backUp(folder, configOf(command), json));
}
