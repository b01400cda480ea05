import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { arriveAt, type Browsing, connect, press, signIn, startBrowsing } from "../support/browsing.ts";
import { tokensOf } from "../support/process-client.ts";
import { postForm } from "../support/requests.ts";

describeInBrowser("a person in a browser", () => {
  let browsing: Browsing;
  let clientId: string;
  beforeAll(async () => {
    browsing = await startBrowsing();
    clientId = await browsing.createClient("--name", "Score Companion");
  });
  afterAll(() => browsing[Symbol.asyncDispose]());
  afterEach(() => {
    expect(browsing.takeComplaints()).toEqual([]);
  });

  const parametersOf = () => browsing.app.takeArrivals().map(({ parameters }) => parameters);

  it("signs in, allows access and is back at the client, which gets its tokens", async () => {
    const { server, app } = browsing;
    const page = await browsing.open();
    const verifier = await connect(page, browsing, clientId);
    await arriveAt(page, "Sign in");
    expect(await page.getByText("to continue with").textContent()).toBe("to continue with Score Companion");
    await signIn(page, "alice");
    await arriveAt(page, "Allow access?");
    await press(page, "Allow");
    await arriveAt(page, "Back at the client");

    const [returned] = parametersOf();
    expect(returned?.get("state")).toBe("a state of its own");
    expect(returned?.get("iss")).toBe(server.issuer);
    const response = await postForm(`${server.issuer}/auth/token`, {
      grant_type: "authorization_code",
      code: returned?.get("code") ?? "",
      redirect_uri: app.redirectUri,
      client_id: clientId,
      code_verifier: verifier,
    });
    expect(await response.json()).toMatchObject({ token_type: "Bearer", scope: "read write" });
  });

  it("is only asked for consent when already signed in", async () => {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "alice");
    await page.waitForURL("**/auth/account");
    await connect(page, browsing, clientId);
    await arriveAt(page, "Allow access?");
    await press(page, "Allow");
    await arriveAt(page, "Back at the client");
    expect(parametersOf()[0]?.has("code")).toBe(true);
  });

  it("keeps the name and sees why, where the password was wrong", async () => {
    const page = await browsing.open();
    await connect(page, browsing, clientId);
    await signIn(page, "alice", "wrong");
    await page.getByRole("alert").waitFor();
    expect(await page.getByRole("alert").textContent()).toBe("The username or the password is wrong.");
    expect(await page.getByLabel("Username").inputValue()).toBe("alice");
    expect(await page.getByLabel("Password").inputValue()).toBe("");
    expect(browsing.takeComplaints()).toEqual([expect.stringContaining("401")]);

    await page.keyboard.type("password");
    await page.keyboard.press("Enter");
    await arriveAt(page, "Allow access?");
  });

  it("can do everything by keyboard", async () => {
    const page = await browsing.open();
    await connect(page, browsing, clientId);
    await arriveAt(page, "Sign in");
    const keyboard = page.keyboard;
    await keyboard.type("alice");
    await keyboard.press("Tab");
    await keyboard.type("password");
    await keyboard.press("Tab");
    await keyboard.press("Space");
    expect(await page.getByLabel("Keep me signed in").isChecked()).toBe(true);
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await arriveAt(page, "Allow access?");
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await arriveAt(page, "Back at the client");
    expect(parametersOf()[0]?.has("code")).toBe(true);
  });

  it("signs out and has to sign in for the next request", async () => {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "alice");
    await arriveAt(page, "Your account");
    await page.getByRole("link", { name: "Sign out" }).click();
    await arriveAt(page, "Sign out?");
    await press(page, "Sign out");
    await arriveAt(page, "You are signed out");
    await connect(page, browsing, clientId);
    await arriveAt(page, "Sign in");
  });

  async function openAccount() {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "bob");
    await arriveAt(page, "Your account");
    return page;
  }

  it("shows and ends another session, and disconnects an app", async () => {
    await tokensOf(browsing.server, "bob");
    const page = await openAccount();
    expect(await page.getByText("Chrome on Linux").count()).toBe(1);
    await press(page, "End: node");
    await page.getByText("The session has ended.").waitFor();
    expect(await page.getByText("No app may act for you.").count()).toBe(1);
  });

  it("changes the password, and goes on in this browser alone", async () => {
    const [page, other] = [await openAccount(), await openAccount()];
    await page.getByLabel("Present password").fill("password");
    await page.getByLabel("New password").fill("a much better one");
    await press(page, "Change the password");
    await page.getByText("The password is changed.").waitFor();
    await other.reload();
    await arriveAt(other, "Sign in");
    await signIn(other, "bob", "a much better one");
    await arriveAt(other, "Your account");
    await press(other, "Sign out everywhere");
    await arriveAt(other, "You are signed out");
  });
});
