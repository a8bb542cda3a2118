import type { GalleryVersion, MarketplaceSource } from '../../../core/azure';
import { tattooTags } from '../../../core/images';
import { type Approval, type FixedPlan, planHash } from '../../../core/runs';
import { now } from './world';

export const fixed: FixedPlan & { readonly base: MarketplaceSource } = {
  image: 'ubuntu-22',
  version: '1.6.0',
  base: { publisher: 'Canonical', offer: 'o', sku: '22_04-lts-gen2', version: '22.04.202611120' },
  previousBase: '22.04.202610080',
  keep: 4,
  previousVersion: '1.5.0',
  recipe: { os: 'Linux', customize: [{ type: 'Shell', name: 'updates', inline: ['apt-get upgrade'] }], validate: [] },
  recipeHash: 'c'.repeat(64),
  previousRecipeHash: 'c'.repeat(64),
  tests: [{ name: 'sshd', run: 'true', timeoutSeconds: 120 }],
  regions: [
    { name: 'West Europe', replicas: 3 },
    { name: 'North Europe', replicas: 2 },
  ],
  endOfLife: '2027-05-23T00:00:00.000Z',
  rule: { group: 'g', groupName: 'goldbot-approvers', quorum: 1 },
  approvalTtlMs: 3 * 86_400_000,
  place: { subscription: 's', resourceGroup: 'rg', location: 'westeurope' },
  target: { subscription: 's', resourceGroup: 'rg', gallery: 'gold', definition: 'ubuntu-22' },
  identity: 'i',
  buildVmSize: 'a',
  buildTimeoutMinutes: 120,
  testVmSize: 'a',
  testSubnetId: 's',
};

export function anApproval(change: Partial<Approval> = {}): Approval {
  return {
    id: 'R-99999',
    runId: 'R-22222',
    planHash: planHash(fixed),
    rule: fixed.rule,
    status: 'pending',
    askedAt: new Date(now.getTime() - 3_600_000),
    expiresAt: new Date(now.getTime() + 2 * 86_400_000),
    decisions: [],
    ...change,
  };
}

export function aVersion(version: string, change: Partial<GalleryVersion> = {}): GalleryVersion {
  return {
    id: `/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/galleries/gold/images/ubuntu-22/versions/${version}`,
    image: 'ubuntu-22',
    version,
    provisioningState: 'Succeeded',
    createdAt: new Date('2026-10-01T00:00:00Z'),
    excludedFromLatest: false,
    blockDeletionBeforeEndOfLife: false,
    regions: [{ name: 'West Europe', replicas: 3, state: 'Completed', progress: 100, excludedFromLatest: false }],
    tags: tattooed(version),
    ...change,
  };
}

export function tattooed(version: string, base = '22.04.202610080'): Record<string, string> {
  return tattooTags({
    schema: '1',
    image: 'ubuntu-22',
    version,
    source: `Canonical:o:22_04-lts-gen2:${base}`,
    os: 'Ubuntu 22.04.5 LTS',
    built: '2026-10-01T00:00:00.000Z',
    run: 'R-33333',
    recipe: 'c'.repeat(64),
  });
}
