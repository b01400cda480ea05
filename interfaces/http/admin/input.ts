import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { RefusedError } from "../../../application/errors.ts";
import type { Policy } from "../../../application/policy.ts";
import { parseScope, type Scope } from "../../../domain/oauth/scope.ts";
import { BadInput, parameterFaultsOf } from "../bad-input.ts";
import { maybe } from "../parameters.ts";

/** A fault of one member of the body. */
export const badMember = (name: string, detail: string): BadInput =>
  new BadInput(`${name} ${detail}`, [{ pointer: `#/${name}`, detail }]);

/** The query of a request, by a schema of parameters. @throws {BadInput} */
export function queryOf<Query extends z.ZodType>(request: FastifyRequest, query: Query): z.output<Query> {
  const parsed = query.safeParse(request.query);
  if (parsed.success) return parsed.data;
  const faults = parameterFaultsOf(parsed.error);
  const [first] = faults;
  throw new BadInput(
    first && "parameter" in first ? `${first.parameter} ${first.detail}` : "The query is malformed",
    faults,
  );
}

/** Scope tokens separated by spaces (RFC 6749 §3.3), as a member of a body. */
export const scopeText = z
  .string()
  .max(2_048)
  .describe("Scope tokens separated by spaces (RFC 6749 section 3.3)");

/** The scope that a member of the body names. @throws {BadInput} where it is malformed or not one of those that there are */
export function knownScope({ scopes }: Policy, text: string): Scope {
  const scope = parseScope(text);
  if (!scope) throw badMember("scope", "must be scope tokens separated by spaces");
  const names = scopes.map(({ name }) => name);
  if (!scope.every((one) => names.includes(one)))
    throw badMember("scope", `must be of these: ${names.join(" ")}`);
  return scope;
}

/**
 * Runs a command; where its refusal begins with what a member of the body holds, that member is named.
 * @param members by the first words of refusals
 * @throws {BadInput}
 */
export async function naming<T>(
  members: Readonly<Record<string, string>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { error: code, description } = error.refusal;
    const first = description.split(" ")[0] ?? "";
    const member = code === "invalid_redirect_uri" ? "redirect_uris" : members[first];
    if (member === undefined) throw error;
    throw new BadInput(description, [{ pointer: `#/${member}`, detail: description }]);
  }
}

/** `active` or `disabled`: what an operator sets. */
export const statusRequest = z.strictObject({ status: z.enum(["active", "disabled"]) });

const maxPage = 100;

/** What a page of a list is asked for by. */
export const pageParameters = {
  after: maybe()
    .refine(
      (after) => after === undefined || /^[\x21-\x7e]{1,1024}$/.test(after),
      "must be the `next` of the page before",
    )
    .describe("The `next` of the page before"),
  limit: maybe()
    .refine(
      (limit) => limit === undefined || (/^[1-9]\d{0,2}$/.test(limit) && Number(limit) <= maxPage),
      `must be a whole number from 1 to ${maxPage}`,
    )
    .transform((limit) => Number(limit ?? maxPage))
    .meta({
      description: `Entries of a page at most: 1 to ${maxPage}, which is usual`,
      override: { type: "integer", minimum: 1, maximum: maxPage, default: maxPage },
    }),
};
