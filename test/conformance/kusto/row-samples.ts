import type { GuestStatus, Place, PolicyState } from '../../../core/compliance';
import type { Resource } from '../../../sandbox/azure/compute/resource';
import { syntheticSubscription } from '../../../sandbox/azure/estate/shape';
import { teamSubscriptions } from '../../../sandbox/azure/names';
import { queries } from '../../../services/resource-graph';
import { ubuntu } from '../../services/azure';
import { spellings, tagOf } from './machine-samples';
import { at, byId, grouped, is, isArc, isVm, place, placeOf } from './resources';
import type { Sample } from './samples';

const [first = '', , last = ''] = teamSubscriptions;

/** Of a resource group's name: any of these subscriptions may have it. */
const places = (resourceGroup: string): Place[] =>
  [first, last, syntheticSubscription(0)].map((subscription) => ({ subscription, resourceGroup }));

/** Machines of these resource groups that `bad` is said of, by what their rows call them. */
function judged(rows: readonly Resource[], column: string, resourceGroup: string, bad: (row: Resource) => boolean) {
  const machineOf = (row: Resource) => at(row, 'properties', column).toLowerCase();
  const wanted = places(resourceGroup.toLowerCase()).map(
    (p) => `/subscriptions/${p.subscription}/resourcegroups/${p.resourceGroup}`,
  );
  const found = grouped(
    rows.filter(bad).filter((row) => wanted.includes(placeOf(machineOf(row)))),
    machineOf,
  );
  return found.map(([machine]) => machine);
}

const worst = { state: 'NonCompliant' satisfies PolicyState, status: 'NonCompliant' satisfies GuestStatus } as const;
const type = 'microsoft.compute/virtualmachinescalesets';
const states = 'microsoft.policyinsights/policystates';
const guests = 'microsoft.guestconfiguration/guestconfigurationassignments';
const keys = (resourceGroup: string) =>
  places(resourceGroup).map((p) => `${p.subscription}/${p.resourceGroup}`.toLowerCase());

/** Shared or not, in any case: what the model of a scale set names. */
function modelOf(set: Resource) {
  const of = (name: string) => at(set, 'properties', 'virtualMachineProfile', 'storageProfile', 'imageReference', name);
  const [source = '', version = ''] = (of('id') || of('sharedGalleryImageId')).toLowerCase().split('/versions/');
  return { source, version: version === 'latest' ? '' : version };
}

/** Whether it takes what becomes the latest by itself. */
function upgrades(set: Resource): boolean {
  const policy = set.properties['upgradePolicy'] as
    | { readonly automaticOSUpgradePolicy?: { readonly enableAutomaticOSUpgrade?: boolean } }
    | undefined;
  return modelOf(set).version === '' && policy?.automaticOSUpgradePolicy?.enableAutomaticOSUpgrade === true;
}

/** How its owner is asked before it is upgraded by itself. */
function asks(set: Resource): object {
  const { lifecycleHooks = [] } = (set.properties['lifecycleHooksProfile'] ?? {}) as { lifecycleHooks?: unknown[] };
  return lifecycleHooks.length > 0 ? { asks: 'hook' } : {};
}

/** By its id and as it is named through direct sharing, which only names without a slash can be. */
function definitionIds(definition: string): string[] {
  const { subscription, resourceGroup, gallery } = ubuntu;
  const id =
    `/subscriptions/${subscription}/resourcegroups/${resourceGroup}/providers/microsoft.compute/galleries/${gallery}/images/${definition}`.toLowerCase();
  const shared = `/sharedgalleries/${subscription}-${gallery}/images/${definition}`.toLowerCase();
  return [id, definition === '' || definition.includes('/') ? id : shared];
}

