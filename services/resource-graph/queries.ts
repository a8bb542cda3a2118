import type { AzureRead, ImageRef } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import { UserError } from '../../core/errors';
import type { ReadContext } from '../azure';
import { kqlString, type Query, textIn } from './kql';
import { machineQueries } from './machine-queries';
import { mixedQueries } from './mixed-queries';
import { policyQueries } from './policy-queries';
import { rowQueries } from './row-queries';

export { kqlString, type Query } from './kql';

/** A page of Resource Graph holds no more. */
const pageRows = 1000;

export interface Answer<Row> {
  readonly rows: readonly Row[];
  /** Azure left rows out: too many subscriptions, or a truncated page without a continuation. */
  readonly partial: boolean;
}

/** What a query came to, and what is missing of it. */
export interface Pages<Row> {
  readonly rows: readonly Row[];
  /** Rows that Azure has of it, whether they were read or not. */
  readonly total: number;
  /** Azure looked into a part of the subscriptions only. */
  readonly overLimit: boolean;
  /** Azure has more rows and does not give them. */
  readonly truncated: boolean;
}

export const queries = {
  /** Ids of the virtual machines of a name, in every subscription that goldbot can see. */
  machinesNamed: (name: string): Query<string> => ({
    name: 'machinesNamed',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachines'",
      `| where name =~ ${kqlString(name)}`,
      '| project id',
      '| order by id asc',
    ].join('\n'),
    read: (row) => textIn(row, 'id'),
  }),

  /** Virtual machines of a gallery image by version; members of scale sets are not counted. */
  machinesByVersion: (image: ImageRef): Query<{ version: string; machines: number }> => ({
    name: 'machinesByVersion',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachines'",
      "| where tostring(properties.virtualMachineScaleSet.id) == ''",
      '| extend ref = properties.storageProfile.imageReference',
      '| extend refId = tolower(coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId)))',
      `| where tostring(split(refId, '/versions/')[0]) in~ (${referencesTo(image)})`,
      "| extend version = iff(refId contains '/versions/', tostring(split(refId, '/versions/')[1]), tostring(ref.exactVersion))",
      '| summarize machines = count() by version',
      '| order by version asc',
    ].join('\n'),
    read: (row) => ({ version: textIn(row, 'version'), machines: Number(row['machines']) }),
  }),

  /** Scale sets whose model names the definition, not a version of it, and whose OS Azure upgrades by itself. */
  selfUpgradingScaleSets: (image: ImageRef): Query<{ name: string; team?: string }> => ({
    name: 'selfUpgradingScaleSets',
    kql: [
      'resources',
      "| where type =~ 'microsoft.compute/virtualmachinescalesets'",
      '| extend ref = properties.virtualMachineProfile.storageProfile.imageReference',
      '| extend refId = tolower(coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId)))',
      `| where refId in~ (${referencesTo(image)})`,
      '| where tobool(properties.upgradePolicy.automaticOSUpgradePolicy.enableAutomaticOSUpgrade) == true',
      "| project id, name, team = tostring(tags['team'])",
      '| order by id asc',
    ].join('\n'),
    read: (row) => {
      const team = row['team'];
      return { name: textIn(row, 'name'), ...(typeof team === 'string' && team !== '' && { team }) };
    },
  }),

  ...machineQueries,
  ...policyQueries,
  ...rowQueries,
  ...mixedQueries,
} as const;

type Graph = Pick<ReadContext, 'resourceGraph'>;

/** Runs a query to its last page. Each page is one request against a quota of about 15 in 5 seconds. */
export async function runQuery<Row>(azure: Graph, query: Query<Row>): Promise<Answer<Row>> {
  const { rows, overLimit, truncated } = await readPages(azure, query);
  return { rows, partial: overLimit || truncated };
}

