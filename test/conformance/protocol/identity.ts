import { type Check, type Json, resourcesOf, type Seen } from './checks';

/** How Azure spells the segments of ids, as recorded. */
const spellings: Readonly<Record<string, { readonly group: string; readonly types: readonly string[] }>> = {
  'Microsoft.Compute': {
    group: 'resourceGroups',
    types: [
      'galleries',
      'images',
      'versions',
      'virtualMachines',
      'runCommands',
      'disks',
      'virtualMachineScaleSets',
      'diskEncryptionSets',
      'extensions',
    ],
  },
  'Microsoft.VirtualMachineImages': { group: 'resourcegroups', types: ['imageTemplates', 'runOutputs', 'triggers'] },
};

/** Marketplace images have ids of their own making. */
const marketplace =
  /^\/Subscriptions\/[^/]+\/Providers\/Microsoft\.Compute\/Locations\/[^/]+\/Publishers\/[^/]+(\/ArtifactTypes\/VMImage\/Offers\/[^/]+(\/Skus\/[^/]+(\/Versions\/[^/]+)?)?)?$/;

const fromAbove =
  /^\/providers\/Microsoft\.Management\/managementGroups\/[^/]+\/providers\/Microsoft\.Authorization\/roleAssignments\//;

function spelling(id: string): string[] {
  const [, group] = id.split('/').filter((_, i) => i % 2 === 1);
  const [provider = '', ...rest] = (id.split('/providers/').at(-1) ?? '').split('/');
  const known = spellings[provider];
  const types = rest.filter((_, i) => i % 2 === 0);
  if (!known) {
    const meant = Object.keys(spellings).find((name) => name.toLowerCase() === provider.toLowerCase());
    return meant ? [`id spells ${provider}, not ${meant}`] : [];
  }
  const odd = types.filter((type) => !known.types.includes(type));
  return [
    ...(group === known.group || !/^resourcegroups$/i.test(group ?? '')
      ? []
      : [`id spells ${group}, not ${known.group}`]),
    ...odd
      .filter((type) => known.types.some((t) => t.toLowerCase() === type.toLowerCase()))
      .map((type) => `id spells the type ${type}`),
  ];
}

/** An instance is called after its scale set: `vmss-web_3` of `…/vmss-web/virtualMachines/3`. */
function isInstance(id: string, name: string): boolean {
  const [, set, instance] = /\/virtualMachineScaleSets\/([^/]+)\/virtualMachines\/([^/]+)$/i.exec(id) ?? [];
  return set !== undefined && name === `${set}_${instance}`;
}

function idProblems(exchange: Seen, resource: Json): string[] {
  const { id, name, type } = resource;
  if (typeof id !== 'string') return [];
  if (/^microsoft\.compute\/locations\/publishers/.test(exchange.type)) {
    return marketplace.test(id) ? [] : [`id of a marketplace image is ${id}`];
  }
  // Documented: the roles assigned at a scope are told with those assigned above it.
  if (exchange.kind === 'list' && fromAbove.test(id)) return [];
  if (!id.startsWith('/subscriptions/')) return [`id is ${id}`];
  const path = decodeURIComponent(exchange.at.pathname).toLowerCase();
  const lower = id.toLowerCase();
  const below = lower.startsWith(`${path}/`) || isOfSubscription(path, lower) || isAssignedAbove(path, lower);
  const named = typeNamedIn(id);
  return [
    ...((exchange.kind === 'list' ? below : id.toLowerCase() === path) ? [] : [`id ${id} is not of ${path}`]),
    ...(typeof name !== 'string' || id.endsWith(`/${name}`) || isInstance(id, name)
      ? []
      : [`name ${name} is not the end of ${id}`]),
    ...(type === undefined || type === named ? [] : [`type ${type} is not the type of ${id}`]),
    ...spelling(id),
  ];
}

function typeNamedIn(id: string): string {
  // The one resource that no provider's name stands before.
  if (/^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+$/.test(id)) return 'Microsoft.Resources/resourceGroups';
  const types = (id.split('/providers/').at(-1) ?? '').split('/');
  return [types[0], ...types.slice(1).filter((_, i) => i % 2 === 0)].join('/');
}

/** A list of a whole subscription holds resources of its groups. */
function isOfSubscription(path: string, id: string): boolean {
  const [, subscription, types] = /^\/subscriptions\/([^/]+)\/providers\/(.+)$/.exec(path) ?? [];
  return subscription !== undefined && id.startsWith(`/subscriptions/${subscription}/`) && id.includes(`/${types}/`);
}

/** As with those of management groups: on the resource group and the subscription that the scope is in. */
function isAssignedAbove(path: string, id: string): boolean {
  const assignments = '/providers/microsoft.authorization/roleassignments';
  const [scope = ''] = id.split(assignments);
  return path.endsWith(assignments) && id.startsWith(`${scope}${assignments}/`) && path.startsWith(`${scope}/`);
}

export const identityChecks: readonly Check[] = [
  {
    name: 'ids',
    why: 'recordings: the requested path but for its case, spelled as Azure does; name and type are its parts',
    check: (exchange) => resourcesOf(exchange).flatMap((resource) => idProblems(exchange, resource)),
  },
];
