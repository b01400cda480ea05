import { describe, expect, it } from "vitest";
import {
  isHttpsRedirect,
  isLoopbackRedirect,
  redirectUriFault,
  redirectUriMatches,
} from "../../../domain/oauth/redirect-uri.ts";

const registered = "https://app.example/callback";

describe("a redirect URI is compared as a string (RFC 9700 §2.1, contract §5 row 2)", () => {
  it("and matches itself", () => expect(redirectUriMatches(registered, registered, "web")).toBe(true));

  it.each([
    ["another path", "https://app.example/other"],
    ["a longer path", "https://app.example/callback/more"],
    ["a trailing slash", "https://app.example/callback/"],
    ["a query", "https://app.example/callback?x=1"],
    ["an empty query", "https://app.example/callback?"],
    ["a fragment", "https://app.example/callback#x"],
    ["an empty fragment", "https://app.example/callback#"],
    ["the path in another case", "https://app.example/Callback"],
    ["the host in another case", "https://APP.example/callback"],
    ["the scheme in another case", "HTTPS://app.example/callback"],
    ["http", "http://app.example/callback"],
    ["the default port spelt out", "https://app.example:443/callback"],
    ["another port", "https://app.example:8443/callback"],
    ["user information", "https://app.example@evil.example/callback"],
    ["user information before the same host", "https://evil@app.example/callback"],
    ["an encoded letter", "https://app.example/%63allback"],
    ["an encoded dot segment", "https://app.example/x/%2e%2e/callback"],
    ["a dot segment", "https://app.example/x/../callback"],
    ["a backslash", "https://app.example\\callback"],
    ["a longer host", "https://app.example.evil.example/callback"],
    ["a space at the end", "https://app.example/callback "],
    ["a line break at the end", "https://app.example/callback\n"],
    ["a wildcard, which there is none of", "https://app.example/*"],
    ["nothing", ""],
  ])("not with %s", (_, requested) => {
    expect(redirectUriMatches(requested, registered, "web")).toBe(false);
    expect(redirectUriMatches(requested, registered, "native")).toBe(false);
  });

  it("never where what was registered is no redirect URI at all", () =>
    expect(redirectUriMatches("https://app.example/#x", "https://app.example/#x", "web")).toBe(false));
});

describe("a redirect URI that others may read otherwise", () => {
  it.each([
    ["no authority", "https:evil.example/cb"],
    ["one slash", "https:/evil.example/cb"],
    ["three slashes", "https:///evil.example/cb"],
    ["loopback without slashes", "http:127.0.0.1/cb"],
    ["a wildcard", "https://*.example/cb"],
    ["a wildcard alone", "https://*/cb"],
    ["a semicolon in the host", "https://app.example;.evil.example/cb"],
    ["a comma in the host", "https://app.example,evil.example/cb"],
    ["a quote in the host", "https://app.example'.evil.example/cb"],
    ["a letter of the host encoded", "https://%65vil.example/cb"],
    ["a host that ends with a dot", "https://app.example./cb"],
    ["an empty port", "https://app.example:/cb"],
  ])("is neither registered nor matches itself: %s", (_, uri) => {
    expect(URL.canParse(uri)).toBe(true);
    expect(redirectUriFault(uri)).toEqual(expect.any(String));
    expect(redirectUriMatches(uri, uri, "web")).toBe(false);
    expect(redirectUriMatches(uri, uri, "native")).toBe(false);
    expect(isHttpsRedirect(uri) || isLoopbackRedirect(uri)).toBe(false);
  });
});

