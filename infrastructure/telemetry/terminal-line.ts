const controls = /\p{Cc}/gu;
const [information, warning, failure] = [30, 40, 50];

const timeOf = (time: unknown): string => new Date(Number(time)).toTimeString().slice(0, 8);

/**
 * A line of the log for somebody at a terminal: `HH:MM:SS requestId message`. The message says it all at the level debug;
 * from info on the other members follow it, and the stack of an error.
 */
export function terminalLine(json: string): string {
  const { time, level, requestId, msg, err, ...members } = JSON.parse(json);
  const mark = level >= failure ? ["ERROR"] : level >= warning ? ["WARN"] : [];
  const rest = level < information ? [] : Object.entries(members).map(([name, value]) => `${name}=${value}`);
  const parts = [timeOf(time), ...mark, requestId, msg, ...rest].filter((part) => part !== undefined);
  // What clients sent must not move the cursor of who reads it.
  const line = parts.join(" ").replaceAll(controls, " ");
  return err?.stack === undefined ? `${line}\n` : `${line}\n${err.stack}\n`;
}
