import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import type { Report } from "../../application/audit/verify/verify.ts";
import { lockFolder } from "../../infrastructure/backup/lock.ts";
import { placeBackup, renewLog, requireNoLog } from "../../infrastructure/backup/place.ts";
import { stageBackup } from "../../infrastructure/backup/stage.ts";
import { requireMasterKey } from "../../infrastructure/config/master-key.ts";
import { archiveDirOf, erasureListOf } from "../../infrastructure/config/places.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { reportFacts, reportFigures } from "../audit/facts.ts";
import { makeDataDir, restoringFolder } from "../engines.ts";
import { hasErasureList, renewStaged, type Staged, stagedConfig, verifyStaged } from "../restore.ts";
import { findingLines } from "./audit/verify.ts";
import { sentence } from "./audit/with-proof.ts";
import { asCommandError, requireEmbedded } from "./backup.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, configOf, dataSettings } from "./options.ts";
import { tellingProgress } from "./progress.ts";
import { operator, print } from "./run.ts";

interface Options {
  readonly keepGrants?: boolean;
  readonly check?: boolean;
  readonly archivesElsewhere?: boolean;
  readonly despiteFindings?: boolean;
  readonly json?: boolean;
}

const keptWarning =
  "All that was ended after the backup was made is alive again: tokens that were revoked or noticed to be stolen, sessions that were signed out, and the signing keys of then. You asked for that by --keep-grants; dacapo store new-epoch --yes ends it.";

const changedSince =
  "What else was done after the backup is not known: users and clients that were disabled are active again, clients that were deleted are there again with their secrets, passwords, secrets and scopes that were changed are the old ones, and who or what was registered is not there. Look at dacapo user list, client list and resource list.";

/** @throws {CommandError} where the backup is not what was signed, unless that is known */
function requireSound(report: Report, despiteFindings: boolean): void {
  if (report.found === 0) return;
  for (const line of findingLines(report)) console.error(line);
  if (despiteFindings) return;
  throw new CommandError(
    "The backup holds a log that is not what was kept and signed of it, so nothing was restored. Take another backup; where what was found was so before the backup was made, add --despite-findings.",
  );
}

/** What a backup without leaves cannot be compared with. */
function tellUncompared({ leaves }: Report): void {
  if (leaves === 0)
    console.error(
      "The backup holds no kept leaves, so its log was compared with nothing but the SHA-256 of its file.",
    );
}

function warn(message: string): void {
  console.error(sentence(message));
}

/** Says what no figure says. */
function tellNotes(config: Config, { keepGrants = false }: Options, aside: readonly string[]): void {
  if (keepGrants) console.error(keptWarning);
  console.error(changedSince);
  if (!hasErasureList(config))
    console.error(
      `There is no list of erasures (${erasureListOf(config)}), so nobody was erased again: where anybody ever was, put its newest copy there before anything is started.`,
    );
  for (const place of aside) console.error(`What proved the log before was put aside: ${place}.`);
  if (config.redisUrl !== undefined)
    console.error(
      "Redis still holds the read models of the log before, which nobody asks for any more: flush its database where nothing else is in it.",
    );
  if (config.checkpointTo !== undefined)
    console.error("This log has an id of its own: let checkpointTo name a place of its own, too.");
}

/** The log in place, as another one than it was. */
async function putInPlace(config: Config, staged: Staged, options: Options): Promise<void> {
  const { keepGrants = false, json } = options;
  const { manifest } = staged;
  await renewLog(staged.config.dataDir, manifest.logId);
  const renewed = await renewStaged(staged, keepGrants, operator(), warn);
  const aside = await placeBackup(staged.config.dataDir, {
    dataDir: config.dataDir,
    archiveDir: archiveDirOf(config),
  });
  print(
    {
      log_id: renewed.logId,
      ...{ backup_of: manifest.logId, backup_time: manifest.madeAt, position: manifest.position },
      events: manifest.events,
      users_signed_out: renewed.users,
      clients_ended: renewed.clients,
      users_erased_again: renewed.erased,
      signing_keys: keepGrants ? "kept" : "replaced",
      checkpoint: renewed.checkpoint ?? "none",
    },
    json,
  );
  tellNotes(config, options, aside);
}

async function restore(folder: string, config: Config, options: Options): Promise<void> {
  requireEmbedded(config, "restored");
  const { check = false, archivesElsewhere = false, despiteFindings = false, json } = options;
  const ring = requireMasterKey(config);
  makeDataDir(config);
  // A check leaves the data folder alone: a log may run there, and need its room.
  const restoring = check ? mkdtempSync(join(tmpdir(), "dacapo-check-")) : restoringFolder(config.dataDir);
  // One that was killed keeps others from beginning an empty log; that must outlive one that fails.
  const wasBegun = !check && existsSync(restoring);
  let isDone = check;
  const lock = lockFolder(restoring);
  const progress = tellingProgress();
  try {
    if (!check) requireNoLog(config.dataDir);
    const place = join(restoring, "staged");
    const manifest = await stageBackup(folder, place, (done, total) => progress.told("Copying", done, total));
    const staged = {
      ...{ config: stagedConfig(config, place), ring, manifest, told: progress.told },
      signal: new AbortController().signal,
    };
    const report = await verifyStaged(staged, archivesElsewhere);
    progress.stop();
    requireSound(report, despiteFindings || check);
    tellUncompared(report);
    if (check) {
      const figures = json ? reportFacts(report) : reportFigures(report);
      print({ backup: report.found === 0 ? "whole" : "not what was signed", ...figures }, json);
      if (report.found > 0) process.exitCode = 3;
    } else {
      await putInPlace(config, staged, options);
      isDone = true;
    }
  } finally {
    progress.stop();
    const over = isDone || !wasBegun ? restoring : join(restoring, "staged");
    await rm(over, { recursive: true, force: true });
    lock.close();
  }
}

/** dacapo restore: a backup becomes the log, as one of its own. */
export function addRestoreCommand(program: Command): void {
  addSettings(
    program
      .command("restore <folder>")
      .description(
        "put a backup into a data folder that has no log, verified, and end all sessions and tokens that it holds; with every serve and worker stopped",
      ),
    [...dataSettings, "archiveDir", "erasureList"],
  )
    .option(
      "--check",
      "only look whether the backup is whole, and what was signed; exit code 3 where it is not",
    )
    .option(
      "--keep-grants",
      "end nothing: whatever was revoked, signed out or noticed stolen since the backup lives again",
    )
    .option(
      "--archives-elsewhere",
      "parts of the archive may lie elsewhere: one that the backup lacks is no finding",
    )
    .option("--despite-findings", "restore a log also where the verification finds something")
    .option("--json", "print JSON")
    .action((folder: string, options: Options, command: Command) =>
      restore(folder, configOf(command), options).catch((error: unknown) => {
        throw asCommandError(error);
      }),
    );
}