/** Reads at most `limit` rows, all when absent, and keeps them. */
export async function readPages<Row>(azure: Graph, query: Query<Row>, limit = Infinity): Promise<Pages<Row>> {
  const rows: Row[] = [];
  let [overLimit, truncated, total] = [false, false, 0];
  for await (const page of eachPage(azure, query, limit)) {
    rows.push(...page.rows);
    overLimit ||= page.overLimit;
    ({ truncated, total } = page);
  }
  const short = rows.length < Math.min(limit, total);
  return { rows: rows.slice(0, limit), total, overLimit, truncated: short || (truncated && rows.length < limit) };
}

/**
 * One page after the other, for whoever does not keep them. Queries must order their rows completely: where Azure gives
 * no continuation (it is not documented that it does for summarized rows), the next page is asked for by its place.
 */
export async function* eachPage<Row>(azure: Graph, query: Query<Row>, limit = Infinity): AsyncGenerator<Pages<Row>> {
  let place: Place | undefined = {};
  let read = 0;
  while (place) {
    const { skipToken, ...page }: Awaited<ReturnType<typeof readPage<Row>>> = await readPage(
      azure,
      query,
      place,
      Math.min(pageRows, Math.max(limit - read, 1)),
    );
    read += page.rows.length;
    yield page;
    if (skipToken && read < limit) place = { skipToken };
    else place = read < Math.min(limit, page.total) && page.rows.length > 0 ? { skip: read } : undefined;
  }
}

/** Where a page begins: at the beginning when neither is given. */
interface Place {
  readonly skipToken?: string;
  readonly skip?: number;
}

async function readPage<Row>(azure: Graph, { kql, read }: Query<Row>, place: Place, top: number) {
  let overLimit = false;
  const { data, totalRecords, skipToken, resultTruncated } = await azure
    .resourceGraph()
    .resources(
      { query: kql, options: { resultFormat: 'objectArray', top, ...place } },
      { onResponse: ({ headers }) => (overLimit = headers.get('x-ms-tenant-subscription-limit-hit') === 'true') },
    );
  return {
    rows: (data as Record<string, unknown>[]).map(read),
    total: totalRecords,
    overLimit,
    truncated: resultTruncated === 'true',
    ...(skipToken && { skipToken }),
  };
}

export function resourceGraphRead(azure: ReadContext): Pick<AzureRead, 'selfUpgradingScaleSets' | 'machinesByVersion'> {
  return {
    /**
     * Scale sets that take a new version as soon as it becomes latest.
     *
     * @throws UserError `AZ_UNAVAILABLE` (also when Azure told only a part), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources
     */
    selfUpgradingScaleSets: (image) =>
      azure.ask(`looking for scale sets that follow \`${image.definition}\``, () =>
        whole(azure, queries.selfUpgradingScaleSets(image)),
      ),

    /**
     * How many virtual machines run each version. Resource Graph is a few minutes behind.
     *
     * @throws UserError `AZ_UNAVAILABLE` (also when Azure told only a part), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources
     */
    machinesByVersion: (image) =>
      azure.ask(`counting the machines of \`${image.definition}\``, async () => {
        const rows = await whole(azure, queries.machinesByVersion(image));
        return new Map(rows.map(({ version, machines }) => [version, machines]));
      }),
  };
}

/** All rows, or an error: a part would look like the whole. */
export async function whole<Row>(azure: ReadContext, query: Query<Row>): Promise<readonly Row[]> {
  const { rows, partial } = await runQuery(azure, query);
  if (!partial) return rows;
  throw new UserError('AZ_UNAVAILABLE', `Resource Graph told only a part of what was asked (${query.name}).`, {
    hint: 'Try again in a few minutes; if it stays, give goldbot fewer subscriptions to see.',
    facts: { query: query.name, rows: rows.length },
  });
}

/** How an image reference names the definition: by its id, or through direct sharing by the gallery's unique name. */
function referencesTo(image: ImageRef): string {
  const shared = `/sharedgalleries/${image.subscription}-${image.gallery}/images/${image.definition}`;
  return [definitionId(image), shared].map((id) => kqlString(id.toLowerCase())).join(', ');
}
