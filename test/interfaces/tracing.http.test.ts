import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Dacapo, startDacapo } from "../../interfaces/embedded/index.ts";
import { freePort } from "../support/free-port.ts";
import { postForm } from "../support/requests.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

/** A collector that takes OTLP over HTTP, as JSON. */
async function startCollector() {
  const spans: Span[] = [];
  const resources: unknown[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    if (request.url === "/v1/traces")
      for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
        resources.push(...resource.attributes);
        for (const scope of scopeSpans) spans.push(...scope.spans);
      }
    response.setHeader("content-type", "application/json").end("{}");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    resources,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const callerTrace = "4bf92f3577b34da6a3ce929d0e0e4736";
const callerSpan = "00f067aa0ba902b7";

let collector: Awaited<ReturnType<typeof startCollector>>;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());

/** Asks about a token, and registers a client. */
async function use(dacapo: Dacapo, dataDir: string, headers: Record<string, string> = {}) {
  const { resources } = JSON.parse(readFileSync(join(dataDir, "demo.json"), "utf8"));
  const [resource] = Object.values(resources) as { id: string; secret: string }[];
  const credentials = Buffer.from(`${resource?.id}:${resource?.secret}`).toString("base64");
  await postForm(
    `${dacapo.url}/auth/introspect`,
    { token: "nothing of ours" },
    { authorization: `Basic ${credentials}`, ...headers },
  );
  return await fetch(`${dacapo.url}/auth/register`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({
      redirect_uris: ["http://localhost:3000/callback"],
      client_name: "Traced secret name",
    }),
  });
}

it("traces a request through its append to the projection of its events", async () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, "data");
  const settings = { demo: true, dataDir, port: await freePort(), logLevel: "silent" } as const;
  const trusting = { trustProxy: ["127.0.0.1", "::1"], otlpEndpoint: collector.url };
  const dacapo = await startDacapo({ ...settings, ...trusting });
  const response = await use(dacapo, dataDir, { traceparent: `00-${callerTrace}-${callerSpan}-01` });
  expect(response.status).toBe(201);
  await dacapo.close();

  const spans = collector.spans.filter(({ traceId }) => traceId === callerTrace);
  const named = (name: string) => spans.find((span) => span.name === name);
  const request = named("POST /auth/register");
  const append = named("append client");
  const projection = named("project client.registered");
  expect(request?.parentSpanId).toBe(callerSpan);
  expect(append?.parentSpanId).toBe(request?.spanId);
  expect(projection?.parentSpanId).toBe(append?.spanId);
  expect(request?.attributes).toContainEqual({ key: "http.response.status_code", value: { intValue: 201 } });
  expect(projection?.attributes.map(({ key }) => key)).toContain("dacapo.position");
  expect(collector.resources).toContainEqual({ key: "service.name", value: { stringValue: "dacapo" } });
  expect(JSON.stringify(collector.spans)).not.toMatch(/Traced secret name|nothing of ours/);
});

it("only points at the trace of a stranger, who chose its id", async () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, "data");
  collector.spans.length = 0;
  const settings = { demo: true, dataDir, port: await freePort(), logLevel: "silent" } as const;
  const dacapo = await startDacapo({ ...settings, otlpEndpoint: collector.url });
  await use(dacapo, dataDir, { traceparent: `00-${callerTrace}-${callerSpan}-01` });
  await dacapo.close();
  const request = collector.spans.find(({ name }) => name === "POST /auth/register");
  expect(collector.spans.map(({ traceId }) => traceId)).not.toContain(callerTrace);
  expect(request?.parentSpanId ?? "").toBe("");
  expect(request?.links).toMatchObject([{ traceId: callerTrace, spanId: callerSpan }]);
});

it("keeps the share of traces that it is told, whatever callers ask for", async () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, "data");
  collector.spans.length = 0;
  const settings = {
    demo: true,
    dataDir,
    port: await freePort(),
    logLevel: "silent",
    traceRatio: 0,
  } as const;
  const dacapo = await startDacapo({ ...settings, otlpEndpoint: collector.url });
  expect((await use(dacapo, dataDir, { traceparent: `00-${callerTrace}-${callerSpan}-01` })).status).toBe(
    201,
  );
  await dacapo.close();
  expect(collector.spans).toEqual([]);
});

it("serves on where the collector cannot be reached", async () => {
  using folder = temporaryFolder();
  const dataDir = join(folder.path, "data");
  const settings = { demo: true, dataDir, port: await freePort(), logLevel: "silent" } as const;
  const dacapo = await startDacapo({ ...settings, otlpEndpoint: `http://127.0.0.1:${await freePort()}` });
  expect((await use(dacapo, dataDir)).status).toBe(201);
  await dacapo.close();
});
