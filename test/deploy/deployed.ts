import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import { parseAzureId } from '../../core/azure-id';
import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { clouds } from '../../core/cloud';
import { type Examination, examine } from '../../core/doctor';
import { sleep } from '../../core/time';
import { principalIdOf } from '../../sandbox/azure/identity';
import { platformSubscription } from '../../sandbox/azure/names';
import { tenantId } from '../../sandbox/entra/people';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { createAzure } from '../../services';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { type AzureWorld, azureWorld } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';
import { type Answers, filled } from './bicep-fill';

/** A resource as `bicep snapshot` foretells it. */
export interface Foretold {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export function foretold(snapshot: string): readonly Foretold[] {
  const file = join(__dirname, '../../deploy/snapshots', `${snapshot}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { predictedResources: Foretold[] }).predictedResources;
}

/** What must be there before others: what names, then what is named. */
const order = [
  'resourceGroups',
  'userAssignedIdentities',
  'galleries',
  'vaults',
  'storageAccounts',
  'blobServices',
  'roleDefinitions',
  'policyDefinitions',
];

const rank = ({ id, type }: Foretold): number => {
  if (id.startsWith('[')) return order.length + 1;
  const found = order.indexOf(type.split('/').at(-1) ?? '');
  return found < 0 ? order.length : found;
};

/** What stands in brackets in a policy's rule is for Azure Policy. */
const isRule = ({ type }: Foretold): boolean => type === 'Microsoft.Authorization/policyDefinitions';

const providerOf = (type: string): string => type.split('/')[0] ?? '';

export interface Deployed {
  /** With their expressions filled from what the sandbox answered. */
  readonly made: readonly Foretold[];
  /** Types that this Azure does not have. */
  readonly unknown: readonly string[];
}

/** Puts everything that the sandbox knows, as ARM would: what depends on answers after what is answered. */
export async function deploy(sandbox: Sandbox, resources: readonly Foretold[]): Promise<Deployed> {
  const made: Foretold[] = [];
  const unknown = new Set<string>();
  const known = new Map<string, unknown>();
  const answers: Answers = (id, path, whole) =>
    memberOf(known.get(id.toLowerCase()), whole ? path : `properties.${path}`);
  for (const resource of [...resources].sort((a, b) => rank(a) - rank(b))) {
    // Of a provider that is not here no answer could be filled in either.
    if (resource.id.startsWith('[') && [...unknown].some((type) => providerOf(type) === providerOf(resource.type))) {
      unknown.add(resource.type);
      continue;
    }
    const whole = isRule(resource) ? resource : filled(resource, answers);
    const { id, type, name: _, apiVersion, ...body } = whole;
    const { status, body: answered } = await ask(sandbox, 'PUT', `${id}?api-version=${apiVersion}`, body);
    if (status === 501) unknown.add(type);
    else if (status >= 300) throw new Error(`${type} ${id}: ${status} ${JSON.stringify(answered)}`);
    else {
      known.set(id.toLowerCase(), answered);
      made.push(whole);
    }
  }
  return { made, unknown: [...unknown].sort() };
}

function memberOf(whole: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], whole);
}

/** Azure tells callers apart from now on, by the object id of their token. */
export async function enforce(sandbox: Sandbox, isOn = true): Promise<void> {
  const { status } = await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: isOn });
  if (status !== 200) throw new Error(`rbac: ${status}`);
}

/** The token of an identity, as Azure reads it; nobody looks at its signature. */
export function tokenOf(objectId: string): TokenCredential {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expiresOnTimestamp = Date.now() + 3_600_000;
  const claims = { oid: objectId, appid: objectId, tid: tenantId, exp: Math.floor(expiresOnTimestamp / 1_000) };
  const token = `${part({ alg: 'none' })}.${part(claims)}.none`;
  return { getToken: async () => ({ token, expiresOnTimestamp }) };
}

export const identityIn = (resources: readonly Foretold[]): string =>
  resources.find(({ name }) => name === 'id-goldbot-contoso')?.id ?? '';

/** But for the second gallery, by its id: its owners made that before. */
export async function emptyTenant(sandbox: Sandbox, second: string | undefined): Promise<void> {
  const { status } = await ask(sandbox, 'POST', '/_sandbox/reset', { empty: true });
  if (status !== 200) throw new Error(`reset: ${status}`);
  if (second === undefined) return;
  const place = { location: 'northeurope' };
  const [group = '', apiVersions] = [second.split('/providers/')[0], ['2022-09-01', '2024-03-03']];
  for (const [n, id] of [group, second].entries()) {
    const made = await ask(sandbox, 'PUT', `${id}?api-version=${apiVersions[n]}`, { ...place, properties: {} });
    if (made.status >= 300) throw new Error(`${id}: ${made.status}`);
  }
}

/** The id of the gallery that is given roles on and not made. */
export function secondGalleryIn(resources: readonly Foretold[]): string | undefined {
  const made = new Set(resources.map(({ id }) => id.toLowerCase()));
  return resources
    .flatMap(
      ({ id }) =>
        /^\[extensionResourceId\('(\/[^']*\/galleries\/[^'/]+)', 'Microsoft\.Authorization\//i.exec(id)?.[1] ?? [],
    )
    .find((id) => !made.has(id.toLowerCase()));
}

export const keyOf = (resources: readonly Foretold[]): string =>
  resources.find(({ type }) => type.endsWith('/vaults/keys'))?.id ?? '';

export const containerOf = (resources: readonly Foretold[]): string | undefined =>
  resources.find(({ type }) => type.endsWith('/blobServices/containers'))?.id;

/** Ids. */
interface Places {
  readonly network?: string;
  readonly staging?: string;
  /** Of the container of VHDs. */
  readonly disks?: string | undefined;
  readonly second?: string | undefined;
}

/** The example catalogue in the places of a snapshot. */
export function catalogueOf({ network, staging, disks, second }: Places, vault: string): Catalogue {
  const { azure, images, ...rest } = exampleCatalogue();
  const subnets = network && {
    subnetId: `${network}/subnets/builds`,
    containerInstanceSubnetId: `${network}/subnets/containers`,
  };
  const build = {
    ...azure.build,
    ...(subnets && { network: subnets }),
    ...(staging && { stagingResourceGroup: staging }),
  };
  const [storageAccount, container] = [disks?.split('/')[8], disks?.split('/').at(-1)];
  const outputs = storageAccount && container && { storageAccount, container };
  const own = images
    .filter(({ name }) => name === 'ubuntu-22')
    .map((image): ImageConfig => (outputs ? { ...image, outputs: ['gallery', 'vhd'] } : image));
  const provenance = { keyVaultKey: `https://${vault}.vault.azure.net/keys/goldbot` };
  const { name, resourceGroup } = parseAzureId(second ?? '') ?? {};
  const secondGallery = name && resourceGroup && { name, resourceGroup };
  const more = { ...(outputs && { outputs }), ...(secondGallery && { secondGallery }) };
  return { ...rest, images: own, azure: { ...azure, build, provenance, ...more } };
}

/** goldbot at work in a tenant with what was deployed, as its deployed identity and with the roles of that alone. */
export async function deployedWorld({
  resources,
  catalogue,
  before = async () => {},
}: {
  readonly resources: readonly Foretold[];
  readonly catalogue: Catalogue;
  /** What is there already. */
  readonly before?: (sandbox: Sandbox) => Promise<void>;
}): Promise<{ readonly world: AzureWorld; readonly deployed: Deployed }> {
  const credential = tokenOf(principalIdOf(identityIn(resources)));
  let own: Sandbox | undefined;
  let deployed: Deployed = { made: [], unknown: [] };
  const world = await azureWorld({
    credential,
    queries: 1_000,
    moves: true,
    catalogue: () => catalogue,
    signer: () => {
      if (!own) throw new Error('no sandbox');
      const azure = { credential, httpClient: sandboxHttpClient(own), subscription: platformSubscription };
      return createAzure(azure).signer(catalogue.azure.provenance?.keyVaultKey ?? '');
    },
    async prepare(sandbox) {
      own = sandbox;
      await emptyTenant(sandbox, catalogue.azure.secondGallery && secondGalleryIn(resources));
      await before(sandbox);
      deployed = await deploy(sandbox, resources);
      await enforce(sandbox);
      // Vaults and storage hear of a new role later than ARM.
      await ask(sandbox, 'POST', '/_sandbox/clock', { advanceMinutes: 5 });
    },
  });
  return { world, deployed };
}

/** As `@goldbot doctor` looks: database, settings and channels are the app's, and well. */
export async function examinedIn({ azure }: AzureWorld, catalogue: Catalogue): Promise<Examination> {
  const settings = { wrong: [], mistakes: [], isRunning: true, cloud: clouds.Public, localKey: false };
  const { deciders } = azure.directory;
  const house = { ...healthyHouse, deciders, settings: async () => ({ ...settings, tenant: tenantId }) };
  const look = () => examine({ azure: azure.read, house }, { catalogue, busy: new Set() });
  // Azure answers so many questions a second of the machine: what it had no time for says nothing of the tenant.
  let found = await look();
  for (let tries = 1; tries < 10 && found.findings.some(({ severity }) => severity === 'unseen'); tries += 1) {
    await sleep(1_100);
    found = await look();
  }
  return found;
}

/** What Azure has refused, with its words. */
export const refusedIn = ({ sandbox }: AzureWorld): readonly string[] =>
  sandbox.exchanges
    .filter(({ status }) => status === 401 || status === 403)
    .map(({ method, url, responseBody }) => `${method} ${url} ${JSON.stringify(responseBody)}`);
