export type HostErrorCode =
  | "hostJsonInvalid"
  | "localSettingsInvalid"
  | "appInvalid"
  | "appLoadFailed"
  | "functionDuplicate"
  | "functionInvalid"
  | "registrationClosed"
  | "settingMissing"
  | "unsupported";

/** Something that the person who runs the host can put right; the message says how. */
export class HostError extends Error {
  readonly code: HostErrorCode;

  constructor(code: HostErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "HostError";
    this.code = code;
  }
}
