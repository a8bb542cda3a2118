import { createSandbox } from '../../../sandbox';
import { resourceGroups } from '../../../sandbox/azure/compute/groups';
import { builderIdentity, platformSubscription } from '../../../sandbox/azure/names';
import type { Sandbox } from '../../../sandbox/kernel/sandbox';
import type { World } from '../../../sandbox/kernel/world';

/** A sandbox for one example; time stands still unless it is advanced. */
export interface Stage {
  readonly sandbox: Sandbox;
  readonly world: World;
}

const start = Date.parse('2026-11-22T12:00:00Z');

/** What the marketplace of the sandbox has for sale; the examples buy another one. */
export const bought = {
  publisher: 'center-for-internet-security-inc',
  product: 'cis-ubuntu-linux-2204-l1',
  name: 'cis-ubuntu-linux-2204-l1-gen2',
} as const;

/**
 * What examples say for "yours" and what it is here: placeholders, the one subscription and the one identity of the
 * sandbox, and images that its marketplace does not keep by the next one that it does.
 */
const stands: readonly (readonly [said: RegExp, here: string])[] = [
  [/(?<=subscriptions\/)(\{[^}]+\}|[0-9a-fg]{8}-[0-9a-fg-]{27})/gi, platformSubscription],
  [/\{subscription-?id\}|cfbbd179-59d2-4052-aa06-9270a38aa9d6/gi, platformSubscription],
  [/\{your-password\}|<runAsPassword>/g, 'Correct-Horse-7-Battery'],
  [/\{image_publisher\}/g, 'Canonical'],
  [/\{image_offer\}/g, '0001-com-ubuntu-server-jammy'],
  [/\{image_sku\}/g, '22_04-lts'],
  [/(?<=")2016-Datacenter(?=")/gi, '2019-Datacenter'],
  [/(?<=")16\.04-LTS(?=")/g, '18.04-LTS'],
  [/(?<=")microsoft-ads(?=")/g, bought.publisher],
  [/(?<=")windows-data-science-vm(?=")/g, bought.product],
  [/(?<=")windows2016(?=")/g, bought.name],
  [/eastus2euap/g, 'eastus2'],
  [/(?<=")1_location(?=")/g, 'westus'],
  [
    /\/subscriptions\/[^"/]+\/resourcegroups\/\w+\/providers\/Microsoft.ManagedIdentity\/userAssignedIdentities\/\w+/gi,
    builderIdentity,
  ],
  [/\{resourceGroup\}/g, 'myResourceGroup'],
  [/\{([\w-]+)\}/g, '$1'],
];

/** The same in the sandbox's names. */
export function inSandbox<T>(said: T): T {
  const text = stands.reduce((json, [what, here]) => json.replace(what, here), JSON.stringify(said));
  return JSON.parse(text) as T;
}

export function openStage(groups: Iterable<string>): Stage {
  const { sandbox, world } = createSandbox({ speed: 0, startMs: start, azure: { throttle: false } });
  for (const name of groups) {
    const id = `/subscriptions/${platformSubscription}/resourceGroups/${name}`;
    resourceGroups(world)[id.toLowerCase()] ??= {
      id,
      name,
      type: 'Microsoft.Resources/resourceGroups',
      location: 'westus',
      tags: {},
      properties: { provisioningState: 'Succeeded' },
    };
  }
  return { sandbox, world };
}
