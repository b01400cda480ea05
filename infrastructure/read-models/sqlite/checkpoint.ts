import type { Checkpoint } from "../../../application/ports/read-models.ts";
import type { Build } from "./statements.ts";

/** Builds have one part, and stay on this machine. */
export const checkpointOf = ({ position, heartbeat }: Build, incarnation: string): Checkpoint => ({
  position,
  ahead: null,
  heartbeats: [Number(heartbeat)],
  incarnation,
  movedAt: 0,
  time: Date.now(),
});
