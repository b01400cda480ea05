/** What one part says of itself; the scripts read and write the same text. */
export interface Meta {
  /** Names the documents that belong to it. */
  readonly build: string;
  readonly position: bigint;
  readonly heartbeat: number;
  /** The run id of the server on which a process saw it last. */
  readonly server: string;
  /** When it came to that server, epoch ms; 0 where it began there. */
  readonly movedAt: number;
}

const shape = /^(\S+) (\d+) (\d+) (\S+) (\d+)$/;

/** Reads a meta; undefined where there is none. */
export function parseMeta(text: unknown): Meta | undefined {
  const [, build, position, heartbeat, server, movedAt] = shape.exec(String(text ?? "")) ?? [];
  if (!build || !position || !server) return undefined;
  return {
    build,
    position: BigInt(position),
    heartbeat: Number(heartbeat),
    server,
    movedAt: Number(movedAt),
  };
}
