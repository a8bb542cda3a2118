import type { AzureRead } from '../azure';
import { definitionId } from '../azure-id';
import { assignCommand, azureRoles } from '../azure-roles';
import { definitionsOf, machinesByTeam } from '../compliance';
import { galleryRef } from '../images';
import { type Finding, inWords, itself, warns } from '../preflight';
import { type House, type HouseLook, houseLook, so } from './house';

/**
 * Permissions, by trying what goldbot reads for people's questions: what Azure refuses is told by the action that is
 * missing. Resource Graph refuses nobody: it leaves out what one may not see.
 */

interface Tried {
  readonly at: string;
  readonly read: (azure: AzureRead, house: House) => Promise<unknown>;
}

/**
 * Of the images of which Resource Graph shows no version: none is there, or goldbot may not see them. What it shows may be
 * read.
 */
const mostTried = 20;

const tried: readonly Tried[] = [
  { at: 'what policies say about machines', read: (azure) => azure.policyCounts([]) },
  { at: 'what guest configuration says about machines', read: (azure) => azure.guestCounts([]) },
  { at: 'the management groups', read: (azure) => azure.managementGroups() },
  {
    at: 'the versions of golden images',
    read: async (azure, { catalogue }) => {
      const all = definitionsOf(catalogue);
      const [there, listed] = await Promise.all([
        azure.definitions(galleryRef(catalogue.azure)),
        azure.publishedVersions(all),
      ]);
      const names = new Set(there.map(({ name }) => name.toLowerCase()));
      const seen = new Set(listed.rows.map(({ source }) => source));
      const unseen = all.filter(
        (image) => names.has(image.definition.toLowerCase()) && !seen.has(definitionId(image).toLowerCase()),
      );
      return Promise.all(unseen.slice(0, mostTried).map((image) => azure.versions(image)));
    },
  },
  {
    at: 'image templates of others',
    read: (azure, { catalogue }) => azure.foreignTemplates(catalogue.azure.subscription),
  },
  {
    at: 'what builds have left',
    read: (azure, { catalogue }) => {
      const { subscription, buildResourceGroup: resourceGroup, location } = catalogue.azure;
      return azure.remains({ subscription, resourceGroup, location }, []);
    },
  },
];

const machines = houseLook<ReadonlyMap<string, number>>({
  at: 'the machines of teams',
  read: async ({ azure }, { catalogue }) => {
    const counts = new Map<string, number>();
    for (const { team, count } of (await machinesByTeam(azure, catalogue)).rows) {
      if (team !== null) counts.set(team, (counts.get(team) ?? 0) + count.machines);
    }
    return counts;
  },
  judge: (counts, { catalogue }) => {
    const without = [...catalogue.teams.keys()].filter((team) => !counts.has(team));
    if (without.length === 0) return [];
    return without.length === catalogue.teams.size ? [noMachines] : [emptyTeams(without)];
  },
});

const list =
  'az graph query -q "Resources | where type =~ \'microsoft.compute/virtualmachines\' | project name, subscriptionId, resourceGroup, tags"';

const observing = azureRoles
  .filter(({ name }) => name === 'goldbot-observer')
  .map((role) => assignCommand(role, { objectId: itself, scope: '/subscriptions/<id>' }));

const noMachines: Finding = so(
  'Compliance figures and digests say nothing.',
  warns(
    'goldbot sees no machine of any team.',
    'Assign its identity the role that looks at machines where the teams’ machines are, or correct the scopes in teams.yaml:',
    ...observing,
  ),
);

function emptyTeams(teams: readonly string[]): Finding {
  return so(
    `Their figures are zero, and their digests say so.`,
    warns(
      `goldbot sees no machine of ${inWords(teams)}.`,
      'Correct the scope in teams.yaml, or assign goldbot’s identity its roles there; this lists machines with their tags:',
      list,
    ),
  );
}

export const readLooks: readonly HouseLook[] = [
  machines,
  ...tried.map(({ at, read }): HouseLook => ({ at, find: ({ azure }, house) => read(azure, house).then(() => []) })),
];
