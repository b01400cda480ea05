import type { ZodOpenApiResponseObject } from "zod-openapi";
import { oauthErrors, problems } from "../answers/errors.ts";
import {
  aliveAnswer,
  keySetAnswer,
  notReadyAnswer,
  readyAnswer,
  serverMetadataAnswer,
  serviceAnswer,
} from "../answers/oauth.ts";
import { answered, answeredNothing, answeredText, type Operations, operation } from "../operation.ts";

const { forbidden, unavailable } = oauthErrors;

const discovery = (id: string): Operations[string] => ({
  get: operation({
    ...{ id, tag: "Discovery", summary: "Authorization server metadata (RFC 8414)", security: [] },
    answers: { "200": answered("The metadata", serverMetadataAnswer), "403": forbidden },
  }),
});

/** The probes: an orchestrator's requests are never refused. */
const probe = (
  id: string,
  summary: string,
  answers: Readonly<Record<`2${string}`, ZodOpenApiResponseObject>>,
): Operations[string] => ({ get: operation({ id, tag: "Health", summary, security: [], answers }) });

const readiness = {
  "200": answered("It can serve", readyAnswer),
  "503": answered("Why it cannot", notReadyAnswer),
};

/** Discovery and health. @param issuer with its path, if it has one, by which discovery is found too */
export function publicOperations(issuer: string): Operations {
  const { pathname } = new URL(issuer);
  const wellKnown = "/.well-known/oauth-authorization-server";
  return {
    "/": {
      get: operation({
        ...{ id: "service", tag: "Discovery", summary: "What this server is", security: [] },
        answers: {
          "200": answered("Its name, version and endpoints", serviceAnswer),
          "403": problems.forbidden,
        },
      }),
    },
    [wellKnown]: discovery("serverMetadata"),
    [`/auth${wellKnown}`]: discovery("serverMetadataUnderAuth"),
    ...(pathname === "/" ? {} : { [`${wellKnown}${pathname}`]: discovery("serverMetadataInserted") }),
    "/auth/jwks": {
      get: operation({
        ...{ id: "keySet", tag: "Discovery", summary: "The public keys (RFC 7517)", security: [] },
        answers: { "200": answered("The keys", keySetAnswer), "403": forbidden, "503": unavailable },
      }),
    },
    "/livez": probe("alive", "Whether the process lives", { "200": answered("It does", aliveAnswer) }),
    "/readyz": probe("ready", "Whether it can serve", readiness),
    "/health": probe("health", "Whether it can serve", readiness),
  };
}

/** This description, and its page. */
export const descriptionOperations: Operations = {
  "/openapi.json": {
    get: operation({
      ...{ id: "openapi", tag: "Discovery", summary: "This description (OpenAPI 3.1)", security: [] },
      answers: {
        "200": answeredText("The description", "application/json"),
        "304": answeredNothing("It is what the ETag names"),
        "403": problems.forbidden,
      },
    }),
  },
  "/docs": {
    get: operation({
      ...{ id: "docs", tag: "Pages", summary: "A page to read and try this API", security: [] },
      answers: { "200": answeredText("A page", "text/html"), "403": problems.forbidden },
    }),
  },
  "/docs/{file}": {
    get: operation({
      ...{ id: "docsFile", tag: "Pages", summary: "A file of that page", path: ["file"], security: [] },
      answers: {
        "200": {
          description: "A script, style sheet or page",
          content: {
            ...answeredText("", "text/javascript").content,
            ...answeredText("", "text/css").content,
            ...answeredText("", "text/html").content,
          },
        },
        "403": problems.forbidden,
        "404": problems.notFound,
      },
    }),
  },
};
