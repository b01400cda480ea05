import { existsSync } from "node:fs";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** Where this machine has a Chromium: at CHROMIUM_PATH, or where systems keep it. */
export function findChromium(): string | undefined {
  const { CHROMIUM_PATH } = process.env;
  return (CHROMIUM_PATH ? [CHROMIUM_PATH] : places).find((place) => existsSync(place));
}

/** What is said where there is none. */
export const chromiumIsMissing = "Chromium is missing: install it, or name one by CHROMIUM_PATH";
