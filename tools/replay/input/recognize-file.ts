/** Files by their first bytes. */
const kinds: readonly (readonly [first: string, what: string])[] = [
  [
    "PK\x03\x04",
    "the file is a zip archive or an Excel workbook: unpack it, or take the file as it was downloaded (JSON or CSV)",
  ],
  ["BZh", "the file is packed with bzip2: unpack it, or pack it with gzip"],
  ["\xfd7zXZ", "the file is packed with xz: unpack it, or pack it with gzip"],
  ["\x28\xb5\x2f\xfd", "the file is packed with zstd: unpack it, or pack it with gzip"],
  [
    "Obj\x01",
    "the file is Avro, as Event Hubs Capture writes it: send the diagnostic setting to a storage account, which gets JSON, or convert it to JSON lines",
  ],
  ["PAR1", "the file is Parquet: convert it to JSON lines"],
];

/** The kind of a file that cannot be an export, by its first bytes; undefined when it may be an export. */
export function strangerAmongFiles(start: Buffer): string | undefined {
  const kind = kinds.find(([first]) => start.subarray(0, first.length).equals(Buffer.from(first, "latin1")));
  if (kind !== undefined) return kind[1];
  const text = start.toString("utf8", 0, 512).trimStart();
  if (text.startsWith("#< CLIXML") || text.startsWith("<Objs ")) {
    return "the file is CLIXML of PowerShell (Export-Clixml): export with ConvertTo-Json -Depth 10 instead";
  }
  if (text.startsWith("<")) {
    return "the file is XML or a web page, e.g. of a sign-in that had run out: download the log again as JSON or CSV";
  }
  if (/^(?:Id|ActivityDateTime|ActivityDisplayName|Category|CorrelationId)\s+:\s/.test(text)) {
    return "the file is what PowerShell shows on the screen (Format-List): export with ConvertTo-Json -Depth 10 instead";
  }
  if (/^[\w .()]+\r?\n\s*-{3,}[ -]*\r?\n/.test(text)) {
    return "the file is what PowerShell shows on the screen (Format-Table): export with ConvertTo-Json -Depth 10 instead";
  }
  if (/^\[?\s*\{'/.test(text)) return "the file is what Python shows of its objects: write it with json.dumps instead";
  return undefined;
}
