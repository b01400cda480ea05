import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { arriveAt, type Browsing, connect, press, signIn, startBrowsing } from "../support/browsing.ts";

describeInBrowser("the way back to the client in a browser", () => {
  let browsing: Browsing;
  let publicClient: string;
  let confidentialClient: string;
  beforeAll(async () => {
    browsing = await startBrowsing();
    publicClient = await browsing.createClient("--name", "On this computer");
    confidentialClient = await browsing.createClient("--name", "On a server", "--type", "confidential");
  });
  afterAll(() => browsing[Symbol.asyncDispose]());
  afterEach(() => {
    expect(browsing.takeComplaints()).toEqual([]);
  });

  /** What the last way back brought. */
  const arrival = () => browsing.app.takeArrivals().at(-1);

  it("leads there with access_denied after Deny", async () => {
    const page = await browsing.open();
    await connect(page, browsing, publicClient);
    await signIn(page, "alice");
    await press(page, "Deny");
    await arriveAt(page, "Back at the client");
    const parameters = arrival()?.parameters;
    expect(parameters?.get("error")).toBe("access_denied");
    expect(parameters?.get("state")).toBe("a state of its own");
    expect(parameters?.has("code")).toBe(false);
  });

  it("leads there straight from the sign-in form where the consent is remembered", async () => {
    const first = await browsing.open();
    await connect(first, browsing, confidentialClient);
    await signIn(first, "alice");
    await press(first, "Allow");
    await arriveAt(first, "Back at the client");
    expect(arrival()?.parameters.has("code")).toBe(true);

    const page = await browsing.open();
    await connect(page, browsing, confidentialClient);
    await signIn(page, "alice");
    await arriveAt(page, "Back at the client");
    expect(arrival()?.parameters.has("code")).toBe(true);
    await connect(page, browsing, confidentialClient);
    await arriveAt(page, "Back at the client");
    expect(arrival()?.parameters.has("code")).toBe(true);
  });

  it("always asks again for a public client on this computer (RFC 8252 §8.6)", async () => {
    const page = await browsing.open();
    await connect(page, browsing, publicClient);
    await signIn(page, "alice");
    await press(page, "Allow");
    await arriveAt(page, "Back at the client");
    await connect(page, browsing, publicClient);
    await arriveAt(page, "Allow access?");
  });

  it("leads there straight from the sign-in form with an error that only the person decides", async () => {
    const page = await browsing.open();
    await connect(page, browsing, publicClient, { scope: "write" });
    await signIn(page, "bob");
    await arriveAt(page, "Back at the client");
    expect(arrival()?.parameters.get("error")).toBe("invalid_scope");
  });

  it("is a form that posts itself, with response_mode=form_post", async () => {
    const page = await browsing.open();
    await connect(page, browsing, publicClient, { response_mode: "form_post" });
    await signIn(page, "alice");
    await press(page, "Allow");
    await arriveAt(page, "Back at the client");
    const posted = arrival();
    expect(posted?.method).toBe("POST");
    expect([...(posted?.parameters.keys() ?? [])]).toEqual(["code", "state", "iss"]);
    expect(posted?.parameters.get("state")).toBe("a state of its own");
  });

  it("is a form with a button where scripts are off", async () => {
    const page = await browsing.open({ javaScriptEnabled: false });
    await connect(page, browsing, publicClient, { response_mode: "form_post" });
    await signIn(page, "alice");
    await press(page, "Allow");
    await arriveAt(page, "Back to the app");
    await press(page, "Continue");
    await arriveAt(page, "Back at the client");
    const posted = arrival();
    expect(posted?.method).toBe("POST");
    expect(posted?.parameters.has("code")).toBe(true);
  });
});
