import { parseAzureId, resourceGroupId, subscriptionId } from '../../core/azure-id';
import { byText, sumOf } from '../../core/collections';
import {
  type Exemption,
  type GuestCount,
  type GuestLook,
  type GuestReport,
  type GuestStatus,
  guestStatuses,
  type Judged,
  type JudgedMachines,
  type MachineCompliance,
  type MachinePolicy,
  madeUpName,
  type Place,
  type PolicyCount,
  type PolicyState,
  policyStates,
  type Within,
} from '../../core/compliance';
import {
  certainTimeIn,
  type GraphRow,
  kqlString,
  kqlStrings,
  listIn,
  numberIn,
  type Query,
  textIn,
  timeIn,
} from './kql';
import { inPlaces, placeKeys } from './machine-queries';

/** Policy also judges resources that are not machines. Scale sets are judged, their instances are not. */
const machineTypes = ['microsoft.compute/virtualmachines', 'microsoft.hybridcompute/machines'];
const scaleSetType = 'microsoft.compute/virtualmachinescalesets';

/** Worst first: the place in the list is the rank in the query. */
const stateRanks: readonly PolicyState[] = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];
/** As Azure ranks them for its own percentage, and which of them it calls good there. */
const azureRanks: readonly PolicyState[] = ['NonCompliant', 'Compliant', 'Error', 'Conflict', 'Exempt', 'Unknown'];
const azureGood = (['Compliant', 'Exempt', 'Unknown'] as const).map((state) => azureRanks.indexOf(state));
const statusRanks: readonly GuestStatus[] = ['NonCompliant', 'Pending', 'Compliant'];

const states = [
  'policyresources',
  "| where type =~ 'microsoft.policyinsights/policystates'",
  '| extend machine = tolower(tostring(properties.resourceId))',
];

const guests = [
  'guestconfigurationresources',
  "| where type =~ 'microsoft.guestconfiguration/guestconfigurationassignments'",
  '| extend machine = tolower(tostring(properties.targetResourceId))',
];

const [stateType, exemptionType, assignmentType] = [
  'microsoft.policyinsights/policystates',
  'microsoft.authorization/policyexemptions',
  'microsoft.authorization/policyassignments',
];

/** What an exemption is about, and what an assignment is called. */
const exemption =
  '| project id, what = tolower(type), name, displayName = tostring(properties.displayName), assignment = tolower(tostring(properties.policyAssignmentId)), category = tostring(properties.exemptionCategory), reason = coalesce(tostring(properties.description), tostring(properties.displayName)), expiresAt = todatetime(properties.expiresOn)';

/** What the ids of machines, and of nothing else, contain. */
const isMachine = "machine contains '/virtualmachines/' or machine contains '/microsoft.hybridcompute/machines/'";

/** Machines and scale sets by their worst state, as goldbot ranks them and as Azure does. */
const statesByMachine = (within?: Within): readonly string[] => [
  ...states,
  ...(within ? inside(within) : []),
  `| where tostring(properties.resourceType) in~ (${kqlStrings([...machineTypes, scaleSetType])})`,
  '| extend state = tostring(properties.complianceState), at = todatetime(properties.timestamp)',
  `| extend rank = ${rank('state', stateRanks, 'Unknown')}, azure = ${rank('state', azureRanks, 'Unknown')}`,
  `| extend isSet = tostring(properties.resourceType) =~ ${kqlString(scaleSetType)}`,
  '| summarize worst = min(rank), azure = min(azure), newest = max(at), oldest = min(at) by machine, isSet',
  `| extend good = azure in (${azureGood.join(', ')})`,
];

const guestsByMachine = (within?: Within): readonly string[] => [
  ...guests,
  ...(within ? inside(within) : []),
  `| where ${isMachine}`,
  '| extend status = tostring(properties.complianceStatus), at = todatetime(properties.lastComplianceStatusChecked)',
  `| extend rank = ${rank('status', statusRanks, 'Pending')}`,
  '| summarize worst = min(rank), newest = max(at), oldest = min(at) by machine',
];

