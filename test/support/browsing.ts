import type { BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./browser.ts";
import { type ClientApp, startClientApp } from "./client-app.ts";
import { pkcePair } from "./person.ts";
import { type ServerProcess, startServer } from "./server-process.ts";

/** A server, a client's site and a browser. */
export interface Browsing extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly app: ClientApp;
  /** A page of a fresh profile. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** Registers a client whose redirect URI is the client's site, unless `args` say otherwise; answers its id. */
  createClient(...args: readonly string[]): Promise<string>;
  /** What the browser complained of since this was last asked: CSP violations, script errors, failed loads. */
  takeComplaints(): readonly string[];
}

/** Starts all three, the server with these flags; what they are is ended with them. */
export async function startBrowsing(flags: readonly string[] = []): Promise<Browsing> {
  await using started = new AsyncDisposableStack();
  const browser = await launchChromium();
  started.defer(() => browser.close());
  const server = started.use(await startServer({ flags: ["--rate-limit", "no", ...flags] }));
  const app = started.use(await startClientApp());
  let complaints: string[] = [];
  const all = started.move();
  return {
    server,
    app,
    async open(options = {}) {
      const context = await browser.newContext(options);
      context.setDefaultTimeout(15_000);
      context.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      context.on("weberror", (error) => complaints.push(String(error.error())));
      return await context.newPage();
    },
    async createClient(...args) {
      const redirect = args.includes("--redirect-uri") ? [] : ["--redirect-uri", app.redirectUri];
      const { code, stdout, stderr } = await server.cli(["client", "create", ...args, ...redirect, "--json"]);
      if (code !== 0) throw new Error(stderr);
      return JSON.parse(stdout).client_id;
    },
    takeComplaints() {
      const taken = complaints;
      complaints = [];
      return taken;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Begins an authorization at the client's page, by its link, and answers the request's verifier. */
export async function connect(
  page: Page,
  { server, app }: Browsing,
  clientId: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { verifier, challenge } = pkcePair();
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: app.redirectUri,
    scope: "read write",
    state: "a state of its own",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...parameters,
  });
  await page.goto(app.startPage(`${server.issuer}/auth/authorize?${query}`));
  await page.getByRole("link", { name: "Connect" }).click();
  return verifier;
}

/** Fills in the sign-in page. */
export async function signIn(page: Page, username: string, password = "password"): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

export const press = (page: Page, button: string): Promise<void> =>
  page.getByRole("button", { name: button }).click();

/** Waits for a page with this heading. */
export const arriveAt = (page: Page, heading: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name: heading }).waitFor();
