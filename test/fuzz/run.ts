import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import type { StoredEvent } from "../../application/ports/event-store.ts";
import { randomOf } from "../faults/random.ts";
import { History } from "../support/history.ts";
import type { TestServer } from "../support/server.ts";
import { oauthEndpoints } from "./endpoints.ts";
import { adminEndpoints } from "./endpoints-admin.ts";
import { moreEndpoints } from "./endpoints-more.ts";
import { claimedClient, learn } from "./learn.ts";
import { type Mutation, mutate, mutation } from "./mutations.ts";
import { judge } from "./oracle.ts";
import { type FuzzRequest, toWire } from "./request.ts";
import { type Answer, createSender, type Sender } from "./send.ts";
import { World } from "./world.ts";

/** A request: an endpoint, the chance by which its parts are chosen, and what is changed in it. */
export interface Recipe {
  readonly endpoint: number;
  readonly chance: number;
  readonly mutations: readonly Mutation[];
}

const endpoints = [...oauthEndpoints, ...moreEndpoints, ...adminEndpoints];
const byWeight = endpoints.flatMap((endpoint) => Array.from({ length: endpoint[1] }, () => endpoint));

/** A quarter of the requests is left as it is, so that there is something to change. */
export const recipe: fc.Arbitrary<Recipe> = fc.record({
  endpoint: fc.nat({ max: byWeight.length - 1 }),
  chance: fc.nat(),
  mutations: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 3, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 3 }) },
  ),
});

/** How long an answer may take, ms. */
const patience = 8_000;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What lives on the heap, bytes. */
export function heapInUse(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Sends requests to one server, one after another, and judges each. */
export class Run implements AsyncDisposable {
  readonly history = new History();
  readonly #server: TestServer;
  readonly #world: World;
  readonly #sender: Sender;
  readonly #statuses = new Map<string, number>();
  /** Endpoints that were answered well at least once. */
  readonly #reached = new Set<string>();
  #requests = 0;

  private constructor(server: TestServer, world: World) {
    this.#server = server;
    this.#world = world;
    this.#sender = createSender(server.address);
  }

  static async against(server: TestServer): Promise<Run> {
    return new Run(server, await World.of(server));
  }

  /** @throws where something is not as it must always be */
  readonly attempt = async ({ endpoint, chance, mutations }: Recipe): Promise<void> => {
    const random = randomOf(chance);
    await this.#world.refill();
    const [name, , build] = byWeight[endpoint] ?? endpoints[0] ?? [];
    if (!build) throw new Error("there is no such endpoint");
    const request = mutations.reduce<FuzzRequest>(
      (changed, each) => mutate(changed, each, this.#world, random),
      await build(this.#world, random),
    );
    const answer = await this.#send(request);
    if (answer && answer.status < 400 && mutations.length === 0) this.#reached.add(name ?? "");
  };

  async #send(request: FuzzRequest): Promise<Answer | undefined> {
    const { store } = this.#server.runtime;
    const wire = toWire(request);
    const before = await store.lastPosition();
    const call = this.history.begin(claimedClient(wire));
    const answer = await this.#sender.send(wire, patience);
    const events = await store.readAll(before, 1_000);
    this.#count(answer?.status ?? 0);
    if (answer) {
      const exchange = { wire, answer, events };
      judge(exchange, this.#world);
      learn(exchange, this.#world, call, request.memo);
    } else if (events.length > 0) throw new Error("a request that was cut off left events");
    return answer;
  }

  #count(status: number): void {
    this.#requests += 1;
    this.#statuses.set(String(status), (this.#statuses.get(String(status)) ?? 0) + 1);
  }

  get requests(): number {
    return this.#requests;
  }

  /** Goes once more to the endpoints that were never answered well, so that chance leaves out none. */
  async reachAll(): Promise<void> {
    for (const name of this.unreached)
      for (let chance = 0; chance < 50 && !this.#reached.has(name); chance += 1)
        await this.attempt({ endpoint: byWeight.findIndex(([own]) => own === name), chance, mutations: [] });
  }

  /** Endpoints that never answered a good request well. */
  get unreached(): readonly string[] {
    return endpoints.map(([name]) => name).filter((name) => !this.#reached.has(name));
  }

  async log(): Promise<readonly StoredEvent[]> {
    const events: StoredEvent[] = [];
    for (;;) {
      const page = await this.#server.runtime.store.readAll(events.at(-1)?.position ?? 0n, 1_000);
      if (page.length === 0) return events;
      events.push(...page);
    }
  }

  /** One line: how many requests, and how they were answered; 0 is for those that were cut off. */
  toString(): string {
    const counts = [...this.#statuses].sort().map(([status, count]) => `${status} ×${count}`);
    return `${this.#requests} requests: ${counts.join(", ")}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sender[Symbol.dispose]();
    await this.#world[Symbol.asyncDispose]();
  }
}
