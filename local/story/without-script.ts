import { type Cast, castJane } from "./cast.ts";
import { collectFacts, differences, type StoryFacts } from "./facts.ts";
import { describe, openScene } from "./jane-scene.ts";
import { duration } from "./print.ts";
import { withoutResponder } from "./promises.ts";
import { roundEvery } from "./run-script.ts";
import type { Script, Step } from "./script.ts";
import { summarise } from "./summary.ts";

/** How many times faster than real time the tenant's clock runs after the role's end: until the desktop tool's token expires, and then. */
const scales = { untilDesktop: 300, untilOutlook: 6000 };

/** The tenant's time between two rounds, with room for a slow machine; milliseconds. */
const stepAt = (scale: number): number => scale * roundEvery * 3;

const activationSeconds = 6;

/** The same role ends without the app, and the exposure is lived through to the end of both tokens. */
export const withoutScript: Script<Cast, StoryFacts> = {
  name: "jane",
  title: "Jane's role ends, and nothing cuts her sessions",
  isDated: true,
  cast: (tenant) => castJane(tenant, activationSeconds),
  steps(cast) {
    const removal = Date.parse(cast.endDateTime) + 2000;
    const liveThrough = (cae: boolean, scale: number): readonly Step[] => [
      { do: "act", act: (control) => control.setClock({ scale }) },
      {
        do: "list",
        lines: (clients) => {
          const left = duration(expiryOf(clients, cae) - removal);
          const text = `the simulated tenant's clock now runs ${scale} times as fast, for ${left} from the end`;
          return [{ text, style: "magenta" }];
        },
      },
      { do: "workUntil", time: (clients) => expiryOf(clients, cae) + stepAt(scale) },
    ];
    return [
      ...openScene(cast),
      { do: "workUntil", time: () => removal },
      { do: "act", act: (control) => control.removeMember(cast.groupId, cast.janeId) },
      ...liveThrough(false, scales.untilDesktop),
      ...liveThrough(true, scales.untilOutlook),
      { do: "act", act: (control) => control.setClock({ scale: 1 }) },
    ];
  },
  turn: describe,
  facts: (history, cast, clients) => collectFacts(history, cast, clients, false),
  milliseconds: differences,
  end: summarise,
  promises: (facts) => withoutResponder(facts, stepAt(scales.untilOutlook)),
};

const expiryOf = (clients: readonly { readonly cae: boolean; readonly expiresAt: string }[], cae: boolean): number =>
  Math.max(...clients.flatMap((client) => (client.cae === cae ? Date.parse(client.expiresAt) : [])));
