import { type Command, InvalidArgumentError } from "commander";
import { nameOf, sentenceFor } from "../../../application/audit/reason.ts";
import {
  namedEvent,
  type TimelineEntry,
  termsOfSubject,
  timelineOf,
} from "../../../application/audit/timeline.ts";
import { entryFacts } from "../../audit/facts.ts";
import { CommandError } from "../command-error.ts";
import { addSettings, dataSettings } from "../options.ts";
import { printRows } from "../run.ts";
import { parseCount, parseInstant, parsePast } from "./instant.ts";
import { addSubjectOptions, subjectOf } from "./subject.ts";
import { catchUp, type IndexedAudit, withIndex } from "./with-index.ts";

const row = ({ indexed, stored, relation }: TimelineEntry) => ({
  time: new Date(indexed.time).toISOString(),
  event: nameOf(indexed),
  actor: stored?.metadata.actor ?? "",
  found_by: relation,
  what_happened: stored ? sentenceFor(stored) : `${indexed.type}: it has left the log`,
});

function printEntries(
  { store }: IndexedAudit,
  entries: readonly TimelineEntry[],
  asJson: boolean | undefined,
  goesOn = false,
): void {
  if (asJson && entries.length === 0) return;
  printRows(asJson ? entries.map((entry) => entryFacts(store, entry)) : entries.map(row), asJson, goesOn);
}

interface Options {
  readonly since?: number;
  readonly until?: number;
  readonly limit: number;
  readonly related: boolean;
  readonly follow?: boolean;
  readonly json?: boolean;
}

/** Tells what is appended from now on, until a signal ends it. */
async function follow(
  audit: IndexedAudit,
  terms: readonly string[],
  options: Options,
  hasHeader: boolean,
): Promise<void> {
  const { store, index, signal } = audit;
  let { position } = index.checkpoint();
  let goesOn = hasHeader;
  try {
    for await (const _ of store.subscribe(position, signal)) {
      await catchUp(audit);
      const { entries } = await timelineOf(audit, terms, {
        from: position + 1n,
        limit: options.limit,
        isFollowingCauses: false,
      });
      if (entries.length > 0) printEntries(audit, entries, options.json, goesOn);
      goesOn ||= entries.length > 0;
      ({ position } = index.checkpoint());
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function timeline(audit: IndexedAudit, options: Options): Promise<void> {
  const subject = await namedEvent(audit.store, await subjectOf(audit, { ...options } as never));
  const terms = termsOfSubject(audit, subject);
  const { since, until, limit, related } = options;
  const { index } = audit;
  const { entries, hasEarlier } = await timelineOf(audit, terms, {
    from: since === undefined ? undefined : index.positionAt(since - 1) + 1n,
    to: until === undefined ? undefined : index.positionAt(until),
    limit,
    isFollowingCauses: related,
  });
  if (entries.length === 0 && !options.follow) throw new CommandError("The log holds nothing about this.");
  if (hasEarlier) console.error(`These are the newest ${limit}; --limit or --until show what was before.`);
  if (entries.length > 0) printEntries(audit, entries, options.json);
  if (options.follow) await follow(audit, terms, options, entries.length > 0);
}

/** dacapo audit timeline: what happened to a token, a person, a client …, as it stands in the log. */
export function addTimelineCommand(audit: Command): void {
  const command = audit
    .command("timeline")
    .description("what happened, oldest first: to a token, a person, a client, an address …");
  addSettings(addSubjectOptions(command), dataSettings)
    .option("--since <time>", "not what was before", parsePast)
    .option("--until <time>", "not what was after", parseInstant)
    .option("--limit <n>", "the newest so many", parseCount, 200)
    .option("--no-related", "only what names the subject itself, no cause and effect")
    .option("--follow", "go on with what happens from now on")
    .option("--json", "print the events as JSON lines, without secrets")
    .action((options: Options, self: Command) => {
      if (options.follow && options.until !== undefined)
        throw new InvalidArgumentError("--follow goes on for ever: leave --until out.");
      if ((options.since ?? 0) > (options.until ?? Number.POSITIVE_INFINITY))
        throw new InvalidArgumentError("--since is later than --until.");
      return withIndex(self, (indexed) => timeline(indexed, options));
    });
}