describe("the port of a loopback redirect", () => {
  it.each([
    ["http://127.0.0.1:51004/cb", "http://127.0.0.1/cb"],
    ["http://127.0.0.1:51004/cb", "http://127.0.0.1:3000/cb"],
    ["http://127.0.0.1/cb", "http://127.0.0.1:3000/cb"],
    ["http://[::1]:51004/cb", "http://[::1]/cb"],
    ["http://[::1]:51004/cb?x=1", "http://[::1]:3000/cb?x=1"],
    ["http://127.0.0.1:51004", "http://127.0.0.1"],
    ["http://127.0.0.1:65535/cb", "http://127.0.0.1/cb"],
  ])("%s may differ from %s (RFC 8252 §7.3)", (requested, known) => {
    expect(redirectUriMatches(requested, known, "web")).toBe(true);
    expect(redirectUriMatches(requested, known, "native")).toBe(true);
  });

  it.each([
    ["http://localhost:51004/cb", "http://localhost/cb", "web", true],
    ["http://localhost:51004/cb", "http://localhost/cb", "native", true],
    ["http://localhost:51004/cb", "http://localhost:3000/cb", "native", true],
    ["http://localhost:51004/cb", "http://localhost:3000/cb", "web", false],
    ["http://localhost/cb", "http://localhost:3000/cb", "web", false],
    ["http://localhost:3000/cb", "http://localhost:3000/cb", "web", true],
  ] as const)("of localhost: %s for %s of a %s client: %s", (requested, known, type, expected) =>
    expect(redirectUriMatches(requested, known, type)).toBe(expected),
  );

  it.each([
    ["another path", "http://127.0.0.1:1/other", "http://127.0.0.1/cb"],
    ["a trailing slash", "http://127.0.0.1:1/cb/", "http://127.0.0.1/cb"],
    ["a bare slash", "http://127.0.0.1:1/", "http://127.0.0.1"],
    ["another query", "http://127.0.0.1:1/cb?x=2", "http://127.0.0.1/cb?x=1"],
    ["a fragment", "http://127.0.0.1:1/cb#x", "http://127.0.0.1/cb"],
    ["the path in another case", "http://127.0.0.1:1/CB", "http://127.0.0.1/cb"],
    ["an encoded dot segment", "http://127.0.0.1:1/%2e/cb", "http://127.0.0.1/cb"],
    ["https", "https://127.0.0.1:1/cb", "http://127.0.0.1/cb"],
    ["the other loopback address", "http://[::1]:1/cb", "http://127.0.0.1/cb"],
    ["localhost", "http://localhost:1/cb", "http://127.0.0.1/cb"],
    ["another address of 127/8", "http://127.0.0.2:1/cb", "http://127.0.0.1/cb"],
    ["a shortened address", "http://127.1:1/cb", "http://127.0.0.1/cb"],
    ["user information", "http://127.0.0.1:1@evil.example/cb", "http://127.0.0.1/cb"],
    ["a host that only begins so", "http://localhost.evil.example/cb", "http://localhost/cb"],
    ["a host in another case", "http://LOCALHOST:1/cb", "http://localhost/cb"],
    ["an empty port", "http://127.0.0.1:/cb", "http://127.0.0.1/cb"],
    ["a port that cannot be", "http://127.0.0.1:65536/cb", "http://127.0.0.1/cb"],
    ["a port of letters", "http://127.0.0.1:x/cb", "http://127.0.0.1/cb"],
    ["a line break at the end", "http://127.0.0.1:1/cb\n", "http://127.0.0.1/cb"],
  ])("changes nothing else: not with %s", (_, requested, known) =>
    expect(redirectUriMatches(requested, known, "native")).toBe(false),
  );

  it("of https never differs", () =>
    expect(redirectUriMatches("https://localhost:2/cb", "https://localhost:1/cb", "native")).toBe(false));
});

describe("a redirect URI is registered (RFC 7591 §2, RFC 8252 §7)", () => {
  it.each([
    "https://app.example/callback",
    "https://app.example",
    "https://app.example?tenant=1",
    "https://app.example/cb;v=1,2?to=*",
    "https://APP.example/callback",
    "https://xn--pp-xka.my-app.example/cb",
    "https://192.0.2.7/cb",
    "https://[2001:db8::7]:8443/cb",
    "https://app.example:8443/callback?tenant=1",
    "http://127.0.0.1/cb",
    "http://[::1]:3000/cb",
    "http://localhost:6274/oauth/callback",
    "com.example.app:/callback",
    "com.example.app://callback",
  ])("%s", (uri) => expect(redirectUriFault(uri)).toBeUndefined());

  it.each([
    ["a fragment", "https://app.example/callback#x"],
    ["an empty fragment", "https://app.example/callback#"],
    ["script", "javascript:alert(1)"],
    ["data", "data:text/html,x"],
    ["http beyond loopback", "http://app.example/callback"],
    ["a host that only begins like loopback", "http://localhost.evil.example/cb"],
    ["a private scheme without a dot", "myapp:/callback"],
    ["user information", "https://user@app.example/callback"],
    ["a password", "https://:secret@app.example/callback"],
    ["a relative reference", "/callback"],
    ["a scheme-relative reference", "//app.example/callback"],
    ["a backslash", "https:\\\\app.example\\callback"],
    ["a space", "https://app.example/call back"],
    ["a line break", "https://app.example/\ncallback"],
    ["letters beyond ASCII", "https://äpp.example/callback"],
    ["nothing", ""],
  ])("not with %s", (_, uri) => expect(redirectUriFault(uri)).toEqual(expect.any(String)));

  it("and is known by where it leads", () => {
    expect(isLoopbackRedirect("http://localhost:1/cb")).toBe(true);
    expect(isLoopbackRedirect("http://[::1]/cb")).toBe(true);
    expect(isLoopbackRedirect("https://localhost/cb")).toBe(false);
    expect(isLoopbackRedirect("http://app.example/cb")).toBe(false);
    expect(isHttpsRedirect("https://app.example/cb")).toBe(true);
    expect(isHttpsRedirect("com.example.app:/cb")).toBe(false);
  });
});
