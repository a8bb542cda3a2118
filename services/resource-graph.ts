import { UserError } from '../core/errors';
import type { ImageRef, Looks } from '../core/ports';
import type { LookContext } from './azure-clients';
import { definitionId } from './image-builder';

/** A page of Resource Graph holds no more. */
const pageRows = 1000;

/** A fixed query with its parameters already in it as quoted literals: nothing else makes one. */
export interface Query<Row> {
  readonly name: string;
  readonly kql: string;
  /** Reads one row; throws when the row is not what the query projects. */
  readonly read: (row: Readonly<Record<string, unknown>>) => Row;
}

export interface Answer<Row> {
  readonly rows: readonly Row[];
  /** Azure left rows out: too many subscriptions, or a truncated page without a continuation. */
  readonly partial: boolean;
}

/** A literal of KQL: whatever stands in the text, it cannot end the literal. */
export function kqlString(text: string): string {
  const escaped = text
    .replace(/\\/g, '\\\\')
    .replace(/'/g, "\\'")
    // Control characters and line ends would break the line of the query.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${escaped}'`;
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
    read: (row) => text(row, 'id'),
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
    read: (row) => ({ version: text(row, 'version'), machines: Number(row['machines']) }),
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
      return { name: text(row, 'name'), ...(typeof team === 'string' && team !== '' && { team }) };
    },
  }),
} as const;

/** Runs a query to its last page. Each page is one request against a quota of about 15 in 5 seconds. */
export async function runQuery<Row>(
  azure: Pick<LookContext, 'resourceGraph'>,
  query: Query<Row>,
): Promise<Answer<Row>> {
  const client = azure.resourceGraph();
  const rows: Row[] = [];
  let partial = false;
  let skipToken: string | undefined;
  do {
    let overLimit = false;
    const options = { resultFormat: 'objectArray', top: pageRows, ...(skipToken && { skipToken }) } as const;
    const page = await client.resources(
      { query: query.kql, options },
      { onResponse: ({ headers }) => (overLimit = headers.get('x-ms-tenant-subscription-limit-hit') === 'true') },
    );
    rows.push(...(page.data as Record<string, unknown>[]).map(query.read));
    skipToken = page.skipToken || undefined;
    partial ||= overLimit || (page.resultTruncated === 'true' && !skipToken);
  } while (skipToken);
  return { rows, partial };
}

export function resourceGraphLooks(azure: LookContext): Pick<Looks, 'selfUpgradingScaleSets' | 'machinesByVersion'> {
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
export async function whole<Row>(azure: LookContext, query: Query<Row>): Promise<readonly Row[]> {
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

function text(row: Readonly<Record<string, unknown>>, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Resource Graph: no text in the column ${column}`);
  return value;
}
