/** What SQLite answered (https://www.sqlite.org/rescode.html), without the extension in the higher bits. */
const resultCode = (error: unknown): number =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : 0;

const codes = {
  busy: 5,
  locked: 6,
  outOfMemory: 7,
  readOnly: 8,
  inputOutput: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
};
const engineCodes = new Set(Object.values(codes));

/** Another connection holds the file for longer than the busy timeout. */
export const isBusy = (error: unknown): boolean =>
  [codes.busy, codes.locked, codes.protocol].includes(resultCode(error));

/** The file holds no database, or a damaged one. */
export const isUnreadable = (error: unknown): boolean =>
  [codes.corrupt, codes.notADatabase].includes(resultCode(error));

/** The fault lies with the file, the disk or another process, not with what was asked. */
export const isEngineFault = (error: unknown): boolean =>
  engineCodes.has(resultCode(error)) || (error instanceof Error && "syscall" in error);
