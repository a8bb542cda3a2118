/**
 * Azure, Microsoft Graph and blobs behind the ports of core/azure.ts: one room per provider, azure/ for what every
 * request shares. Assembled by app/; the only place with `@azure/*`.
 */
import { type AzureRead, type AzureWrite, type Directory, eachCall, type Fence } from '../core/azure';
import type { ConsentRead } from '../core/doctor';
import { azureSilent } from '../core/errors';
import type { OutsidePlace, Signer } from '../core/provenance';
import type { Clock } from '../core/time';
import { accessRead, accessWrite } from './access';
import {
  forPeople,
  type HttpOptions,
  limited,
  ownIdentity,
  type ReadContext,
  readContext,
  underFence,
  type WriteContext,
  writeContext,
} from './azure';
import { blobPlace } from './blobs';
import {
  capacityRead,
  commandRead,
  commandWrite,
  copyWrite,
  definitionRead,
  galleryRead,
  galleryWrite,
  leftoverRead,
  machineRead,
  machineWrite,
  managedImageRead,
  marketplaceRead,
  pricesRead,
  remainsRead,
  scaleSetRead,
  scaleSetWrite,
  softDeletedRead,
  softDeletedWrite,
  sourceRead,
  testMachineRead,
  testMachineWrite,
  trialRead,
  trialWrite,
} from './compute';
import { consentRead, graphDirectory } from './graph';
import {
  buildLogRead,
  distributionWrite,
  imageBuilderRead,
  imageBuilderWrite,
  outputRead,
  triggerRead,
} from './image-builder';
import { keyVaultRead, keyVaultSigner } from './key-vault';
import {
  baselineRead,
  baselineWrite,
  denialRead,
  policyChangeRead,
  policyChangeWrite,
  restrictionRead,
  restrictionWrite,
} from './policy';
import { houseRead, placesRead, rightsRead, subscriptionRead } from './preflight';
import { inventoryRead, resourceGraphRead } from './resource-graph';

export type { Asker, Line, Places, Quotas } from './azure';
export { createCredential, sandboxClient, sandboxCredential, signIn, tokenOf } from './azure';
export { remembered, type SharedAnswers } from './remembered';
export { createTelemetry, type Destinations, type RunningTelemetry } from './telemetry';
export { webhookSender } from './webhooks';

export interface AzureOptions extends HttpOptions {
  /** Where the marketplace is asked; the answer is the same in any subscription. */
  readonly subscription: string;
  /** World time, which answers about the inventory carry; the machine's when absent. */
  readonly clock?: Clock;
  /** This machine's clock in milliseconds, which Azure's is held against; `Date.now` when absent. */
  readonly machineMs?: () => number;
}

export interface Azure {
  readonly read: AzureRead;
  readonly write: (fence: Fence) => AzureWrite;
  readonly directory: Directory;
  /** Object id of goldbot's own identity; undefined where its tokens do not tell. */
  readonly ownIdentity: () => Promise<string | undefined>;
  /** For a person who looks in goldbot's place: goldbot's identity may not ask. */
  readonly consents: ConsentRead;
  /** Signs with a key of a key vault, by its id. */
  readonly signer: (keyId: string) => Signer;
  /** A container of blobs that keeps what it was given, by its address. */
  readonly outside: (container: string) => OutsidePlace;
}

/** Azure and Microsoft Graph behind goldbot's ports. Nothing is loaded or sent before the first question. */
export function createAzure(options: AzureOptions): Azure {
  const context = readContext(options);
  const writes = writesOf(writeContext(options, context));
  return {
    read: readsOf(context, options),
    write: (fence) => eachCall(writes, (call) => underFence(fence, call)),
    directory: graphDirectory(context, { log: options.log }),
    ownIdentity: ownIdentity(options.credential, context.cloud),
    consents: consentRead(context),
    signer: (keyId) => keyVaultSigner(context, keyId),
    outside: (container) => blobPlace(context, container),
  };
}

function readsOf(azure: ReadContext, options: AzureOptions): AzureRead {
  const { subscription, clock = { now: () => new Date() }, machineMs = Date.now } = options;
  const gallery = galleryRead(azure);
  return {
    ...marketplaceRead(azure, subscription),
    ...definitionRead(azure),
    ...softDeletedRead(azure),
    ...managedImageRead(azure),
    ...sourceRead(azure),
    ...gallery,
    ...inventoryRead(azure, clock, gallery),
    ...imageBuilderRead(azure),
    ...outputRead(azure),
    ...buildLogRead(azure),
    ...triggerRead(azure),
    ...testMachineRead(azure),
    ...commandRead(azure),
    ...resourceGraphRead(azure),
    ...machineRead(azure),
    ...scaleSetRead(azure),
    ...leftoverRead(azure),
    ...remainsRead(azure),
    ...pricesRead(azure),
    ...trialRead(azure),
    ...capacityRead(azure),
    ...rightsRead(azure),
    ...accessRead(azure),
    ...placesRead(azure),
    ...subscriptionRead(azure),
    ...houseRead(azure, machineMs),
    ...denialRead(azure),
    ...policyChangeRead(azure),
    ...restrictionRead(azure),
    ...baselineRead(azure),
    ...keyVaultRead(azure),
  };
}

function writesOf(azure: WriteContext): AzureWrite {
  return {
    ...imageBuilderWrite(azure),
    ...distributionWrite(azure),
    ...galleryWrite(azure),
    ...softDeletedWrite(azure),
    ...copyWrite(azure),
    ...testMachineWrite(azure),
    ...commandWrite(azure),
    ...machineWrite(azure),
    ...scaleSetWrite(azure),
    ...policyChangeWrite(azure),
    ...restrictionWrite(azure),
    ...baselineWrite(azure),
    ...trialWrite(azure),
    ...accessWrite(azure),
  };
}

/**
 * The same reads for somebody waiting at a keyboard, who has people's part of Azure's quotas: one that takes longer than `ms` of machine time is abandoned, its
 * requests are aborted, and it ends with UserError `AZ_SILENT`.
 */
export function withDeadline(read: AzureRead, ms: number): AzureRead {
  return eachCall(read, (call) => hurry(ms, call));
}

async function hurry<T>(ms: number, read: () => Promise<T>): Promise<T> {
  try {
    return await limited(ms, () => forPeople(read));
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error;
    throw azureSilent(ms);
  }
}