/** KQL: the machine where it lies in one of these places, else nothing. */
const singled = (singly: readonly Place[]): readonly string[] => [
  "| extend subscription = tostring(split(machine, '/')[2]), resourceGroup = tostring(split(machine, '/')[4])",
  singly.length === 0
    ? "| extend one = ''"
    : `| extend one = iff(strcat(subscription, '/', resourceGroup) in (${placeKeys(singly)}), machine, '')`,
];

/**
 * The counts of places, or those of each machine of a place, nested: every 1,000 rows cost a request. Places of a
 * subscription are together by the last letter of their names, which keeps rows few and their lists short; machines that
 * are told of one by one are so many that each of their places has a row.
 */
const nested = (columns: readonly string[]): readonly string[] => [
  '| extend bucket = iff(isempty(one), substring(resourceGroup, strlen(resourceGroup) - 1), resourceGroup)',
  `| summarize counts = make_list(pack_array(resourceGroup, one, ${columns.join(', ')})), counted = sum(${columns.filter((column) => /^m\d$/.test(column)).join(' + ')}) by subscription, bucket`,
  "| extend id = strcat(subscription, '/', bucket)",
];

const stateColumns = [...stateRanks.map((_, n) => `m${n}`), 'good', 'resources', 'newest', 'oldest'];
const statusColumns = [...statusRanks.map((_, n) => `m${n}`), 'newest', 'oldest'];

function statesIn(name: string, singly: readonly Place[], within?: Within): Query<PolicyRow> {
  return {
    name,
    kql: [
      ...statesByMachine(within),
      ...singled(singly),
      `| summarize ${each(stateRanks, (n) => `m${n} = countif(worst == ${n} and not(isSet))`)}, good = countif(good), resources = count(), newest = max(newest), oldest = min(oldest) by subscription, resourceGroup, one`,
      ...nested(stateColumns),
      '| union (',
      ...[
        'policyresources',
        `| where type in~ (${kqlStrings([exemptionType, assignmentType])})`,
        ...(within ? orAbove(within) : []),
        `| where type =~ ${kqlString(exemptionType)} or tolower(name) matches regex ${kqlString(madeUpName)}`,
        exemption,
      ].map((line) => `    ${line}`),
      '  )',
      '| order by id asc',
    ].join('\n'),
    read: (row) => (row['what'] ? { ...verdictIn(row), counts: [], unlisted: 0 } : placeRow(row, policyCountIn)),
  };
}

function guestsIn(name: string, singly: readonly Place[], within?: Within): Query<PlaceRow<GuestCount>> {
  return {
    name,
    kql: [
      ...guestsByMachine(within),
      ...singled(singly),
      `| summarize ${each(statusRanks, (n) => `m${n} = countif(worst == ${n})`)}, newest = max(newest), oldest = min(oldest) by subscription, resourceGroup, one`,
      ...nested(statusColumns),
      '| order by id asc',
    ].join('\n'),
    read: (row) => placeRow(row, guestCountIn),
  };
}

/** By the ids of machines. */
function inside(within: Within): readonly string[] {
  if ('places' in within) return inPlaces(within.places);
  return within.subscriptions.length === 0
    ? ['| where 1 == 0']
    : [
        `| where tostring(split(machine, '/')[2]) in (${kqlStrings(within.subscriptions.map((one) => one.toLowerCase()))})`,
      ];
}

/** What is in these places, and what has them below itself: of subscriptions and management groups all. */
function orAbove(within: Within): readonly string[] {
  const [narrow, ...rest] =
    'places' in within
      ? ['/resourcegroups/', `${placeKeys(within.places)}`]
      : ['/subscriptions/', kqlStrings(within.subscriptions.map((one) => one.toLowerCase()))];
  const key = 'places' in within ? "strcat(split(at, '/')[2], '/', split(at, '/')[4])" : "tostring(split(at, '/')[2])";
  return [
    '| extend at = tolower(id)',
    `| where not(at contains ${kqlString(narrow)}) or ${key} in (${rest.join(', ')})`,
  ];
}

