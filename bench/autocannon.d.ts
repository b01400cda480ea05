/** What the benchmark uses of autocannon, which brings no types. */
declare module "autocannon" {
  export interface Request {
    readonly body?: string;
    /** Called before each request but those that never change. */
    readonly setupRequest?: (request: Request) => Request;
    readonly onResponse?: (
      status: number,
      body: string,
      context: unknown,
      headers: Readonly<Record<string, string>>,
    ) => void;
  }

  export interface Client {
    setRequests(requests: readonly Request[]): void;
    /** Told of each answer, with the milliseconds that it took. */
    on(event: "response", told: (status: number, bytes: number, milliseconds: number) => void): void;
  }

  export interface Options {
    readonly url: string;
    readonly method: "POST";
    readonly headers: Readonly<Record<string, string>>;
    readonly connections: number;
    /** Seconds; or `amount` requests. */
    readonly duration?: number;
    readonly amount?: number;
    /** Milliseconds between samples; a run ends at a sample. */
    readonly sampleInt: number;
    readonly setupClient: (client: Client) => void;
  }

  export interface Result {
    readonly errors: number;
    readonly non2xx: number;
    readonly "2xx": number;
    /** Seconds. */
    readonly duration: number;
  }

  export default function autocannon(options: Options): Promise<Result>;
}
