import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type ConsentView, consentPage } from "../../../interfaces/http/pages/consent.ts";
import { formPostPage, formPostScriptHash } from "../../../interfaces/http/pages/form-post.ts";
import { loginPage } from "../../../interfaces/http/pages/login.ts";
import {
  errorPage,
  interstitialPage,
  logoutPage,
  signedOutPage,
} from "../../../interfaces/http/pages/message.ts";
import { stylesheet, stylesheetHash, stylesheetUrl } from "../../../interfaces/http/pages/stylesheet.ts";
import { tame } from "../../../interfaces/http/pages/untrusted.ts";

/** Every page, with the same text in every value that a page takes. */
function pagesSaying(text: string): Record<string, string> {
  return {
    login: loginPage({ csrf: text, returnUrl: text, username: text, error: text, clientName: text }),
    consent: consentPage({
      action: text,
      csrf: text,
      username: text,
      clientName: text,
      clientHost: text,
      redirectHost: text,
      loopbackOnly: true,
      selfRegistered: true,
      scopes: [{ name: text, description: text }],
      resources: [text],
    }),
    error: errorPage({ title: text, message: text, requestId: text }),
    interstitial: interstitialPage({ clientName: text, host: text, error: text, continueUrl: text }),
    signedOut: signedOutPage(),
    logout: logoutPage({ csrf: text }),
    formPost: formPostPage({ action: text, fields: { [text]: text } }),
  };
}

const plain: ConsentView = {
  action: "/auth/authorize?client_id=a&scope=read",
  csrf: "c",
  username: "alice",
  clientName: "Score Companion",
  redirectHost: "companion.example.com",
  loopbackOnly: false,
  selfRegistered: false,
  scopes: [{ name: "read", description: "Read your scores" }],
  resources: [],
};