export const policyQueries = {
  /**
   * States by resource group, or machine by machine in those places; and every exemption, even of what is not a
   * machine: the caller knows which scopes concern it. With them the assignments whose names were made up: only these
   * need their display names. One question, since all of it is in one table.
   */
  policyCounts: (singly: readonly Place[]): Query<PolicyRow> => statesIn('policyCounts', singly),

  /** The same of some places alone, with the exemptions of what is in them or above them. */
  policyCountsWithin: (singly: readonly Place[], within: Within): Query<PolicyRow> =>
    statesIn('policyCountsWithin', singly, within),

  /** By resource group, or machine by machine in those places. */
  guestCounts: (singly: readonly Place[]): Query<PlaceRow<GuestCount>> => guestsIn('guestCounts', singly),

  guestCountsWithin: (singly: readonly Place[], within: Within): Query<PlaceRow<GuestCount>> =>
    guestsIn('guestCountsWithin', singly, within),

  /**
   * What policies say about one machine: its states, a row for each assignment and definition; the exemptions of the
   * machine, its resource group, its subscription, and of any management group; the assignments there.
   */
  machinePolicies: (machine: string): Query<VerdictRow> => ({
    name: 'machinePolicies',
    kql: [
      'policyresources',
      `| where type in~ (${kqlStrings([stateType, exemptionType, assignmentType])})`,
      '| extend machine = tolower(tostring(properties.resourceId))',
      "| extend scope = tostring(split(tolower(id), '/providers/microsoft.authorization/policy')[0])",
      `| where (type =~ ${kqlString(stateType)} and machine == ${kqlString(machine.toLowerCase())}) or scope in (${kqlStrings(scopesOf(machine))}) or scope startswith '/providers/microsoft.management/managementgroups/'`,
      '| project id, what = tolower(type), name, displayName = tostring(properties.displayName), assignment = tolower(tostring(properties.policyAssignmentId)), assignmentName = tostring(properties.policyAssignmentName), definition = tolower(tostring(properties.policyDefinitionId)), reference = tolower(tostring(properties.policyDefinitionReferenceId)), state = tostring(properties.complianceState), effect = tostring(properties.policyDefinitionAction), at = todatetime(properties.timestamp), category = tostring(properties.exemptionCategory), reason = coalesce(tostring(properties.description), tostring(properties.displayName)), expiresAt = todatetime(properties.expiresOn)',
      '| order by id asc',
    ].join('\n'),
    read: verdictIn,
  }),

  /** Guest configuration of one machine with what each failed check says. */
  machineGuests: (machine: string): Query<MachineCompliance['guest'][number]> => ({
    name: 'machineGuests',
    kql: [
      ...guests,
      `| where machine == ${kqlString(machine.toLowerCase())}`,
      '| project id, name, status = tostring(properties.complianceStatus), at = todatetime(properties.lastComplianceStatusChecked), checks = properties.latestAssignmentReport.resources',
      '| order by id asc',
    ].join('\n'),
    read: (row) => {
      const checkedAt = timeIn(row, 'at');
      return {
        name: textIn(row, 'name'),
        status: guestStatuses.find((status) => sameWord(status, textIn(row, 'status'))) ?? 'Pending',
        ...(checkedAt && { checkedAt }),
        reasons: reasonsOf(listIn(row, 'checks')),
      };
    },
  }),

  /** Machines by their worst policy state; those of one state alone when it is given. */
  policyMachines: (among: JudgedMachines, state?: PolicyState): Query<Judged<PolicyState>> => ({
    name: 'policyMachines',
    kql: [
      ...states,
      `| where tostring(properties.resourceType) in~ (${kqlStrings(machineTypes)})`,
      ...amongThem(among),
      `| extend rank = ${rank('tostring(properties.complianceState)', stateRanks, 'Unknown')}`,
      ...worstOf(state === undefined ? undefined : stateRanks.indexOf(state)),
    ].join('\n'),
    read: (row) => judged(row, stateRanks),
  }),

  /** The same by their worst guest configuration status. */
  guestMachines: (among: JudgedMachines, status?: GuestStatus): Query<Judged<GuestStatus>> => ({
    name: 'guestMachines',
    kql: [
      ...guests,
      `| where ${isMachine}`,
      ...amongThem(among),
      `| extend rank = ${rank('tostring(properties.complianceStatus)', statusRanks, 'Pending')}`,
      ...worstOf(status === undefined ? undefined : statusRanks.indexOf(status)),
    ].join('\n'),
    read: (row) => judged(row, statusRanks),
  }),

  /** What guest configuration last reported, a row for each machine; the checks of what failed come with it, as text. */
  guestReports: (among: JudgedMachines): Query<GuestReport> => ({
    name: 'guestReports',
    kql: [
      ...guests,
      `| where ${isMachine}`,
      ...amongThem(among),
      '| extend status = tostring(properties.complianceStatus), at = todatetime(properties.lastComplianceStatusChecked)',
      `| extend rank = ${rank('status', statusRanks, 'Pending')}`,
      `| extend checks = iff(rank == ${statusRanks.indexOf('NonCompliant')}, tostring(properties.latestAssignmentReport.resources), '')`,
      '| summarize looks = make_list(pack_array(name, rank, at, checks)) by machine',
      '| project id = machine, looks',
      '| order by id asc',
    ].join('\n'),
    read: (row) => ({
      machine: textIn(row, 'id'),
      // Azure promises no order within a list.
      looks: (listIn(row, 'looks') as readonly Listed[]).map(lookIn).sort((a, b) => byText(a.name, b.name)),
    }),
  }),
} as const;

