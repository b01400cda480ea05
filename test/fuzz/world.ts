import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createUser } from "../../application/commands/manage-users.ts";
import { findUser } from "../../application/queries/users.ts";
import {
  presentedAccessToken,
  validateAccessToken,
} from "../../application/queries/validate-access-token.ts";
import { pick, type Random } from "../faults/random.ts";
import { type ClientDocument, serveClientDocument } from "../support/client-document.ts";
import { demoClient, type FlowClient, flowClient, tokensOf } from "../support/code-flow.ts";
import { Person } from "../support/person.ts";
import { register } from "../support/registration.ts";
import type { TestServer } from "../support/server.ts";
import { operator } from "../support/signed-in.ts";
import { Pool } from "./pool.ts";
import type { Memo } from "./request.ts";

/** A client, and how it authenticates. */
export interface KnownClient extends FlowClient {
  readonly method: "none" | "basic" | "post" | "jwt";
  /** Of one that registered itself. */
  readonly registrationToken?: string;
}

export interface SignedIn {
  readonly username: string;
  readonly person: Person;
}

export interface HeldCode extends Memo {
  readonly code: string;
}

export interface HeldToken {
  readonly token: string;
  readonly clientId: string;
}

export interface HeldSession {
  readonly id: string;
  readonly token: string;
}

const usernames = ["fuzz one", "fuzz two", "fuzz three"];

/** How often it is asked for people before a token of an administrator is looked at. */
const refillsACheck = 20;

/** What looks like a secret of ours: 256 bits or more in base64url. A JWT is known by its signature. */
const secretForm = /[A-Za-z0-9_-]{43,}/g;

/** Everything real that the run holds: who is signed in, which clients, codes and tokens there are, and which secrets. */
export class World implements AsyncDisposable {
  readonly server: TestServer;
  /** The id of a user who never signs in here. */
  bystander = "";
  readonly passwords = new Map<string, string>();
  /** Clients that no request can end. */
  readonly #lasting: KnownClient[] = [];
  readonly registered = new Pool<KnownClient>(8);
  readonly people = new Pool<SignedIn>(12);
  readonly codes = new Pool<HeldCode>();
  readonly refreshTokens = new Pool<HeldToken>();
  readonly accessTokens = new Pool<HeldToken>();
  readonly adminTokens = new Pool<string>(1);
  readonly mcpSessions = new Pool<HeldSession>();
  /** What administrators made here: where it is below /admin. */
  readonly made = new Pool<string>(24);
  readonly #secrets = new Set<string>();
  #refills = 0;
  readonly #assertionKey: CryptoKey;
  readonly #document: ClientDocument;

  private constructor(server: TestServer, assertionKey: CryptoKey, document: ClientDocument) {
    this.server = server;
    this.#assertionKey = assertionKey;
    this.#document = document;
  }

  /** Fills a server with people, clients and tokens of all kinds. */
  static async of(server: TestServer): Promise<World> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const redirectUri = "http://127.0.0.1:5000/cb";
    const document = await serveClientDocument((client_id) => ({
      client_id,
      client_name: "Described",
      redirect_uris: [redirectUri],
    }));
    const world = new World(server, privateKey, document);
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: "fuzz", alg: "ES256" }] };
    const confidential = flowClient(await server.client({ name: "Confidential" }));
    const signing = flowClient(
      await server.client({ name: "Signing", authMethods: ["private_key_jwt"], jwks }),
    );
    world.#lasting.push({ ...demoClient(server), method: "none" });
    world.#lasting.push({ ...confidential, method: "basic" });
    world.#lasting.push({ ...confidential, method: "post" });
    world.#lasting.push({ ...signing, method: "jwt" });
    world.#lasting.push({ id: document.url, secret: null, redirectUri, method: "none" });
    world.keep(confidential.secret ?? "");
    world.keep(server.introspection.secret);
    for (const name of [undefined, "Other"]) await world.#registerClient(name);
    for (const username of usernames) await world.#createUser(username);
    world.bystander = (await findUser(server.runtime.context, "alice"))?.userId ?? "";
    await world.refill();
    return world;
  }

  async #registerClient(name: string | undefined): Promise<void> {
    const registered = await register(this.server, name === undefined ? {} : { client_name: name });
    this.addRegistered({ ...registered });
  }

  async #createUser(username: string): Promise<void> {
    const password = randomBytes(32).toString("base64url");
    this.passwords.set(username, password);
    this.keep(password);
    const scopes = ["read", "write", "admin"];
    await createUser(this.server.runtime.context, { username, password, scopes }, operator);
  }

  /** Signs in who is gone, and gets a token of an administrator where there is none that is good. */
  async refill(): Promise<void> {
    for (const username of usernames) {
      if (this.people.find((one) => one.username === username)) continue;
      const person = new Person(this.server.address);
      await person.signIn(username, this.passwords.get(username));
      this.people.add({ username, person });
      this.keep([...person.cookies.values()].join(" "));
    }
    const [token] = this.adminTokens;
    this.#refills += 1;
    if (token !== undefined && this.#refills % refillsACheck > 0) return;
    if (
      token !== undefined &&
      (await validateAccessToken(
        this.server.runtime.context,
        presentedAccessToken(this.server.runtime.context, token),
      ))
    )
      return;
    const [administrator] = this.people;
    if (!administrator) return;
    const client = demoClient(this.server);
    const tokens = await tokensOf(this.server, administrator.person, client, { scope: "read admin" });
    this.adminTokens.add(tokens.access_token);
    this.keep(`${tokens.access_token} ${tokens.refresh_token}`);
  }

  /** Takes up a client that registered itself, from what it was answered. */
  addRegistered(answer: Readonly<Record<string, unknown>>): void {
    const { client_id, client_secret, registration_access_token, redirect_uris } = answer;
    const [redirectUri = ""] = Array.isArray(redirect_uris) ? redirect_uris : ["https://reader.example/cb"];
    this.keep(String(client_secret));
    this.keep(String(registration_access_token));
    this.registered.add({
      id: String(client_id),
      secret: typeof client_secret === "string" ? client_secret : null,
      redirectUri,
      method: typeof client_secret === "string" ? "basic" : "none",
      registrationToken: String(registration_access_token),
    });
  }

  anyClient(random: Random): KnownClient {
    return this.registered.size > 0 && random() < 0.3
      ? this.registered.any(random)
      : pick(random, this.#lasting);
  }

  clientOf(id: string): KnownClient | undefined {
    return [...this.#lasting, ...this.registered].find((client) => client.id === id);
  }

  /** A client assertion that is good once (RFC 7523 §3). */
  async assertionOf(clientId: string): Promise<string> {
    return await new SignJWT({ jti: randomBytes(16).toString("base64url") })
      .setProtectedHeader({ alg: "ES256", kid: "fuzz" })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(this.server.issuer)
      .setIssuedAt()
      .setExpirationTime("2m")
      .sign(this.#assertionKey);
  }

  /** From now on these are secrets. */
  keep(text: string): void {
    for (const secret of this.secretsIn(text, () => true)) this.#secrets.add(secret);
  }

  /** Whatever looks like a secret in here was told to others. */
  forget(text: string): void {
    for (const told of this.secretsIn(text)) this.#secrets.delete(told);
  }

  isSecret = (secret: string): boolean => this.#secrets.has(secret);

  /** The secrets that stand in a text. */
  secretsIn(text: string, isOne: (candidate: string) => boolean = this.isSecret): readonly string[] {
    return (text.match(secretForm) ?? []).filter(isOne);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#document[Symbol.asyncDispose]();
  }
}
