import { type Cast, castJane } from "./cast.ts";
import { collectFacts, differences, type StoryFacts } from "./facts.ts";
import { isRevokeOf } from "./history.ts";
import { describe, openScene } from "./jane-scene.ts";
import { withResponder } from "./promises.ts";
import type { Script } from "./script.ts";
import { summarise } from "./summary.ts";

/** As long as two resyncs and a bit: the app must have time to learn of the activation. */
const activationSeconds = 18;

/** How long after the revoke the clients go on working, so that what was cut is seen to stay cut; milliseconds. */
const epilogue = 4000;

/** How long after the end the app gets, milliseconds. It needs one or two seconds; past this the story ends badly. */
const patience = 20_000;

/** The main job: an activation expires. */
export const janeScript: Script<Cast, StoryFacts> = {
  name: "jane",
  title: "Jane's role ends",
  cast: (tenant) => castJane(tenant, activationSeconds),
  steps: (cast) => [
    ...openScene(cast),
    {
      do: "await",
      events: [(event) => event.event === "roleEnded" && event.scheduleId === cast.scheduleId],
      within: 60_000,
      missing: "the role did not end",
    },
    { do: "act", act: (control) => control.removeMember(cast.groupId, cast.janeId) },
    {
      do: "await",
      events: [(event) => isRevokeOf(event, cast.janeId)],
      within: patience,
      missing: "no revoke",
    },
    { do: "pause", milliseconds: epilogue },
  ],
  turn: describe,
  facts: (history, cast, clients) => collectFacts(history, cast, clients, true),
  milliseconds: differences,
  end: summarise,
  promises: withResponder,
};
