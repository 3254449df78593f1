import type { Receivers } from "../../../local/receivers/start-receivers.ts";
import type { Stack } from "../../../local/stack/start-stack.ts";
import { createTenantClient } from "../../../local/tenant/client.ts";

const stop = async () => {};
const url = "http://127.0.0.1:1";
/** Nothing of it runs. */
export const stack: Stack & { readonly receivers: Receivers } = {
  tenant: {
    url,
    tenantId: "",
    control: createTenantClient(url),
    identity: { IDENTITY_ENDPOINT: `${url}/identity`, IDENTITY_HEADER: "the-header" },
    operators: {
      OPERATORS_AUDIENCE: "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
      AZURE_TENANT_ID: "3f2504e0-4f89-11d3-9a0c-0305e82c3302",
    },
    stop,
  },
  azurite: {
    connectionString: "UseDevelopmentStorage=true",
    blobUrl: url,
    queueUrl: url,
    tableUrl: url,
    pid: 0,
    connectionStringOf: () => "",
    stop,
    kill: stop,
  },
  host: { url, masterKey: "", functionKey: "the-key", pid: 0, stop, kill: stop },
  receivers: { teamsUrl: url, slackUrl: url, mailEndpoint: url, received: [], close: stop },
  stop,
};
