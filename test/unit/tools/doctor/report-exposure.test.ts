import { expect, test } from "vitest";
import { reportExposure } from "../../../../tools/doctor/report-exposure.ts";
import { at } from "../../../fixtures/principal-builders.ts";

const base = { client: "CAE client", target: "graph", lastSuccess: at(60), firstRefusal: null, livedOut: false };

test("each client's last success and what stopped it", () => {
  const refusal = { at: at(65), status: 401, code: "insufficient_claims", requestId: "r-1" };
  expect(
    reportExposure([
      { ...base, firstRefusal: refusal },
      { ...base, client: "client without CAE", livedOut: true },
      { ...base, lastSuccess: null },
    ]).split("\n"),
  ).toEqual([
    "CAE client, graph: got through until 2026-01-05T09:01:00.000Z, refused at 2026-01-05T09:01:05.000Z with 401 insufficient_claims (request r-1).",
    "client without CAE, graph: got through until 2026-01-05T09:01:00.000Z, and lived out its time.",
    "CAE client, graph: never got through, and was not refused while this ran.",
  ]);
});