/** An assignment by its lower-case id. */
interface AssignmentRow {
  readonly id: string;
  readonly displayName?: string;
}

/** One of the three. */
export interface VerdictRow {
  readonly policy?: MachinePolicy;
  readonly exemption?: Exemption;
  readonly assignment?: AssignmentRow;
}

/** The counts of one resource group. */
export interface PlaceRow<Count> {
  /** One for all, or one for each machine. */
  readonly counts: readonly Count[];
  /** How many machines are missing from the list, whose length Azure limits. */
  readonly unlisted: number;
}

/** Counts, or one of the others. */
export type PolicyRow = VerdictRow & PlaceRow<PolicyCount>;

/** Of a list within a row: what a column would hold. */
type Listed = readonly unknown[];

function placeRow<Count extends { readonly machines: Readonly<Record<string, number>> }>(
  row: GraphRow,
  read: (row: GraphRow, place: Place & { machine?: string }) => Count,
): PlaceRow<Count> {
  const subscription = textIn(row, 'subscription');
  const lists = listIn(row, 'counts') as readonly Listed[];
  const counts = lists.map((list) => {
    const cells = Object.fromEntries(list.map((value, n) => [n, value]));
    const [resourceGroup, machine] = [textIn(cells, '0'), textIn(cells, '1')];
    return read(cells, { subscription, resourceGroup, ...(machine !== '' && { machine }) });
  });
  const listed = sumOf(counts, ({ machines }) => sumOf(Object.values(machines), (n) => n));
  return { counts, unlisted: numberIn(row, 'counted') - listed };
}

/** Which cell of a list a column is in: the place and the machine come first. */
const cell = (columns: readonly string[], column: string): string => String(columns.indexOf(column) + 2);

function policyCountIn(row: GraphRow, place: Place): PolicyCount {
  const at = (column: string) => cell(stateColumns, column);
  return {
    ...place,
    machines: byName(policyStates, (state) => numberIn(row, at(`m${stateRanks.indexOf(state)}`))),
    azure: { good: numberIn(row, at('good')), all: numberIn(row, at('resources')) },
    newest: certainTimeIn(row, at('newest')),
    oldest: certainTimeIn(row, at('oldest')),
  };
}

function guestCountIn(row: GraphRow, place: Place): GuestCount {
  const at = (column: string) => cell(statusColumns, column);
  const [newest, oldest] = [timeIn(row, at('newest')), timeIn(row, at('oldest'))];
  return {
    ...place,
    machines: byName(guestStatuses, (status) => numberIn(row, at(`m${statusRanks.indexOf(status)}`))),
    ...(newest && { newest }),
    ...(oldest && { oldest }),
  };
}

function lookIn(cells: Listed): GuestLook {
  const row = Object.fromEntries(['name', 'rank', 'at', 'checks'].map((column, n) => [column, cells[n]]));
  const status = statusRanks[numberIn(row, 'rank')] ?? 'Pending';
  const [checkedAt, checks] = [timeIn(row, 'at'), textIn(row, 'checks')];
  return {
    name: textIn(row, 'name'),
    status,
    ...(checkedAt && { checkedAt }),
    reasons: checks === '' ? [] : reasonsOf(JSON.parse(checks)),
  };
}

