/** A place in a document where two of them differ, and what stands there, as it may be shown. */
export interface Member {
  /** Such as `refreshToken.expiresAt` or `scope[1]`; empty for the whole. */
  readonly path: string;
  readonly folded: string;
  readonly live: string;
}

/** A longer text may be a hash or sealed: its beginning tells it from others, and gives nothing away. */
const maxShown = 32;
const shownOfLong = 8;

/** Texts as others wrote them, without what would command a terminal. */
const plain = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A value in a few letters. */
function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string")
    return value.length > maxShown ? `${plain(value.slice(0, shownOfLong)).slice(0, -1)}…"` : plain(value);
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const within = (path: string, name: string, isList: boolean): string => {
  if (isList) return `${path}[${name}]`;
  return path === "" ? name : `${path}.${name}`;
};

/** The members in which two JSON values differ, in the order of the first, then of the second. */
export function* changedMembers(folded: unknown, live: unknown, path = ""): Generator<Member> {
  if (folded === live) return;
  if (!isObject(folded) || !isObject(live) || Array.isArray(folded) !== Array.isArray(live)) {
    yield { path, folded: shown(folded), live: shown(live) };
    return;
  }
  for (const name of new Set([...Object.keys(folded), ...Object.keys(live)]))
    yield* changedMembers(folded[name], live[name], within(path, name, Array.isArray(folded)));
}

/** Whether two JSON values say the same. */
export const isSameJson = (one: unknown, other: unknown): boolean =>
  changedMembers(one, other).next().done === true;
