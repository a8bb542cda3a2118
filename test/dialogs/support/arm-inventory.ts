import type { OpenSandbox } from '../../../sandbox';
import { compute } from '../../../sandbox/azure/compute/section';
import { galleryName } from '../../../sandbox/azure/names';
import type { Sandbox } from '../../../sandbox/kernel/sandbox';
import type { World } from '../../../sandbox/kernel/world';
import { ask } from '../../sandbox/client';

/** A machine as ARM lists it: the independent count of what goldbot asks Resource Graph about. */
export interface ArmMachine {
  readonly id: string;
  readonly name: string;
  readonly type: 'vm' | 'instance' | 'arc';
  readonly team: string | null;
  readonly model: string;
  readonly resourceGroup: string;
  /** `ubuntu-22`, `market`, or nothing that is known. */
  readonly image: string;
  readonly version: string;
  readonly scaleSet?: string;
  /** Raw states of Azure Policy, one for each assignment: the worst of its definitions. */
  readonly states: readonly string[];
  /** Statuses of guest configuration. */
  readonly guest: readonly string[];
  readonly behindModel: boolean;
}

export interface ArmVersion {
  readonly image: string;
  readonly version: string;
  readonly excluded: boolean;
  readonly endOfLife: number;
}

export interface ArmInventory {
  readonly machines: readonly ArmMachine[];
  readonly versions: readonly ArmVersion[];
}

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly tags?: Record<string, string>;
  readonly properties: Record<string, unknown>;
}

const teams = ['payments', 'web', 'data', 'legacy'];
const rank = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];

/** The worst of several states; undefined when there is none. */
export function worst(states: readonly string[]): string | undefined {
  return rank.find((state) => states.includes(state));
}

/** Everything by ARM's lists, subscription by subscription. No Resource Graph, nothing of the product. */
export async function armInventory({ sandbox, world }: Pick<OpenSandbox, 'sandbox' | 'world'>): Promise<ArmInventory> {
  const subscriptions = (await list(sandbox, '/subscriptions?api-version=2022-12-01')).map((s) => s.id);
  const parts = await Promise.all(subscriptions.map((id) => subscription(sandbox, id, arcMachines(world, id))));
  return {
    machines: parts.flatMap((part) => part.machines).sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1)),
    versions: parts.flatMap((part) => part.versions),
  };
}

async function subscription(sandbox: Sandbox, id: string, arc: readonly Listed[]): Promise<ArmInventory> {
  const compute = `${id}/providers/Microsoft.Compute`;
  const [vms, sets, policies, guests, galleries] = await Promise.all([
    list(sandbox, `${compute}/virtualMachines?api-version=2024-07-01`),
    list(sandbox, `${compute}/virtualMachineScaleSets?api-version=2024-07-01`),
    list(
      sandbox,
      `${id}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2019-10-01`,
      'POST',
    ),
    list(sandbox, `${id}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments?api-version=2022-01-25`),
    list(sandbox, `${compute}/galleries?api-version=2024-03-03`),
  ]);
  const uniform = sets.filter((set) => set.properties['orchestrationMode'] === 'Uniform');
  const instances = await Promise.all(
    uniform.map((set) => list(sandbox, `${set.id}/virtualMachines?api-version=2024-07-01`)),
  );
  const verdicts = { states: statesOf(policies as unknown as readonly State[]), guests: guestsOf(guests) };
  return {
    machines: [
      ...vms.map((vm) => machine(vm, 'vm', verdicts)),
      ...instances.flat().map((one) => machine(one, 'instance', verdicts)),
      ...arc.map((one) => machine(one, 'arc', verdicts)),
    ],
    // The catalogue's second gallery holds copies: what machines run is measured against the first.
    versions: (await Promise.all(galleries.filter(isFirst).map((gallery) => versionsOf(sandbox, gallery.id)))).flat(),
  };
}

async function list(sandbox: Sandbox, url: string, method = 'GET'): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const { status, body } = await ask(sandbox, method, next);
    if (status !== 200) throw new Error(`${method} ${next}: ${status} ${JSON.stringify(body)}`);
    const page = body as { value: Listed[]; nextLink?: string; '@odata.nextLink'?: string };
    found.push(...page.value);
    next = page.nextLink ?? page['@odata.nextLink'];
  }
  return found;
}

