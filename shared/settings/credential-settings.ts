/** Who the app is towards Entra: its managed identity, or an app registration for development. */
export type CredentialSettings =
  | {
      readonly kind: "managedIdentity";
      /** Client id of a user-assigned identity; undefined = the app's system-assigned one. */
      readonly clientId: string | undefined;
    }
  | (AppRegistration & {
      readonly kind: "clientSecret";
      /** A secret: never logged. */
      readonly clientSecret: string;
    })
  | (AppRegistration & {
      readonly kind: "clientCertificate";
      /** PEM file with the certificate and its private key. */
      readonly certificatePath: string;
    });

interface AppRegistration {
  readonly tenantId: string;
  readonly clientId: string;
  /** The authority of the tenant's cloud, e.g. `https://login.microsoftonline.com`. */
  readonly authorityHost: string;
}

interface CredentialValues {
  readonly AZURE_CLIENT_ID?: string | undefined;
  readonly AZURE_TENANT_ID?: string | undefined;
  readonly AZURE_CLIENT_SECRET?: string | undefined;
  readonly AZURE_CLIENT_CERTIFICATE_PATH?: string | undefined;
}

/** The credential that the settings name; a secret or certificate only counts together with tenant and client id. */
export function toCredentialSettings(values: CredentialValues, authorityHost: string): CredentialSettings {
  const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId } = values;
  const { AZURE_CLIENT_SECRET: clientSecret, AZURE_CLIENT_CERTIFICATE_PATH: certificatePath } = values;
  if (clientId !== undefined && tenantId !== undefined) {
    const app = { tenantId, clientId, authorityHost };
    if (clientSecret !== undefined) return { kind: "clientSecret", ...app, clientSecret };
    if (certificatePath !== undefined) return { kind: "clientCertificate", ...app, certificatePath };
  }
  return { kind: "managedIdentity", clientId };
}
