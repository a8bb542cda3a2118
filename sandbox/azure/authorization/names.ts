import { tenantId } from '../../entra/people';

/** Somebody whom ARM knows by the token of a request. */
export interface Caller {
  /** Application id of an identity, sign-in name of a person. */
  readonly client: string;
  /** Entra object id: the principal of role assignments. */
  readonly objectId: string;
  readonly principalType: 'ServicePrincipal' | 'User';
}

/** goldbot's own managed identity: the sender of the sandbox mode's token. */
export const goldbotIdentity: Caller = {
  client: 'c11e0000-601d-4b07-8000-00000000b071',
  objectId: '0b1ec700-601d-4b07-8000-00000000b070',
  principalType: 'ServicePrincipal',
};

/** The sender of any other token, or of none. */
export const owner: Caller = {
  client: 'owner@contoso.example',
  objectId: '0b1ec700-0000-4000-8000-0000000000aa',
  principalType: 'User',
};

/** Image Builder's own application in this tenant; it begins without any role, as everywhere. */
export const imageBuilderApp: Caller = {
  client: 'cf32a0cc-373c-47c9-9156-0db11f6a6dfc',
  objectId: '0b1ec700-601d-4b07-8000-0000000000ab',
  principalType: 'ServicePrincipal',
};

const goldbotToken = 'sandbox';

/** The caller of a request, by its bearer token. */
export function callerOf(headers: Readonly<Record<string, string>>): Caller {
  const token = /^bearer\s+(.*)$/i.exec(headers['authorization'] ?? '')?.[1]?.trim();
  return token?.split('.')[0] === goldbotToken ? goldbotIdentity : owner;
}

/** The tenant's root management group, above every subscription; Azure names it after the tenant. */
export const rootManagementGroup = `/providers/Microsoft.Management/managementGroups/${tenantId}`;

/** The assignment that goldbot's identity begins with: Owner of everything. Deleting it is how to restrict goldbot. */
export const initialAssignment = '60a551e0-601d-4b07-8000-000000000001';

/** What the identity of the builds begins with: Contributor of everything. Deleting it is how to restrict builds. */
export const builderAssignment = '60a551e0-601d-4b07-8000-000000000002';

/** What lets builds put disks into the account of outputs: Storage Blob Data Contributor on it. */
export const outputsAssignment = '60a551e0-601d-4b07-8000-000000000004';

/** What lets goldbot sign with the keys of the vault: Key Vault Crypto User on it. */
export const signingAssignment = '60a551e0-601d-4b07-8000-000000000005';

/** What lets goldbot read the logs of builds: Storage Blob Data Reader on the subscription that builds. */
export const logsAssignment = '60a551e0-601d-4b07-8000-000000000003';
