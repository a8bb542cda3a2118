import { createSandbox } from '../../sandbox';
import { buildResourceGroup, platformSubscription, testSubnet } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from './client';

export const subscription = `/subscriptions/${platformSubscription}`;
export const group = `${subscription}/resourceGroups/${buildResourceGroup}`;
export const version = 'api-version=2024-05-01';
const exemptionVersion = 'api-version=2022-07-01-preview';

export function policyWorld() {
  return createSandbox({ speed: 0, startMs: Date.parse('2026-11-23T00:00:00Z'), azure: { throttle: false } });
}

export const path = (scope: string, type: string, name: string): string =>
  `${scope}/providers/Microsoft.Authorization/${type}/${name}?${type === 'policyExemptions' ? exemptionVersion : version}`;

/** @throws Error when Azure would not take it. */
export async function make(sandbox: Sandbox, url: string, properties: object) {
  const answer = await ask(sandbox, 'PUT', url, { properties });
  if (answer.status >= 300) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as { id: string; properties: Record<string, unknown> };
}

/** The rule of a definition; its second half is named as promises name theirs. */
export function ruleOf(condition: object, effect = 'deny'): object {
  return Object.fromEntries([
    ['if', condition],
    ['then', { effect }],
  ]);
}

/** Machines must come from one gallery: nothing else has an image id that begins like it. */
export const onlyGallery = {
  displayName: 'Only golden images',
  mode: 'Indexed',
  parameters: {
    galleries: { type: 'Array' },
    effect: { type: 'String', allowedValues: ['Audit', 'Deny', 'Disabled'], defaultValue: 'Audit' },
  },
  policyRule: ruleOf(
    {
      allOf: [
        {
          field: 'type',
          in: ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/virtualMachineScaleSets'],
        },
        {
          count: {
            value: "[parameters('galleries')]",
            name: 'gallery',
            where: { field: 'Microsoft.Compute/imageId', like: "[concat(current('gallery'), '/images/*')]" },
          },
          equals: 0,
        },
      ],
    },
    "[parameters('effect')]",
  ),
};

/** A machine on this image, as somebody asks for it. */
export function machine(imageReference: object, changes: object = {}): object {
  const subnet = { subnet: { id: testSubnet } };
  const nic = { name: 'nic', properties: { ipConfigurations: [{ name: 'ip', properties: subnet }] } };
  return {
    location: 'westeurope',
    tags: { team: 'payments' },
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      osProfile: { computerName: 'vm', adminUsername: 'azureuser', adminPassword: 'Sandb0x-only!' },
      networkProfile: { networkApiVersion: '2020-11-01', networkInterfaceConfigurations: [nic] },
      storageProfile: { imageReference, osDisk: { createOption: 'FromImage' } },
    },
    ...changes,
  };
}

export const vmUrl = (name: string): string =>
  `${group}/providers/Microsoft.Compute/virtualMachines/${name}?api-version=2024-07-01`;
