import { z } from "zod";
import type {
  ZodOpenApiOperationObject,
  ZodOpenApiParameters,
  ZodOpenApiPathsObject,
  ZodOpenApiResponseObject,
} from "zod-openapi";

/** The operations of one part of the server, by path and method. */
export type Operations = ZodOpenApiPathsObject;

/** What one operation is described by. */
interface Described {
  readonly id: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Names of the parameters in the path; each is a text. */
  readonly path?: readonly string[];
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  /** JSON, unless another type of content is named. */
  readonly body?: z.ZodType;
  readonly bodyType?: string;
  /** For a body that may be left out. */
  readonly isBodyOptional?: boolean;
  /** Empty: for everybody. */
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly answers: Readonly<Record<`${2 | 3 | 4 | 5}${string}`, ZodOpenApiResponseObject>>;
}

const texts = (names: readonly string[]): z.ZodObject =>
  z.object(Object.fromEntries(names.map((name) => [name, z.string()])));

/** One operation as OpenAPI has it. */
export function operation(described: Described): ZodOpenApiOperationObject {
  const { id, tag, summary, description, path = [], query, headers, body, security, answers } = described;
  const requestParams: ZodOpenApiParameters = {
    ...(path.length > 0 ? { path: texts(path) } : {}),
    ...(query ? { query } : {}),
    ...(headers ? { header: headers } : {}),
  };
  const { bodyType = "application/json", isBodyOptional = false } = described;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    security: security.map((scheme) =>
      Object.fromEntries(Object.entries(scheme).map(([name, scopes]) => [name, [...scopes]])),
    ),
    ...(Object.keys(requestParams).length > 0 ? { requestParams } : {}),
    ...(body
      ? { requestBody: { required: !isBodyOptional, content: { [bodyType]: { schema: body } } } }
      : {}),
    responses: answers,
  };
}

/** An answer with JSON of this shape. */
export const answered = (description: string, schema: z.ZodType): ZodOpenApiResponseObject => ({
  description,
  content: { "application/json": { schema } },
});

/** An answer with text of this type, for people or for other tools. */
export const answeredText = (description: string, type: string): ZodOpenApiResponseObject => ({
  description,
  content: { [type]: { schema: z.string() } },
});

/** An answer without a body. */
export const answeredNothing = (description: string): ZodOpenApiResponseObject => ({ description });
