import { z } from "zod";
import { rowKey } from "../base/keys.ts";
import { isGraphError } from "../graph/errors.ts";
import { parseRows } from "../storage/rows.ts";
import { StorageConflictError, type Table } from "../storage/table.ts";
import { type Due, dueAfter, dueBefore } from "./due-mails.ts";
import { operationIdOf, usableAddresses } from "./mail.ts";
import { noticeMessage, type PersonNotice } from "./notice.ts";
import type { NotifyDependencies, PersonDependencies } from "./send.ts";

const second = 1000;
const minute = 60 * second;

/** Waits after tries that certainly sent nothing. A mail that comes hours later would only confuse. */
const retryWaits = [30 * second, 2 * minute, 10 * minute, 30 * minute, 60 * minute];

/** The longest wait that Azure may ask for: a mail more than an hour later helps no more. */
const longestAsked = 60 * minute;

/** The lane of mails to people. The channels have the lanes 0 to 8. */
const mailLane = 9;

/**
 * Sends a mail to a user, once: a mail that may have been sent is not sent again.
 * @throws StorageRowError, StorageUnavailableError
 */
export async function mailPerson(notice: PersonNotice, dependencies: NotifyDependencies): Promise<void> {
  const { person } = dependencies;
  // The settings no longer want mails to people.
  if (person === null) return;
  const due =
    notice.person === "after"
      ? await dueAfter(notice, person, dependencies)
      : await dueBefore(notice, person, dependencies);
  if (due !== null) await send(notice, due, person, dependencies);
}

async function send(
  notice: PersonNotice,
  { facts, write, isUnknown = false }: Due,
  { settings, sendMail, readRecipients, readUser }: PersonDependencies,
  { state, lanes, notices, random, telemetry }: NotifyDependencies,
): Promise<void> {
  const { person: kind, principalId, key, tries } = notice;
  const unmailed = (code: string) => telemetry.event("personUnmailed", { principalId, key, kind, code });
  const later = async (code: string, asked = 0) => {
    const wait = retryWaits[tries];
    // Azure asks for a wait after which the mail would help no more: it is not sent.
    if (wait === undefined || asked > longestAsked) return unmailed(code);
    const drawn = Math.round(wait * (1 + 0.2 * random()));
    await notices.send(noticeMessage({ ...notice, tries: tries + 1 }), Math.max(drawn, asked));
  };
  try {
    const user = isUnknown ? await readUser(principalId) : null;
    // The app cannot sign out a guest or an application.
    if (isUnknown && (user === null || user.external)) return;
    const { name, addresses } = (await readRecipients(principalId, settings.to)).value;
    const to = usableAddresses(addresses);
    if (to.length === 0) return unmailed("NO_ADDRESS");
    const toManager = settings.to === "manager";
    const mail = write({ ...facts, name, toManager, helpUrl: settings.helpUrl });
    const about = aboutOf(notice);
    const claim = await claimMail(state, about);
    if (claim === null) return;
    const operationId = operationIdOf(...about);
    const result = await lanes.run(mailLane, () => sendMail({ ...mail, operationId, to }));
    switch (result?.kind) {
      case "taken":
        return telemetry.event("personMailed", { principalId, key, kind, tries });
      case "uncertain":
        return unmailed("UNCERTAIN");
      case "refused":
        telemetry.alarm("mailRefused", { principalId, key, code: `HTTP_${result.status}` });
        return;
      default:
        await claim.giveBack();
        await later(result?.code ?? "BUSY", result?.retryAfter ?? 0);
    }
  } catch (error) {
    if (!isGraphError(error)) throw error;
    await later(error.code);
  }
}

/** The parts that make a mail a different one: a moved end gets a new mail, and so does the end through another group. */
const aboutOf = (notice: PersonNotice): readonly [string, ...string[]] =>
  notice.person === "after"
    ? [notice.principalId, notice.key, notice.person]
    : [notice.principalId, notice.key, notice.person, notice.groupId ?? "own", new Date(notice.endsAt).toISOString()];

const partition = "mailedPeople";
const schema = z.object({ schema: z.literal(1) });

/** The right to send one mail, once. */
interface MailClaim {
  /** The mail was certainly not sent: another try is allowed. */
  giveBack(): Promise<void>;
}

/**
 * Stores, before a mail is sent, that it may have been sent: so it is never sent again, even if this process ends. Null when the mail has been sent, or
 * perhaps has. @throws the errors of storage
 */
async function claimMail(state: Table, about: readonly [string, ...string[]]): Promise<MailClaim | null> {
  const row = rowKey(...about);
  try {
    const { value: etags } = await state.commit(partition, [{ type: "insert", row, content: { schema: 1 } }]);
    return {
      async giveBack() {
        await state.commit(partition, [{ type: "delete", row, etag: etags.get(row) ?? "" }]);
      },
    };
  } catch (error) {
    if (error instanceof StorageConflictError) return null;
    throw error;
  }
}

/** Removes the records of mails sent before this time, storage's epoch milliseconds. Rows of another version stay. */
export async function purgeMailedPeople(state: Table, before: number): Promise<void> {
  const { read } = parseRows((await state.list(partition)).value, schema);
  for (const { row } of read.filter(({ row }) => row.timestamp < before)) {
    try {
      await state.commit(partition, [{ type: "delete", row: row.row, etag: row.etag }]);
    } catch (error) {
      if (!(error instanceof StorageConflictError)) throw error;
    }
  }
}
