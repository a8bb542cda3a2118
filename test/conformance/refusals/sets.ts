import { type Azure, machine, vm } from './azure';
import { gallery, newest, subscription } from './names';
import type { Refusal } from './row';

const team = (last: string, name: string): string =>
  `${subscription.replace(/1001$/, last)}/resourceGroups/rg-${name}/providers/Microsoft.Compute/virtualMachineScaleSets`;
/** Its model names 1.3.0, and nothing but a person upgrades it. */
const manual = `${team('1004', 'data')}/vmss-data-workers`;
/** Three instances, upgraded one after the other. */
const rolling = `${team('1002', 'payments')}/vmss-payments-queue`;

const patch = (set: string, properties: object) => (azure: Azure) => azure.send('PATCH', set, { properties });
const toImage = (id: string) => ({ virtualMachineProfile: { storageProfile: { imageReference: { id } } } });
const unhealthy = (entry: object) => (azure: Azure) => azure.conditions({ health: [{ ...entry, healthy: false }] });

/** A version of a machine that was never generalized. */
async function specialized(azure: Azure): Promise<void> {
  const identifier = { publisher: 'row', offer: 'row', sku: 'special' };
  const properties = { osType: 'Linux', osState: 'Specialized', hyperVGeneration: 'V2', identifier };
  await azure.done('PUT', vm('vm-source'), machine());
  await azure.done('PUT', `${gallery}/images/special`, { location: 'westeurope', properties });
  await azure.done('PUT', `${gallery}/images/special/versions/1.0.0`, {
    location: 'westeurope',
    properties: { storageProfile: { source: { virtualMachineId: vm('vm-source') } } },
  });
}

const health = {
  name: 'health',
  properties: {
    publisher: 'Microsoft.ManagedServices',
    type: 'ApplicationHealthLinux',
    typeHandlerVersion: '1.0',
    settings: { protocol: 'http', port: 80, requestPath: '/' },
  },
};
const withHealth = { virtualMachineProfile: { extensionProfile: { extensions: [health] } } };
const following = toImage(`${gallery}/images/ubuntu-22`);
const automatic = (more: object) => (azure: Azure) => {
  const upgradePolicy = { mode: 'Manual', automaticOSUpgradePolicy: { enableAutomaticOSUpgrade: true } };
  const profile = { ...following.virtualMachineProfile, ...more };
  const properties = { upgradePolicy, virtualMachineProfile: profile };
  return azure.send('PUT', manual, { location: 'westeurope', properties });
};

/** What Compute refuses of scale sets, and how their upgrades end. */
export const setRefusals: readonly Refusal[] = [
  {
    id: 'VMSS-01',
    given: specialized,
    request: patch(manual, toImage(`${gallery}/images/special/versions/1.0.0`)),
    fine: patch(manual, toImage(newest)),
    refused: { status: 409 },
    names: ['vmss-data-workers', 'Generalized', 'Specialized'],
  },
  {
    id: 'VMSS-02',
    given: async (azure) => azure.send('PATCH', manual, { sku: { capacity: 4 } }),
    request: (azure) => azure.send('PUT', `${manual}/virtualMachines/4`, { location: 'westeurope', properties: {} }),
    refused: { status: 409 },
    names: ['vmss-data-workers_4'],
  },
  {
    id: 'VMSS-04',
    given: async (azure) => azure.send('PATCH', manual, { sku: { capacity: 4 } }),
    request: (azure) => azure.send('PUT', manual, { location: 'westeurope', tags: { seen: 'yes' } }),
    refused: { status: 409 },
  },
  {
    id: 'VMSS-05',
    request: patch(manual, { upgradePolicy: { mode: 'Rolling' } }),
    fine: patch(manual, { upgradePolicy: { mode: 'Rolling' }, ...withHealth }),
    refused: { status: 400, code: 'BadRequest' },
  },
  {
    id: 'VMSS-06',
    request: automatic({}),
    fine: automatic(withHealth.virtualMachineProfile),
    refused: { status: 400, code: 'BadRequest' },
  },
  {
    id: 'VMSS-07',
    given: unhealthy({ instance: `${rolling}/virtualMachines/0` }),
    request: patch(rolling, toImage(newest)),
    refused: { operation: 'Failed', code: 'MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade' },
    names: ['33%', '20%'],
  },
  {
    id: 'VMSS-08',
    given: unhealthy({ image: newest }),
    request: patch(rolling, toImage(newest)),
    refused: { operation: 'Failed', code: 'MaxUnhealthyInstancePercentExceededInRollingUpgrade' },
    names: ['33%', '20%'],
  },
];
