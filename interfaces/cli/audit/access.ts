import { type Command, InvalidArgumentError } from "commander";
import {
  type Access,
  type AccessAt,
  accessAt,
  differenceOf,
  requireHolder,
} from "../../../application/audit/access.ts";
import { accessAtFacts, accessFacts, differenceFacts, iso } from "../../audit/facts.ts";
import { addSettings, dataSettings } from "../options.ts";
import { printRows } from "../run.ts";
import { parsePast } from "./instant.ts";
import { userIdOf } from "./subject.ts";
import { type IndexedAudit, withIndex } from "./with-index.ts";

const row = (access: Access) => ({
  ...accessFacts(access),
  client_id: access.clientId ?? "",
  can_refresh: access.canRefresh ? "yes" : "no",
});

function printAccess(holder: string, found: AccessAt): void {
  const { status, scope, event, access, gone, isComplete } = found;
  console.log(
    `${holder} at ${iso(found.at)}: ${status}${event === null ? "" : ` [${event}]`}, ${scope.length === 0 ? "no scope" : `scope ${scope.join(" ")}`}`,
  );
  const isCertain = gone.length === 0 && isComplete;
  if (access.length === 0)
    console.log(
      isCertain ? "Nothing could be done." : "Whether anything could be done cannot be told any more.",
    );
  else printRows(access.map(row), false);
  if (gone.length > 0)
    console.log(`What was alive of these cannot be told, as events have left the log: ${gone.join(" ")}`);
  if (!isComplete) console.log("There are more grants than were looked at: older ones may have been alive.");
}

async function difference(
  audit: IndexedAudit,
  holder: string,
  times: readonly number[],
  asJson: boolean | undefined,
) {
  const [first = 0, second = 0] = [...times].sort((one, other) => one - other);
  const [before, after] = [await accessAt(audit, holder, first), await accessAt(audit, holder, second)];
  const changes = differenceOf(before, after);
  if (asJson) {
    console.log(JSON.stringify(differenceFacts(holder, before, after)));
    return;
  }
  const hasOtherScope = String(before.scope) !== String(after.scope);
  console.log(`${holder} from ${iso(first)} to ${iso(second)}: ${before.status}, then ${after.status}`);
  if (hasOtherScope) console.log(`scope ${before.scope.join(" ")}, then ${after.scope.join(" ")}`);
  const isOther = hasOtherScope || before.status !== after.status;
  if (changes.length === 0) console.log(`Nothing ${isOther ? "else " : ""}changed in what could be done.`);
  else
    printRows(
      changes.flatMap(({ change, before: old, after: fresh }) => {
        const shown = fresh ?? old;
        return shown
          ? [{ change, ...row(shown), was: change === "changed" && old ? old.scope.join(" ") : "" }]
          : [];
      }),
      false,
    );
}

interface Options {
  readonly user?: string;
  readonly client?: string;
  readonly at?: number;
  readonly diff?: readonly string[];
  readonly json?: boolean;
}

async function access(audit: IndexedAudit, { user, client, at, diff, json }: Options): Promise<void> {
  const holder = user === undefined ? (client ?? "") : await userIdOf(audit, user);
  requireHolder(audit, holder);
  if (diff) return await difference(audit, holder, diff.map(parsePast), json);
  const found = await accessAt(audit, holder, at ?? audit.clock.now());
  if (json) console.log(JSON.stringify(accessAtFacts(holder, found)));
  else printAccess(holder, found);
}

/** dacapo audit access: all that somebody could do at a moment, or what changed between two. */
export function addAccessCommand(audit: Command): void {
  addSettings(
    audit
      .command("access")
      .description(
        "all that a user, or a client for itself, could do at a moment; or what changed between two",
      ),
    dataSettings,
  )
    .option("--user <name>", "a user, by name or id")
    .option("--client <id>", "a client that acts for itself")
    .option("--at <time>", "the moment, such as 2026-03-01T14:03Z (default: now)", parsePast)
    .option("--diff <times...>", "two moments: what changed between them")
    .option("--json", "print JSON")
    .action((options: Options, command: Command) => {
      if ((options.user === undefined) === (options.client === undefined))
        throw new InvalidArgumentError("Name either --user or --client.");
      if (options.diff && (options.diff.length !== 2 || options.at !== undefined))
        throw new InvalidArgumentError("--diff takes two moments, and goes without --at.");
      return withIndex(command, (indexed) => access(indexed, options));
    });
}
