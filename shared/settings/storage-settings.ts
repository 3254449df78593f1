/** Where the tables and queues are, and how the app proves itself to them. */
export type StorageSettings =
  | {
      readonly kind: "sharedKey";
      readonly accountName: string;
      /** A secret: never logged. */
      readonly accountKey: string;
      /** Service URL without a slash at the end, e.g. `https://account.table.core.windows.net`. */
      readonly tableUrl: string;
      readonly queueUrl: string;
    }
  | {
      readonly kind: "identity";
      /** Client id of a user-assigned managed identity; undefined = the app's system-assigned one. */
      readonly clientId: string | undefined;
      readonly tableUrl: string;
      readonly queueUrl: string;
    };
