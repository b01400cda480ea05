import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { arriveAt, type Browsing, connect, press, signIn, startBrowsing } from "../support/browsing.ts";

const width = 320;

const scrollWidth = (page: Page): Promise<number> =>
  page.evaluate("document.documentElement.scrollWidth") as Promise<number>;

describeInBrowser("on a small phone", () => {
  let browsing: Browsing;
  let clientId: string;
  const longName = "Partiturenverwaltungsgesellschaftsanwendung".repeat(2).slice(0, 80);
  const longRedirect = `https://${"a-very-long-label".repeat(3)}.${"host".repeat(12)}.example/callback`;
  beforeAll(async () => {
    browsing = await startBrowsing();
    clientId = await browsing.createClient("--name", longName, "--redirect-uri", longRedirect);
  });
  afterAll(() => browsing[Symbol.asyncDispose]());

  const openPhone = () =>
    browsing.open({ viewport: { width, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });

  it("no page of a sign-in scrolls sideways, whatever the client calls itself", async () => {
    const page = await openPhone();
    await connect(page, browsing, clientId, { redirect_uri: longRedirect });
    await arriveAt(page, "Sign in");
    expect(await scrollWidth(page)).toBe(width);
    await signIn(page, "alice", "wrong");
    await page.getByRole("alert").waitFor();
    expect(await scrollWidth(page)).toBe(width);
    await signIn(page, "alice");
    await arriveAt(page, "Allow access?");
    expect(await scrollWidth(page)).toBe(width);
    await page.goto(`${browsing.server.issuer}/auth/logout`);
    await arriveAt(page, "Sign out?");
    expect(await scrollWidth(page)).toBe(width);
    await press(page, "Sign out");
    await arriveAt(page, "You are signed out");
    expect(await scrollWidth(page)).toBe(width);
    expect(browsing.takeComplaints()).toEqual([expect.stringContaining("401")]);
  });

  it("no page about an error scrolls sideways", async () => {
    const page = await openPhone();
    await connect(page, browsing, "unknown");
    await arriveAt(page, "This request cannot be answered");
    expect(await scrollWidth(page)).toBe(width);
    const response = await fetch(`${browsing.server.issuer}/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_name: longName,
        redirect_uris: [longRedirect],
        token_endpoint_auth_method: "none",
      }),
    });
    const { client_id } = (await response.json()) as { client_id: string };
    await connect(page, browsing, client_id, { redirect_uri: longRedirect, scope: "unknown" });
    await arriveAt(page, "Request not completed");
    expect(await scrollWidth(page)).toBe(width);
    const badRequest = expect.stringContaining("400");
    expect(browsing.takeComplaints()).toEqual([badRequest, badRequest]);
  });
});
