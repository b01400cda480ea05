import { canonical } from "./canonical.ts";
import type { Violation } from "./judge.ts";
import { type Rules, steps } from "./steps.ts";
import { beginning, type World } from "./world.ts";

interface Node {
  readonly world: World;
  readonly step: string;
  readonly parent: Node | undefined;
}

/** What a walk saw; where it found a violation, the shortest way to it. */
export interface Walk {
  readonly states: number;
  readonly transitions: number;
  readonly found: (Violation & { readonly trace: readonly string[] }) | undefined;
}

function traceOf(node: Node | undefined, last: string): readonly string[] {
  const trace = [last];
  for (let at = node; at?.parent; at = at.parent) trace.unshift(at.step);
  return trace;
}

/** Visits every world that `depth` steps lead to, each once, and stops at the first violation. */
export function explore(rules: Rules, depth: number): Walk {
  const seen = new Set([canonical(beginning)]);
  let transitions = 0;
  let frontier: Node[] = [{ world: beginning, step: "", parent: undefined }];
  for (let level = 0; level < depth; level++) {
    const next: Node[] = [];
    for (const node of frontier) {
      for (const { name, world, violation } of steps(node.world, rules)) {
        transitions++;
        if (violation)
          return { states: seen.size, transitions, found: { ...violation, trace: traceOf(node, name) } };
        if (world === node.world) continue;
        const key = canonical(world);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ world, step: name, parent: node });
      }
    }
    frontier = next;
  }
  return { states: seen.size, transitions, found: undefined };
}
