import { type Field, type Shape, strictSince, type Union } from './schema';

/** The image template's body at 2023-07-01, 2024-02-01 and 2025-10-01, in Azure's names. */

const text = { type: 'string' } as const;
const required = { ...text, required: true } as const;
const flag = { type: 'boolean' } as const;
const readOnly = { type: 'any', readOnly: true } as const;
const state = { ...text, oneOf: ['Enabled', 'Disabled'] } as const;
const onError = { ...text, oneOf: ['cleanup', 'abort'] } as const;
const newest = '2025-10-01';
const any32 = Number.MAX_SAFE_INTEGER;

const subscription = '/subscriptions/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const group = `${subscription}/resourcegroups/[-\\w.()]{1,90}`;
const compute = `${group}/providers/microsoft.compute`;
const pattern = (source: string) => new RegExp(`^${source}$`, 'i');

export const idPatterns = {
  gallery: pattern(`${compute}/galleries/[\\w.]{1,80}/images/[-\\w.]{1,80}(/versions/\\d+\\.\\d+\\.\\d+)?`),
  galleryVersion: pattern(
    `${compute}/galleries/[\\w.]{1,80}/images/[-\\w.]{1,80}/versions/(latest|\\d+\\.\\d+\\.\\d+)`,
  ),
  image: pattern(`${compute}/images/[-\\w.]{1,80}`),
  identity: pattern(`${group}/providers/microsoft.managedidentity/userassignedidentities/[-\\w]{1,128}`),
  group: pattern(group),
  subnet: pattern(`${group}/providers/microsoft.network/virtualnetworks/[-\\w.]{1,80}/subnets/[-\\w.]{1,80}`),
} as const;

const shape = (fields: Readonly<Record<string, Field>>): Shape => ({ fields });

const source: Union = {
  discriminator: 'type',
  kinds: {
    PlatformImage: shape({
      type: required,
      publisher: text,
      offer: text,
      sku: text,
      version: text,
      exactVersion: readOnly,
      planInfo: { type: shape({ planName: required, planProduct: required, planPublisher: required }) },
    }),
    ManagedImage: shape({ type: required, imageId: { ...required, pattern: idPatterns.image } }),
    SharedImageVersion: shape({
      type: required,
      imageVersionId: { ...required, pattern: idPatterns.galleryVersion },
      exactVersion: readOnly,
    }),
  },
};

const script = {
  type: required,
  name: text,
  scriptUri: text,
  sha256Checksum: text,
  inline: { type: 'strings' },
} as const;
const file = { type: required, name: text, sourceUri: text, sha256Checksum: text, destination: text } as const;
const powerShell = { ...script, runElevated: flag, runAsSystem: flag, validExitCodes: { type: 'integers' } } as const;

const customizer: Union = {
  discriminator: 'type',
  kinds: {
    Shell: shape(script),
    PowerShell: shape(powerShell),
    File: shape(file),
    WindowsRestart: shape({
      type: required,
      name: text,
      restartCommand: text,
      restartCheckCommand: text,
      restartTimeout: text,
    }),
    WindowsUpdate: shape({
      type: required,
      name: text,
      searchCriteria: text,
      filters: { type: 'strings' },
      updateLimit: { type: 'integer', range: [0, any32] },
    }),
  },
};

const validator: Union = {
  discriminator: 'type',
  kinds: { Shell: shape(script), PowerShell: shape(powerShell), File: shape(file) },
};

const storageAccountType = { ...text, oneOf: ['Standard_LRS', 'Standard_ZRS', 'Premium_LRS'] } as const;
const output = {
  type: required,
  runOutputName: { ...required, pattern: /^[A-Za-z0-9-_.]{1,64}$/ },
  artifactTags: { type: 'map' },
} as const;

const distributor: Union = {
  discriminator: 'type',
  kinds: {
    SharedImage: shape({
      ...output,
      galleryImageId: { ...required, pattern: idPatterns.gallery },
      replicationRegions: { type: 'strings' },
      excludeFromLatest: flag,
      storageAccountType,
      replicationMode: { ...text, oneOf: ['Full', 'Shallow'], since: newest },
      targetRegions: {
        type: [shape({ name: required, replicaCount: { type: 'integer', range: [1, 100] }, storageAccountType })],
      },
      versioning: {
        type: {
          discriminator: 'scheme',
          closed: true,
          kinds: {
            Latest: shape({ scheme: required, major: { type: 'integer', range: [-1, any32] } }),
            Source: shape({ scheme: required }),
          },
        },
      },
    }),
    ManagedImage: shape({ ...output, imageId: { ...required, pattern: idPatterns.image }, location: required }),
    VHD: shape({ ...output, uri: text }),
  },
};

export const vmProfile = shape({
  vmSize: text,
  osDiskSizeGB: { type: 'integer', range: [0, any32] },
  userAssignedIdentities: { type: 'strings' },
  vnetConfig: {
    type: shape({
      subnetId: { ...text, pattern: idPatterns.subnet },
      containerInstanceSubnetId: { ...text, pattern: idPatterns.subnet, since: strictSince },
      proxyVmSize: text,
    }),
  },
});

export const properties = shape({
  source: { type: source, required: true },
  customize: { type: [customizer] },
  optimize: {
    type: shape({
      vmBoot: { type: shape({ state }) },
      workload: { type: shape({ state, scriptUri: text, sha256Checksum: text }), since: newest },
    }),
  },
  validate: {
    type: shape({
      continueDistributeOnFailure: flag,
      sourceValidationOnly: flag,
      inVMValidations: { type: [validator] },
    }),
  },
  distribute: { type: [distributor], required: true },
  errorHandling: { type: shape({ onCustomizerError: onError, onValidationError: onError }) },
  buildTimeoutInMinutes: { type: 'integer', range: [0, 960] },
  vmProfile: { type: vmProfile },
  additionalDataDisks: { type: [shape({ sizeGB: { type: 'integer', range: [0, any32] } })], since: newest },
  stagingResourceGroup: { ...text, pattern: new RegExp(`^$|^/?${group.slice(1)}$`, 'i') },
  autoRun: { type: shape({ state }), since: strictSince },
  managedResourceTags: { type: 'map', since: strictSince },
  provisioningState: readOnly,
  provisioningError: readOnly,
  lastRunStatus: readOnly,
  exactStagingResourceGroup: readOnly,
});

export const identity = shape({
  type: { ...text, oneOf: ['UserAssigned', 'None'] },
  userAssignedIdentities: { type: 'any' },
});

/** What ARM itself takes from a body, or ignores when a deployment's resource is sent as it is. */
const envelope = {
  id: readOnly,
  name: readOnly,
  type: readOnly,
  apiVersion: readOnly,
  dependsOn: readOnly,
  systemData: readOnly,
};

export const templateShape = shape({
  ...envelope,
  location: required,
  identity: { type: identity, required: true },
  tags: { type: 'map' },
  properties: { type: properties, required: true },
});

/** An existing template lets only this be changed. */
export const updateShape = shape({
  tags: { type: 'map' },
  identity: { type: identity },
  properties: { type: shape({ distribute: { type: [distributor] }, vmProfile: { type: vmProfile } }) },
});
