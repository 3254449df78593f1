// npm start [-- --once [--without]]: the main job on one machine, against a simulated tenant.
import { mkdir, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { startReceivers } from "../receivers/start-receivers.ts";
import { freePort } from "../stack/free-port.ts";
import { openOperatorDoor } from "../stack/operator-door.ts";
import { startStack, startTenantProcess } from "../stack/start-stack.ts";
import { chaptersWith, chaptersWithout } from "./chapters.ts";
import { handOver } from "./hand-over.ts";
import { type PlayedChapter, playChapters, toStory } from "./play-chapters.ts";
import { say, title } from "./print.ts";
import { help, readArguments, type StoryArguments } from "./read-arguments.ts";
import { countPromises, listPromises } from "./summary.ts";

const out = fileURLToPath(new URL("../out/", import.meta.url));
const { once, without, help: isHelp } = given();
if (isHelp) {
  console.log(help);
  process.exit(0);
}

title("pim-cutoff, played against a simulated Entra tenant on this machine. No Azure, no real accounts.");
await mkdir(out, { recursive: true });
const kept = without ? await withoutIt() : await withIt();
if (!kept) process.exitCode = 1;

async function withIt(): Promise<boolean> {
  await import("../build/bundle.ts");
  const port = await freePort();
  // The tenant calls the app as Graph would, at the address that the app gives it.
  const notifications = { NOTIFICATION_BASE_URL: `http://127.0.0.1:${port}` };
  const receivers = await startReceivers();
  const channels = {
    NOTIFY_1_FORMAT: "teams",
    NOTIFY_1_URL: receivers.teamsUrl,
    NOTIFY_PERSON: "after",
    NOTIFY_MAIL_ENDPOINT: receivers.mailEndpoint,
    NOTIFY_MAIL_SENDER: "pim-cutoff@simulated.example",
  };
  const settings = { CUTOFF_MODE: "enforce", INCLUDED_PRINCIPALS: "all", ...notifications, ...channels };
  const stack = await startStack(settings, { log: `${out}host.log`, port });
  say(
    null,
    `storage (Azurite), the simulated tenant and the app on the local host are up; the host's log is in local/out/host.log`,
    "dim",
  );
  const signIn = async () => (await stack.tenant.control.operatorToken({ roles: ["Cutoff.Operate"] })).accessToken;
  const door = await openOperatorDoor(stack.host, signIn);
  say(null, `open the status page and watch it while the story plays: ${door.url}/api/status`, "bold");
  say(null, "(there you are an operator who signed in, so your orders count, too)", "dim");
  const isKept = await conclude(await playChapters(chaptersWith(receivers), stack.tenant), true);
  if (!once) {
    const folder = relative(process.cwd(), out);
    await handOver(stack, settings, { door: door.url, operatorToken: await signIn(), folder });
    await new Promise((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    say(null, "draining ...", "dim");
  }
  await door.close();
  await stack.stop();
  await receivers.close();
  return isKept;
}

async function withoutIt(): Promise<boolean> {
  say(null, "This time without the app.", "bold");
  const tenant = await startTenantProcess();
  const isKept = await conclude(await playChapters(chaptersWithout, tenant), false);
  await tenant.stop();
  return isKept;
}

async function conclude(played: readonly PlayedChapter[], responder: boolean): Promise<boolean> {
  const promises = played.flatMap((chapter) => chapter.promises);
  const isKept = promises.every(({ kept }) => kept);
  listPromises(promises);
  await writeFile(`${out}story.json`, `${JSON.stringify(toStory(played, responder), null, 2)}\n`);
  say(null, "the same facts are in local/out/story.json", "dim");
  say(null, countPromises(promises), isKept ? "green" : "red");
  return isKept;
}

function given(): StoryArguments {
  try {
    return readArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}
