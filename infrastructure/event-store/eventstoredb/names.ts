/** Before the names of the log's streams, so that others can use the same cluster. */
export const prefix = "dacapo.";

/** Streams that are not part of the log. */
export const control = {
  log: "dacapo-control-log",
  claim: "dacapo-control-claim",
  clock: "dacapo-control-clock",
} as const;

/** The name in the database of a stream of the log. */
export const stored = (stream: string): string => `${prefix}${stream}`;

/** The name of a stream of the log, given the one in the database. */
export const shown = (stream: string): string =>
  stream.startsWith(prefix) ? stream.slice(prefix.length) : stream;
