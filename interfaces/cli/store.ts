import { existsSync } from "node:fs";
import type { Command } from "commander";
import { copyLog, NotACopy } from "../../application/copy-log.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { logFile, openCopyOf, openEmbeddedLog } from "../engines.ts";
import { CommandError } from "./command-error.ts";
import { beginEpochHere } from "./new-epoch.ts";
import { addSettings, configOf, dataSettings } from "./options.ts";
import { progressBar } from "./progress.ts";
import { print } from "./run.ts";

async function copy(
  { dataDir, eventstoreUrl }: Config,
  { to: url = eventstoreUrl, json: asJson }: { readonly to?: string; readonly json?: boolean },
): Promise<void> {
  if (url === undefined) throw new CommandError("Say where to: by DACAPO_EVENTSTORE_URL, the file or --to.");
  const file = logFile(dataDir);
  if (!existsSync(file)) throw new CommandError(`There is no log in ${dataDir}.`);
  const from = await openEmbeddedLog(dataDir);
  const stopping = new AbortController();
  const stop = () => stopping.abort(new CommandError("Stopped; the next copy goes on from here."));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const to = await openCopyOf(from, url);
    const bar = asJson ? undefined : progressBar("Copying", Number(await from.lastPosition()));
    try {
      const { events, before, digest } = await copyLog(
        from,
        to,
        (done) => bar?.update(done),
        stopping.signal,
      );
      bar?.stop();
      print({ events, copied: events - before, digest, verified: "yes" }, asJson);
    } catch (error) {
      bar?.stop();
      if (error instanceof NotACopy) throw new CommandError(`This is no copy of the log: ${error.message}.`);
      throw error;
    } finally {
      await to.close();
    }
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
    await from.close();
  }
}

/** dacapo store …: the event log as a whole. */
export function addStoreCommands(program: Command): void {
  const store = program.command("store").description("the event log as a whole");
  addSettings(
    store
      .command("copy")
      .description(
        "copy an embedded log to EventStoreDB, unchanged and verified; goes on where it stopped. Run it while the server runs, then once more after the server was stopped",
      ),
    ["dataDir", "logLevel"],
  )
    .option(
      "--to <url>",
      "the connection string of the EventStoreDB, esdb://… (default: eventstoreUrl of environment or file; one with a password belongs there)",
    )
    .option("--json", "print JSON")
    .action((options, command: Command) => copy(configOf(command), options));
  addSettings(
    store
      .command("new-epoch")
      .description(
        "after a log was set back by other means than dacapo restore: end every session and token, and replace the signing keys",
      ),
    dataSettings,
  )
    .option("--yes", "yes, everybody is signed out")
    .option("--json", "print JSON")
    .action((options, command: Command) => beginEpochHere(command, options));
}
