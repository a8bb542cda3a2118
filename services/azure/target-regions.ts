import type { Region } from '../../core/azure';

/** A region of a version's publishing profile, in Azure's own words; Resource Graph keeps the same. */
interface TargetRegion {
  readonly name?: string;
  readonly regionalReplicaCount?: number;
  readonly storageAccountType?: string;
  readonly encryption?: { readonly osDiskImage?: { readonly diskEncryptionSetId?: string } };
}

interface Profile {
  readonly replicaCount?: number | undefined;
  readonly storageAccountType?: string | undefined;
}

const storageTypes = ['Standard_LRS', 'Standard_ZRS', 'Premium_LRS'] as const;

/** The copies of a version in a region: what it does not say itself is as the version's profile has it. */
export function copiesIn({ name = '', ...own }: TargetRegion, profile: Profile = {}): Region {
  const type = own.storageAccountType ?? profile.storageAccountType;
  // Of those that goldbot writes; Azure knows one more.
  const storage = storageTypes.find((known) => known === type);
  const key = own.encryption?.osDiskImage?.diskEncryptionSetId;
  return {
    ...{ name, replicas: own.regionalReplicaCount ?? profile.replicaCount ?? 1 },
    ...(storage && { storageAccountType: storage }),
    ...(key && { diskEncryptionSetId: key }),
  };
}