/** What each check says that did not pass. */
const reasonsOf = (checks: readonly unknown[]): readonly string[] =>
  (checks as readonly Check[]).flatMap(({ reasons }) => (reasons ?? []).flatMap(({ phrase }) => phrase ?? []));

interface Check {
  readonly reasons?: readonly { readonly phrase?: string }[] | null;
}

const sameWord = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** KQL: the place of a word in the list; words that Azure may add count as `otherwise`. */
function rank<Word extends string>(of: string, words: readonly Word[], otherwise: Word): string {
  const cases = words.map((word, n) => `${of} =~ ${kqlString(word)}, ${n}`);
  return `case(${cases.join(', ')}, ${words.indexOf(otherwise)})`;
}

const each = (words: readonly string[], column: (n: number) => string): string =>
  words.map((_, n) => column(n)).join(', ');

const byName = <Name extends string>(names: readonly Name[], of: (name: Name) => number) =>
  Object.fromEntries(names.map((name) => [name, of(name)])) as Readonly<Record<Name, number>>;

/** The machine, its resource group, its subscription; lower case. */
function scopesOf(machine: string): string[] {
  const id = parseAzureId(machine);
  // Always three: the shape of a query never depends on what somebody asks for.
  if (!id) return [machine, machine, machine].map((text) => text.toLowerCase());
  return [id.key, resourceGroupId(id).toLowerCase(), subscriptionId(id.subscription).toLowerCase()];
}

function verdictIn(row: GraphRow): VerdictRow {
  if (textIn(row, 'what') === assignmentType) return { assignment: assignmentIn(row) };
  return textIn(row, 'what') === exemptionType ? { exemption: exemptionIn(row) } : { policy: policyIn(row) };
}

function assignmentIn(row: GraphRow): AssignmentRow {
  const displayName = textIn(row, 'displayName');
  return { id: textIn(row, 'id').toLowerCase(), ...(displayName && { displayName }) };
}

function policyIn(row: GraphRow): MachinePolicy {
  const [reference, effect] = [textIn(row, 'reference'), textIn(row, 'effect')];
  return {
    assignment: textIn(row, 'assignment'),
    name: textIn(row, 'assignmentName'),
    definition: textIn(row, 'definition'),
    ...(reference && { reference }),
    state: policyStates.find((state) => sameWord(state, textIn(row, 'state'))) ?? 'Unknown',
    ...(effect && { effect }),
    evaluatedAt: certainTimeIn(row, 'at'),
  };
}

function exemptionIn(row: GraphRow): Exemption {
  const id = textIn(row, 'id');
  const expiresAt = timeIn(row, 'expiresAt');
  const reason = textIn(row, 'reason');
  return {
    id,
    name: textIn(row, 'name'),
    scope: parseAzureId(id)?.scope.toLowerCase() ?? '',
    assignment: textIn(row, 'assignment'),
    category: sameWord(textIn(row, 'category'), 'Mitigated') ? 'Mitigated' : 'Waiver',
    ...(reason && { reason }),
    ...(expiresAt && { expiresAt }),
  };
}

const amongThem = (among: JudgedMachines): string[] =>
  'places' in among
    ? inPlaces(among.places)
    : [among.ids.length === 0 ? '| where 1 == 0' : `| where machine in (${kqlStrings(among.ids.map(lower))})`];

const lower = (text: string): string => text.toLowerCase();

const worstOf = (wanted: number | undefined): string[] => [
  '| summarize worst = min(rank) by machine',
  ...(wanted === undefined ? [] : [`| where worst == ${wanted}`]),
  '| project id = machine, worst',
  '| order by id asc',
];

function judged<Verdict extends string>(row: GraphRow, ranks: readonly Verdict[]): Judged<Verdict> {
  const worst = ranks[numberIn(row, 'worst')];
  if (worst === undefined) throw new Error('Resource Graph: no rank in the column worst');
  return { machine: textIn(row, 'id'), worst };
}
