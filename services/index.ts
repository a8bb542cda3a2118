import type { Clock, Directory, Effects, Fence, Looks } from '../core/azure';
import { UserError } from '../core/errors';
import { type EffectContext, effectContexts, type LookContext, lookContext } from './azure/clients';
import { type HttpOptions, within } from './azure/pipeline';
import { galleryEffects, galleryLooks } from './compute/gallery';
import { guestCommandEffects } from './compute/guest-commands';
import { leftoverLooks } from './compute/leftovers';
import { machineTagEffects, machineTagLooks } from './compute/machine-tags';
import { machineLooks } from './compute/machines';
import { marketplaceLooks } from './compute/marketplace';
import { virtualMachineEffects, virtualMachineLooks } from './compute/virtual-machines';
import { graphDirectory } from './graph/directory';
import { buildLogLooks } from './image-builder/build-log';
import { imageBuilderEffects, imageBuilderLooks } from './image-builder/templates';
import { policyChangeEffects, policyChangeLooks } from './policy/changes';
import { restrictionEffects, restrictionLooks } from './policy/restrictions';
import { estateLooks } from './resource-graph/inventory';
import { resourceGraphLooks } from './resource-graph/queries';

export { createCredential } from './azure/credential';
export { sandboxClient, sandboxCredential } from './azure/pipeline';
export { remembered } from './resource-graph/remember';

export interface AzureOptions extends HttpOptions {
  /** Where marketplace questions are asked; any subscription gives the same answer. */
  readonly subscription: string;
  /** World time, which answers about the estate carry; the machine's when absent. */
  readonly clock?: Clock;
}

export interface Azure {
  readonly looks: Looks;
  readonly effects: (fence: Fence) => Effects;
  readonly directory: Directory;
}

/** Azure and Microsoft Graph behind goldbot's ports. Nothing is loaded or sent before the first question. */
export function createAzure(options: AzureOptions): Azure {
  const context = lookContext(options);
  const effects = effectContexts(options, context);
  return {
    looks: looksOf(context, options),
    effects: (fence) => effectsOf(effects(fence)),
    directory: graphDirectory(context),
  };
}

function looksOf(azure: LookContext, { subscription, clock = { now: () => new Date() } }: AzureOptions): Looks {
  const gallery = galleryLooks(azure);
  return {
    ...marketplaceLooks(azure, subscription),
    ...gallery,
    ...estateLooks(azure, clock, gallery),
    ...imageBuilderLooks(azure),
    ...buildLogLooks(azure),
    ...virtualMachineLooks(azure),
    ...resourceGraphLooks(azure),
    ...machineLooks(azure),
    ...leftoverLooks(azure),
    ...machineTagLooks(azure),
    ...policyChangeLooks(azure),
    ...restrictionLooks(azure),
  };
}

function effectsOf(azure: EffectContext): Effects {
  return {
    ...imageBuilderEffects(azure),
    ...galleryEffects(azure),
    ...virtualMachineEffects(azure),
    ...machineTagEffects(azure),
    ...policyChangeEffects(azure),
    ...restrictionEffects(azure),
    ...guestCommandEffects(azure),
  };
}

/**
 * The same looks for somebody who waits at a keyboard: what takes longer than `ms` of machine time is given up, its
 * requests are aborted, and it ends with UserError `AZ_SILENT`.
 */
export function withDeadline(looks: Looks, ms: number): Looks {
  const hurried = Object.entries(looks).map(([name, look]) => {
    const call = look as (...args: unknown[]) => Promise<unknown>;
    return [name, (...args: unknown[]) => hurry(ms, () => call(...args))];
  });
  return Object.fromEntries(hurried) as Looks;
}

async function hurry<T>(ms: number, look: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(notAnswered(ms)), ms);
  });
  try {
    return await Promise.race([late, within(ms, look)]);
  } finally {
    clearTimeout(timer);
  }
}

function notAnswered(ms: number): UserError {
  return new UserError('AZ_SILENT', `Azure has not answered for ${ms / 1000} s.`, {
    hint: 'Try again in a minute; runs that go on keep trying by themselves.',
  });
}
