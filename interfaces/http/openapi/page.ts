import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

/** A file of the page, as it is and compressed. */
interface DocsFile {
  readonly type: string;
  readonly content: Buffer;
  readonly zipped: Buffer;
}

export type DocsFiles = ReadonlyMap<string, DocsFile>;

const script = "text/javascript; charset=utf-8";

/** Files of Swagger UI that the page is made of, with their types. */
const shipped = {
  "swagger-ui-bundle.js": script,
  "swagger-ui.css": "text/css; charset=utf-8",
  "oauth2-redirect.js": script,
} as const;

/** Asks for the description, and for a token as our own clients do: by a code with PKCE, for the issuer. */
const start = `const base = new URL("docs/", document.baseURI);
fetch(new URL("../openapi.json", base))
  .then((answer) => answer.json())
  .then((spec) => {
    const ui = SwaggerUIBundle({
      spec,
      dom_id: "#docs",
      deepLinking: true,
      docExpansion: "none",
      filter: true,
      persistAuthorization: false,
      validatorUrl: null,
      oauth2RedirectUrl: new URL("oauth2-redirect.html", base).href,
      presets: [SwaggerUIBundle.presets.apis],
      layout: "BaseLayout",
    });
    ui.initOAuth({
      usePkceWithAuthorizationCodeGrant: true,
      additionalQueryStringParams: { resource: spec.servers[0].url },
    });
  });
`;

const redirectPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Signed in</title></head>
<body><script src="oauth2-redirect.js"></script></body></html>
`;

/** The page: where it stands there is no slash at the end, so its files are below the name. */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Dacapo API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
`;

/**
 * What the page may do: run our scripts and no others, and ask this server.
 * @param issuer where requests go that are tried, whatever name the page was opened by
 */
export const docsPolicy = (issuer: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self' ${new URL(issuer).origin}`,
    "form-action 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; ");

const compress = promisify(gzip);

async function fileOf(type: string, content: Buffer): Promise<DocsFile> {
  return { type, content, zipped: await compress(content) };
}

/** Reads the files of the page, which lie in a package of ours: nothing is asked from elsewhere. */
export async function docsFiles(): Promise<DocsFiles> {
  const folder = new URL("static/", import.meta.resolve("@fastify/swagger-ui"));
  const fromPackage = Object.entries(shipped).map(async ([name, type]) => {
    const content = await readFile(fileURLToPath(new URL(name, folder)));
    return [name, await fileOf(type, content)] as const;
  });
  return new Map([
    ...(await Promise.all(fromPackage)),
    ["start.js", await fileOf(script, Buffer.from(start))],
    ["oauth2-redirect.html", await fileOf("text/html; charset=utf-8", Buffer.from(redirectPage))],
  ]);
}
