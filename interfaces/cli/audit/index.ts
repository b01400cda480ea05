import type { Command } from "commander";
import { addAccessCommand } from "./access.ts";
import { addAnomaliesCommand } from "./anomalies.ts";
import { addCheckpointCommand, addKeyCommand } from "./checkpoint.ts";
import { addExplainCommand } from "./explain.ts";
import { addExportCommand } from "./export.ts";
import { addIndexCommand } from "./index-command.ts";
import { addProveCommand } from "./prove.ts";
import { addStatsCommand } from "./stats.ts";
import { addTimelineCommand } from "./timeline.ts";
import { addVerifyCommand } from "./verify.ts";
import { addVerifyProofCommand } from "./verify-proof.ts";

/** dacapo audit …: what the log tells of the past, and whether it is still what it was. */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("what happened, and who could do what: from the log");
  addTimelineCommand(audit);
  addExplainCommand(audit);
  addAccessCommand(audit);
  addIndexCommand(audit);
  addExportCommand(audit);
  addStatsCommand(audit);
  addAnomaliesCommand(audit);
  addVerifyCommand(audit);
  addProveCommand(audit);
  addVerifyProofCommand(audit);
  addCheckpointCommand(audit);
  addKeyCommand(audit);
}
