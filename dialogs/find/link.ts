import { machineGlanceCard, type Reply, versionGlanceCard } from '../../cards';
import type { Rights } from '../../core/access';
import { type AzureId, definitionId, parseAzureId, sameId } from '../../core/azure-id';
import { resourceOfPage } from '../../core/cloud';
import { type CommandCall, call } from '../../core/command-call';
import { definitionsOf, machineTeams, writtenSource } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import { followedOf, goldenGallery, imageRef, latestPublished, lineageOf, versionTags } from '../../core/images';
import { seconds, within } from '../../core/time';
import { askRights, type Deps, type Turn } from '../conversation';
import { countMachines, portalOf, versionRow, versionsOf } from '../present';

/** What goldbot knows of what a link leads to, and what shows more. */
export interface AboutLink {
  readonly reply: Reply;
  readonly call: CommandCall;
}

const patienceMs = seconds(2.5);
/** No address of the portal is longer. */
const longest = 2_000;

/**
 * What a link in a message leads to; undefined for whatever it leads to that goldbot does not know, cannot look at now,
 * or may not tell this person. Whoever pastes a link asked goldbot nothing: nothing is refused, and nothing is recorded.
 */
export async function aboutLink(turn: Turn, url: string, deps: Deps): Promise<AboutLink | undefined> {
  const page = url.length > longest ? undefined : resourceOfPage(url);
  const target = page === undefined ? undefined : targetOf(page);
  if (!target || !deps.tenants.includes(turn.person.tenantId)) return undefined;
  try {
    const { rights } = await askRights(deps.directory, deps.catalogue(), turn.person.oid);
    return await within(patienceMs, target.tell(target.id, { rights, deps, now: deps.clock.now() }), () => undefined);
  } catch (error) {
    if (isUserError(error)) return undefined;
    throw error;
  }
}

interface Telling {
  readonly rights: Rights;
  readonly deps: Deps;
  readonly now: Date;
}

type Tell = (id: AzureId, telling: Telling) => Promise<AboutLink | undefined>;

/** What goldbot knows something of, by its type in Azure. */
const known: readonly (readonly [type: string, tell: Tell])[] = [
  ['Microsoft.Compute/galleries/images/versions', ofVersion],
  ['Microsoft.Compute/virtualMachines', ofMachine],
  ['Microsoft.Compute/virtualMachineScaleSets/virtualMachines', ofMachine],
  ['Microsoft.HybridCompute/machines', ofMachine],
];

/** Behind the id stands which of its pages is shown: `/overview`. */
function targetOf(page: string): { readonly id: AzureId; readonly tell: Tell } | undefined {
  const parts = page.split('/');
  for (const [type, tell] of known) {
    // `/subscriptions/s/resourceGroups/g/providers/Namespace`, then a type and a name for each level.
    const id = parseAzureId(parts.slice(0, 7 + 2 * (type.split('/').length - 1)).join('/'));
    if (id?.isA(type)) return { id, tell };
  }
  return undefined;
}

async function ofVersion(id: AzureId, { rights, deps, now }: Telling): Promise<AboutLink | undefined> {
  const catalogue = deps.catalogue();
  const image = catalogue.images.find((one) => {
    return sameId(id.parent ?? '', definitionId(imageRef(catalogue.azure, one)));
  });
  if (!image || !rights.has('viewer', image.name)) return undefined;
  const { name } = image;
  const ref = imageRef(catalogue.azure, image);
  const [all, machines, recorded] = await Promise.all([
    versionsOf(image, deps),
    countMachines(ref, deps),
    deps.reads.recordedVersions(name),
  ]);
  const version = all.find((one) => one.version === id.name);
  if (!version) return undefined;
  const row = versionRow(version, { recorded, latest: latestPublished(all)?.version, now });
  const replacedBy = version.tags[versionTags.replacedBy];
  const reply = versionGlanceCard({
    ...{ image: name, row, portal: portalOf(version.id, deps) },
    ...(replacedBy !== undefined && { replacedBy }),
    ...(machines && { machines: machines.get(version.version) ?? 0 }),
  });
  return { reply, call: call('show', { ref: `${name}@${version.version}` }) };
}

async function ofMachine(id: AzureId, { rights, deps, now }: Telling): Promise<AboutLink | undefined> {
  const catalogue = deps.catalogue();
  const [{ rows }, teamOf] = await Promise.all([
    deps.read.machineList({ ids: [id.text] }, 1),
    machineTeams(deps.read, catalogue),
  ]);
  const [machine] = rows;
  if (!machine || !rights.sees(teamOf(machine))) return undefined;
  const team = teamOf(machine);
  const [published, follows] = await Promise.all([
    deps.read.publishedVersions(definitionsOf(catalogue)),
    deps.reads.follows(),
  ]);
  const gallery = goldenGallery(catalogue, published.rows, followedOf(follows));
  const { image, lineage, follows: follow, versionsBehind, daysBehind } = lineageOf(machine, gallery, now, team);
  const made = image === undefined ? writtenSource(machine) : `${image} ${machine.version}`.trim();
  const reply = machineGlanceCard({
    ...{ name: machine.name, resourceGroup: machine.resourceGroup, team, lineage },
    ...(made !== '' && { image: made }),
    ...(follow && { follows: follow }),
    behind: { versions: versionsBehind, ...(daysBehind !== undefined && { days: daysBehind }) },
    portal: portalOf(machine.id, deps),
  });
  return { reply, call: call('tattoo', { machine: machine.id }) };
}