const tagsOf = (page: string) => page.match(/<\/?[a-z][^>]*>/g) ?? [];
const shapeOf = (page: string) => tagsOf(page).map((tag) => tag.replaceAll(/"[^"]*"/g, '""'));
const textOf = (page: string) => page.replaceAll(/<[^>]*>/g, "").replaceAll(/\s+/g, " ");

describe.each(Object.entries(pagesSaying("quiet")))("the %s page", (kind, page) => {
  it.each([
    "<script>alert(1)</script>",
    `" autofocus onfocus="alert(1)`,
    "' onmouseover='alert(1)",
    "</title><img src=x onerror=alert(1)>",
    "<!--",
    "]]>&quot;",
  ])("takes %s for text", (hostile) => {
    expect(shapeOf(pagesSaying(hostile)[kind] ?? "")).toEqual(shapeOf(page));
  });

  it("has one h1, one main landmark, a language and a title", () => {
    expect(page.match(/<h1>/g)).toHaveLength(1);
    expect(page.match(/<main /g)).toHaveLength(1);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toMatch(/<title>.+ · Dacapo<\/title>/);
  });

  it("has a label for each field and unique ids", () => {
    const inputs = tagsOf(page).filter((tag) => tag.startsWith("<input") && !tag.includes('type="hidden"'));
    for (const input of inputs) expect(page).toContain(`<label for="${/ id="([^"]+)"/.exec(input)?.[1]}">`);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("holds nothing that a strict CSP would block", () => {
    expect(page).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    expect(page.match(/<script/g) ?? []).toHaveLength(kind === "formPost" ? 1 : 0);
  });

  it("prints no value that is not there", () => {
    expect(textOf(page)).not.toMatch(/undefined|null|false|true|\[object|!\s/);
  });
});

describe("the login page", () => {
  it("ties the error to both fields", () => {
    const page = loginPage({ csrf: "c", returnUrl: "/", error: "No." });
    expect(page).toContain('id="sign-in-error" role="alert">No.</p>');
    expect(page.match(/aria-invalid="true" aria-describedby="sign-in-error"/g)).toHaveLength(2);
  });

  it("says nothing of an error or a client when there is none", () => {
    expect(loginPage({ csrf: "c", returnUrl: "/" })).not.toMatch(
      /sign-in-error|role="alert"|to continue with/,
    );
  });

  it("focuses the field that is still empty", () => {
    expect(loginPage({ csrf: "c", returnUrl: "/" })).toMatch(/id="username"[^>]* autofocus/);
    const again = loginPage({ csrf: "c", returnUrl: "/", username: "alice" });
    expect(again).toMatch(/id="password"[^>]* autofocus/);
    expect(again.match(/ autofocus/g)).toHaveLength(1);
  });

  it("carries the return URL and the token, escaped", () => {
    const page = loginPage({ csrf: `"c"`, returnUrl: "/auth/authorize?a=1&b=2" });
    expect(page).toContain('name="csrf" value="&#34;c&#34;"');
    expect(page).toContain('name="return_url" value="/auth/authorize?a&#61;1&#38;b&#61;2"');
  });
});

describe("the consent page", () => {
  it("offers both decisions in one form, with the query of the request", () => {
    const page = consentPage(plain);
    expect(page).toContain('action="/auth/authorize?client_id&#61;a&#38;scope&#61;read"');
    expect(page).toContain('name="decision" value="approve"');
    expect(page).toContain('name="decision" value="deny"');
  });

  it("keeps the client's name out of heading and title", () => {
    const page = consentPage({ ...plain, clientName: "Checked by Dacapo" });
    expect(/<h1>.*<\/h1>/.exec(page)?.[0]).toBe("<h1>Allow access?</h1>");
    expect(/<title>.*<\/title>/.exec(page)?.[0]).not.toContain("Checked");
    expect(page).toContain('<bdi class="name">Checked by Dacapo</bdi>');
  });

  it("warns only where there is something to warn of", () => {
    expect(textOf(consentPage(plain))).not.toMatch(/runs on this computer|vouched/);
    expect(textOf(consentPage({ ...plain, loopbackOnly: true }))).toContain("The app runs on this computer.");
    const itself = { ...plain, selfRegistered: true };
    expect(textOf(consentPage(itself))).toContain("Nobody has vouched for this app.");
    expect(textOf(consentPage({ ...itself, clientHost: "tools.example" }))).toContain(
      "as far as you trust tools.example.",
    );
  });

  it("shows hosts and resources whole", () => {
    const host = `${"sub.".repeat(50)}evil.example`;
    const resources = [`https://api.example/${"p".repeat(200)}`];
    const page = consentPage({ ...plain, redirectHost: host, resources });
    expect(page).toContain(`>${host}</bdi>`);
    expect(page).toContain(`>${resources[0]}</bdi>`);
  });
});

describe("a client's name", () => {
  it("is at most 80 characters long and is cut between letters", () => {
    expect(tame("x".repeat(80))).toBe("x".repeat(80));
    expect(tame("x".repeat(5000))).toBe(`${"x".repeat(79)}…`);
    expect(tame(`${"x".repeat(78)}👩‍🎤 and more`)).toBe(`${"x".repeat(78)}…`);
  });

  it("cannot turn the text around it or leave its line", () => {
    expect(tame("\u202eevil\u2066 \u0000app\n\n")).toBe("evil app");
    expect(tame(`Z${"\u0301".repeat(60)}algo`)).toBe(`Z${"\u0301".repeat(3)}algo`);
    expect(tame("تطبيق")).toBe("تطبيق");
  });

  it.each(["", " \u200b ", "\u3164", "\u2800\u200d"])(
    "is replaced when nothing of it can be seen (%j)",
    (clientName) => {
      expect(consentPage({ ...plain, clientName })).toContain(">An app without a name</bdi>");
    },
  );
});

describe("the other pages", () => {
  it("links on to the client without a referrer", () => {
    const continueUrl = "https://app.example/cb?error=invalid_scope&state=1";
    const page = interstitialPage({
      clientName: "App",
      host: "app.example",
      error: "invalid_scope",
      continueUrl,
    });
    expect(page).toContain(
      'href="https://app.example/cb?error&#61;invalid_scope&#38;state&#61;1" rel="noreferrer"',
    );
  });

  it("signs out by a form", () => {
    expect(logoutPage({ csrf: "c" })).toContain('<form method="post" action="logout">');
  });
});

describe("the form_post page", () => {
  const page = formPostPage({
    action: "https://app.example/cb?a=1&b=2",
    fields: { code: "x", state: `"><b>` },
  });

  it("runs the one script that its hash allows", () => {
    const script = /<script>([^<]*)<\/script>/.exec(page)?.[1] ?? "";
    expect(formPostScriptHash).toBe(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  });

  it("posts exactly the fields, and has a button without a name", () => {
    expect(page).toContain('action="https://app.example/cb?a&#61;1&#38;b&#61;2"');
    expect(tagsOf(page).filter((tag) => tag.includes(" name=") && !tag.startsWith("<meta"))).toEqual([
      '<input type="hidden" name="code" value="x">',
      '<input type="hidden" name="state" value="&#34;&#62;&#60;b&#62;">',
    ]);
    expect(page).toContain('<button class="primary" type="submit">Continue</button>');
  });
});

describe("the stylesheet", () => {
  it("has a URL that changes with its content, and is what the pages load", () => {
    const digest = createHash("sha256").update(stylesheet).digest("base64url");
    expect(stylesheetHash).toBe(digest.slice(0, 12));
    expect(signedOutPage()).toContain(
      `<link rel="stylesheet" href="${stylesheetUrl.replace("=", "&#61;")}">`,
    );
  });

  it("asks nothing of another origin", () => {
    expect(stylesheet).not.toMatch(/url\(|@import|https?:/);
  });
});
