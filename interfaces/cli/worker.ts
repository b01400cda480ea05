import type { Command } from "commander";
import { ensureSigningKeys } from "../../application/commands/manage-signing-keys.ts";
import type { Config } from "../../infrastructure/config/schema.ts";
import { createLogger } from "../../infrastructure/telemetry/logger.ts";
import { compose } from "../compose.ts";
import { startWatch } from "../watch.ts";
import { startJobs } from "../worker/jobs.ts";
import { createClosing } from "./closing.ts";
import { addSettings, allSettings, configOf } from "./options.ts";
import { stopOnSignal } from "./stop.ts";
import { version } from "./version.ts";

async function work(config: Config): Promise<void> {
  const closing = createClosing();
  stopOnSignal(closing.close);
  try {
    const logger = createLogger(config.logLevel);
    const watch = await startWatch(config, "worker", logger, closing);
    const runtime = await compose(config, logger, { role: "server", telemetry: watch.telemetry });
    await closing.add(() => runtime.close());
    watch.measure(runtime);
    watch.readiness.ask(runtime.notReady);
    await ensureSigningKeys(runtime.context, { actor: "system", correlationId: "start" });
    const jobs = await startJobs(runtime, config, logger);
    await closing.add(() => jobs.close());
    console.log(`Dacapo ${version} worker: projector and jobs are running.`);
  } catch (error) {
    if (closing.signal.aborted) return;
    await closing.close();
    throw error;
  }
}

/** dacapo worker: the projector and the jobs, as a process of its own. */
export function addWorkerCommand(program: Command): void {
  addSettings(
    program.command("worker").description("run the projector and the jobs, beside serve --no-worker"),
    allSettings,
  ).action((_options, command: Command) => work(configOf(command)));
}
