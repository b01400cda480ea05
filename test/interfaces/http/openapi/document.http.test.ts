import { createConfig, lintFromString } from "@redocly/openapi-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routesOf } from "../../../../interfaces/http/routes.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";

/** With a path, by which there are more routes. */
const issuer = "https://auth.dacapo.test/people";

let server: TestServer;
let document: Document;
beforeAll(async () => {
  server = await startTestServer({ issuer, rateLimit: true });
  document = (await (await fetch(`${server.address}/openapi.json`)).json()) as Document;
});
afterAll(() => server[Symbol.asyncDispose]());

interface Document {
  readonly openapi: string;
  readonly servers: readonly unknown[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
}

/** What the linter says that is meant: the rule, and where. */
const exceptions: readonly (readonly [rule: string, place: RegExp])[] = [
  // The probes of an orchestrator are refused to nobody.
  ["operation-4xx-response", /^#\/paths\/~1(?:livez|readyz|health)\//],
];

describe("GET /openapi.json", () => {
  it("describes every route of the server and no other", () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map(
        (method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      ),
    );
    expect(described.sort()).toEqual(routesOf(server.app));
  });

  it("names this server", () => {
    expect(document.openapi).toBe("3.1.0");
    expect(document.servers).toEqual([{ url: issuer }]);
  });

  it("is what Redocly recommends", async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    const meant = ({ ruleId, location }: (typeof found)[number]): boolean =>
      exceptions.some(([rule, place]) => rule === ruleId && place.test(location[0]?.pointer ?? ""));
    const told = found
      .filter((one) => !meant(one))
      .map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`);
    expect(told).toEqual([]);
    const used = exceptions.filter(([rule]) => found.some(({ ruleId }) => ruleId === rule));
    expect(used).toEqual(exceptions);
  });

  it("may be kept, asked for again by its ETag and read by every page (RFC 9110 §13.1.2)", async () => {
    const headers = { origin: "https://elsewhere.example" };
    const answer = await fetch(`${server.address}/openapi.json`, { headers });
    expect(answer.headers.get("cache-control")).toBe("public, max-age=300");
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    const etag = answer.headers.get("etag") ?? "";
    const again = await fetch(`${server.address}/openapi.json`, { headers: { "if-none-match": etag } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  it("is not there where an operator does not want it", async () => {
    await using other = await startTestServer({ apiDocs: false });
    for (const path of ["/openapi.json", "/docs", "/docs/start.js"])
      expect((await fetch(`${other.address}${path}`)).status).toBe(404);
  });
});
