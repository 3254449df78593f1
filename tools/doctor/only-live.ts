/** The facts that only a live tenant can prove, and how; docs/platform-facts.md has the same list. */
interface OnlyLive {
  readonly fact: string;
  /** The command that proves the fact, or the place where it shows. */
  readonly proof: string;
}

export const onlyLive: readonly OnlyLive[] = [
  {
    fact: "that an app-only revoke is allowed for holders of privileged roles, and how late its read-back is",
    proof: "npm run doctor -- --prove USER",
  },
  {
    fact: "which resources go on trusting an ended role, for how long, and which honour the revoke",
    proof: "npm run doctor -- --prove-exposure CLIENT_ID",
  },
  {
    fact: "that Graph's notifications reach this app, and how late",
    proof: "npm run doctor -- --canary GROUP --member USER",
  },
  {
    fact: "what else Graph can be subscribed to by now, and by what code it refuses the rest",
    proof: "npm run doctor",
  },
  {
    fact: "how late PIM removes a role, and how late the audit stream and the notifications are",
    proof: "the workbook, after the first real ends",
  },
];
