import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { Command } from "commander";
import { isLoopbackRedirect } from "../../domain/oauth/redirect-uri.ts";
import { CommandError } from "./command-error.ts";
import { addSettings, configOf, dataSettings } from "./options.ts";

/** What a client must know to sign a person in. */
interface SignIn {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
}

const page = (text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<title>${text}</title><body style="font:1.1rem system-ui;margin:4rem auto;max-width:30rem;padding:0 1rem">` +
  `<p>${text}</p></html>`;

const nothing = "There is nothing here.";
const allowed = "Done. You can close this page and go back to the terminal.";
const refused = "Access was not given. You can close this page and go back to the terminal.";

/** Waits at the redirect URI for the answer to the request with this state (RFC 8252 §7.3). */
async function callback(redirectUri: string, state: string, show: () => void): Promise<URLSearchParams> {
  const { port, pathname } = new URL(redirectUri);
  const { promise, resolve } = Promise.withResolvers<URLSearchParams>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", redirectUri);
    const isAnswer = url.pathname === pathname && url.searchParams.get("state") === state;
    response.writeHead(isAnswer ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      connection: "close",
    });
    response.end(page(isAnswer ? (url.searchParams.has("code") ? allowed : refused) : nothing));
    if (isAnswer) resolve(url.searchParams);
  });
  server.listen(Number(port), "localhost");
  await once(server, "listening");
  show();
  try {
    return await promise;
  } finally {
    server.close();
  }
}

/** The certificates of other CAs are trusted by Node's own variable, as by everything here that asks other servers. */
const untrusted = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

function unreachable(issuer: string, error: unknown): CommandError {
  const { cause } = error as { readonly cause?: NodeJS.ErrnoException };
  const code = cause?.code ?? "it failed";
  const hint = untrusted.test(code)
    ? "; no CA that is trusted here signed its certificate, name one by NODE_EXTRA_CA_CERTS"
    : "";
  return new CommandError(`${issuer} cannot be reached: ${code}${hint}.`);
}

/** Signs a person in as any client does: authorization code, PKCE, state and iss checked; answers the token response. */
async function signIn({ issuer, clientId, redirectUri, scope }: SignIn): Promise<string> {
  const verifier = randomBytes(32).toString("base64url");
  const state = randomBytes(16).toString("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  });
  const answer = await callback(redirectUri, state, () =>
    console.error(`Open this in a browser, sign in and allow:\n${issuer}/auth/authorize?${query}`),
  );
  if (answer.get("iss") !== issuer) throw new CommandError("The answer is not from this issuer.");
  const code = answer.get("code");
  if (code === null) throw new CommandError(`${answer.get("error")}: ${answer.get("error_description")}`);
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    client_id: clientId,
    code_verifier: verifier,
  });
  const response = await fetch(`${issuer}/auth/token`, { method: "POST", body }).catch((error: unknown) => {
    throw unreachable(issuer, error);
  });
  const tokens = await response.text();
  if (!response.ok) throw new CommandError(`No tokens: ${tokens}`);
  return tokens;
}

/** The client of a demo on the same data, where there is one. */
function demoClientId(dataDir: string): string | undefined {
  const file = join(dataDir, "demo.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).clientId : undefined;
}

/** dacapo sign-in: gets tokens for a person, to try a server by hand. */
export function addSignInCommand(program: Command): void {
  addSettings(
    program
      .command("sign-in")
      .description("get tokens as a client does, by a browser; prints the token response"),
    dataSettings,
  )
    .option("--client-id <id>", "a public client; that of the demo where absent")
    .option("--redirect-uri <uri>", "its loopback redirect URI", "http://localhost:3000/callback")
    .option("--scope <scope>", "what to ask for", "read write")
    .action(async ({ clientId, redirectUri, scope }, command: Command) => {
      const { issuer, dataDir } = configOf(command);
      if (!isLoopbackRedirect(redirectUri))
        throw new CommandError("The redirect URI must be http on loopback: the answer is awaited here.");
      const id = clientId ?? demoClientId(dataDir);
      if (id === undefined) throw new CommandError("There is no demo client here; name one by --client-id.");
      console.log(await signIn({ issuer, clientId: id, redirectUri, scope }));
    });
}
