import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminToken } from "../support/administrator.ts";
import { describeInBrowser, launchChromium } from "../support/browser.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

describeInBrowser("GET /docs", () => {
  let server: TestServer;
  let browser: Browser;
  beforeAll(async () => {
    [server, browser] = await Promise.all([startTestServer(), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  /** The page in a browser of its own, and what it complained of or asked elsewhere. */
  async function open() {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("request", (request) => {
      const isOwn = request.url().startsWith(server.address) || request.url().startsWith("data:");
      if (!isOwn) faults.push(`asked ${request.url()}`);
    });
    await page.goto(`${server.address}/docs`);
    await page.getByRole("button", { name: "Authorize" }).waitFor();
    return { page, faults };
  }

  it("shows every operation and tries one by a token, under its policy and without asking elsewhere", async () => {
    const { page, faults } = await open();
    await page.getByRole("button", { name: "Authorize" }).click();
    const form = page.locator("form", { hasText: "accessToken" });
    await form.getByLabel("auth-bearer-value").fill(await adminToken(server));
    await form.getByRole("button", { name: "Apply credentials" }).click();
    await page.getByRole("button", { name: "Close" }).first().click();
    const operation = page.locator("#operations-Users-listUsers");
    await page.locator("#operations-tag-Users").click();
    await operation.locator(".opblock-summary-control").click();
    await operation.getByRole("button", { name: "Try it out" }).click();
    await operation.getByRole("button", { name: "Execute" }).click();
    const body = operation.locator(".live-responses-table .response-col_description .highlight-code").first();
    await body.waitFor();
    expect(await body.textContent()).toContain('"username"');
    expect(faults).toEqual([]);
    await page.close();
  });

  it("gets a token by a code with PKCE, for the issuer, in a window beside it", async () => {
    const { client } = await server.client({
      redirectUris: [`${server.issuer}/docs/oauth2-redirect.html`],
      authMethods: ["none"],
      grantTypes: ["authorization_code"],
      scope: "admin",
    });
    const { page, faults } = await open();
    await page.getByRole("button", { name: "Authorize" }).click();
    const form = page.locator(".auth-container", { hasText: "Authorization code with PKCE" });
    await form.locator("#client_id_authorizationCode").fill(client.clientId);
    await form.locator("label", { hasText: "admin" }).first().click();
    const [signIn] = await Promise.all([
      page.waitForEvent("popup"),
      form.getByRole("button", { name: "Apply given OAuth2 credentials" }).click(),
    ]);
    await signIn.getByLabel("Username").fill("admin");
    await signIn.getByLabel("Password").fill("password");
    await signIn.getByRole("button", { name: "Sign in" }).click();
    await Promise.all([signIn.waitForEvent("close"), signIn.getByRole("button", { name: "Allow" }).click()]);
    await form.getByRole("button", { name: "Remove authorization" }).waitFor();
    const all = await server.runtime.store.readAll(0n, 1_000);
    const redeemed = all.findLast(({ type }) => type === "grant.code.redeemed");
    expect(redeemed?.data).toMatchObject({ accessToken: { scope: ["admin"], audience: [server.issuer] } });
    expect(faults).toEqual([]);
    await page.close();
  });
});