const made = 'microsoft.compute/galleries/images/versions';
const [templates, disks] = ['microsoft.virtualmachineimages/imagetemplates', 'microsoft.compute/disks'];
const pools = [
  ...['microsoft.compute/images', 'microsoft.batch/batchaccounts/pools', 'microsoft.devcenter/devcenters/galleries'],
  ...['microsoft.desktopvirtualization/hostpools', 'microsoft.devopsinfrastructure/pools'],
  'microsoft.devtestlab/labs/sharedgalleries',
];

const gallery = 'microsoft.compute/galleries';
const hosts = [
  ...[gallery, 'microsoft.batch/batchaccounts', 'microsoft.desktopvirtualization/hostpools'],
  ...['microsoft.devcenter/devcenters', 'microsoft.devtestlab/labs'],
];
const galleryId = `/subscriptions/${ubuntu.subscription}/resourceGroups/${ubuntu.resourceGroup}/providers/Microsoft.Compute/galleries/${ubuntu.gallery}`;

/** The definition and the number of its version that a text names first: empty where it names none or the latest. */
function namedIn(text: string, definition: string): { source: string; version: string } | undefined {
  const lower = text.toLowerCase();
  for (const id of [...definitionIds(definition)].sort((a, b) => lower.indexOf(a) - lower.indexOf(b))) {
    const from = lower.indexOf(id);
    if (from < 0) continue;
    const [, number = ''] = /^\/versions\/([0-9a-z.]+)/.exec(lower.slice(from + id.length)) ?? [];
    const after = lower.slice(from + id.length + (number === '' ? 0 : `/versions/${number}`.length));
    if (!/^[0-9a-z._/-]/.test(after)) return { source: id, version: number === 'latest' ? '' : number };
  }
  return undefined;
}

function imageConsumers(estate: readonly Resource[], definition: string): unknown[] {
  const saying = (r: Resource): string => {
    if (is(made)(r)) {
      const said = [tagOf(r, 'goldbot-source'), tagOf(r, 'VMImageBuilderSource')];
      return [JSON.stringify(r.properties['storageProfile']), ...said].join(' ');
    }
    if (is(disks)(r)) return r.managedBy ? '' : JSON.stringify(r.properties['creationData']);
    return pools.some((type) => is(type)(r)) ? JSON.stringify(r.properties) : '';
  };
  return estate
    .flatMap((r) => {
      const named = namedIn(saying(r), definition);
      if (named) return [{ r, named, kind: consumerKind(r) }];
      return mayUseUnseen(r) ? [{ r, named: { source: '', version: '' }, kind: 'unseen' }] : [];
    })
    .sort((a, b) => byId(a.r, b.r))
    .map(({ r, named, kind }) => ({
      ...{ ...place(r.id), id: r.id, name: r.name, type: r.type.toLowerCase(), location: r.location, ...named, kind },
      tags: tagOf(r, 'team') ? { team: tagOf(r, 'team') } : {},
    }));
}

/** Of galleries the image's own, while it is shared by itself with others. */
function mayUseUnseen(r: Resource): boolean {
  if (!hosts.some((type) => is(type)(r))) return false;
  if (!is(gallery)(r)) return true;
  const shared = ['groups', 'community'].includes(at(r, 'properties', 'sharingProfile', 'permissions').toLowerCase());
  return shared && r.id.toLowerCase() === galleryId.toLowerCase();
}

function consumerKind(r: Resource): string {
  if (is(disks)(r)) return 'disk';
  if (!is(made)(r)) return 'other';
  return at(r, 'properties', 'publishingProfile', 'replicationMode') === 'Shallow' ? 'shallow copy' : 'descendant';
}

