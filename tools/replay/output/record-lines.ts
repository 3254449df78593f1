import { type RecordClass, recordClasses } from "../record-class.ts";
import type { Reading } from "../report.ts";
import { many } from "./sentences.ts";

/** The text after the number of records of a class, e.g. after `3 records`. */
const words: Readonly<Record<RecordClass, string>> = {
  end: "reporting these ends",
  completedEnd:
    "reporting them without the holder or the group: the CSV has cut them off (it has room for three targets), another record has them. " +
    "The portal's download as JSON has everything",
  groupRemoval: "of removals from groups, reported by no row of PIM",
  unsureGroupRemoval: "of removals from groups that PIM may report, in rows that the export does not have in full",
  cutOffEnd:
    "of an end whose holder or group the CSV has cut off (it has room for three targets): the portal's download as JSON has it",
  planelessEnd:
    "of an end reported by PIM without the column Category, which distinguishes directory roles from groups and Azure resources: export it too",
  unclearEnd: "of an end without exactly one holder and one privilege: counts only if another reports it",
  deviceRemoval: "of devices that left a group: a device has no session of its own",
  nestedGroupRemoval: "of groups that left a group: the export does not list their members",
  azureEnd: "",
  azureActivation: "of activations of Azure resource roles: not watched",
  otherPlane: "with the name of an end or an activation, but of another category or service",
  notSuccessful: "of what was tried and did not succeed (result failure or timeout): nothing ended",
  activation: "of activations",
  sessionStop: "of what stops a person's sessions, e.g. a new password",
  elevation: "of who elevated their access to Azure, or gave that up",
  request: "of requests to end a role, which are no ends",
  eligibility: "of the right to activate taken away, which ends no active role",
  lookAlike: "of activities that only sound like an end",
  repeated: "of an end read before: the exports overlap",
  otherActivity: "of activities that say nothing about an end",
  otherLog: "of other logs",
  unreadable: "that could not be read",
};

/** One line for each class that the export has. Every record counts once. */
export const recordLines = ({ counts, otherPlanes }: Reading): readonly string[] =>
  recordClasses
    .filter((one) => counts[one] > 0)
    .map((one) => {
      // Each is one row of PIM, so here the number of records is the number of ends.
      if (one === "azureEnd") return `${many(counts.azureEnd, "end")} of Azure resource roles: not watched`;
      const names = one === "otherPlane" && otherPlanes.length > 0 ? ` (${otherPlanes.join(", ")}): not watched` : "";
      return `${many(counts[one], "record")} ${words[one]}${names}`;
    });
