import { type Command, InvalidArgumentError, Option } from "commander";
import { parseInstant } from "../audit/instant.ts";
import { addSettings, dataSettings } from "../options.ts";
import { type ReplayOptions, replayLog } from "./log.ts";
import { replayWhatIf, type WhatIfOptions } from "./what-if.ts";

/** A position of the log. */
function parsePosition(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError("It must be a position: a whole number.");
  return BigInt(text);
}

function parseLimit(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number up to 999999.");
  return Number(text);
}

type Options = ReplayOptions & Partial<WhatIfOptions>;

const instant = (flags: string, description: string): Option =>
  new Option(flags, description).argParser(parseInstant);

/** dacapo replay: what comes of the log when it is folded anew, here, then, elsewhere or under other rules. */
export function addReplayCommand(program: Command): void {
  addSettings(
    program
      .command("replay")
      .description(
        "fold the log anew and compare with the live read models, fill others, or decide again under another policy",
      ),
    dataSettings,
  )
    .addOption(
      new Option("--to <position>", "fold up to a position")
        .argParser(parsePosition)
        .conflicts(["at", "whatIf"]),
    )
    .addOption(instant("--at <time>", "fold up to a moment, such as 2026-03-01T14:03Z").conflicts("whatIf"))
    .addOption(
      new Option(
        "--into <place>",
        "fill read models there: a new file, or redis://… with an empty database",
      ).conflicts("whatIf"),
    )
    .option("--what-if <file>", "decide again under the policy of a JSON file")
    .addOption(instant("--since <time>", "with --what-if: only what was decided after this moment"))
    .addOption(instant("--until <time>", "with --what-if: only what was decided up to this moment"))
    .addOption(
      new Option(
        "--limit <count>",
        "with --what-if: how many refused decisions are listed (default: 20)",
      ).argParser(parseLimit),
    )
    .option("--json", "print JSON")
    .action(async ({ whatIf, since, until, limit, ...options }: Options, command: Command) => {
      if (whatIf !== undefined)
        return await replayWhatIf(command, { ...options, whatIf, ...defined({ since, until, limit }) });
      if (since !== undefined || until !== undefined || limit !== undefined)
        throw new InvalidArgumentError("--since, --until and --limit go with --what-if.");
      await replayLog(command, options);
    });
}

/** Without the members that are undefined. */
const defined = <Members extends object>(members: Members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]?: Exclude<Members[Name], undefined>;
  };
