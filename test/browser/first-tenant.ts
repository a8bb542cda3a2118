import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { principalIdOf } from '../../sandbox/azure/identity';
import { platformSubscription } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { deploy, enforce, type Foretold, foretold, tokenOf } from '../deploy/deployed';
import { ask } from '../sandbox/client';

/** The tenant of docs/first-day.md: nobody has made anything in it but what `azd provision platform` makes. */

/** As whom goldbot signs in there, and the folder of the catalogue that its newcomers wrote. */
export async function firstTenant(sandbox: Sandbox) {
  await send(sandbox, 'POST', '/_sandbox/reset', { empty: true });
  const { made } = await deploy(sandbox, foretold('platform.main'));
  const goldbot = principalIdOf(idOf(made, ({ name }) => name === 'id-goldbot-contoso'));
  await enforce(sandbox);
  return { credential: tokenOf(goldbot), catalogue: catalogueWith(keyOf(made)) };
}

/** The example's, without Windows and with the key. */
function catalogueWith(key: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-first-day-'));
  cpSync(join(__dirname, '../../catalog'), folder, { recursive: true });
  rmSync(join(folder, 'images/windows-2022.yaml'));
  const azure = join(folder, 'azure.yaml');
  writeFileSync(azure, `${readFileSync(azure, 'utf8')}\nprovenance:\n  keyVaultKey: ${key}\n`);
  return folder;
}

function keyOf(made: readonly Foretold[]): string {
  const [vault, key] = made.find(({ type }) => type.endsWith('/vaults/keys'))?.name.split('/') ?? [];
  return `https://${vault}.vault.azure.net/keys/${key}`;
}

function idOf(made: readonly Foretold[], isIt: (resource: Foretold) => boolean): string {
  const found = made.find(isIt);
  if (!found) throw new Error('the templates do not make it any more');
  return found.id;
}

/** A team that has machines already: on images of the marketplace, and one on the first version. */
export async function makeMachines(sandbox: Sandbox): Promise<void> {
  await enforce(sandbox, false);
  // Where nobody says whose machines are counted, it is those beside the builds.
  const group = `/subscriptions/${platformSubscription}/resourceGroups/rg-payments`;
  const network = `${group}/providers/Microsoft.Network/virtualNetworks/vnet-payments`;
  await send(sandbox, 'PUT', `${group}?api-version=2025-04-01`, { location: 'westeurope' });
  await send(sandbox, 'PUT', `${network}?api-version=2024-07-01`, {
    location: 'westeurope',
    properties: {
      addressSpace: { addressPrefixes: ['10.9.0.0/24'] },
      subnets: [{ name: 'vms', properties: { addressPrefix: '10.9.0.0/25' } }],
    },
  });
  const gallery = idOf(foretold('platform.main'), ({ type }) => type === 'Microsoft.Compute/galleries');
  const golden = { id: `${gallery}/images/ubuntu-22/versions/1.0.0` };
  const bought = {
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
    version: 'latest',
  };
  const machines = { 'api-001': golden, 'api-002': bought, 'ledger-001': bought, 'ledger-002': bought };
  for (const [name, image] of Object.entries(machines)) {
    const id = `${group}/providers/Microsoft.Compute/virtualMachines/vm-payments-${name}`;
    await send(
      sandbox,
      'PUT',
      `${id}?api-version=2024-07-01`,
      machine(`vm-payments-${name}`, image, `${network}/subnets/vms`),
    );
  }
  await enforce(sandbox);
}

function machine(name: string, imageReference: object, subnet: string): object {
  const ip = { name: 'ip', properties: { subnet: { id: subnet } } };
  return {
    location: 'westeurope',
    tags: { team: 'payments' },
    properties: {
      hardwareProfile: { vmSize: 'Standard_D2s_v5' },
      securityProfile: {
        securityType: 'TrustedLaunch',
        uefiSettings: { secureBootEnabled: true, vTpmEnabled: true },
      },
      storageProfile: { imageReference, osDisk: { createOption: 'FromImage' } },
      osProfile: { computerName: name, adminUsername: 'payments', adminPassword: 'for-a-test-Alone-1' },
      networkProfile: {
        networkApiVersion: '2022-11-01',
        networkInterfaceConfigurations: [{ name: 'nic', properties: { ipConfigurations: [ip] } }],
      },
    },
  };
}

async function send(sandbox: Sandbox, method: string, url: string, body: object): Promise<void> {
  const { status, body: answer } = await ask(sandbox, method, url, body);
  if (status >= 300) throw new Error(`${method} ${url}: ${status} ${JSON.stringify(answer)}`);
}
