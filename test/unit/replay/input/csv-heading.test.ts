import { expect, test } from "vitest";
import { csvDelimiter } from "../../../../shared/replay/input/csv-heading.ts";

test.each([
  ['"Date (UTC)",CorrelationId,Service,Category,Activity\n', ","],
  ["Date (UTC);Activity;Result\r\n", ";"],
  ["TimeGenerated [UTC]\tOperationName\tResult", "\t"],
  ['"TimeGenerated [UTC]","TokenIssuedAt [UTC]"\n', ","],
  ['{"Activity":1,"OperationName":2}', undefined],
  ["Activity\n", undefined],
  ["name,surname\nActivity,Result\n", undefined],
  ["", undefined],
])("%j is parted by %j", (start, delimiter) => expect(csvDelimiter(Buffer.from(start))).toBe(delimiter));
