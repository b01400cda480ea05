/** A class of the Open Cybersecurity Schema Framework, by its numbers and names in the schema. */
export interface OcsfClass {
  readonly uid: number;
  readonly name: string;
  readonly category: { readonly uid: number; readonly name: string };
  /** Its activities by their ids; 99 is named by whoever says it. */
  readonly activities: Readonly<Record<number, string>>;
}

/** The schema that the classes are of. */
export const schemaVersion = "1.8.0";

const iam = { uid: 3, name: "Identity & Access Management" };

export const baseEvent: OcsfClass = {
  uid: 0,
  name: "Base Event",
  category: { uid: 0, name: "Uncategorized" },
  activities: {},
};

export const accountChange: OcsfClass = {
  uid: 3001,
  name: "Account Change",
  category: iam,
  activities: {
    1: "Create",
    2: "Enable",
    3: "Password Change",
    4: "Password Reset",
    5: "Disable",
    6: "Delete",
  },
};

export const authentication: OcsfClass = {
  uid: 3002,
  name: "Authentication",
  category: iam,
  activities: { 1: "Logon", 2: "Logoff" },
};

export const authorizeSession: OcsfClass = {
  uid: 3003,
  name: "Authorize Session",
  category: iam,
  activities: { 1: "Assign Privileges" },
};

export const entityManagement: OcsfClass = {
  uid: 3004,
  name: "Entity Management",
  category: iam,
  activities: { 1: "Create", 2: "Read", 3: "Update", 4: "Delete", 8: "Enable", 9: "Disable" },
};

export const userAccess: OcsfClass = {
  uid: 3005,
  name: "User Access Management",
  category: iam,
  activities: { 1: "Assign Privileges", 2: "Revoke Privileges" },
};

/** The severities of the schema that are used here. */
export const severities = { informational: 1, low: 2, medium: 3, high: 4 } as const;

export type Severity = keyof typeof severities;
