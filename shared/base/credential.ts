import {
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from "@azure/identity";

/** The app's identity in Entra. A managed identity keeps every secret out of the app; the other two are for development. */
type CredentialInput =
  /** Without `clientId` the system-assigned identity. */
  | { readonly kind: "managedIdentity"; readonly clientId?: string | undefined }
  | (AppRegistration & { readonly kind: "clientSecret"; readonly clientSecret: string })
  /** `certificatePath`: PEM file that holds the certificate and its private key. */
  | (AppRegistration & { readonly kind: "clientCertificate"; readonly certificatePath: string });

interface AppRegistration {
  readonly tenantId: string;
  readonly clientId: string;
  /** `https://login.microsoftonline.com` or that of a national cloud (Graph docs: deployments). Tokens do not cross clouds. */
  readonly authorityHost: string;
}

/** Short: a wait inside the credential keeps an invocation waiting, while a message can wait in the queue at no cost. */
const retryOptions = { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 1000 };

/** Nothing is sent before the first token is asked for. Managed identity reads `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` here. */
export function createCredential(input: CredentialInput): TokenCredential {
  switch (input.kind) {
    case "managedIdentity":
      return new ManagedIdentityCredential({
        retryOptions,
        ...(input.clientId === undefined ? {} : { clientId: input.clientId }),
      });
    case "clientSecret": {
      const { tenantId, clientId, clientSecret, authorityHost } = input;
      return new ClientSecretCredential(tenantId, clientId, clientSecret, { authorityHost, retryOptions });
    }
    case "clientCertificate": {
      const { tenantId, clientId, certificatePath, authorityHost } = input;
      return new ClientCertificateCredential(tenantId, clientId, certificatePath, { authorityHost, retryOptions });
    }
  }
}
