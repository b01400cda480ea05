import { type Command, InvalidArgumentError, Option } from "commander";
import { BadCursor, cursorAt, positionOf } from "../../../application/audit/export/cursor.ts";
import { type ExportRequest, exportRecords } from "../../../application/audit/export/export.ts";
import { exportFormats, type RecordWriter, writerOf } from "../../../application/audit/export/formats.ts";
import { recordReveal } from "../../../application/audit/export/reveal.ts";
import { replaceDurably } from "../../../infrastructure/audit/durable-file.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { progressBar } from "../progress.ts";
import { operator } from "../run.ts";
import { version } from "../version.ts";
import { checkFlags, type ExportFlags, parseLimit, parseReason, parseTypes } from "./export-flags.ts";
import { type Output, openOutput, readCursorFile } from "./export-output.ts";
import { parseInstant, parsePast } from "./instant.ts";
import { type Audit, withAudit } from "./with-audit.ts";

/** When a bar is shown, in milliseconds. */
const patience = 2_000;

/** Where it begins: after the cursor that is given, or the one in the file. */
async function beginningOf({ store }: Audit, { after, cursorFile }: ExportFlags) {
  const kept = cursorFile === undefined ? undefined : await readCursorFile(cursorFile);
  const cursor = after ?? kept;
  try {
    return { cursor, position: cursor === undefined ? 0n : await positionOf(store, cursor) };
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    if (kept === undefined) throw new InvalidArgumentError(error.message);
    throw new CommandError(`${cursorFile}: ${error.message}`);
  }
}

/** Writes page by page; where a file keeps the cursor, never one that is ahead of what was written. */
async function ship(
  audit: Audit,
  flags: ExportFlags,
  request: ExportRequest,
  writer: RecordWriter,
  output: Output,
): Promise<void> {
  const { store, signal } = audit;
  const { out, cursorFile, follow } = flags;
  const bar =
    out === undefined || follow
      ? undefined
      : progressBar("Exporting", Number(await store.lastPosition()), {
          delay: patience,
          from: Number(request.after),
        });
  let cursor = cursorAt(store, request.after);
  let count = 0;
  try {
    if (output.isFresh) await output.write(writer.header);
    for await (const page of exportRecords(audit, request, signal)) {
      if (page.records.length > 0) await output.write(page.records.map(writer.line).join(""));
      ({ cursor } = page);
      count += page.records.length;
      bar?.update(Number(page.position));
      if (cursorFile === undefined) continue;
      await output.sync();
      await replaceDurably(cursorFile, `${cursor}\n`);
    }
    await output.sync();
  } finally {
    bar?.stop();
  }
  console.error(`${count} ${count === 1 ? "record" : "records"}. To go on from here: --after ${cursor}`);
  if (!follow) signal.throwIfAborted();
}

/** A reveal is in the log before the first field is shown. */
async function exportLog(audit: Audit, flags: ExportFlags): Promise<void> {
  const { format, since, until, limit, types, follow, reason, out, append, cursorFile } = flags;
  const { cursor, position } = await beginningOf(audit, flags);
  const continuation = cursorFile !== undefined ? "repair" : append ? "append" : "never";
  const output = await openOutput(out, continuation);
  try {
    if (reason !== undefined) {
      const asked = { since: since ?? null, until: until ?? null, after: cursor ?? null, types };
      await recordReveal(audit, { format, reason, ...asked }, operator());
    }
    const reveals = reason === undefined ? undefined : audit;
    const request = { after: position, since, until, limit, types, follows: follow === true, reveals };
    // What is written could not be gone on from where the cursor cannot be kept.
    if (cursorFile !== undefined) await replaceDurably(cursorFile, `${cursorAt(audit.store, position)}\n`);
    const { issuer } = audit.config;
    const writer = writerOf(format, { issuer, version, reveals: reveals !== undefined });
    await ship(audit, flags, request, writer, output);
  } finally {
    await output.close();
  }
}

/** dacapo audit export: the log in a form that others read, as a whole or what is new. */
export function addExportCommand(audit: Command): void {
  addSettings(
    audit
      .command("export")
      .description("give out the log, one record a line, without secrets and without personal fields"),
    dataSettings,
  )
    .addOption(
      new Option("--format <format>", "how records are written").choices(exportFormats).makeOptionMandatory(),
    )
    .option("--since <time>", "from then on, such as 2026-03-01T14:03Z; a day is its midnight UTC", parsePast)
    .option("--until <time>", "before then", parseInstant)
    .addOption(
      new Option("--types <prefixes>", "only events whose type begins so, such as session.,user.")
        .argParser(parseTypes)
        .default([], "all"),
    )
    .option("--limit <count>", "so many records at most", parseLimit)
    .addOption(
      new Option("--after <cursor>", "go on after this cursor of an earlier export").conflicts("cursorFile"),
    )
    .option(
      "--cursor-file <file>",
      "go on after the cursor in this file, and keep it there: each run ships what is new, at least once",
    )
    .option("--out <file>", "write to this file, which must be new, instead of standard output")
    .option("--append", "go on in the file of --out where it is there already")
    .addOption(new Option("--follow", "go on as the log grows, until SIGINT or SIGTERM").conflicts("until"))
    .option("--reveal", "show usernames, addresses and user agents, while the keys of their people are there")
    .option(
      "--reason <text>",
      "why they are revealed: kept in the log for ever, so neither a secret nor personal",
      parseReason,
    )
    .action((flags: ExportFlags, command: Command) => {
      checkFlags(flags);
      return withAudit(command, (opened) => exportLog(opened, flags));
    });
}
