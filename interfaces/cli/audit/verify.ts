import { type Command, InvalidArgumentError } from "commander";
import type { Finding } from "../../../application/audit/verify/findings.ts";
import { type Report, verifyLog } from "../../../application/audit/verify/verify.ts";
import type { NoteKey } from "../../../domain/audit/note.ts";
import { readCopies } from "../../../infrastructure/audit/checkpoint-copies.ts";
import { openVerifyScratch } from "../../../infrastructure/audit/verify-scratch.ts";
import { isPlace, takesPlace } from "../../../infrastructure/config/settings/storage.ts";
import { createNoteVerifier } from "../../../infrastructure/crypto/checkpoint-keys.ts";
import { iso, reportFacts, reportFigures } from "../../audit/facts.ts";
import { openArchiveReader } from "../../engines.ts";
import type { Proof } from "../../proof.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { progressBar } from "../progress.ts";
import { plain, print } from "../run.ts";
import type { Audit } from "./with-audit.ts";
import { collectKeys, withProof } from "./with-proof.ts";

/** Milliseconds until it is worth a progress bar. */
const delay = 2_000;

interface Options {
  readonly incremental?: boolean;
  readonly trusted?: string;
  readonly archivesElsewhere?: boolean;
  readonly key?: readonly NoteKey[];
  readonly json?: boolean;
}

const orUnknown = (time: number | undefined): string => (time === undefined ? "none" : iso(time));

/** A finding as lines: what, which event, and what stands around it. */
function linesOf({ what, message, ...where }: Finding): string {
  const { stream, revision, type, id, before, after, position } = where;
  const event =
    stream === undefined ? [] : [`  event ${id ?? "unknown"}: ${type ?? "unknown"}, ${stream}@${revision}`];
  const around =
    position === undefined || what === "archive"
      ? []
      : [`  between events of ${orUnknown(before)} and ${orUnknown(after)}`];
  return [`${what}: ${message}`, ...event, ...around].map(plain).join("\n");
}

/** What the figures do not say. */
function notesOf(
  { absentArchives, from }: Report,
  { trusted, archivesElsewhere }: Options,
): readonly string[] {
  const absent = absentArchives.length;
  return [
    ...(absent > 0 && archivesElsewhere
      ? [
          `${absent} archives are not in their folder, so what was moved there was not looked at: ${absentArchives.slice(0, 5).join(", ")}${absent > 5 ? ", …" : ""}`,
        ]
      : []),
    ...(from > 0
      ? [
          `the ${from} leaves that were verified before, and their events, were not looked at again, nor compared with archives that they were moved to since`,
        ]
      : []),
    ...(trusted !== undefined
      ? []
      : [
          "who can rewrite the log and take leaves and checkpoints away, so that the server signs anew, would not be found: only a copy of the checkpoints that is kept outside (--trusted) shows that",
        ]),
  ];
}

/** What was found, as lines. */
export const findingLines = (report: Report): readonly string[] => [
  ...report.findings.map(linesOf),
  ...(report.found > report.findings.length
    ? [`… and ${report.found - report.findings.length} findings more.`]
    : []),
];

function tell(report: Report, options: Options): void {
  const notes = notesOf(report, options);
  if (options.json) {
    print({ ...reportFacts(report), notes }, true);
    return;
  }
  print(reportFigures(report), false);
  for (const line of findingLines(report)) console.log(line);
  for (const note of notes) console.log(`Note: ${plain(note)}.`);
}

async function trustedNotes(place: string | undefined, signal: AbortSignal): Promise<string | undefined> {
  if (place === undefined) return undefined;
  try {
    return await readCopies(place, signal);
  } catch (error) {
    throw new CommandError(`The trusted checkpoints cannot be read: ${(error as Error).message}.`);
  }
}

async function verify({ config, store, signal }: Audit, proof: Proof, options: Options): Promise<void> {
  const { incremental = false, archivesElsewhere = false, key } = options;
  const trusted = await trustedNotes(options.trusted, signal);
  const keys = key ? createNoteVerifier(key) : proof.keys;
  const scratch = openVerifyScratch();
  const bar = progressBar("Verifying", await proof.leaves.size(), { delay });
  try {
    const report = await verifyLog(
      { ...proof, store, keys, archive: openArchiveReader(config), scratch },
      {
        ...{ isIncremental: incremental, hasArchivesElsewhere: archivesElsewhere, trusted, signal },
        progress: (done) => bar.update(done),
      },
    );
    bar.stop();
    if (report.leaves === 0 && report.found === 0)
      throw new CommandError(
        "No leaf of this log is kept, so there is nothing to compare it with. In a log that is new, the server keeps them within a minute. If there were leaves before, they were taken away: compare with a copy outside (--trusted) before anything is signed anew.",
      );
    tell(report, options);
    if (report.found > 0) process.exitCode = 3;
  } finally {
    bar.stop();
    scratch.close();
  }
}

function parsePlace(text: string): string {
  if (text === "" || !isPlace(text)) throw new InvalidArgumentError(`It must be ${takesPlace}.`);
  return text;
}

/** dacapo audit verify: whether the log is still what was kept and signed. */
export function addVerifyCommand(audit: Command): void {
  addSettings(
    audit
      .command("verify")
      .description(
        "compare the log with its kept leaves, and those with the signed checkpoints; exit code 3 where something was changed",
      ),
    [...dataSettings, "archiveDir"],
  )
    .option("--incremental", "go on from the checkpoint that was verified last")
    .option("--trusted <place>", "checkpoints that were kept outside: a file, or an http(s) URL", parsePlace)
    .option(
      "--archives-elsewhere",
      "parts of the archive may lie elsewhere: one that is absent is no finding",
    )
    .option(
      "--key <vkey>",
      "a key that was kept outside (dacapo audit key), instead of those of the master key; may be given several times",
      collectKeys,
    )
    .option("--json", "print JSON")
    .action((options: Options, command: Command) =>
      withProof(command, (opened, proof) => verify(opened, proof, options)),
    );
}
