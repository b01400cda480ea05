import { type Browser, chromium } from "playwright-core";
import { describe } from "vitest";
import { chromiumIsMissing, findChromium } from "./chromium.ts";

/** `describe` for tests in a browser; without one they are skipped, but in CI they run and fail by its name. */
export const describeInBrowser = describe.skipIf(!findChromium() && process.env.CI !== "true");

/** Starts the system's Chromium, which talks to nobody of its own accord. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (!executablePath) throw new Error(chromiumIsMissing);
  return await chromium.launch({
    executablePath,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
