import type { EventStore, StoredEvent } from "../../ports/event-store.ts";
import type { FoldOptions } from "../replay/replay.ts";
import { createDecideAgain, type Kind, kinds, type Verdict } from "./decide.ts";
import { createHistory, readable } from "./history.ts";
import type { WhatIf } from "./policy.ts";
import type { FirstRefusal, RefusedTable } from "./refused.ts";

/** A recorded decision that would have been refused, or would have given less scope. */
export interface RefusedDecision {
  readonly kind: Kind;
  readonly outcome: "refused" | "narrowed";
  readonly event: Pick<StoredEvent, "position" | "stream" | "revision" | "time" | "type">;
  readonly rule: string;
  readonly because: FirstRefusal | undefined;
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
}

/** How often a rule would have refused by itself, and how much would have been refused because of that. */
export interface RuleCount {
  readonly refused: number;
  readonly following: number;
}

/** What became of the decisions of one kind. */
export interface KindCount {
  readonly decided: number;
  readonly refused: number;
  /** Made, but with less scope. */
  readonly narrowed: number;
}

export interface WhatIfReport {
  readonly events: number;
  readonly decisions: ReadonlyMap<Kind, KindCount>;
  readonly rules: ReadonlyMap<string, RuleCount>;
  /** The first ones, in the order of the log. */
  readonly refused: readonly RefusedDecision[];
  /** Access tokens that would have lived shorter. */
  readonly shorter: number;
  /** Refreshes that came when the shorter access token would have been dead, and the recorded one was not. */
  readonly lateRefreshes: number;
  /** Decisions that were not made again: what they were made on has left the log, or cannot be read. */
  readonly undecided: number;
}

export interface WhatIfQuestion extends FoldOptions {
  readonly whatIf: WhatIf;
  /** Positions: after the first, up to and with the second. */
  readonly from: bigint;
  readonly to: bigint;
  /** How many refused decisions are told one by one. */
  readonly limit: number;
}

const pageSize = 500;

/** Streams whose last events later decisions rest on. */
const isRestedOn = (stream: string): boolean => /^(grant|sessions|client)-/.test(stream);

const none: KindCount = { decided: 0, refused: 0, narrowed: 0 };

/** Counts what came of each decision. */
function createCounts(limit: number) {
  const decisions = new Map([...new Set(Object.values(kinds))].map((kind) => [kind, none]));
  const rules = new Map<string, RuleCount>();
  const first: RefusedDecision[] = [];
  const counts = { events: 0, shorter: 0, lateRefreshes: 0, undecided: 0 };

  function countRule({ rule = "", because }: Verdict): void {
    const { refused, following } = rules.get(rule) ?? { refused: 0, following: 0 };
    rules.set(rule, because ? { refused, following: following + 1 } : { refused: refused + 1, following });
  }

  function list(kind: Kind, event: StoredEvent, { rule, because, clientId, userId }: Verdict): void {
    if (first.length >= limit) return;
    const { position, stream, revision, time, type } = event;
    first.push({
      kind,
      outcome: rule === undefined ? "narrowed" : "refused",
      event: { position, stream, revision, time, type },
      rule: rule ?? "it would have given less scope",
      because,
      clientId,
      userId,
    });
  }

  return {
    counts,
    add(kind: Kind, event: StoredEvent, verdict: Verdict): void {
      const { decided, refused, narrowed } = decisions.get(kind) ?? none;
      const isRefused = verdict.rule !== undefined;
      const isNarrowed = !isRefused && verdict.isNarrowed === true;
      decisions.set(kind, {
        decided: decided + 1,
        refused: refused + (isRefused ? 1 : 0),
        narrowed: narrowed + (isNarrowed ? 1 : 0),
      });
      counts.shorter += verdict.isShorter ? 1 : 0;
      counts.lateRefreshes += verdict.isLateRefresh ? 1 : 0;
      if (isRefused) countRule(verdict);
      if (isRefused || isNarrowed) list(kind, event, verdict);
    },
    report: (): WhatIfReport => ({ ...counts, decisions, rules, refused: first }),
  };
}

/**
 * Makes the recorded decisions again under another policy, by the same deciders: which of them would have been refused,
 * by which rule, and whom that would have hit. A decision that follows a refused one in its grant or session is refused
 * with it. Nothing is written but to `refused`, and memory stays flat.
 */
export async function whatIf(
  store: EventStore,
  refused: RefusedTable,
  { whatIf, from, to, limit, signal, progress }: WhatIfQuestion,
): Promise<WhatIfReport> {
  const history = createHistory(store);
  const decideAgain = createDecideAgain({ whatIf, history, refused });
  const { counts, add, report } = createCounts(limit);

  async function take(stored: StoredEvent): Promise<void> {
    const kind = kinds[stored.type as keyof typeof kinds] as Kind | undefined;
    if (kind === undefined) return;
    const event = readable(stored);
    const verdict = event && (await decideAgain(event, stored));
    if (!verdict) {
      counts.undecided += 1;
      return;
    }
    add(kind, stored, verdict);
    if (verdict.rule === undefined && !verdict.isNarrowed) return;
    if (verdict.clientId !== undefined) refused.hit("client", verdict.clientId);
    if (verdict.userId !== undefined) refused.hit("user", verdict.userId);
  }

  for (let position = from; ; ) {
    signal?.throwIfAborted();
    const page = await store.readAll(position, pageSize);
    for (const stored of page) {
      if (stored.position > to) return report();
      await take(stored);
      if (isRestedOn(stored.stream)) history.pass(stored);
      counts.events += 1;
    }
    position = page.at(-1)?.position ?? position;
    progress?.(position);
    if (page.length < pageSize) return report();
  }
}
