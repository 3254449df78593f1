import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { plain } from "../plain.ts";
import { ReplayError } from "./replay-error.ts";

export const HELP = `npm run replay -- [--activity FILE]... [--json] [--html FILE] FILE...

Reads exports of a tenant's directory audit log and shows every role end in them, how long a token could have outlived each, and
what pim-cutoff would have done. Nothing leaves this machine: no Azure, no credentials, no network.

  FILE             the log as the Entra admin center offers it for download (JSON or CSV), as Graph returns it
                   (/auditLogs/directoryAudits), as the diagnostic setting AuditLogs writes it (Event Hubs, storage account),
                   or from the table AuditLogs (CSV, JSON or the answer of the query API), or as Get-MgAuditLogDirectoryAudit |
                   ConvertTo-Json -Depth 10 writes it; also inside what a collector puts around a record (Elastic, Splunk); a list,
                   one record per line or page after page; gzipped or not, UTF-8 or UTF-16; several files are one log
  --activity FILE  an export of MicrosoftGraphActivityLogs: shows the successful calls to Microsoft Graph that were made after a
                   role's end with a token from before it. May be given more than once
  --json           writes the whole report as JSON instead (npm run replay --silent -- --json FILE | jq)
  --html FILE      writes it as one page, too
  --help           shows this

JSON is better than the portal's CSV, which has room for three targets of a record. Export-Csv of PowerShell and a spreadsheet that
saves the file again lose what a verdict rests on.

The output names people. Exit code: 0 when the report was made (every record stands in one line of its count, also what could not
be read), 1 when a file cannot be read or is no such export (the other files stand), 2 when the command is not one of these.
`;

interface ReplayArguments {
  readonly files: readonly string[];
  readonly activityFiles: readonly string[];
  readonly json: boolean;
  readonly html: string | null;
  readonly help: boolean;
}

/**
 * @param args without the interpreter and the script
 * @throws ReplayError `usage`
 */
export function readArguments(args: readonly string[]): ReplayArguments {
  const { values, positionals } = parse(args);
  const help = values.help ?? false;
  if (positionals.length === 0 && !help) throw new ReplayError("usage", `Name a file to replay.\n\n${HELP}`);
  const html = values.html ?? null;
  const read = [...positionals, ...(values.activity ?? [])].map((file) => resolve(file));
  if (html !== null && read.includes(resolve(html))) {
    throw new ReplayError("usage", `--html ${plain(html)} would overwrite a file that is to be read.`);
  }
  return { files: positionals, activityFiles: values.activity ?? [], json: values.json ?? false, html, help };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        activity: { type: "string", multiple: true },
        json: { type: "boolean" },
        html: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "The arguments cannot be read.";
    throw new ReplayError("usage", `${plain(reason)}\n\n${HELP}`, { cause: error });
  }
}
