/** The kind of a file that cannot be an export, by its first bytes; undefined when it may be an export. */
export function strangerAmongFiles(start: Buffer): string | undefined {
  if (start.subarray(0, 4).equals(Buffer.from("PK\x03\x04"))) {
    return "the file is a zip archive or an Excel workbook: unpack it, or take the file as it was downloaded (JSON or CSV)";
  }
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
  return undefined;
}
