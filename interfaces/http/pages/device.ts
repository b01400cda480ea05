import Bowser from "bowser";

const known = (text: string | undefined): text is string => text !== undefined && text !== "";

/** What a User-Agent says it is, in words such as "Firefox on Linux"; the text itself where it is of no browser. */
export function deviceName(agent: string): string {
  if (agent === "") return "Unknown device";
  const { browser, os } = Bowser.parse(agent);
  if (!known(browser.name) || !known(os.name)) return agent;
  return `${browser.name} on ${os.name}`;
}
