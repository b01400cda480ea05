import type { ZodError } from "zod";

/** What is wrong with one part of a request: a member of the body (RFC 6901, as a fragment), a parameter or a header. */
export type FieldFault = { readonly detail: string } & (
  | { readonly pointer: string }
  | { readonly parameter: string }
  | { readonly header: string }
);

/** A request that is malformed, told part by part; its texts are ASCII and echo nothing. Becomes 400. */
export class BadInput extends Error {
  override readonly name = "BadInput";
  readonly faults: readonly FieldFault[];
  constructor(message: string, faults: readonly FieldFault[]) {
    super(message);
    this.faults = faults;
  }
}

type Issue = ZodError["issues"][number];

/** A member of a body, as RFC 9457 names it in its example. */
const pointerTo = (path: readonly PropertyKey[]): string =>
  ["#", ...path.map((name) => String(name).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/");

/** What an issue says, in words that hold nothing of the request. */
function detailOf({ code, message }: Issue): string {
  if (code === "unrecognized_keys") return "holds a member that is not known";
  if (code === "invalid_union" || code === "invalid_key" || code === "invalid_element") return "is malformed";
  if (message.endsWith("received undefined")) return "is missing";
  return message;
}

/** The faults of a body, in the order in which they were found. */
export const faultsOf = ({ issues }: ZodError): readonly FieldFault[] =>
  issues.map((issue) => ({ pointer: pointerTo(issue.path), detail: detailOf(issue) }));

/** The faults of a query. */
export const parameterFaultsOf = ({ issues }: ZodError): readonly FieldFault[] =>
  issues.map((issue) => ({ parameter: String(issue.path[0] ?? "query"), detail: detailOf(issue) }));
