import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { z } from "zod";
import {
  createUser,
  passwordLength,
  setUserScopes,
  setUserStatus,
} from "../../../application/commands/manage-users.ts";
import { KeyReused } from "../../../application/commands/repeatable.ts";
import type { Context } from "../../../application/context.ts";
import { ref } from "../../../application/documents.ts";
import { RefusedError } from "../../../application/errors.ts";
import { findUser, usernameOf } from "../../../application/queries/users.ts";
import { formatScope } from "../../../domain/oauth/scope.ts";
import type { User } from "../../../domain/user/user.ts";
import { iso } from "../../audit/facts.ts";
import type { HttpDependencies } from "../dependencies.ts";
import { Conflict, NotThere } from "../errors.ts";
import type { userAnswer } from "../openapi/answers/admin.ts";
import { forAdministrators, metadataOfAdministrator } from "./administrators.ts";
import { idempotencyKeyOf, onceByKey } from "./idempotency-key.ts";
import { knownScope, pageParameters, queryOf, scopeText, statusRequest } from "./input.ts";
import { linkNext, pageOf } from "./paging.ts";

/** A request about the user that its path names. */
export interface OfUser {
  readonly Params: { readonly userId: string };
}

const { min, max } = passwordLength;

/** A password, within the lengths that are taken. */
export const passwordText = z
  .string()
  .min(min, `must have ${min} to ${max} characters`)
  .max(max, `must have ${min} to ${max} characters`);

export const usersQuery = z.object(pageParameters);

export const newUser = z.strictObject({
  username: z
    .string()
    .trim()
    .regex(/^[^\p{C}]{1,128}$/u, "must have 1 to 128 printable characters"),
  password: passwordText.optional().describe("Where it is left out, nobody can sign in until one is set"),
  scope: scopeText.default("read").describe("What the user may grant; `read` where absent"),
});

export const namedUser = z.strictObject({ username: z.string() });

export const userScope = z.strictObject({ scope: scopeText });

const userFacts = async (context: Context, user: User): Promise<z.infer<typeof userAnswer>> => ({
  user_id: user.userId,
  username: (await usernameOf(context, user)) ?? null,
  status: user.status,
  scope: formatScope(user.scopes),
  created_at: user.status === "erased" ? null : iso(user.registeredAt),
});

/** The user that the path names. @throws {NotThere} */
export async function userOf(context: Context, request: FastifyRequest<OfUser>): Promise<User> {
  const [user] = await context.documents.load([ref.user(request.params.userId)]);
  if (!user) throw new NotThere("There is no such user");
  return user;
}

/** A user who was not erased: of the others nothing can be changed. @throws {NotThere} @throws {Conflict} */
async function livingUserOf(context: Context, request: FastifyRequest<OfUser>): Promise<User> {
  const user = await userOf(context, request);
  if (user.status === "erased") throw new Conflict("The user was erased");
  return user;
}

/**
 * /admin/users: people who can sign in, by a token with the scope `admin` for the issuer. They are named by their ids, so
 * that no name stands in a URL.
 */
export const adminUserRoutes =
  ({ context, erase }: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    forAdministrators(app, context);
    const { policy, documents } = context;

    app.get("/admin/users", async (request, reply) => {
      const query = queryOf(request, usersQuery);
      const { entries, next } = await pageOf(
        query,
        (page) => documents.list(ref.user, page),
        ({ userId }) => userId,
      );
      linkNext(context, request, reply, next);
      return { users: await Promise.all(entries.map((user) => userFacts(context, user))), next };
    });

    app.post("/admin/users", async (request, reply) => {
      const { password, ...asked } = newUser.parse(request.body);
      const scopes = knownScope(policy, asked.scope);
      const once = await onceByKey(context, request, { ...asked, hasPassword: password !== undefined });
      const wanted = { username: asked.username, password: password ?? once.secrets.random(), scopes };
      const user = await createUser(once, wanted, metadataOfAdministrator(request)).catch(
        (error: unknown) => {
          throw error instanceof RefusedError ? new Conflict(error.refusal.description) : error;
        },
      );
      // A repeat is answered as the first was, but only to who knows the same password.
      const hash = user.status === "erased" ? undefined : user.passwordHash;
      if (idempotencyKeyOf(request) && !(await context.passwords.verify(wanted.password, hash)))
        throw new KeyReused("The idempotency key was used for another request");
      return reply
        .code(201)
        .header("location", `${policy.issuer}/admin/users/${user.userId}`)
        .send(await userFacts(context, user));
    });

    app.post("/admin/users/find", async (request) => {
      const user = await findUser(context, namedUser.parse(request.body).username);
      if (!user) throw new NotThere("There is no such user");
      return await userFacts(context, user);
    });

    app.get<OfUser>("/admin/users/:userId", async (request) =>
      userFacts(context, await userOf(context, request)),
    );

    app.put<OfUser>("/admin/users/:userId/scope", async (request) => {
      const scopes = knownScope(policy, userScope.parse(request.body).scope);
      const { userId } = await livingUserOf(context, request);
      return await userFacts(
        context,
        await setUserScopes(context, userId, scopes, metadataOfAdministrator(request)),
      );
    });

    app.put<OfUser>("/admin/users/:userId/status", async (request) => {
      const type = statusRequest.parse(request.body).status === "active" ? "enable" : "disable";
      const { userId } = await livingUserOf(context, request);
      return await userFacts(
        context,
        await setUserStatus(context, userId, type, metadataOfAdministrator(request)),
      );
    });

    app.delete<OfUser>("/admin/users/:userId", async (request, reply) => {
      const { userId } = await userOf(context, request);
      const erasure = await erase(userId, metadataOfAdministrator(request));
      return reply.code(erasure === "complete" ? 200 : 202).send({ user_id: userId, erasure });
    });
  };