const expression = (definition: string): string => {
  const names = [...new Set(definitionIds(definition))].map((id) => id.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return `(?i)(?:${names.join('|')})(?:/versions/([0-9a-z.]+))?(?:[^0-9a-z._/-]|$)`;
};

interface Reported {
  readonly resources?: readonly { readonly reasons?: readonly { readonly phrase: string }[] }[];
}

/** What every machine of these groups last reported; reasons of what failed alone. */
function guestReports(estate: readonly Resource[], group: string): unknown[] {
  const all = estate.filter(is(guests));
  return judged(all, 'targetResourceId', group, () => true)
    .sort()
    .map((machine) => ({
      machine,
      looks: all
        .filter((r) => at(r, 'properties', 'targetResourceId').toLowerCase() === machine)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((r) => {
          const status = at(r, 'properties', 'complianceStatus');
          const checked = at(r, 'properties', 'lastComplianceStatusChecked');
          const report = r.properties['latestAssignmentReport'] as unknown as Reported | undefined;
          const failed = status === 'NonCompliant' ? (report?.resources ?? []) : [];
          return {
            ...{ name: r.name, status, ...(checked && { checkedAt: new Date(checked) }) },
            reasons: failed.flatMap(({ reasons }) => (reasons ?? []).map(({ phrase }) => phrase)),
          };
        }),
    }));
}

function inOrder(query: ReturnType<typeof queries.lackingMachines>): ReturnType<typeof queries.lackingMachines> {
  const sorted = (row: ReturnType<typeof query.read>) => ({
    ...row,
    machines: row.machines.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  });
  return { ...query, read: (row) => sorted(query.read(row)) };
}

const parts = ['vm agent', 'guest configuration', 'monitor agent', 'collection rule'];

/** Group by group; the names within one in no order that Azure promises. */
function lackingMachines(estate: readonly Resource[]): unknown[] {
  const owner = (r: Resource) => r.id.toLowerCase().split(/\/extensions\/|\/providers\/microsoft\.insights\//)[0] ?? '';
  const has = (wanted: (r: Resource) => boolean) => new Set(estate.filter(wanted).map(owner));
  const extension = (of: string, value: string) => (r: Resource) =>
    r.type.toLowerCase().endsWith('/extensions') &&
    at(r, 'properties', 'provisioningState') === 'Succeeded' &&
    at(r, 'properties', of).startsWith(value);
  const guest = has(extension('publisher', 'Microsoft.GuestConfiguration'));
  const monitor = has(extension('type', 'AzureMonitor'));
  const rules = has(is('microsoft.insights/datacollectionruleassociations'));
  const off = (r: Resource) =>
    ['linuxConfiguration', 'windowsConfiguration'].some(
      (os) => at(r, 'properties', 'osProfile', os, 'provisionVMAgent') === 'false',
    );
  const machines = estate
    .filter((r) => isVm(r) || isArc(r))
    .map((r) => {
      const id = r.id.toLowerCase();
      const lacks = [off(r), isVm(r) && !guest.has(id), !monitor.has(id), !rules.has(id)];
      return { id, name: id.split('/').at(-1), lacks: parts.filter((_, n) => lacks[n]), ...place(id) };
    });
  const found = grouped(
    machines.filter(({ lacks }) => lacks.length > 0),
    ({ id }) => placeOf(id),
  );
  return found.map(([, own]) => ({
    machines: own.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, 1_000),
    unlisted: 0,
  }));
}

export const rowSamples = {
  machineTotals: {
    ask: () => queries.machineTotals(),
    names: ['-'],
    texts: () => ['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'],
    expected: (estate) =>
      (
        [
          ['vm', isVm],
          ['arc', isArc],
        ] as const
      )
        .map(([type, is]) => ({ type, machines: estate.filter(is).length }))
        .filter(({ machines }) => machines > 0),
  },
  lackingMachines: {
    ask: () => inOrder(queries.lackingMachines()),
    names: [''],
    texts: () => {
      const [vm, arc] = ['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'];
      const rules = 'microsoft.insights/datacollectionruleassociations';
      return [
        ...[vm, arc, `${vm}/extensions`, `${arc}/extensions`, '/extensions/', '/extensions/', 'Succeeded'],
        ...[
          vm,
          arc,
          'false',
          arc,
          'Microsoft.GuestConfiguration',
          'AzureMonitorLinuxAgent',
          'AzureMonitorWindowsAgent',
        ],
        ...[rules, `/providers/${rules}/`, '/', '/', '/', '/microsoft.hybridcompute/', '/'],
      ];
    },
    expected: lackingMachines,
  },
  imageConsumers: {
    ask: (definition) => queries.imageConsumers([{ ...ubuntu, definition }], ['team']),
    names: [ubuntu.definition, 'ubuntu-22-22', 'nothing'],
    texts: (definition) => [
      ...[templates, made, disks, ...pools, ...hosts, disks, templates, made],
      ...[' ', ...spellings('goldbot-source'), ' ', ...spellings('VMImageBuilderSource'), disks],
      ...[expression(definition), expression(definition), ...hosts, gallery, galleryId, 'Groups', 'Community'],
      ...spellings('team'),
    ],
    expected: imageConsumers,
  },
  policyMachines: {
    ask: (group) => queries.policyMachines({ places: places(group) }, worst.state),
    names: ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'],
    texts: (group) => [
      ...[states, 'microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'],
      ...['/', '/', '/', ...keys(group)],
      ...['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'],
    ],
    expected: (estate, group) => {
      const machines = ['virtualmachines', 'machines'];
      const isMachine = (r: Resource) =>
        machines.includes(at(r, 'properties', 'resourceType').toLowerCase().split('/').at(-1) ?? '');
      const bad = (r: Resource) => isMachine(r) && at(r, 'properties', 'complianceState') === 'NonCompliant';
      const found = judged(estate.filter(is(states)), 'resourceId', group, bad);
      return found.map((machine) => ({ machine, worst: worst.state }));
    },
  },
  guestReports: {
    ask: (group) => queries.guestReports({ places: places(group) }),
    names: ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'],
    texts: (group) => [
      ...[guests, '/virtualmachines/', '/microsoft.hybridcompute/machines/', '/', '/', '/', ...keys(group)],
      ...['NonCompliant', 'Pending', 'Compliant', ''],
    ],
    expected: guestReports,
  },
  guestMachines: {
    ask: (group) => queries.guestMachines({ places: places(group) }, worst.status),
    names: ['rg-legacy', 'RG-Fleet-00001', 'rg-nobody'],
    texts: (group) => [
      ...[guests, '/virtualmachines/', '/microsoft.hybridcompute/machines/', '/', '/', '/', ...keys(group)],
      ...['NonCompliant', 'Pending', 'Compliant'],
    ],
    expected: (estate, group) => {
      const bad = (r: Resource) => at(r, 'properties', 'complianceStatus') === 'NonCompliant';
      const found = judged(estate.filter(is(guests)), 'targetResourceId', group, bad);
      return found.map((machine) => ({ machine, worst: worst.status }));
    },
  },
  scaleSets: {
    ask: (definition) => queries.scaleSets(definitionIds(definition)[0] ?? ''),
    names: [ubuntu.definition, 'ubuntu-22-22', 'nothing'],
    texts: (definition) => [
      ...[type, ':', ':', '/versions/', '::', '', '/versions/', 'latest', ''],
      ...definitionIds(definition),
    ],
    expected: (estate, definition) =>
      estate
        .filter(is(type))
        .filter((set) => definitionIds(definition).includes(modelOf(set).source))
        .sort(byId)
        .map((set) => ({
          ...{ ...place(set.id), ...modelOf(set), id: set.id, name: set.name },
          ...{
            tags: set.tags ?? {},
            location: set.location,
            selfUpgrading: upgrades(set),
            takesReimage: at(set, 'properties', 'orchestrationMode') !== 'Flexible',
          },
          ...{ mode: at(set, 'properties', 'upgradePolicy', 'mode') || 'Automatic', ...asks(set) },
        })),
  },
} satisfies Readonly<Record<string, Sample>>;
