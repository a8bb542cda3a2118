import type { GalleryImageVersion, TargetRegion } from '@azure/arm-compute';
import type { VersionChange } from '../../core/azure';
import { patchOf, putOf, wantedOf } from '../../services/compute/version-change';

/** As Azure shows a version of Image Builder: its source is a blob that goes with the template. */
const west: TargetRegion = {
  name: 'West Europe',
  regionalReplicaCount: 3,
  storageAccountType: 'Standard_ZRS',
  encryption: { osDiskImage: { diskEncryptionSetId: '/des' } },
};
const north: TargetRegion = { name: 'North Europe', regionalReplicaCount: 2, storageAccountType: 'Standard_LRS' };
const end = new Date('2027-05-23T00:00:00.000Z');
const found: GalleryImageVersion = {
  location: 'westeurope',
  tags: { owner: 'ada', State: 'new' },
  storageProfile: {
    osDiskImage: {
      hostCaching: 'ReadWrite',
      source: { uri: 'https://sa.blob.core.windows.net/vhds/1.vhd', storageAccountId: '/sa' },
    },
    dataDiskImages: [{ lun: 0, hostCaching: 'None' }],
  },
  publishingProfile: {
    targetRegions: [west, north],
    replicaCount: 1,
    excludeFromLatest: true,
    publishedDate: new Date('2026-11-22T00:00:00.000Z'),
    endOfLifeDate: end,
    storageAccountType: 'Standard_ZRS',
    replicationMode: 'Full',
  },
  safetyProfile: {
    allowDeletionOfReplicatedLocations: false,
    blockDeletionBeforeEndOfLife: true,
    reportedForPolicyViolation: false,
  },
};
const { endOfLifeDate: _, ...endless } = found.publishingProfile ?? {};

function sent(change: VersionChange, version: GalleryImageVersion = found) {
  const wanted = wantedOf(version, change);
  return wanted && patchOf(wanted);
}
const profile = (change: VersionChange, version = found) => sent(change, version)?.publishingProfile;

