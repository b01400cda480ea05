import { Command, CommanderError, InvalidArgumentError } from "commander";
import { addBackupCommand } from "./backup.ts";
import { addClientCommands } from "./client.ts";
import { addConfigCommands } from "./config.ts";
import { addHealthCommand } from "./health.ts";
import { addKeysCommands } from "./keys.ts";
import { addProjectorCommands } from "./projector.ts";
import { addResourceCommands } from "./resource.ts";
import { explain } from "./run.ts";
import { addServeCommand } from "./serve.ts";
import { addSignInCommand } from "./sign-in.ts";
import { addStoreCommands } from "./store.ts";
import { addUserCommands } from "./user.ts";
import { version } from "./version.ts";
import { addWorkerCommand } from "./worker.ts";

/** Commands that bring much with them: the others start without it. */
const heavy: readonly {
  readonly name: string;
  readonly description: string;
  readonly add: (program: Command) => Promise<void>;
}[] = [
  {
    name: "audit",
    description: "what happened, and who could do what: from the log",
    add: async (program) => (await import("./audit/index.ts")).addAuditCommands(program),
  },
  {
    name: "import",
    description: "take over clients and users of another authorization server",
    add: async (program) => (await import("./import/index.ts")).addImportCommand(program),
  },
  {
    name: "replay",
    description:
      "fold the log anew and compare with the live read models, fill others, or decide again under another policy",
    add: async (program) => (await import("./replay/index.ts")).addReplayCommand(program),
  },
  {
    name: "restore",
    description: "put a backup into a data folder that has no log, and end what would be alive again",
    add: async (program) => (await import("./restore.ts")).addRestoreCommand(program),
  },
];

/** Adds the one that is named, whole; of the others only what a list of commands tells. */
async function addWhenNamed(program: Command, named: string | undefined): Promise<void> {
  for (const { name, description, add } of heavy) {
    // Also in `dacapo help audit`.
    if (named === name || named === "help") await add(program);
    else program.command(name).description(description);
  }
}

/** The command line. Exit code 1 where a command failed, 2 where it was used wrongly. */
export async function main(argv: readonly string[]): Promise<void> {
  // Whoever read the output has seen enough, such as `head`.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit();
    throw error;
  });
  const program = new Command("dacapo")
    .description("An event-sourced OAuth 2.1 authorization server for MCP servers and APIs")
    .version(version)
    .exitOverride()
    .showHelpAfterError("Add --help for what there is.");
  addServeCommand(program);
  addWorkerCommand(program);
  addHealthCommand(program);
  addProjectorCommands(program);
  addStoreCommands(program);
  addBackupCommand(program);
  addUserCommands(program);
  addClientCommands(program);
  addResourceCommands(program);
  addKeysCommands(program);
  addConfigCommands(program);
  await addWhenNamed(program, argv[2]);
  addSignInCommand(program);
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      // Commander has told its own; this one comes from a command.
      if (error instanceof InvalidArgumentError) console.error(error.message);
      return;
    }
    console.error(explain(error));
    process.exitCode = 1;
  }
}
