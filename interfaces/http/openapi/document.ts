import type { z } from "zod";
import { createDocument, type ZodOpenApiObject, type ZodOpenApiOverride } from "zod-openapi";
import type { HttpDependencies } from "../dependencies.ts";
import type { Operations } from "./operation.ts";
import { audit } from "./operations/audit.ts";
import { clients, grants, keys, resources } from "./operations/clients.ts";
import { mcpOperations } from "./operations/mcp.ts";
import { oauth } from "./operations/oauth.ts";
import { people } from "./operations/people.ts";
import { descriptionOperations, publicOperations } from "./operations/public.ts";

const tags = [
  { name: "Users", description: "People who can sign in" },
  { name: "Sessions", description: "Where people are signed in" },
  { name: "Clients", description: "Applications that get tokens" },
  { name: "Grants", description: "What clients were granted" },
  { name: "Resources", description: "APIs and MCP servers that tokens are for" },
  { name: "Keys", description: "The keys that sign access tokens" },
  { name: "Audit", description: "Who could do what and why, at any moment" },
  { name: "OAuth", description: "What clients and protected resources ask" },
  { name: "Registration", description: "Clients that register themselves, and by administrators" },
  { name: "Discovery", description: "What there is" },
  { name: "Health", description: "For operators and orchestrators" },
  { name: "Pages", description: "For people in a browser" },
  { name: "MCP", description: "The music tools, where they are served" },
];

type Def = z.core.$ZodTypeDef & {
  readonly in?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
};

const definitionOf = (schema: z.core.$ZodType): Def => schema._zod.def as Def;

/** What a transform is made of, where it is one. */
const pipedFrom = (schema: z.core.$ZodType): Def | undefined => {
  const { type, in: from } = definitionOf(schema);
  return type === "pipe" && from ? definitionOf(from) : undefined;
};

/** What zod says of its own, not of what comes over the wire. */
const override: ZodOpenApiOverride = ({ zodSchema, jsonSchema, io }) => {
  // A parameter is a list only until it is known that it stands there once.
  if (io === "input" && pipedFrom(zodSchema)?.type === "array") {
    for (const name of ["items", "minItems", "maxItems"] as const) delete jsonSchema[name];
    jsonSchema.type = "string";
  }
  const { type, innerType } = definitionOf(zodSchema);
  // A default is what a text becomes, not a text.
  if (type === "default" && innerType && pipedFrom(innerType)) delete jsonSchema.default;
  if (jsonSchema.format === "date-time" || jsonSchema.format === "date") delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
};

/** What is described: every operation that this deployment has. */
export function operationsOf({
  context,
  hasMcp,
  hasApiDocs,
}: Pick<HttpDependencies, "context" | "hasMcp" | "hasApiDocs">): Operations {
  const { issuer } = context.policy;
  return {
    ...people,
    ...clients,
    ...grants,
    ...resources,
    ...keys,
    ...audit,
    ...oauth,
    ...publicOperations(issuer),
    ...(hasApiDocs ? descriptionOperations : {}),
    ...(hasMcp ? mcpOperations(issuer) : {}),
  };
}

function securitySchemes({ issuer, scopes }: HttpDependencies["context"]["policy"]) {
  const scopeTexts = Object.fromEntries(scopes.map(({ name, description }) => [name, description]));
  return {
    accessToken: {
      type: "http",
      scheme: "bearer",
      description:
        "An access token (RFC 6750); the admin API takes one for the issuer with the scope `admin`",
    },
    oauth2: {
      type: "oauth2",
      description: "Authorization code with PKCE; name the issuer as `resource`",
      flows: {
        authorizationCode: {
          authorizationUrl: `${issuer}/auth/authorize`,
          tokenUrl: `${issuer}/auth/token`,
          refreshUrl: `${issuer}/auth/token`,
          scopes: scopeTexts,
        },
      },
    },
    clientBasic: {
      type: "http",
      scheme: "basic",
      description: "The id and secret of a client or protected resource (RFC 6749 section 2.3.1)",
    },
    registrationToken: {
      type: "http",
      scheme: "bearer",
      description: "The registration access token of the client (RFC 7592)",
    },
  } as const;
}

/** The description of this deployment's API (OpenAPI 3.1), made from the schemas that the routes parse with. */
export function apiDocument(
  dependencies: Pick<HttpDependencies, "context" | "hasMcp" | "hasApiDocs" | "version">,
): ReturnType<typeof createDocument> {
  const { context, version } = dependencies;
  const document: ZodOpenApiObject = {
    openapi: "3.1.0",
    info: {
      title: "Dacapo",
      version,
      description: "An OAuth 2.1 authorization server, and the API by which it is administered.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: context.policy.issuer }],
    tags,
    paths: operationsOf(dependencies),
    components: { securitySchemes: securitySchemes(context.policy) },
  };
  return createDocument(document, { override });
}
