import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { z } from "zod";
import { startAzurite } from "../../../local/azurite/start-azurite.ts";
import { freePort } from "../../../local/stack/free-port.ts";
import { type RunningHost, startHostProcess, startTenantProcess } from "../../../local/stack/start-stack.ts";
import type { Persisted } from "./judge.ts";

export interface Subscribed {
  readonly groupId: string;
  readonly subscriptionId: string;
  readonly clientState: string;
  readonly expires: string;
}

export interface BenchWorld extends AsyncDisposable {
  readonly notificationUrl: string;
  readonly tenantId: string;
  readonly subscriptions: readonly Subscribed[];
  /** What the queue service has taken since the last call. */
  takePersisted(): Promise<Persisted[]>;
}

const patience = 300_000;

/**
 * The built app with a subscription for each of `groups` groups. First the whole app runs, until it has subscribed; what is measured then is
 * its HTTP functions alone: on Flex Consumption every other function has instances of its own, and their messages pile up in the queue.
 */
export async function openBenchWorld(groups: number, log: string): Promise<BenchWorld> {
  const [azurite, tenant, port] = await Promise.all([startAzurite(), startTenantProcess(), freePort()]);
  const recorder = new Worker(new URL("queue-recorder.ts", import.meta.url), { workerData: azurite.queueUrl });
  const [address] = await once(recorder, "message");
  const { port: queuePort } = z.object({ port: z.number() }).parse(address);
  const queueUrl = new URL(azurite.queueUrl);
  const start = (connectionString: string, settings: Readonly<Record<string, string>>) =>
    startHostProcess({
      tenant,
      connectionString,
      settings: {
        CUTOFF_MODE: "enforce",
        INCLUDED_PRINCIPALS: "all",
        CUTOFF_SECRET: "a secret of the bench, on this machine alone",
        NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}`,
        ...settings,
      },
      log,
      port,
    });

  const { control } = tenant;
  for (let n = 0; n < groups; n += 1) {
    const { id } = await control.createGroup({ name: `Group ${n}`, isAssignableToRole: true });
    const { id: memberId } = await control.createUser({ name: `User ${n}` });
    await control.addMember(id, memberId);
  }
  const whole = await start(azurite.connectionString, {});
  let left = groups;
  await control.waitFor(
    (event) => {
      if (event.event === "subscriptionCreated") left -= 1;
      return left === 0;
    },
    { timeoutMs: patience },
  );
  const others = await withoutHttp(whole);
  await whole.stop();
  const disabled = Object.fromEntries(others.map((name) => [`AzureWebJobs.${name}.Disabled`, "true"]));
  const recorded = azurite.connectionString.replace(queueUrl.origin, `http://127.0.0.1:${queuePort}`);
  const host = await start(recorded, disabled);
  const subscriptions = (await control.subscriptions()).map(({ id, resource, clientState, expirationDateTime }) => ({
    groupId: /groups\/([^/]+)\/members/i.exec(resource)?.[1]?.toLowerCase() ?? "",
    subscriptionId: id,
    clientState: clientState ?? "",
    expires: expirationDateTime,
  }));

  return {
    notificationUrl: `${host.url}/api/graph/notifications`,
    tenantId: tenant.tenantId,
    subscriptions: subscriptions.filter(({ groupId }) => groupId !== ""),
    async takePersisted() {
      recorder.postMessage("take");
      const [persisted] = await once(recorder, "message");
      return persistedList.parse(persisted);
    },
    async [Symbol.asyncDispose]() {
      await host.stop();
      await Promise.all([tenant.stop(), azurite.stop(), recorder.terminate()]);
    },
  };
}

const persistedList = z.array(z.object({ id: z.string(), startedAt: z.number(), endedAt: z.number() }));

const functionList = z.array(
  z.object({ name: z.string(), config: z.object({ bindings: z.array(z.object({ type: z.string() })) }) }),
);

/** The names of all functions that HTTP does not trigger. */
async function withoutHttp({ url, masterKey }: RunningHost): Promise<string[]> {
  const response = await fetch(`${url}/admin/functions`, { headers: { "x-functions-key": masterKey } });
  const functions = functionList.parse(await response.json());
  return functions
    .filter(({ config }) => !config.bindings.some(({ type }) => type.toLowerCase() === "httptrigger"))
    .map(({ name }) => name);
}
