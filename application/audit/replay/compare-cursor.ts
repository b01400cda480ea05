import type { ListQuery } from "../../ports/read-models.ts";

const pageSize = 500;

/** What a cursor comes to: an entry, nothing more, or something that is no JSON and has no id to tell. */
export type Reached<Entry> = Entry | "end" | "unreadable";

/** Goes through a listing in the order of its ids, a page in memory at a time. */
export interface Cursor<Entry> {
  /** What comes next; it stays until `pass` or `skipTo`. */
  peek(): Promise<Reached<Entry>>;
  pass(): void;
  /** Goes on after this id. */
  skipTo(id: string): void;
}

/** Builds a cursor over whatever lists in pages. */
export function createCursor<Entry extends { readonly id: string }>(
  list: (query: ListQuery) => Promise<readonly Entry[]>,
  index?: ListQuery["index"],
): Cursor<Entry> {
  let page: readonly Entry[] = [];
  let at = 0;
  let after = "";
  let isLast = false;

  /** A page; a smaller one where one of its documents cannot be read, down to that one alone. */
  async function load(limit: number): Promise<boolean> {
    try {
      page = await list({ after, limit, ...(index && { index }) });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return limit > 1 && (await load(Math.floor(limit / 2)));
    }
    at = 0;
    isLast = page.length < limit;
    after = page.at(-1)?.id ?? after;
    return true;
  }

  return {
    async peek() {
      if (at >= page.length && !isLast && !(await load(pageSize))) return "unreadable";
      return page[at] ?? "end";
    },
    pass() {
      at += 1;
    },
    skipTo(id) {
      page = [];
      at = 0;
      isLast = false;
      after = id;
    },
  };
}

/** The order of ids: that of their bytes (UTF-8), as the engines list them. */
export function compareIds(one: string, other: string): number {
  if (one === other) return 0;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Goes through two listings side by side; `meet` is told what stands at one id on each side, where there is something. */
export async function merge<One extends { readonly id: string }, Other extends { readonly id: string }>(
  one: Cursor<One>,
  other: Cursor<Other>,
  meet: (id: string, one: One | undefined, other: Other | "unreadable" | undefined) => Promise<void>,
): Promise<void> {
  for (;;) {
    const left = await one.peek();
    const right = await other.peek();
    if (left === "unreadable") throw new TypeError("a document that was just written cannot be read");
    if (right === "unreadable") {
      // It has no id to tell; where the others are as they should be, it is the one that comes next.
      await meet(left === "end" ? "" : left.id, left === "end" ? undefined : left, right);
      if (left === "end") return;
      one.pass();
      other.skipTo(left.id);
      continue;
    }
    if (left === "end" && right === "end") return;
    const order = left === "end" ? 1 : right === "end" ? -1 : compareIds(left.id, right.id);
    if (order <= 0) one.pass();
    if (order >= 0) other.pass();
    if (order <= 0 && left !== "end")
      await meet(left.id, left, order === 0 && right !== "end" ? right : undefined);
    else if (right !== "end") await meet(right.id, undefined, right);
  }
}
