import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { respondStatus } from "../../../shared/status/page.ts";
import { aHealth, aStatus } from "../../fixtures/a-status.ts";

describe("for a browser", () => {
  const { headers, body } = respondStatus(aStatus(), "text/html,application/xhtml+xml,*/*;q=0.8");

  test("the page stands alone: its policy allows its own script and style and its own origin, nothing else", () => {
    const policy = headers["Content-Security-Policy"] ?? "";
    const script = /<script>([\s\S]*?)<\/script>/.exec(body)?.[1] ?? "";
    expect(policy).toContain(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(body).not.toMatch(/src="(?!data:)/);
    expect(body).not.toMatch(/href="(?!data:|https:\/\/entra\.microsoft\.com\/#)/);
  });

  test("no cache keeps a copy, and no other site learns where the reader came from", () => {
    expect(headers).toMatchObject({ "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
  });

  test("it shows mode, sources, what ends next, what waits, latency and outcomes", () => {
    for (const wanted of ["enforce", "resync", "Ending next", "Waiting", "half in under", "alreadySatisfied"]) {
      expect(body).toContain(wanted);
    }
  });
});

test("stopped is not healthy: a banner says since when, by whom and why, and what to do", () => {
  const stopped = {
    kind: "stopped",
    since: "2026-01-05T08:00:00.000Z",
    by: "an-id",
    why: "Nothing is revoked.",
  } as const;
  const health = aHealth({
    healthy: false,
    state: "stopped",
    stopped: true,
    conditions: [stopped],
    problems: ["Nothing is revoked.", "Another problem."],
  });
  const { body } = respondStatus(aStatus({ health, stopReason: "A <drill>" }), null);
  expect(body).toContain(
    '<h2>Stopped since <time datetime="2026-01-05T08:00:00.000Z">2026-01-05 08:00:00</time> by <code class="id">an-id</code></h2>',
  );
  expect(body).toContain("<q>A &lt;drill&gt;</q> Nothing is revoked.</p>");
  expect(body).toContain("docs/operate.md#stopped");
  expect(body).toContain('<li class="bad">Another problem.</li>');
  expect(body.match(/Nothing is revoked\./g)).toHaveLength(1);
  expect(body).toContain("<title>pim-cutoff: stopped</title>");
});

test("each source of signals is shown with how it stands", () => {
  const sources = { directoryAuditCatchUp: { state: "failing" as const, lastAt: null, detail: "timeout" } };
  const { body } = respondStatus(aStatus({ health: aHealth({ sources }) }), null);
  expect(body).toContain("<td>directoryAuditCatchUp</td><td>failing</td><td>never</td><td>timeout</td>");
});

test("parked messages are shown with their reasons, and how many more there are", () => {
  const letter = {
    messageId: "m-1",
    principalId: null,
    code: "SIGNAL_UNREADABLE",
    reason: "no <json>",
    parkedAt: null,
  };
  const { body } = respondStatus(aStatus({ health: aHealth({ deadLetters: 3, newestDeadLetters: [letter] }) }), null);
  expect(body).toContain(
    '<td>never</td><td><code class="id">m-1</code></td><td></td><td>SIGNAL_UNREADABLE</td><td>no &lt;json&gt;</td>',
  );
  expect(body).toContain("2 more are not shown.");
  expect(respondStatus(aStatus(), null).body).not.toContain("Parked messages");
});

test("a person is shown by name and id, with a link to the user in Entra; a group by name and id", () => {
  const jane = "0a1b2c3d-0000-4000-8000-000000000001";
  const group = "0a1b2c3d-0000-4000-8000-000000000002";
  const shown = [
    {
      principalId: jane,
      isGroup: false,
      privilege: `member of ${group}`,
      scope: null,
      groupId: group,
      endDateTime: "2026-01-05T10:00:00Z",
    },
  ];
  const upcoming = { total: 1, shown };
  const { body } = respondStatus(aStatus({ upcoming, names: { [jane]: "Jane <b>", [group]: "Night & day" } }), null);
  expect(body).toContain(
    `/overview/userId/${jane}" target="_blank" rel="noopener noreferrer">Jane &lt;b&gt;</a> <code class="id">${jane}</code>`,
  );
  expect(body).toContain(`<td>member of Night &amp; day <code class="id">${group}</code></td>`);
  const nameless = respondStatus(aStatus({ upcoming, portal: null }), null).body;
  expect(nameless).toContain(`<td><code class="id">${jane}</code></td><td>member of ${group}</td>`);
});

test("probes that Graph does not support are folded away; a runbook that has an address is linked", () => {
  const sources = {
    auditLog: { state: "failing" as const, lastAt: null, detail: null },
    probe: { state: "unsupported" as const, lastAt: null, detail: "ExtensionError" },
  };
  const health = aHealth({ sources });
  const { body } = respondStatus(aStatus({ health, runbook: "https://wiki.example/operate" }), null);
  expect(body).toContain("<summary>Probes that Graph does not support: 1</summary>");
  expect(body.indexOf("<td>auditLog</td>")).toBeLessThan(body.indexOf("<summary>Probes"));
  expect(body.indexOf("<td>probe</td>")).toBeGreaterThan(body.indexOf("<summary>Probes"));
  expect(body).toContain('href="https://wiki.example/operate#source-failing"');
});

test("the day is drawn, each end marked for readers who see no colours, and is a table as well", () => {
  const { body } = respondStatus(aStatus(), null);
  const [drawn = "", listed = ""] = body.split('<details id="day">');
  expect(drawn).toContain("User Administrator, from 2026-01-05 08:00:00 until 2026-01-05 09:01:15 UTC: active</title>");
  expect(drawn).toMatch(/<text class="cut"[^>]*>✓<\/text>/);
  expect(drawn).toMatch(/<text class="waits"[^>]*>…<\/text>/);
  expect(drawn).toContain("2 more people are not shown.");
  expect(drawn).toContain('>12:00<tspan class="local" x="257.2" dy="13" data-local="2026-01-04T12:00:00.000Z">');
  expect(listed).toMatch(/08:00:00<\/time><\/td><td><time[^>]*>2026-01-05 09:01:15<\/time><\/td><td>active<\/td>/);
  expect(listed).toContain("<td>active, with no known end</td>");
});

test("what one reading did not read is said, and makes each count the least", () => {
  expect(respondStatus(aStatus(), null).body).not.toContain("Not everything is shown");
  const health = aHealth({ stopped: true });
  const { body } = respondStatus(aStatus({ health, notRead: { people: 7, waiting: 2, isAtLeast: false } }), null);
  expect(body).toContain("7 more people are stored, 2 of them with an end that waits.");
  expect(body).toContain('<strong class="">at least 1</strong>');
  expect(body).toContain("cut all that is pending: at least 1 ends?");
  const beyond = { people: 9800, waiting: 0, isAtLeast: true };
  expect(respondStatus(aStatus({ waitingPeople: 3, notRead: beyond }), null).body).toContain("of at least 3 people");
});

test("the page says which build it is, in text", () => {
  const of = (commit: string | null) =>
    respondStatus(aStatus({ health: aHealth({ build: { version: "0.1.0", commit } }) }), null).body;
  const commit = "3f9c2e71b5d84a06c7e1f0a2b93d5c68e4170fab";
  expect(of(`${commit}-dirty`)).toContain("pim-cutoff 0.1.0, built from commit <code>3f9c2e71b5d8-dirty</code>.");
  expect(of(null)).toContain("pim-cutoff 0.1.0, built from an unknown commit.");
  expect(of("<img>")).not.toContain("<img>");
});

test("privileges that the day leaves out are explained", () => {
  const [person] = aStatus().day.people;
  if (person === undefined) throw new Error("That day has a person.");
  const day = { ...aStatus().day, people: [{ ...person, more: 3 }], more: 0 };
  const { body } = respondStatus(aStatus({ day }), null);
  expect(body).toMatch(/<text class="who"[^>]*><title>[^<]*<\/title>[^<]* \+3<\/text>/);
  expect(body).toContain("more privileges are not shown.");
  expect(respondStatus(aStatus(), null).body).not.toContain("more privileges are not shown.");
});

test("weaker settings are shown without the colour of an outage", () => {
  const weaker = { kind: "weaker", since: null, by: null, why: "The settings cut less." } as const;
  const { body } = respondStatus(aStatus({ health: aHealth({ state: "weaker", conditions: [weaker] }) }), null);
  expect(body).toContain('<strong class="wait">weaker</strong>');
  expect(body).toContain('<section class="banner calm" aria-label="Weaker enforcement">');
});

test("a caller who asks for JSON gets the same as JSON", () => {
  const { headers, body } = respondStatus(aStatus(), "application/json");
  expect(headers["Content-Type"]).toBe("application/json");
  expect(JSON.parse(body)).toEqual(aStatus());
});

test("script in what others wrote is text", () => {
  const hostile = "<script>alert(1)</script>\"'<img src=x onerror=alert(1)>";
  const name = { principalId: hostile, isGroup: true, privilege: hostile, scope: hostile, groupId: hostile };
  const { body } = respondStatus(
    aStatus({
      health: aHealth({
        healthy: false,
        problems: [hostile],
        lastResync: { startedAt: null, finishedAt: null, error: hostile },
        deadLetters: 1,
        newestDeadLetters: [
          { messageId: hostile, principalId: hostile, code: hostile, reason: hostile, parkedAt: hostile },
        ],
      }),
      names: { [hostile]: hostile },
      portal: null,
      runbook: hostile,
      version: hostile,
      operator: { objectId: hostile, roles: [] },
      day: {
        from: "2026-01-04T09:00:00.000Z",
        to: "2026-01-05T17:00:00.000Z",
        people: [
          {
            principalId: hostile,
            isGroup: true,
            bars: [{ ...name, from: hostile, until: hostile, fate: "holds" }],
            more: 1,
          },
        ],
        more: 0,
      },
      upcoming: { total: 1, shown: [{ ...name, endDateTime: hostile }] },
      pending: { total: 1, shown: [{ ...name, since: hostile, heldBy: hostile, isHeldByThreshold: false }] },
    }),
    null,
  );
  expect(body).not.toContain("<script>alert");
  expect(body).not.toContain("<img");
});

describe("orders", () => {
  const actionsOf = (body: string) => [...body.matchAll(/name="action" value="(\w+)"/g)].map(([, action]) => action);
  const actions = (over: Parameters<typeof aStatus>[0]) => actionsOf(respondStatus(aStatus(over), null).body);
  const calm = { waitingPeople: 0, pending: { total: 0, shown: [] } };

  test("stop while running, resume while stopped", () => {
    expect(actions(calm)).toEqual(["stop"]);
    expect(actions({ ...calm, health: aHealth({ stopped: true }) })).toEqual(["resume"]);
  });

  test("resuming while something is pending asks what becomes of it", () => {
    const { body } = respondStatus(aStatus({ health: aHealth({ stopped: true }) }), null);
    expect(actionsOf(body).filter((action) => action === "resume")).toHaveLength(2);
    expect([...body.matchAll(/name="carryOutPending" value="(\w+)"/g)].map(([, value]) => value)).toEqual([
      "false",
      "true",
    ]);
  });

  test("release names how many people it is about, and asks once more", () => {
    const { body } = respondStatus(aStatus({ waitingPeople: 3 }), null);
    expect(body).toContain('<button class="">Release what waits for an operator, of 3 people</button>');
    expect(body).toContain('data-ask="Release what waits for an operator, of 3 people?');
  });

  test("release and redrive only when there is something to release or to send again", () => {
    expect(actions({})).toEqual(["stop", "release"]);
    expect(actions({ ...calm, health: aHealth({ deadLetters: 2 }) })).toEqual(["stop", "redrive"]);
  });

  test("none for a reader who may only read", () => {
    expect(actions({ operator: { objectId: "reader", roles: ["Cutoff.Read"] } })).toEqual([]);
  });
});
