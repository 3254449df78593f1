type ReplayErrorCode = "usage" | "noFile" | "unreadableFile" | "notAnExport" | "cannotWrite";

/** Why nothing could be replayed. The message says what to do and is meant for the person at the terminal. */
export class ReplayError extends Error {
  override readonly name = "ReplayError";
  readonly code: ReplayErrorCode;

  constructor(code: ReplayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
