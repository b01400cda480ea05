import {
  Client,
  type OAuthClientProvider,
  StreamableHTTPClientTransport,
  UnauthorizedError,
} from "@modelcontextprotocol/client";
import { Client as ClientOfVersion1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportOfVersion1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mcpTokens } from "../support/mcp.ts";
import { Person } from "../support/person.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Where a client lets itself be called back; nobody listens there, for a person brings the code. */
const redirectUri = "http://localhost:33418/callback";

/** Keeps what the SDK gives it, and lets a person who signs in go where the SDK sends the browser. */
class Keeper implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadata = {
    client_name: "An MCP client",
    redirect_uris: [redirectUri],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  readonly asked: URL[] = [];
  returned = new URLSearchParams();
  // biome-ignore lint/suspicious/noExplicitAny: both SDKs have types of their own for what they keep
  kept: Record<string, any> = {};
  readonly #username: string;

  constructor(username: string, redirectUrl = redirectUri) {
    this.#username = username;
    this.redirectUrl = redirectUrl;
  }

  clientInformation = () => this.kept.client;
  saveClientInformation = (client: unknown) => {
    this.kept.client = client;
  };
  tokens = () => this.kept.tokens;
  saveTokens = (tokens: unknown) => {
    this.kept.tokens = tokens;
  };
  codeVerifier = () => this.kept.verifier;
  saveCodeVerifier = (verifier: string) => {
    this.kept.verifier = verifier;
  };

  async redirectToAuthorization(url: URL): Promise<void> {
    this.asked.push(url);
    const person = new Person(server.address);
    await person.signIn(this.#username);
    this.returned = await person.authorize(Object.fromEntries(url.searchParams));
  }
}

const url = () => new URL(`${server.issuer}/mcp`);
const resultText = (result: unknown) =>
  JSON.parse((result as { content: { text: string }[] }).content[0]?.text ?? "null");

const clientOf = (version?: string): Client =>
  new Client(
    { name: "test", version: "1" },
    version === undefined ? {} : { versionNegotiation: { mode: { pin: version } } },
  );

/** Comes from nothing but the URL to a connected client, of the version of the protocol where one is named. */
async function connect(provider: Keeper, version?: string): Promise<Client> {
  const first = new StreamableHTTPClientTransport(url(), { authProvider: provider });
  await expect(clientOf(version).connect(first)).rejects.toThrow(UnauthorizedError);
  await first.finishAuth(provider.returned);
  const client = clientOf(version);
  await client.connect(new StreamableHTTPClientTransport(url(), { authProvider: provider }));
  return client;
}

describe("the official client, with nothing but the URL", () => {
  it("registers, lets a person sign in, lists the tools and calls one", async () => {
    const provider = new Keeper("alice");
    const client = await connect(provider);
    expect(provider.kept.client.client_id).toMatch(/^c_/);
    expect(provider.asked[0]?.searchParams.get("resource")).toBe(`${server.issuer}/mcp`);
    expect(provider.asked[0]?.searchParams.get("scope")).toBe("read write");
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("create_counterpoint");
    const result = await client.callTool({
      name: "analyze_key",
      arguments: { score_id: "bach_invention_1" },
    });
    expect(resultText(result)).toMatchObject({ key: "C major" });
    const declined = await client.callTool({ name: "analyze_key", arguments: { score_id: "nothing" } });
    expect(declined).toMatchObject({ isError: true });
    await client.close();
  });

  it("asks for more scope where a tool needs it, and goes on with it", async () => {
    const provider = new Keeper("alice", "http://localhost:3000/callback");
    provider.kept.client = { client_id: server.demo.clientId };
    provider.kept.tokens = { ...(await mcpTokens(server, "alice", "read")), token_type: "Bearer" };
    const transport = new StreamableHTTPClientTransport(url(), { authProvider: provider });
    const client = new Client({ name: "test", version: "1" });
    await client.connect(transport);
    const call = { name: "import_score", arguments: { score_id: "stepped_up", source: "C4:q D4:q" } };
    await expect(client.callTool(call)).rejects.toThrow(UnauthorizedError);
    expect(provider.asked[0]?.searchParams.get("scope")?.split(" ").sort()).toEqual(["read", "write"]);
    await transport.finishAuth(provider.returned);
    expect(resultText(await client.callTool(call))).toMatchObject({ score_id: "stepped_up", num_notes: 2 });
    await client.close();
  });

  it.each([["2026-07-28"], [undefined]])(
    "calls tools by version %s, and is told how far they are",
    async (version) => {
      const provider = new Keeper("alice");
      const client = await connect(provider, version);
      expect(client.getNegotiatedProtocolVersion()).toBe(version ?? "2025-11-25");
      const score_id = `long_${version ?? "older"}`;
      const source = Array.from({ length: 500 }, () => "C4:q D4:q E4:q G4:q").join(" ");
      await client.callTool({ name: "import_score", arguments: { score_id, source } });
      const told: number[] = [];
      const result = await client.callTool(
        { name: "harmonize_melody", arguments: { score_id, include_explanations: false } },
        { onprogress: ({ progress }) => told.push(progress) },
      );
      expect(resultText(result)).toMatchObject({ status: "success" });
      expect(told.length).toBeGreaterThan(0);
      await client.close();
    },
  );

  it("can take back a call", async () => {
    const client = await connect(new Keeper("alice"), "2026-07-28");
    const source = Array.from({ length: 2_000 }, () => "C4:q D4:q E4:q G4:q").join(" ");
    await client.callTool({ name: "import_score", arguments: { score_id: "longer", source } });
    const aborting = new AbortController();
    setTimeout(() => aborting.abort(), 100);
    const call = { name: "harmonize_melody", arguments: { score_id: "longer", new_score_id: "never_made" } };
    await expect(client.callTool(call, { signal: aborting.signal })).rejects.toThrow();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { scores } = resultText(await client.callTool({ name: "list_scores", arguments: {} }));
    expect(scores.map(({ id }: { id: string }) => id)).not.toContain("never_made");
    await client.close();
  });
});

describe("the client of version 1", () => {
  it("comes from nothing but the URL to a tool's result", async () => {
    const provider = new Keeper("bob");
    // biome-ignore lint/suspicious/noExplicitAny: the provider is that of version 2, which is the same
    const transport = () => new TransportOfVersion1(url(), { authProvider: provider as any });
    const first = transport();
    // biome-ignore lint/suspicious/noExplicitAny: its types are older than exactOptionalPropertyTypes
    const connectBy = (it: any) => new ClientOfVersion1({ name: "test", version: "1" }).connect(it);
    await expect(connectBy(first)).rejects.toThrow(/unauthorized/i);
    await first.finishAuth(provider.returned.get("code") ?? "");
    const client = new ClientOfVersion1({ name: "test", version: "1" });
    // biome-ignore lint/suspicious/noExplicitAny: see above
    await client.connect(transport() as any);
    const result = await client.callTool({ name: "list_scores", arguments: {} });
    expect(resultText(result).total_count).toBeGreaterThan(3);
    await client.close();
  });
});
