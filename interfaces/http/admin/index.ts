import type { FastifyPluginAsync } from "fastify";
import type { HttpDependencies } from "../dependencies.ts";
import { adminAuditRoutes } from "./audit.ts";
import { adminExportRoute } from "./audit-export.ts";
import { adminProofRoutes } from "./audit-proof.ts";
import { adminClientRoutes } from "./clients.ts";
import { adminGrantRoutes } from "./grants.ts";
import { adminKeyRoutes } from "./keys.ts";
import { adminResourceRoutes } from "./resources.ts";
import { adminUserAccessRoutes } from "./user-access.ts";
import { adminUserRoutes } from "./users.ts";

/** Everything under /admin/, each plugin with the rules of `forAdministrators`. */
export const adminRoutes =
  (dependencies: HttpDependencies): FastifyPluginAsync =>
  async (app) => {
    await app.register(adminUserRoutes(dependencies));
    await app.register(adminUserAccessRoutes(dependencies));
    await app.register(adminClientRoutes(dependencies));
    await app.register(adminGrantRoutes(dependencies));
    await app.register(adminResourceRoutes(dependencies));
    await app.register(adminKeyRoutes(dependencies));
    await app.register(adminAuditRoutes(dependencies));
    await app.register(adminProofRoutes(dependencies));
    await app.register(adminExportRoute(dependencies));
  };
