import type { AzureRead, ImageRef, InventoryRead } from '../../core/azure';
import { definitionId, nameOfId, parseAzureId, regionKey } from '../../core/azure-id';
import { sumOf } from '../../core/collections';
import {
  assignmentName,
  type Counted,
  type Exemption,
  type ListedVersion,
  type MachineCompliance,
  type MachineFilter,
  type Shortfall,
} from '../../core/compliance';
import type { Clock } from '../../core/time';
import type { ReadContext } from '../azure';
import { agentQueries } from './agent-queries';
import { consumerQueries } from './consumer-queries';
import type { Query } from './kql';
import { type MachineTable, machineQueries, type RunningVersions } from './machine-queries';
import { onlyPart, type Pages, readPages, whole } from './pages';
import { policyQueries, type VerdictRow } from './policy-queries';
import { sourceQueries } from './source-queries';

/** Every query that goldbot sends to Resource Graph, by name. */
export const queries = {
  ...machineQueries,
  ...policyQueries,
  ...agentQueries,
  ...consumerQueries,
  ...sourceQueries,
} as const;

/**
 * The inventory, as Resource Graph has it: a few minutes old. Each method throws UserError `AZ_UNAVAILABLE`,
 * `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`; an incomplete answer says so in `partial`.
 *
 * @see POST /providers/Microsoft.ResourceGraph/resources
 */
export function inventoryRead(
  azure: ReadContext,
  clock: Clock,
  { version }: Pick<AzureRead, 'version'>,
): Omit<InventoryRead, 'imageSources'> {
  const listed = async <Row>(action: string, query: Query<Row>, limit: number) =>
    azure.ask(action, async () => {
      const pages = await readPages(azure, query, limit);
      return { ...answerOf(clock, pages), total: pages.total };
    });
  return {
    ...countsRead((action, query) => azure.ask(action, async () => answerOf(clock, await readPages(azure, query)))),
    publishedVersions: (images) =>
      azure.ask('listing the versions of the golden images', () =>
        publishedVersions({ azure, clock, version }, images),
      ),
    managementGroups: () =>
      azure.ask(
        'asking for the management groups',
        async () => new Map(await whole(azure, queries.managementGroups())),
      ),
    machineList: (filter, limit) => azure.ask('listing machines', () => machineList({ azure, clock }, filter, limit)),
    policyMachines: (among, state, limit) =>
      listed('listing machines by policy state', queries.policyMachines(among, state), limit),
    guestMachines: (among, status, limit) =>
      listed('listing machines by guest configuration', queries.guestMachines(among, status), limit),
    guestReports: (among, limit) =>
      listed('listing what guest configuration reported', queries.guestReports(among), limit),
    machineCompliance: (id) =>
      azure.ask(`asking about the compliance of “${nameOfId(id)}”`, () => complianceOf(azure, id)),
  };
}

type Counting = <Row>(action: string, query: Query<Row>) => Promise<Counted<Row>>;

function countsRead(
  counted: Counting,
): Pick<
  InventoryRead,
  | 'machineCounts'
  | 'policyCounts'
  | 'guestCounts'
  | 'lackingMachines'
  | 'machineTotals'
  | 'scaleSets'
  | 'imageConsumers'
> {
  return {
    machineCounts: async (tags, scope) => {
      const query = scope ? queries.machineCountsWithin(tags, scope) : queries.machineCounts(tags);
      const { rows, ...answer } = await counted('counting the machines', query);
      return {
        ...answer,
        ...listedIn(answer, rows),
        rows: rows.flatMap(({ counts }) => counts),
        members: rows.flatMap(({ members }) => members),
      };
    },
    policyCounts: async (singly, within) => {
      const query = within ? queries.policyCountsWithin(singly, within) : queries.policyCounts(singly);
      const { rows, ...answer } = await counted('counting policy states', query);
      const exemptions = rows.flatMap(({ exemption }) => exemption ?? []);
      return {
        states: { ...answer, ...listedIn(answer, rows), rows: rows.flatMap(({ counts }) => counts) },
        exemptions: { ...answer, rows: named(exemptions, namesOf(rows)) },
      };
    },
    guestCounts: async (singly, within) => {
      const query = within ? queries.guestCountsWithin(singly, within) : queries.guestCounts(singly);
      const { rows, ...answer } = await counted('counting guest configuration results', query);
      return { ...answer, ...listedIn(answer, rows), rows: rows.flatMap(({ counts }) => counts) };
    },
    lackingMachines: async () => {
      const { rows, ...answer } = await counted('looking for missing agents', queries.lackingMachines());
      return { ...answer, ...listedIn(answer, rows), rows: rows.flatMap(({ machines }) => machines) };
    },
    machineTotals: () => totals(counted),
    scaleSets: (sources) => counted('listing scale sets', queries.scaleSets(sources)),
    imageConsumers: (homes, tags) =>
      counted(`listing what uses “${homes[0]?.definition ?? ''}”`, queries.imageConsumers(homes, tags)),
  };
}

