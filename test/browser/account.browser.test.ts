import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { arriveAt, type Browsing, press, signIn, startBrowsing } from "../support/browsing.ts";
import { tokensOf } from "../support/process-client.ts";

describeInBrowser("a person's account in a browser", () => {
  let browsing: Browsing;
  beforeAll(async () => {
    browsing = await startBrowsing();
  });
  afterAll(() => browsing[Symbol.asyncDispose]());
  afterEach(() => {
    expect(browsing.takeComplaints()).toEqual([]);
  });

  async function open() {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "alice");
    await arriveAt(page, "Your account");
    return page;
  }

  it("shows and ends another session, and disconnects an app", async () => {
    await tokensOf(browsing.server, "alice");
    const page = await open();
    expect(await page.getByText("Chrome on Linux").count()).toBe(1);
    await press(page, "End: node");
    await page.getByText("The session has ended.").waitFor();
    expect(await page.getByText("No app may act for you.").count()).toBe(1);
  });

  it("changes the password, and goes on in this browser alone", async () => {
    const [page, other] = [await open(), await open()];
    await page.getByLabel("Present password").fill("password");
    await page.getByLabel("New password").fill("a much better one");
    await press(page, "Change the password");
    await page.getByText("The password is changed.").waitFor();
    await other.reload();
    await arriveAt(other, "Sign in");
    await signIn(other, "alice", "a much better one");
    await arriveAt(other, "Your account");
    await press(other, "Sign out everywhere");
    await arriveAt(other, "You are signed out");
  });
});
