import { imageRef } from '../../../core/images';
import { createSandbox } from '../../../sandbox';
import { key } from '../../../sandbox/azure/arm';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { compute } from '../../../sandbox/azure/compute/section';
import { createAzure, sandboxCredential } from '../../../services';
import { ask, sandboxHttpClient } from '../../sandbox/client';
import { exampleCatalogue } from '../../support/catalogue';
import { worldStart } from '../../support/world-start';
import { ScaleOutModel } from './model';

/** A gallery and scale sets in the sandbox, and the model that listens to what is asked of them. */

const [config] = exampleCatalogue().images.filter(({ name }) => name === 'ubuntu-22');
if (!config) throw new Error('the example catalogue lacks ubuntu-22');
export const image = config;
const ref = imageRef(exampleCatalogue().azure, image);
const gallery = `/subscriptions/${ref.subscription}/resourceGroups/${ref.resourceGroup}/providers/Microsoft.Compute/galleries/${ref.gallery}`;
const definition = `${gallery}/images/${ref.definition}`;
export const versionPath = (number: string): string => `${definition}/versions/${number}`;
export const setPath = (group: string, name: string): string =>
  `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;

interface Body {
  readonly location?: string;
  readonly properties?: { readonly [name: string]: unknown };
  readonly value?: readonly Body[];
  readonly name?: string;
}

export interface Coming {
  readonly region: string;
  readonly flexible: boolean;
  readonly pinned?: string | undefined;
}

export type ScaleOutWorld = ReturnType<typeof scaleOutWorld>;

/** One sandbox for many lives: each begins with the story's gallery, and one follower each in two regions. */
export function scaleOutWorld() {
  const { sandbox, world } = createSandbox({
    speed: 0,
    startMs: worldStart,
    azure: { throttle: false, resourceGraph: { queries: 1e9 } },
  });
  const fresh = () =>
    createAzure({
      credential: sandboxCredential,
      httpClient: sandboxHttpClient(sandbox),
      sleep: async () => {},
      subscription: exampleCatalogue().azure.subscription,
      clock: { now: () => world.clock.now(), nowMs: () => world.clock.nowMs() } as typeof world.clock,
    });
  let azure = fresh();
  let model = new ScaleOutModel(ref.definition);
  let heard = 0;
  /** Numbers of versions on which Azure is at work. */
  const busy = new Set<string>();
  let names = 0;
  let templates: ReadonlyMap<boolean, Resource> = new Map();
  let machine: Resource | undefined;

  const send = async (method: string, path: string, body?: unknown, query = '') => {
    const answer = await ask(
      sandbox,
      method,
      `${path}?api-version=${path.includes('/galleries/') ? '2024-03-03' : '2024-11-01'}${query}`,
      body,
    );
    return { status: answer.status, body: answer.body as Body };
  };

  /** The model hears what was accepted, whoever asked for it, and where copies are by now. */
  const listen = async (): Promise<number> => {
    const writes = sandbox.exchanges.slice(heard).filter(({ method, status }) => method !== 'GET' && status < 400);
    heard = sandbox.exchanges.length;
    for (const { method, url, requestBody: body } of writes) {
      const { pathname } = new URL(url, 'https://management.azure.com');
      model.accepted({ method, path: pathname, body, atMs: world.clock.nowMs() });
    }
    for (const number of model.versions.keys()) {
      if (writes.length === 0 && !busy.has(number)) continue;
      const { body } = await send('GET', versionPath(number), undefined, '&$expand=ReplicationStatus');
      const { provisioningState, replicationStatus } = body.properties ?? {};
      const { summary = [] } = (replicationStatus ?? {}) as { summary?: { region: string; state: string }[] };
      const arrived = summary.filter(({ state }) => state === 'Completed').map(({ region }) => region);
      if (provisioningState === 'Succeeded') busy.delete(number);
      else busy.add(number);
      if (body.properties) model.saw(number, provisioningState === 'Creating' ? [] : arrived);
    }
    heard = sandbox.exchanges.length;
    return writes.filter(({ url }) => !url.includes('Microsoft.ResourceGraph')).length;
  };

  const come = ({ region, flexible, pinned }: Coming): void => {
    const template = templates.get(flexible);
    if (!template) throw new Error('the story lacks a scale set');
    names += 1;
    const name = `vmss-life-${names}`;
    const made = structuredClone(template) as Resource & {
      properties: { virtualMachineProfile: { storageProfile: object } };
    };
    const storageProfile = made.properties.virtualMachineProfile.storageProfile;
    const id = pinned === undefined ? definition : versionPath(pinned);
    Object.assign(storageProfile, { imageReference: { id } });
    const where = template.id.split('/providers/')[0] ?? '';
    const location = region.toLowerCase().replaceAll(' ', '');
    const own = { id: setPath(where, name), name, location, sku: { ...made.sku, capacity: 0 } };
    compute(world).resources[key(own.id)] = { ...made, ...own };
    model.came({ name, region, flexible, pinned });
  };

  return {
    sandbox,
    clock: { now: () => world.clock.now(), advance: (minutes: number) => world.clock.advance(minutes) },
    nowMs: () => world.clock.nowMs(),
    azure: () => azure,
    model: () => model,
    send,
    listen,
    come,
    setId: (name: string) =>
      Object.values(compute(world).resources).find((r) => r.name === name && /virtualMachineScaleSets$/i.test(r.type))
        ?.id ?? '',
    goes(name: string) {
      const { resources } = compute(world);
      for (const [id, { name: own }] of Object.entries(resources)) if (own === name) delete resources[id];
      model.sets.delete(name);
    },
    machineFrom(number: string) {
      if (!machine) return;
      names += 1;
      const made = structuredClone(machine);
      const name = `vm-life-${names}`;
      const storage = made.properties['storageProfile'] as { imageReference: object };
      storage.imageReference = { id: versionPath(number), exactVersion: number };
      const id = machine.id.replace(/[^/]+$/, name);
      compute(world).resources[key(id)] = { ...made, id, name };
    },
    async begin({ keeps, isAlone }: { readonly keeps: boolean; readonly isAlone: boolean }) {
      world.reset();
      sandbox.forget();
      azure = fresh();
      model = new ScaleOutModel(ref.definition);
      heard = 0;
      names = 0;
      const { resources } = compute(world);
      const all = Object.values(resources);
      const named = (name: string) => structuredClone(all.find((r) => r.name === name)) as Resource;
      templates = new Map([
        [false, named('vmss-data-workers')],
        [true, named('vmss-web-jobs')],
      ]);
      machine = named('vm-web-edge-005');
      // The rest of the estate only costs time.
      for (const [id, { type }] of Object.entries(resources)) {
        if (/compute\/(virtualMachine|disks)|\/networkInterfaces/i.test(type)) delete resources[id];
      }
      const { body } = await send('GET', `${definition}/versions`);
      busy.clear();
      for (const { name = '', properties } of body.value ?? []) {
        busy.add(name);
        const path = versionPath(name);
        model.accepted({ method: 'PUT', path, body: { properties }, atMs: world.clock.nowMs() });
      }
      come({ region: 'West Europe', flexible: false });
      come({ region: 'East US', flexible: false });
      if (keeps) await send('PATCH', gallery, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
      const hidden = { publishingProfile: { excludeFromLatest: true }, storageProfile: {} };
      if (isAlone) await send('PATCH', versionPath('1.4.1'), { properties: hidden });
      world.clock.advance(5);
      await listen();
    },
    /** What Azure makes of one more machine: the version that it is made from; undefined: it was refused. */
    async scaleOut(name: string): Promise<string | undefined> {
      const id = this.setId(name);
      const group = id.split('/providers/')[0] ?? '';
      const answer = await send('PATCH', id, { sku: { capacity: 1 } });
      if (answer.status >= 400) {
        const { error } = answer.body as { error?: { code: string } };
        if (error?.code !== 'GalleryImageNotFound') throw new Error(JSON.stringify(answer));
        return undefined;
      }
      const uniform = await send('GET', `${id}/virtualMachines`);
      const flexible = await send('GET', `${group}/providers/Microsoft.Compute/virtualMachines`);
      const made = [
        ...(uniform.body.value ?? []),
        ...(flexible.body.value ?? []).filter((vm) =>
          JSON.stringify(vm.properties?.['virtualMachineScaleSet'] ?? '').includes(`/${name}"`),
        ),
      ];
      const storage = made[0]?.properties?.['storageProfile'] as
        | { imageReference?: { exactVersion?: string } }
        | undefined;
      return storage?.imageReference?.exactVersion ?? 'nothing';
    },
  };
}