async function totals(counted: Counting): ReturnType<InventoryRead['machineTotals']> {
  const { rows } = await counted('counting VMs and Arc machines', queries.machineTotals());
  const of = (wanted: 'vm' | 'arc') => sumOf(rows, ({ type, machines }) => (type === wanted ? machines : 0));
  return { vm: of('vm'), arc: of('arc') };
}

function answerOf<Row>(clock: Clock, { rows, total, overLimit, truncated }: Pages<Row>): Counted<Row> {
  const partial: readonly Shortfall[] = [
    ...(overLimit ? [{ reason: 'subscriptions' } as const] : []),
    ...(truncated ? [{ reason: 'rows', read: rows.length, total } as const] : []),
  ];
  return { rows, asOf: clock.now(), ...(partial.length > 0 && { partial }) };
}

/** What Azure's limit for lists within rows cut off, beside what else is missing. */
function listedIn(
  { partial = [] }: Pick<Counted<unknown>, 'partial'>,
  rows: readonly { readonly unlisted: number }[],
): Pick<Counted<unknown>, 'partial'> {
  const machines = sumOf(rows, ({ unlisted }) => unlisted);
  const all = machines > 0 ? [...partial, { reason: 'lists', machines } as const] : partial;
  return all.length > 0 ? { partial: all } : {};
}

async function machineList(
  { azure, clock }: Omit<Asking, 'version'>,
  filter: MachineFilter,
  limit: number,
): ReturnType<InventoryRead['machineList']> {
  const all = await readPages(azure, queries.machineList(tableOf(filter), filter), limit);
  const rows = all.rows.toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1)).slice(0, limit);
  return { ...answerOf(clock, { ...all, rows }), total: all.total };
}

