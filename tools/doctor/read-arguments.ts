import { parseArgs } from "node:util";
import { z } from "zod";

export const help = `npm run doctor -- [--settings FILE] [--json] [--send-test] [--prove USER] [--canary GROUP --member USER] [--prove-exposure CLIENT_ID]

Looks at everything that the app needs, under the identity that its settings name, and says what is wrong, why it matters and how to mend it.
It reads only, unless an option asks it to prove something. Exit code 0: nothing bad; 1: something is bad; 2: the arguments are.

  --settings FILE  app settings: local.settings.json, or what this prints:
                   az functionapp config appsettings list --name APP --resource-group GROUP
                   For a reference to Key Vault it takes the value of the environment, e.g. CUTOFF_SECRET.
                   Without it the settings are those of the environment.
  --json           the findings as JSON, for scripts
  --send-test      also sends one test message to each channel that gets outcomes or alarms (docs/notifications.md)
  --prove USER     also revokes the sessions of this test user (object id), once, and reads it back
  --canary GROUP   also proves the way of a notification: adds the test user to this watched test group (object ids), as whom az login signed in,
  --member USER    removes them again, and waits each time until the app has taken Graph's notification. If it is interrupted:
                   az ad group member remove --group GROUP --member-id USER. Where the group has a role, the user's sessions end.

  --prove-exposure CLIENT_ID   instead of all that: how long do tokens outlive a role in this tenant? Sign in twice (device code) as a test
                   user with an activated role; reads every five seconds across the role's end. Needs AZURE_TENANT_ID and a public client
                   application with the delegated permission RoleManagement.Read.Directory.
  --read URL       with it: one more read that needs the role, e.g. one of Azure Resource Manager; may be repeated
  --minutes N      with it: how long at most, 90 by default

  --help           prints this text
`;

export interface Arguments {
  readonly settingsFile: string | null;
  readonly json: boolean;
  /** Whether each channel gets one test message. */
  readonly sendTest: boolean;
  /** Object id of a test user whose sessions may end. */
  readonly prove: string | null;
  /** Object ids of a watched test group and of a test user who is to join and leave it. */
  readonly canary: { readonly groupId: string; readonly userId: string } | null;
  /** Client id of the application to sign in with. */
  readonly proveExposure: string | null;
  readonly urls: readonly string[];
  readonly minutes: number;
  readonly help: boolean;
}

/** The arguments are wrong; the message names the wrong one. */
export class ArgumentError extends Error {
  readonly code = "BAD_ARGUMENTS";
}

const values = z.object({
  settings: z.string().optional(),
  json: z.boolean().default(false),
  "send-test": z.boolean().default(false),
  prove: z.guid("--prove takes the object id of a user").toLowerCase().optional(),
  canary: z.guid("--canary takes the object id of a group").toLowerCase().optional(),
  member: z.guid("--member takes the object id of a user").toLowerCase().optional(),
  "prove-exposure": z.guid("--prove-exposure takes the client id of an application").optional(),
  read: z.array(z.url({ protocol: /^https$/, message: "--read takes an https URL" })).default([]),
  minutes: z.coerce.number("--minutes takes a number").int().min(1).max(1800).default(90),
  help: z.boolean().default(false),
});

/** @throws ArgumentError */
export function readArguments(args: readonly string[]): Arguments {
  const parsed = values.safeParse(split(args));
  if (!parsed.success) throw new ArgumentError(parsed.error.issues.map(({ message }) => message).join("; "));
  const {
    settings = null,
    json,
    "send-test": sendTest,
    prove = null,
    canary: groupId,
    member: userId,
    "prove-exposure": proveExposure = null,
    read,
    minutes,
    help,
  } = parsed.data;
  if ((groupId === undefined) !== (userId === undefined)) {
    throw new ArgumentError("--canary GROUP and --member USER go together");
  }
  const canary = groupId === undefined || userId === undefined ? null : { groupId, userId };
  return { settingsFile: settings, json, sendTest, prove, canary, proveExposure, urls: read, minutes, help };
}

function split(args: readonly string[]): object {
  try {
    return parseArgs({
      args: [...args],
      options: {
        settings: { type: "string" },
        json: { type: "boolean" },
        "send-test": { type: "boolean" },
        prove: { type: "string" },
        canary: { type: "string" },
        member: { type: "string" },
        "prove-exposure": { type: "string" },
        read: { type: "string", multiple: true },
        minutes: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}
