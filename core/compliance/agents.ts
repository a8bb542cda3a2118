import { placeKey } from '../access';
import { byText, grouped } from '../collections';
import type { Share } from './attribution';
import type { Gap } from './gaps';
import type { Place } from './inventory';

/**
 * What a machine needs so that anybody hears of it: the VM agent, which runs all the others; the extension of guest
 * configuration; the Azure Monitor agent; and a data collection rule, which tells that one what to send and where.
 */
export const agentParts = ['vm agent', 'guest configuration', 'monitor agent', 'collection rule'] as const;
export type AgentPart = (typeof agentParts)[number];

/** A VM or Arc machine on which something is missing. Whether what is there works is not known. */
export interface LackingMachine extends Place {
  /** Lower case. */
  readonly id: string;
  readonly name: string;
  readonly lacks: readonly AgentPart[];
}

/** How many machines there are of which something could be missing, whoever has them. */
export interface MachineTotals {
  readonly vm: number;
  readonly arc: number;
}

/** How many machines of a team lack something, with the names of the first. */
export interface AgentFigure {
  readonly part: AgentPart;
  readonly machines: number;
  readonly first: readonly string[];
  /** The first VM among them; absent where all are Arc machines, and in what earlier versions stored. */
  readonly vm?: string;
}

const mostNames = 5;

/** Of a VM itself; no instance of a uniform scale set, no Arc machine. */
export const isVmId = (id: string): boolean => /\/microsoft\.compute\/virtualmachines\/[^/]+$/i.test(id);

/** Those of guest configuration, by lower-case id of the machine: without one of them nothing looks inside. */
export function guestLacks(lacking: readonly LackingMachine[]): ReadonlyMap<string, readonly AgentPart[]> {
  const wanted: readonly AgentPart[] = ['vm agent', 'guest configuration'];
  return new Map(lacking.map((one) => [one.id, toldOf(one).filter((part) => wanted.includes(part))]));
}

/** Without the VM agent nothing else can be there: only that is told of such a machine. */
function toldOf({ lacks }: LackingMachine): readonly AgentPart[] {
  return lacks.includes('vm agent') ? ['vm agent'] : lacks;
}

/**
 * What goldbot sees on no machine at all: nobody has it, or goldbot may not read it. That is one gap, and no fault of each
 * machine. An Arc machine has guest configuration in its own agent, and always a VM agent in that sense.
 */
export function unseenParts(all: MachineTotals, lacking: readonly LackingMachine[]): readonly AgentPart[] {
  const most = (part: AgentPart) => all.vm + (part === 'guest configuration' ? 0 : all.arc);
  return agentParts.filter((part) => {
    const machines = lacking.filter(({ lacks }) => lacks.includes(part)).length;
    return part !== 'vm agent' && machines > 0 && machines >= most(part);
  });
}

/** What is known about whose machines are where. */
export interface Whose {
  /** By team; null: nobody's. */
  readonly shares: ReadonlyMap<string | null, readonly Share[]>;
  /** The team of each machine that Azure named, by lower-case id. */
  readonly members: ReadonlyMap<string, string | null>;
}

/**
 * What machines of each team lack, in the order of `agentParts`; teams that lack nothing are not there. A machine in a
 * resource group of several teams of which Azure did not name it belongs to none of them here: the gap of such groups says
 * so.
 */
export function agentsOfTeams(
  lacking: readonly LackingMachine[],
  unseen: readonly AgentPart[],
  { shares, members }: Whose,
): ReadonlyMap<string | null, readonly AgentFigure[]> {
  const owners = new Map(
    [...shares].flatMap(([team, own]) =>
      own.flatMap((share) => (share.alone ? [[placeKey(share), team] as const] : [])),
    ),
  );
  const teamOf = (machine: LackingMachine) => {
    const place = placeKey(machine);
    return owners.has(place) ? owners.get(place) : members.get(machine.id);
  };
  const known = lacking.flatMap((machine) => {
    const team = teamOf(machine);
    return team === undefined ? [] : [{ machine, team }];
  });
  const byTeam = grouped(known, ({ team }) => team);
  return new Map([...byTeam].map(([team, own]) => [team, figuresOf(own, unseen)] as const));
}

function figuresOf(own: readonly { readonly machine: LackingMachine }[], unseen: readonly AgentPart[]): AgentFigure[] {
  return agentParts.flatMap((part) => {
    const machines = own.map(({ machine }) => machine).filter((machine) => toldOf(machine).includes(part));
    if (machines.length === 0 || unseen.includes(part)) return [];
    const sorted = machines.sort((a, b) => byText(a.name, b.name));
    const vm = sorted.find(({ id }) => isVmId(id));
    const first = sorted.slice(0, mostNames).map(({ name }) => name);
    return [{ part, machines: sorted.length, first, ...(vm && { vm: vm.name }) }];
  });
}

export function agentGaps(unseen: readonly AgentPart[]): readonly Gap[] {
  return unseen.length === 0 ? [] : [{ figure: 'agents', reason: 'none seen', parts: unseen }];
}
