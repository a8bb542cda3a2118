import { choiceCard, scopeWords } from '../../cards';
import { placeOf } from '../../core/access';
import { nameOfId, parseAzureId, resourceGroupId, resourceId, sameId } from '../../core/azure-id';
import { type CommandCall, call, type Verb } from '../../core/command-call';
import {
  assignmentName,
  type Machine,
  type MachineCompliance,
  type MachinePolicy,
  machineTeams,
  policiesMeant,
  policyWord,
  type TeamOf,
} from '../../core/compliance';
import { UserError } from '../../core/errors';
import { type Answer, type CommandContext, type Deps, nearest } from '../conversation';
import { chooseMachine, mustAct, unknownMachine } from '../inventory';

/** How many machines that share a name are offered. */
const mostNamesakes = 6;
const mostMembers = 100;

/** A machine that something is to be done to, and whose it is. */
export interface Target {
  /** Resource id. */
  readonly id: string;
  readonly name: string;
  readonly team: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** What was typed, for the choice between machines of the same name. */
export interface Typed {
  readonly verb: Verb;
  readonly machine: string;
  /** The other arguments. */
  readonly given: Readonly<Record<string, string>>;
}

/**
 * The machine by name or resource id, if the person may act for its team; a choice if several have that name.
 *
 * @throws UserError `UNKNOWN_MACHINE`, `WRONG_ROLE` with whom to ask.
 */
export async function targetOf(ctx: CommandContext, typed: Typed, deps: Deps): Promise<Target | Answer> {
  const catalogue = deps.catalogue();
  const [ids, teamOf] = await Promise.all([machineIds(typed.machine, deps), machineTeams(deps.read, catalogue)]);
  const found = await Promise.all(ids.map((id) => withTeam(id, teamOf, deps)));
  const [first, ...others] = found.filter((target) => target !== undefined);
  if (!first) throw unknownMachine(typed.machine);
  const own = [first, ...others].filter(({ team }) => ctx.rights.actsFor(team));
  const { verb, machine, given } = typed;
  if (own.length > 1) return chooseMachine(machine, own, (id) => call(verb, { ...given, machine: id }));
  const target = own[0] ?? first;
  const { name, team } = target;
  mustAct(ctx, catalogue, team, { act: `act for ${name}${team === null ? ', which belongs to no team' : ''}` });
  return target;
}

export const isAnswer = (found: object): found is Answer => 'card' in found;

/** Machines with a name, or the scale set of that name. Instances of a uniform set are changed by their set. */
async function machineIds(typed: string, { read }: Deps): Promise<readonly string[]> {
  if (typed.startsWith('/')) return machineId(typed.replace(/\/+$/, ''));
  const named = await read.machineList({ name: typed }, mostNamesakes);
  if (named.rows.length > 0) return unique(named.rows.map(({ id }) => setOf(id) ?? id));
  const members = await read.machineList({ scaleSet: typed }, mostMembers);
  return unique(members.rows.map((row) => setOf(row.id) ?? setBeside(row)));
}

const machineTypes = [
  'Microsoft.Compute/virtualMachines',
  'Microsoft.Compute/virtualMachineScaleSets',
  'Microsoft.HybridCompute/machines',
];

/** Nothing but a machine's own id in a resource group: no other resource, and nothing that is on a machine. */
function machineId(typed: string): readonly string[] {
  const id = parseAzureId(setOf(typed) ?? typed);
  const machine = machineTypes.some((type) => id?.isA(type)) && id?.resourceGroup !== '';
  return id && machine && sameId(id.scope, resourceGroupId(id)) ? [id.text] : [];
}

/** The id of the uniform scale set that an instance belongs to. */
function setOf(text: string): string | undefined {
  const id = parseAzureId(text);
  return id?.isA('Microsoft.Compute/virtualMachineScaleSets/virtualMachines') ? id.parent : undefined;
}

/** Members of a flexible set are VMs in the set's own resource group. */
function setBeside(machine: Machine): string {
  return resourceId(machine, 'Microsoft.Compute/virtualMachineScaleSets', machine.scaleSet ?? '');
}

function unique(ids: readonly string[]): readonly string[] {
  return [...new Map(ids.map((id) => [id.toLowerCase(), id])).values()];
}

async function withTeam(id: string, teamOf: TeamOf, { read }: Deps): Promise<Target | undefined> {
  const tags = await read.tagsOf(id);
  return tags && { id, name: nameOfId(id), team: teamOf({ ...placeOf(id), tags }), tags };
}

/** States that are worth an exemption or a remediation; an exempt one may be renewed. */
const open: readonly MachinePolicy['state'][] = ['NonCompliant', 'Conflict', 'Error', 'Exempt'];

/** The rows of one assignment: several are several definitions of an initiative. */
export interface Meant {
  readonly rows: readonly [MachinePolicy, ...MachinePolicy[]];
  /** True when one definition of an initiative was named. */
  readonly one: boolean;
}

interface Asking {
  /** The machine's name. */
  readonly machine: string;
  /** The same command with another policy. */
  readonly again: (policy: string) => CommandCall;
}

/**
 * Which of a machine's policies is meant; a choice by scope when several assignments have that name.
 *
 * @throws UserError `BAD_COMMAND` with the nearest of those that fail.
 */
export function meantPolicies(
  { policies }: Pick<MachineCompliance, 'policies'>,
  typed: string,
  asking: Asking,
): Meant | Answer {
  const { assignments, one } = policiesMeant(policies, typed);
  const [rows, ...others] = assignments;
  if (!rows) throw unknownPolicy(policies, typed, asking);
  if (others.length === 0) return { rows, one };
  return choiceCard({
    message: `Which "${typed.slice(0, 80)}" do you mean?`,
    reason: `${assignments.length} assignments of this name apply to ${asking.machine}.`,
    choices: assignments.map(([policy]) => ({
      // Their names are the same, and a button holds few letters.
      title: scopeWords(policy.assignment),
      call: asking.again(one ? policyWord(policy, policies) : policy.assignment),
    })),
  });
}

function unknownPolicy(policies: readonly MachinePolicy[], typed: string, { machine, again }: Asking): UserError {
  const failing = [...new Set(policies.filter(({ state }) => open.includes(state)).map(assignmentName))];
  const near = nearest(typed.trim().toLowerCase(), failing) ?? (failing.length === 1 ? failing[0] : undefined);
  const known =
    failing.length === 0 ? `No policy fails on ${machine}.` : `Failing there: ${failing.slice(0, 6).join(', ')}.`;
  return new UserError('BAD_COMMAND', `No policy assignment "${typed.slice(0, 80)}" applies to ${machine}. ${known}`, {
    hint: near ? `Did you mean ${near}? Nothing was done.` : 'See what is said of the machine.',
    next: [near ? again(near) : call('compliance', { why: machine })],
  });
}
