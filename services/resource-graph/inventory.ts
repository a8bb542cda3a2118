import type { AzureRead, ImageRef, InventoryRead } from '../../core/azure';
import { definitionId, regionKey } from '../../core/azure-id';
import type { Counted, MachineStates, Place, PublishedVersion, Shortfall } from '../../core/compliance';
import type { Clock } from '../../core/time';
import type { ReadContext } from '../azure';
import { complianceOf } from './compliance';
import type { Query } from './kql';
import { type MachineTable, machineTables } from './machine-queries';
import { type Pages, queries, readPages, whole } from './queries';

/**
 * Everybody's machines by Resource Graph. Each throws UserError `AZ_UNAVAILABLE`, `AZ_FORBIDDEN`, `AZ_THROTTLED`,
 * `AZ_SILENT`; what Azure tells in part is told with `partial`.
 *
 * @see POST /providers/Microsoft.ResourceGraph/resources
 */
export function inventoryRead(
  azure: ReadContext,
  clock: Clock,
  { version }: Pick<AzureRead, 'version'>,
): InventoryRead {
  const counted = async <Row>(action: string, query: Query<Row>): Promise<Counted<Row>> =>
    azure.ask(action, async () => told(clock, await readPages(azure, query)));
  return {
    machineCounts: async (tags) => {
      const { rows, ...whole } = await counted('counting the machines', queries.machineCounts(tags));
      const unlisted = rows.reduce((sum, place) => sum + place.unlisted, 0);
      const cut = unlisted > 0 ? [{ reason: 'lists', machines: unlisted } as const] : [];
      const partial = [...(whole.partial ?? []), ...cut];
      return { ...whole, rows: rows.flatMap(({ counts }) => counts), ...(partial.length > 0 && { partial }) };
    },
    publishedVersions: (images) =>
      azure.ask('listing the versions of the golden images', () =>
        publishedVersions({ azure, clock, version }, images),
      ),
    policyCounts: () => counted('counting policy states', queries.policyCounts()),
    guestCounts: () => counted('counting guest configuration results', queries.guestCounts()),
    exemptions: () => counted('listing policy exemptions', queries.exemptions()),
    managementGroups: () =>
      azure.ask(
        'asking for the management groups',
        async () => new Map(await whole(azure, queries.managementGroups())),
      ),
    machineList: (filter, limit) =>
      azure.ask('listing machines', async () => {
        const tables = Object.keys(machineTables) as MachineTable[];
        const parts = await Promise.all(
          tables.map((table) => readPages(azure, queries.machineList(table, filter), limit)),
        );
        const all = merged(parts);
        const rows = all.rows.toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1)).slice(0, limit);
        return { ...told(clock, { ...all, rows }), total: all.total };
      }),
    policyMachines: (places, state, limit) =>
      azure.ask('listing machines by policy state', async () => {
        const pages = await readPages(azure, queries.policyMachines(places, state), limit);
        return { ...told(clock, pages), total: pages.total };
      }),
    guestMachines: (places, status, limit) =>
      azure.ask('listing machines by guest configuration', async () => {
        const pages = await readPages(azure, queries.guestMachines(places, status), limit);
        return { ...told(clock, pages), total: pages.total };
      }),
    machineStates: (places, tags, limit) =>
      azure.ask('reading machines of several teams one by one', () =>
        machineStates({ azure, clock }, { places, tags, limit }),
      ),
    scaleSets: (source) => counted('listing scale sets', queries.scaleSets(source)),
    machineCompliance: (id) => azure.ask(`asking about the compliance of \`${id}\``, () => complianceOf(azure, id)),
  };
}

function told<Row>(clock: Clock, { rows, total, overLimit, truncated }: Pages<Row>): Counted<Row> {
  const partial: readonly Shortfall[] = [
    ...(overLimit ? [{ reason: 'subscriptions' } as const] : []),
    ...(truncated ? [{ reason: 'rows', read: rows.length, total } as const] : []),
  ];
  return { rows, asOf: clock.now(), ...(partial.length > 0 && { partial }) };
}

interface Reading {
  readonly places: readonly Place[];
  readonly tags: readonly string[];
  readonly limit: number;
}

async function machineStates(
  { azure, clock }: Omit<Asking, 'version'>,
  { places, tags, limit }: Reading,
): Promise<MachineStates> {
  const read = async <Row>(query: Query<Row>): Promise<Counted<Row>> => {
    if (places.length === 0) return { rows: [], asOf: clock.now() };
    const pages = await readPages(azure, query, limit);
    return told(clock, { ...pages, truncated: pages.truncated || pages.rows.length < pages.total });
  };
  const [machines, policies, guests] = await Promise.all([
    read(queries.placedMachines(places, tags)),
    read(queries.machineStates(places)),
    read(queries.machineStatuses(places)),
  ]);
  return { places, machines, policies, guests };
}

const merged = <Row>(parts: readonly Pages<Row>[]): Pages<Row> => ({
  rows: parts.flatMap(({ rows }) => rows),
  total: parts.reduce((sum, { total }) => sum + total, 0),
  overLimit: parts.some(({ overLimit }) => overLimit),
  truncated: parts.some(({ truncated }) => truncated),
});

interface Asking extends Pick<AzureRead, 'version'> {
  readonly azure: ReadContext;
  readonly clock: Clock;
}

/**
 * Resource Graph does not know in which regions a version has arrived. What has succeeded is everywhere; the few that
 * Azure is still at work on, or failed with, are asked about one by one.
 */
async function publishedVersions(
  { azure, clock, version }: Asking,
  images: readonly ImageRef[],
): Promise<Counted<PublishedVersion>> {
  // KQL has no empty list.
  if (images.length === 0) return { rows: [], asOf: clock.now() };
  const pages = await readPages(azure, queries.publishedVersions(images));
  const byId = new Map(images.map((image) => [definitionId(image).toLowerCase(), image]));
  const rows = await Promise.all(
    pages.rows.map(async ({ targets, provisioningState, ...row }): Promise<PublishedVersion> => {
      const image = byId.get(row.source);
      if (provisioningState === 'Succeeded' || !image) return { ...row, regions: shortNames(targets) };
      const found = await version(image, row.version);
      const arrived = found?.regions.filter(({ state }) => state === 'Completed') ?? [];
      return { ...row, regions: shortNames(arrived.map((r) => ({ ...r, excludeFromLatest: r.excludedFromLatest }))) };
    }),
  );
  return told(clock, { ...pages, rows });
}

/** `West Europe` is `westeurope`. */
function shortNames(regions: readonly { readonly name?: string; readonly excludeFromLatest?: boolean }[]): string[] {
  return regions.flatMap(({ name, excludeFromLatest }) => (name && !excludeFromLatest ? [regionKey(name)] : []));
}
