import { Command, CommanderError, InvalidArgumentError } from "commander";
import { addAuditCommands } from "./audit/index.ts";
import { addClientCommands } from "./client.ts";
import { addConfigCommands } from "./config.ts";
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
  addProjectorCommands(program);
  addStoreCommands(program);
  addUserCommands(program);
  addClientCommands(program);
  addResourceCommands(program);
  addKeysCommands(program);
  addConfigCommands(program);
  addAuditCommands(program);
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
