import { createHash } from "node:crypto";
import { plainLine } from "./untrusted.ts";

/** One mail to a person. */
export interface Mail {
  /** The same for every try: Azure takes a second one with the same id for the first. */
  readonly operationId: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What came of one try. `later` and `refused`: certainly not sent. `uncertain`: perhaps sent. */
export type MailResult =
  | { readonly kind: "taken" }
  | { readonly kind: "later"; readonly code: string }
  | { readonly kind: "refused"; readonly code: string; readonly isDenied: boolean }
  | { readonly kind: "uncertain" };

export type SendMail = (mail: Mail) => Promise<MailResult>;

/** A UUID of what the mail is about. */
export function operationIdOf(...about: readonly string[]): string {
  const hex = createHash("sha256").update(about.join("|")).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

const address = /^[^\s@<>()[\]\\,;:"]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/;
const mostRecipients = 5;

/** The addresses of a directory that a mail can go to. */
export const usableAddresses = (addresses: readonly string[]): readonly string[] =>
  [...new Set(addresses.filter((one) => address.test(one)))].slice(0, mostRecipients);

/** A name inside a sentence; what the person is called when there is none. */
export const nameOr = (name: string | null, otherwise: string): string => plainLine(name ?? "") || otherwise;