describe('the PATCH of a version', () => {
  it('says its profiles whole, and nothing of its disks or of what Azure alone writes', () => {
    expect(sent({ excludedFromLatest: false })).toEqual({
      tags: { owner: 'ada', State: 'new' },
      storageProfile: {},
      publishingProfile: {
        targetRegions: [west, north],
        replicaCount: 1,
        excludeFromLatest: false,
        endOfLifeDate: end,
        storageAccountType: 'Standard_ZRS',
        replicationMode: 'Full',
      },
      safetyProfile: { allowDeletionOfReplicatedLocations: false, blockDeletionBeforeEndOfLife: true },
    });
  });

  it.each<[string, VersionChange]>([
    ['the same flag', { excludedFromLatest: true }],
    ['the same date', { endOfLife: new Date(end) }],
    ['the same regions in another order and spelling', { regions: [{ name: 'northeurope', replicas: 2 }] }],
    ['the same tag in another case', { tags: { state: 'new' } }],
    ['a tag to remove that is not there', { tags: { gone: null } }],
    ['nothing', {}],
  ])('is none for %s', (_, change) => expect(sent(change)).toBeUndefined());

  it('never says a null for an end of life that there is not', () => {
    const without = { ...found, publishingProfile: endless };
    expect(profile({ excludedFromLatest: false }, without)).not.toHaveProperty('endOfLifeDate');
    expect(profile({ excludedFromLatest: false, endOfLife: null }, without)).not.toHaveProperty('endOfLifeDate');
    expect(sent({ endOfLife: null }, without)).toBeUndefined();
    expect(profile({ endOfLife: null })).toHaveProperty('endOfLifeDate', null);
    const later = new Date('2028-01-01T00:00:00.000Z');
    expect(profile({ endOfLife: later }, without)).toHaveProperty('endOfLifeDate', later);
  });

  it('keeps regions that it does not name, each with its own type, and gives new ones the type of the version', () => {
    const regions = [
      { name: 'westeurope', replicas: 5 },
      { name: 'East US', replicas: 2 },
    ];
    expect(profile({ regions })?.targetRegions).toEqual([
      { ...west, regionalReplicaCount: 5 },
      north,
      { name: 'East US', regionalReplicaCount: 2, storageAccountType: 'Standard_ZRS' },
    ]);
    const untyped = { ...found, publishingProfile: { targetRegions: [{ name: 'West Europe' }] } };
    expect(profile({ regions }, untyped)?.targetRegions).toEqual([
      { name: 'West Europe', regionalReplicaCount: 5, storageAccountType: 'Standard_LRS' },
      { name: 'East US', regionalReplicaCount: 2, storageAccountType: 'Standard_LRS' },
    ]);
  });

  it.each([true, false])(
    "sets a region's own exclusion, which wins over the version's, to %s",
    (excludedFromLatest) => {
      const own = { ...west, excludeFromLatest: !excludedFromLatest };
      const version = {
        ...found,
        publishingProfile: { ...endless, excludeFromLatest: excludedFromLatest, targetRegions: [own, north] },
      };
      const patch = profile({ excludedFromLatest }, version);
      expect(patch?.excludeFromLatest).toBe(excludedFromLatest);
      expect(patch?.targetRegions?.map((region) => region.excludeFromLatest)).toEqual([excludedFromLatest, undefined]);
      expect(profile({ tags: { a: 'b' } }, version)?.targetRegions?.[0]?.excludeFromLatest).toBe(!excludedFromLatest);
    },
  );

  it('shows a version in some regions: the others get a flag of their own', () => {
    const version = {
      ...found,
      publishingProfile: { ...endless, excludeFromLatest: true, targetRegions: [west, north] },
    };
    const patch = profile({ excludedFromLatest: false, hiddenIn: ['northeurope'] }, version);
    expect(patch?.excludeFromLatest).toBe(false);
    expect(patch?.targetRegions?.map((region) => region.excludeFromLatest)).toEqual([undefined, true]);
  });

  it('removes a region only by its name, and lets Azure do it; that can be set back', () => {
    const patch = sent({ removeRegions: ['northeurope'] });
    expect(patch?.publishingProfile?.targetRegions).toEqual([west]);
    expect(patch?.safetyProfile?.allowDeletionOfReplicatedLocations).toBe(true);
    const allowed = { ...found, safetyProfile: { ...found.safetyProfile, allowDeletionOfReplicatedLocations: true } };
    expect(sent({ tags: { a: 'b' } }, allowed)?.safetyProfile?.allowDeletionOfReplicatedLocations).toBe(true);
    const back = sent({ allowRegionRemoval: false }, allowed);
    expect(back?.safetyProfile?.allowDeletionOfReplicatedLocations).toBe(false);
  });

  it('says the block on deletion always: newer versions of the API set it when it is left out', () => {
    const { blockDeletionBeforeEndOfLife: _block, ...safetyProfile } = found.safetyProfile ?? {};
    expect(sent({ tags: { a: 'b' } }, { ...found, safetyProfile })?.safetyProfile).toEqual({
      allowDeletionOfReplicatedLocations: false,
      blockDeletionBeforeEndOfLife: false,
    });
  });

  it('writes a tag under the name that it has already, and says all tags', () => {
    expect(sent({ tags: { state: 'aged', OWNER: null } })?.tags).toEqual({ State: 'aged' });
  });
});

describe('the PUT of a version', () => {
  it("is the body of Microsoft's tools: whole, without the source of its disks", () => {
    const wanted = wantedOf(found, { excludedFromLatest: false });
    expect(wanted && putOf(found, wanted)).toEqual({
      ...sent({ excludedFromLatest: false }),
      location: 'westeurope',
      storageProfile: {
        osDiskImage: { hostCaching: 'ReadWrite', source: {} },
        dataDiskImages: [{ hostCaching: 'None', lun: 0 }],
      },
    });
  });

  it('leaves out a date that is to go', () => {
    const wanted = wantedOf(found, { endOfLife: null });
    expect(wanted && putOf(found, wanted).publishingProfile).not.toHaveProperty('endOfLifeDate');
  });
});
