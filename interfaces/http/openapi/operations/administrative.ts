import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from "zod-openapi";
import { problems } from "../answers/errors.ts";
import { answered, operation } from "../operation.ts";

/** Every operation under /admin/ takes a token for the issuer with the scope `admin`. */
const security = [{ accessToken: [] }, { oauth2: ["admin"] }];

const idempotencyKey = z.object({
  "Idempotency-Key": z.string().optional().meta({
    description:
      "By the same key the same request can be sent again, and is answered as at first: a structured-field string (RFC 9651), or a bare token",
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  }),
});

/** What can be wrong with a request, beside what can be wrong with every one. */
type Fault = "badRequest" | "notFound" | "conflict";

const statusOf: Readonly<Record<Fault, `4${string}`>> = {
  badRequest: "400",
  notFound: "404",
  conflict: "409",
};

type Administrative = Pick<
  Parameters<typeof operation>[0],
  "id" | "tag" | "summary" | "description" | "path" | "query" | "body" | "isBodyOptional"
> & {
  readonly answers: Readonly<Record<`2${string}`, ZodOpenApiResponseObject>>;
  readonly faults?: readonly Fault[];
  /** Whether it creates or rotates, and takes an Idempotency-Key. */
  readonly isRepeatable?: boolean;
};

/** The answer to what created something. */
export const created = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  ...answered(description, schema),
  headers: { Location: { description: "Where it is", schema: { type: "string" } } },
});

/** One page of a list. */
export const listed = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  ...answered(description, schema),
  headers: { Link: { description: "Where the next page is (RFC 8288)", schema: { type: "string" } } },
});

/** An operation for administrators, with the problems that it may be answered with. */
export function administrative(described: Administrative): ZodOpenApiOperationObject {
  const { answers, faults = [], isRepeatable = false, ...rest } = described;
  const told = new Set<Fault>([...faults, ...(rest.body || rest.query ? (["badRequest"] as const) : [])]);
  return operation({
    ...rest,
    ...(isRepeatable ? { headers: idempotencyKey } : {}),
    security,
    answers: {
      ...answers,
      ...Object.fromEntries([...told].map((fault) => [statusOf[fault], problems[fault]])),
      "401": problems.unauthorized,
      "403": problems.forbidden,
      ...(isRepeatable ? { "422": problems.keyReused } : {}),
      "503": problems.unavailable,
    },
  });
}
