import type { FastifyReply } from "fastify";

/** The CSP source of a redirect URI: its origin, or its scheme where it has none or CSP cannot name it (IPv6). */
export function formTarget(redirectUri: string): string {
  const { origin, hostname, protocol } = new URL(redirectUri);
  return origin === "null" || hostname.startsWith("[") ? protocol : origin;
}

/**
 * Sends a page of ours under a strict CSP. Browsers apply `form-action` to the redirects after a form too, so where
 * this request's answer goes stands there beside us.
 */
export function sendPage(
  reply: FastifyReply,
  html: string,
  {
    formTargets = ["'self'"],
    scripts = [],
  }: { formTargets?: readonly string[]; scripts?: readonly string[] } = {},
): FastifyReply {
  const csp = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    ...(scripts.length > 0 ? [`script-src ${scripts.join(" ")}`] : []),
    `form-action ${formTargets.join(" ")}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  return reply
    .headers({
      "content-security-policy": csp.join("; "),
      "cache-control": "no-store",
      "referrer-policy": "same-origin",
      "x-frame-options": "DENY",
      "origin-agent-cluster": "?1",
      "x-dns-prefetch-control": "off",
      "x-xss-protection": "0",
    })
    .type("text/html; charset=utf-8")
    .send(html);
}
