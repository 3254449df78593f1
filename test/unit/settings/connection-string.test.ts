import { expect, test } from "vitest";
import { connectionString } from "../../../shared/settings/connections.ts";

const key = "c2VjcmV0IGtleQ==";
const parse = (text: string) => connectionString().safeParse(text);

test.each([
  [
    "an account in Azure",
    `DefaultEndpointsProtocol=https;AccountName=pimcutoff;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`,
    "https://pimcutoff.table.core.usgovcloudapi.net",
    "https://pimcutoff.queue.core.usgovcloudapi.net",
  ],
  [
    "the shortest form, with spaces, in any case and order",
    ` accountkey=${key}; accountname=pimcutoff ;`,
    "https://pimcutoff.table.core.windows.net",
    "https://pimcutoff.queue.core.windows.net",
  ],
  [
    "endpoints of their own",
    `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=http://127.0.0.1:1/pimcutoff/;QueueEndpoint=http://127.0.0.1:2/pimcutoff`,
    "http://127.0.0.1:1/pimcutoff",
    "http://127.0.0.1:2/pimcutoff",
  ],
])("%s", (_, text, tableUrl, queueUrl) => {
  expect(parse(text).data).toEqual({
    kind: "sharedKey",
    accountName: "pimcutoff",
    accountKey: key,
    tableUrl,
    queueUrl,
  });
});

test.each([
  ["no account", `AccountKey=${key}`, "AccountName"],
  ["no key", "AccountName=pimcutoff", "AccountKey"],
  ["a key that is not base64", "AccountName=pimcutoff;AccountKey=secret!!", "AccountKey"],
  ["half a key", "AccountName=pimcutoff;AccountKey=c2Vjc", "AccountKey"],
  ["a shared access signature", "TableEndpoint=https://a;SharedAccessSignature=sv=1", "shared access signature"],
  ["an endpoint without encryption", `DefaultEndpointsProtocol=http;AccountName=pimcutoff;AccountKey=${key}`, "https"],
  ["an endpoint that is no URL", `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=here`, "https"],
  ["an endpoint with a signature", `AccountName=pimcutoff;AccountKey=${key};TableEndpoint=https://a?sig=x`, "https"],
])("%s is refused by name", (_, text, named) => {
  expect(parse(text).error?.issues).toMatchObject([{ params: { found: expect.stringContaining(named) } }]);
});
