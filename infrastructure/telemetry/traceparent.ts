const form = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** Whether this is a traceparent as W3C Trace Context §3.2 writes it. */
export const isTraceparent = (value: unknown): value is string =>
  typeof value === "string" && form.test(value);

/** Whether a trace is kept, as the process decided that wrote this. */
export const isSampled = (traceparent: string): boolean =>
  (Number.parseInt(traceparent.slice(-2), 16) & 1) === 1;
