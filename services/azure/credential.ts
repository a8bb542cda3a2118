import type { TokenCredential } from '@azure/core-auth';

/** How goldbot signs in to Azure. There is no default chain: what was not chosen is not tried. */
export type CredentialOptions =
  /** In Azure; `clientId` of a user-assigned identity, the system-assigned one without it. */
  | { readonly kind: 'managed-identity'; readonly clientId?: string }
  /** In Kubernetes with a federated token. */
  | {
      readonly kind: 'workload-identity';
      readonly clientId: string;
      readonly tenantId: string;
      readonly tokenFile: string;
    }
  /** As the person who ran `az login`, to try goldbot from a desk. */
  | { readonly kind: 'azure-cli'; readonly tenantId?: string };

/** Tokens for Azure, by the way that was chosen. @azure/identity is loaded when the first token is needed. */
export function createCredential(options: CredentialOptions): TokenCredential {
  let made: TokenCredential | undefined;
  return {
    getToken(scopes, request) {
      made ??= make(options);
      return made.getToken(scopes, request);
    },
  };
}

function make(options: CredentialOptions): TokenCredential {
  const identity = require('@azure/identity') as typeof import('@azure/identity');
  switch (options.kind) {
    case 'managed-identity':
      return new identity.ManagedIdentityCredential(options.clientId ? { clientId: options.clientId } : {});
    case 'workload-identity': {
      const { clientId, tenantId, tokenFile } = options;
      return new identity.WorkloadIdentityCredential({ clientId, tenantId, tokenFilePath: tokenFile });
    }
    case 'azure-cli':
      return new identity.AzureCliCredential(options.tenantId ? { tenantId: options.tenantId } : {});
  }
}
