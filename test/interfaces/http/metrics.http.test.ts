import { afterAll, beforeAll, expect, it } from "vitest";
import {
  codeForm,
  codeOf,
  demoClient,
  type FlowClient,
  flowClient,
  refreshForm,
  requestToken,
  tokensBy,
  tokensOf,
} from "../../support/code-flow.ts";
import { introspect } from "../../support/introspection.ts";
import { growth, scrape } from "../../support/metrics.ts";
import type { Person } from "../../support/person.ts";
import { postForm } from "../../support/requests.ts";
import { startTestServer, type TestServer } from "../../support/server.ts";
import { newUser, signedIn } from "../../support/signed-in.ts";

let server: TestServer;
let demo: FlowClient;
let web: FlowClient;
let person: Person;
beforeAll(async () => {
  server = await startTestServer();
  demo = demoClient(server);
  web = flowClient(await server.client({}));
  person = await signedIn(server, await newUser(server));
});
afterAll(() => server[Symbol.asyncDispose]());

const grown = (work: () => Promise<unknown>) => growth(server.address, work);

it("counts what is issued by grant type, and how long it took to be durable", async () => {
  const code = await codeOf(person, demo);
  expect(
    await grown(async () => {
      const { refresh_token } = await tokensBy(server, codeForm(demo, code));
      await tokensBy(server, refreshForm(demo, refresh_token));
      await tokensBy(server, refreshForm(demo, refresh_token));
      await tokensBy(server, {
        grant_type: "client_credentials",
        client_id: web.id,
        client_secret: web.secret,
      });
    }),
  ).toMatchObject({
    'dacapo_tokens_issued_total{grant_type="authorization_code"}': 1,
    'dacapo_tokens_issued_total{grant_type="refresh_token"}': 2,
    'dacapo_tokens_issued_total{grant_type="client_credentials"}': 1,
    dacapo_refresh_tokens_repeated_total: 1,
    'dacapo_events_appended_total{type="grant.refresh_token.rotated"}': 1,
    dacapo_append_seconds_count: 4,
    dacapo_append_group_size_count: 4,
    dacapo_projection_delay_seconds_count: 4,
    'dacapo_http_requests_total{method="POST",route="/auth/token",status="200"}': 4,
    'dacapo_http_request_seconds_count{route="/auth/token"}': 4,
  });
});

it("counts reuse, and what ends for which reason", async () => {
  const tokens = await tokensOf(server, person, demo);
  const second = await tokensBy(server, refreshForm(demo, tokens.refresh_token));
  await tokensBy(server, refreshForm(demo, second.refresh_token));
  const other = await tokensOf(server, person, demo);
  expect(
    await grown(async () => {
      expect((await requestToken(server, refreshForm(demo, tokens.refresh_token))).status).toBe(400);
      await postForm(`${server.address}/auth/revoke`, { token: other.refresh_token, client_id: demo.id });
    }),
  ).toMatchObject({
    dacapo_refresh_tokens_reused_total: 1,
    'dacapo_tokens_revoked_total{reason="refresh_token_reused"}': 1,
    'dacapo_tokens_revoked_total{reason="client_request"}': 1,
    'dacapo_refusals_total{error="invalid_grant"}': 1,
    dacapo_visibility_wait_seconds_count: expect.any(Number),
  });
});

it("counts introspections by result and by where the answer came from", async () => {
  const { access_token } = await tokensOf(server, person, demo);
  expect(
    await grown(async () => {
      await introspect(server, access_token);
      await introspect(server, "nothing of ours");
    }),
  ).toMatchObject({
    'dacapo_introspections_total{result="active",source="read_models"}': 1,
    'dacapo_introspections_total{result="inactive",source="read_models"}': 1,
  });
});

it("counts sessions and refusals, and paths by their route alone", async () => {
  const name = await newUser(server);
  expect(
    await grown(async () => {
      await signedIn(server, name);
      await fetch(`${server.address}/admin/users/u_somebody/sessions`);
      await fetch(`${server.address}/nowhere/secret-in-a-path`);
    }),
  ).toMatchObject({
    'dacapo_sessions_started_total{kind="browser"}': 1,
    'dacapo_refusals_total{error="invalid_token"}': 1,
    'dacapo_http_requests_total{method="GET",route="/admin/users/:userId/sessions",status="401"}': 1,
    'dacapo_http_requests_total{method="GET",route="(no route)",status="404"}': 1,
  });
  const text = await (await fetch(`${server.address}/metrics`)).text();
  expect(text).not.toMatch(/u_somebody|secret-in-a-path/);
});

it("begins series at 0 whose first increase must be seen", async () => {
  await using fresh = await startTestServer();
  const samples = await scrape(fresh.address);
  for (const name of [
    'dacapo_tokens_issued_total{grant_type="refresh_token"}',
    'dacapo_tokens_revoked_total{reason="refresh_token_reused"}',
    "dacapo_refresh_tokens_reused_total",
    'dacapo_append_failures_total{reason="unavailable"}',
    'dacapo_introspections_total{result="active",source="log"}',
  ])
    expect(samples.get(name), name).toBe(0);
});

it("shows nothing where the server is no demo of this machine alone", async () => {
  await using elsewhere = await startTestServer({}, undefined, { showsMetrics: false });
  expect((await fetch(`${elsewhere.address}/metrics`)).status).toBe(404);
});
