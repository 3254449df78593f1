import { streamHealth } from "../../../shared/audit-log/catch-up.ts";
import { isStorageError } from "../../../shared/storage/table.ts";
import { type Finding, good } from "../finding.ts";
import type { Check } from "../patient.ts";

const check = "auditStream";

/** Azure Resource Manager holds Entra's diagnostic settings. The app has no right to read them and the doctor no token, so a person has to run this command. */
const diagnosticSettings =
  "az rest --url 'https://management.azure.com/providers/microsoft.aadiam/diagnosticSettings?api-version=2017-04-01'   # AuditLogs enabled, to this event hub";

/** The event hub of Entra's audit log: whether records have arrived. Only that proves hub, rights and diagnostic setting together. */
export const checkAuditStream: Check = async ({ settings, state }) => {
  const { auditStream } = settings;
  if (auditStream === null) {
    return [good(check, "no event hub is set: the audit log is read from Graph alone, some minutes late")];
  }
  const { eventHubName, consumerGroup } = auditStream;
  try {
    const { state: health, lastAt, detail } = await streamHealth(state);
    if (detail === "recordsUnreadable") return [unreadable];
    if (health === "proven") {
      return [
        good(check, `${eventHubName} has brought audit records, the last at ${lastAt}`),
        {
          check,
          state: "unknown",
          what: "Graph does not say whether the diagnostic setting is still as it was.",
          fix: diagnosticSettings,
        },
      ];
    }
  } catch (error) {
    if (!isStorageError(error)) throw error;
    return [{ check, state: "unknown", what: `What the stream has brought could not be read: ${error.code}.` }];
  }
  return [
    {
      check,
      state: "warning",
      what: `${eventHubName} has never brought anything to the consumer group ${consumerGroup}.`,
      why: "A new diagnostic setting may take a day. If it lasts, ends that nobody announced are found later, by notifications, polling and Graph's log.",
      fix: diagnosticSettings,
    },
    {
      check,
      state: "unknown",
      what: "Only Azure says whether the hub has the consumer group, and whether the identity may receive from it.",
      fix: `az eventhubs eventhub consumer-group show --resource-group GROUP --namespace-name NAMESPACE --eventhub-name ${eventHubName} --name ${consumerGroup}; az role assignment list --assignee PRINCIPAL_ID --scope HUB_ID   # Azure Event Hubs Data Receiver`,
    },
  ];
};

const unreadable: Finding = {
  check,
  state: "bad",
  what: "The stream brings records that the app cannot read.",
  why: "What is sent there is not Entra's audit log as it is known, or something else writes to the hub.",
  fix: diagnosticSettings,
};