/** The sandbox has no ARM list of them: the world's own rows. */
function arcMachines(world: World, subscription: string): readonly Listed[] {
  const inIt = (id: string) => id.toLowerCase().startsWith(`${subscription.toLowerCase()}/`);
  return Object.values(compute(world).resources).filter(
    (r) => r.type === 'Microsoft.HybridCompute/machines' && inIt(r.id),
  ) as unknown as readonly Listed[];
}

interface State {
  readonly resourceId: string;
  readonly policyAssignmentId: string;
  readonly complianceState: string;
}

/** By machine and assignment. */
function statesOf(rows: readonly State[]): ReadonlyMap<string, readonly string[]> {
  const byAssignment = new Map<string, Map<string, string[]>>();
  for (const { resourceId, policyAssignmentId, complianceState } of rows) {
    const machine = resourceId.toLowerCase();
    const own = byAssignment.get(machine) ?? new Map<string, string[]>();
    own.set(policyAssignmentId, [...(own.get(policyAssignmentId) ?? []), complianceState]);
    byAssignment.set(machine, own);
  }
  return new Map(
    [...byAssignment].map(([machine, own]) => [machine, [...own.values()].map((all) => worst(all) ?? '')]),
  );
}

function guestsOf(rows: readonly Listed[]): ReadonlyMap<string, readonly string[]> {
  const byMachine = new Map<string, string[]>();
  for (const { id, properties } of rows) {
    const machine = id.toLowerCase().split('/providers/microsoft.guestconfiguration/')[0] ?? '';
    byMachine.set(machine, [...(byMachine.get(machine) ?? []), String(properties['complianceStatus'])]);
  }
  return byMachine;
}

interface Verdicts {
  readonly states: ReadonlyMap<string, readonly string[]>;
  readonly guests: ReadonlyMap<string, readonly string[]>;
}

function machine(listed: Listed, type: ArmMachine['type'], { states, guests }: Verdicts): ArmMachine {
  const { id, name, tags = {}, properties } = listed;
  const set = id.split('/virtualMachineScaleSets/')[1]?.split('/')[0];
  const member = (properties['virtualMachineScaleSet'] as { id?: string } | undefined)?.id?.split('/').at(-1);
  const scaleSet = set ?? member;
  return {
    ...{ id, name, type, ...imageOf(properties) },
    team: teams.find((team) => team === tags['team']) ?? null,
    model: tags['service-model'] ?? (scaleSet ? 'cattle' : 'undecided'),
    resourceGroup: (id.split('/')[4] ?? '').toLowerCase(),
    ...(scaleSet && { scaleSet }),
    states: states.get(id.toLowerCase()) ?? [],
    guest: guests.get(id.toLowerCase()) ?? [],
    behindModel: properties['latestModelApplied'] === false,
  };
}

function imageOf(properties: Listed['properties']): Pick<ArmMachine, 'image' | 'version'> {
  const profile = properties['storageProfile'] as { imageReference?: Record<string, string> } | undefined;
  const { id = '', exactVersion, version, publisher } = profile?.imageReference ?? {};
  const [, image = '', named = ''] = /\/images\/([^/]+)(?:\/versions\/([^/]+))?$/.exec(id) ?? [];
  if (image !== '') return { image, version: named || (exactVersion ?? '') };
  return publisher ? { image: 'market', version: exactVersion ?? version ?? '' } : { image: '', version: '' };
}

const isFirst = ({ name }: { readonly name: string }): boolean => name === galleryName;

async function versionsOf(sandbox: Sandbox, gallery: string): Promise<readonly ArmVersion[]> {
  const images = await list(sandbox, `${gallery}/images?api-version=2024-03-03`);
  const all = await Promise.all(
    images.map(async ({ id, name }) => {
      const versions = await list(sandbox, `${id}/versions?api-version=2024-03-03`);
      return versions.map((version): ArmVersion => {
        const profile = version.properties['publishingProfile'] as {
          excludeFromLatest?: boolean;
          endOfLifeDate?: string;
        };
        const endOfLife = profile.endOfLifeDate ? Date.parse(profile.endOfLifeDate) : Number.POSITIVE_INFINITY;
        return { image: name, version: version.name, excluded: profile.excludeFromLatest === true, endOfLife };
      });
    }),
  );
  return all.flat();
}
