import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { arriveAt, type Browsing, connect, press, signIn, startBrowsing } from "../support/browsing.ts";

describeInBrowser("secure cookies with SameSite=Strict in a browser", () => {
  let browsing: Browsing;
  let clientId: string;
  beforeAll(async () => {
    browsing = await startBrowsing(["--same-site", "strict", "--secure-cookie", "yes"]);
    clientId = await browsing.createClient("--name", "On a server", "--type", "confidential");
  });
  afterAll(() => browsing[Symbol.asyncDispose]());
  afterEach(() => {
    expect(browsing.takeComplaints()).toEqual([]);
  });

  const arrival = () => browsing.app.takeArrivals().at(-1)?.parameters;

  it("are kept on http://localhost, and carry a sign-in that a client of another site asked for", async () => {
    const page = await browsing.open();
    await connect(page, browsing, clientId);
    await arriveAt(page, "Sign in");
    await signIn(page, "alice");
    await arriveAt(page, "Allow access?");
    const cookies = await page.context().cookies();
    const session = cookies.find(({ name }) => name === "__Host-dacapo_session");
    expect(session).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
    await press(page, "Allow");
    await arriveAt(page, "Back at the client");
    expect(arrival()?.has("code")).toBe(true);
  });

  it("keep who is signed in signed in, with prompt=none too, and Back leads to the client", async () => {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "bob");
    await arriveAt(page, "Your account");
    await connect(page, browsing, clientId, { prompt: "none" });
    await arriveAt(page, "Back at the client");
    expect(arrival()?.get("error")).toBe("consent_required");
    await connect(page, browsing, clientId);
    await arriveAt(page, "Allow access?");
    await page.goBack();
    await arriveAt(page, "The client");
  });

  it("ask who is signed out, once", async () => {
    const page = await browsing.open();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await connect(page, browsing, clientId, { prompt: "none" });
    await arriveAt(page, "Back at the client");
    expect(arrival()?.get("error")).toBe("login_required");
    expect(requests.filter((path) => path === "/auth/authorize")).toHaveLength(2);
  });

  it("tell who is signed in so, where another site leads to the sign-out page", async () => {
    const page = await browsing.open();
    await page.goto(`${browsing.server.issuer}/auth/login`);
    await signIn(page, "alice");
    await arriveAt(page, "Your account");
    await page.goto(browsing.app.startPage(`${browsing.server.issuer}/auth/logout`));
    await page.getByRole("link", { name: "Connect" }).click();
    await arriveAt(page, "Sign out?");
    await press(page, "Sign out");
    await arriveAt(page, "You are signed out");
  });
});