/** One request for all: ids or type say in which table they are; where nothing does, both are searched. */
function tableOf({ ids, type, withoutInstances }: MachineFilter): MachineTable | 'both' {
  const inSets = ids?.map((id) => /\/virtualmachinescalesets\//i.test(id));
  if (type === 'instance' || inSets?.every(Boolean)) return 'computeresources';
  const outside = type !== undefined || withoutInstances || inSets?.every((inSet) => !inSet);
  return outside ? 'resources' : 'both';
}

interface Asking extends Pick<AzureRead, 'version'> {
  readonly azure: ReadContext;
  readonly clock: Clock;
}

/**
 * Resource Graph does not know which regions a version has reached. One that has succeeded is everywhere; the few that
 * Azure is still working on, or failed on, are asked about one by one.
 */
async function publishedVersions(
  { azure, clock, version }: Asking,
  images: readonly ImageRef[],
): Promise<Counted<ListedVersion>> {
  // KQL has no empty list.
  if (images.length === 0) return { rows: [], asOf: clock.now() };
  const pages = await readPages(azure, queries.publishedVersions(images));
  const byId = new Map(images.map((image) => [definitionId(image).toLowerCase(), image]));
  const rows = await Promise.all(
    pages.rows.map(async ({ targets, ...row }): Promise<ListedVersion> => {
      const image = byId.get(row.source);
      if (row.provisioningState === 'Succeeded' || !image) return { ...row, regions: shortNames(targets) };
      const found = await version(image, row.version);
      const arrived = found?.regions.filter(({ state }) => state === 'Completed') ?? [];
      return { ...row, regions: shortNames(arrived.map((r) => ({ ...r, excludeFromLatest: r.excludedFromLatest }))) };
    }),
  );
  return answerOf(clock, { ...pages, rows });
}

/** `West Europe` is `westeurope`. */
function shortNames(regions: readonly { readonly name?: string; readonly excludeFromLatest?: boolean }[]): string[] {
  return regions.flatMap(({ name, excludeFromLatest }) => (name && !excludeFromLatest ? [regionKey(name)] : []));
}

const managementGroup = '/providers/microsoft.management/managementgroups/';

/**
 * From the same tables as the counts, so that a figure on a card and its rows agree; Policy Insights would take as many
 * requests and does not know the guest's reasons.
 */
async function complianceOf(azure: ReadContext, id: string): Promise<MachineCompliance> {
  const judged = parseAzureId(id);
  const instance = judged?.isA('Microsoft.Compute/virtualMachineScaleSets/virtualMachines');
  const machine = ((instance && judged?.parent) || id).toLowerCase();
  const [rows, guest] = await Promise.all([
    whole(azure, queries.machinePolicies(machine)),
    whole(azure, queries.machineGuests(machine)),
  ]);
  const names = namesOf(rows);
  const exemptions = rows.flatMap(({ exemption }) => exemption ?? []);
  return {
    policies: rows.flatMap(({ policy }) => {
      const displayName = policy && names.get(policy.assignment);
      return policy ? [{ ...policy, ...(displayName !== undefined && { displayName }) }] : [];
    }),
    guest,
    exemptions: named(await concerning(azure, machine, exemptions), names),
  };
}

/** Display names by the lower-case ids of assignments. */
function namesOf(rows: readonly VerdictRow[]): ReadonlyMap<string, string> {
  const assignments = rows.flatMap(({ assignment }) => assignment ?? []);
  return new Map(assignments.flatMap(({ id, displayName }) => (displayName ? [[id, displayName] as const] : [])));
}

function named(exemptions: readonly Exemption[], names: ReadonlyMap<string, string>): readonly Exemption[] {
  return exemptions.map((exemption) => {
    const { assignment } = exemption;
    const [name, displayName] = [nameOfId(assignment), names.get(assignment)];
    const policy = displayName === undefined ? name : assignmentName({ name, displayName });
    return policy === name ? exemption : { ...exemption, policy };
  });
}

/**
 * Those of a management group only when the machine's subscription is under it, which is asked only when there are any.
 */
async function concerning(
  azure: ReadContext,
  machine: string,
  exemptions: readonly Exemption[],
): Promise<readonly Exemption[]> {
  if (!exemptions.some(({ scope }) => scope.startsWith(managementGroup))) return exemptions;
  const groups = new Map(await whole(azure, queries.managementGroups()));
  const above = (groups.get(parseAzureId(machine)?.subscription ?? '') ?? []).map(
    (name) => managementGroup + name.toLowerCase(),
  );
  return exemptions.filter(({ scope }) => !scope.startsWith(managementGroup) || above.includes(scope));
}

export function resourceGraphRead(azure: ReadContext): Pick<AzureRead, 'machinesByVersion'> {
  return {
    /**
     * How many machines run each version of a gallery, scale set instances too. Resource Graph is a few minutes behind.
     *
     * @throws UserError `AZ_UNAVAILABLE` (also when the answer is incomplete), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources
     */
    machinesByVersion: (gallery) =>
      azure.ask(`counting the machines of the gallery “${gallery.gallery}”`, async () => {
        const rows = await whole(azure, queries.machinesByVersion(gallery));
        if (rows.some(({ unlisted }) => unlisted > 0)) throw onlyPart('machinesByVersion', rows.length);
        return byDefinition(rows);
      }),
  };
}

/** Machines name a definition by its id, or as they got it through direct sharing. */
function byDefinition(rows: readonly RunningVersions[]): ReadonlyMap<string, ReadonlyMap<string, number>> {
  const all = new Map<string, Map<string, number>>();
  for (const { definition, versions } of rows) {
    const own = all.get(definition) ?? new Map<string, number>();
    for (const [version, machines] of versions) own.set(version, (own.get(version) ?? 0) + machines);
    all.set(definition, own);
  }
  return all;
}
