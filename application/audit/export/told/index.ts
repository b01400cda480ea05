import type { DomainEvent } from "../../../../domain/decider.ts";
import { toldOfClients } from "./clients.ts";
import { toldOfDeployment } from "./deployment.ts";
import { toldOfGrants } from "./grants.ts";
import { toldOfPeople } from "./people.ts";
import type { Facts } from "./told.ts";

const told = { ...toldOfGrants, ...toldOfPeople, ...toldOfClients, ...toldOfDeployment };

/** The types of events of which something is given out: all there are. */
export type ToldType = keyof typeof told;

const byType: Readonly<Record<string, (data: never) => Facts>> = told;

/** What of an event is given out; of one that is not known here, nothing. */
export const toldOf = ({ type, data }: DomainEvent): Facts => byType[type]?.(data as never) ?? {};
