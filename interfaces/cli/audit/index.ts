import type { Command } from "commander";
import { addAccessCommand } from "./access.ts";
import { addExplainCommand } from "./explain.ts";
import { addExportCommand } from "./export.ts";
import { addTimelineCommand } from "./timeline.ts";

/** dacapo audit …: what the log tells of the past, and whether it is still what it was. */
export function addAuditCommands(program: Command): void {
  const audit = program.command("audit").description("what happened, and who could do what: from the log");
  addTimelineCommand(audit);
  addExplainCommand(audit);
  addAccessCommand(audit);
  addExportCommand(audit);
}
