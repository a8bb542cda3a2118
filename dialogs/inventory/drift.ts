import { type DriftRow, driftCard, machinesPage } from '../../cards';
import { placeKey } from '../../core/access';
import { byText, each, sumOf } from '../../core/collections';
import { type CommandCall, call } from '../../core/command-call';
import {
  type AgentPart,
  type Counted,
  type DriftCause,
  driftCauses,
  driftOf,
  type GuestReport,
  guestLacks,
  type Lineage,
  type Machine,
  type Place,
  partial,
  questions,
} from '../../core/compliance';
import { lineageOf } from '../../core/images';
import type { Answer, CommandContext, Deps } from '../conversation';
import { cutShort, type Ground, groundOf, mostListed, wantedMachines } from './machines';
import { dashboardOf } from './meant';

/** The options of `drift`. */
export interface DriftAsked {
  /** As it was typed. */
  readonly team?: string | undefined;
  readonly teams: readonly (string | null)[];
  readonly cause?: DriftCause | undefined;
  /** Number of the first one to show, counted from 1. */
  readonly from?: number | undefined;
}

/** Where a machine may stand that was made from an image of the catalogue. */
const golden: readonly Lineage[] = ['latest', 'behind', 'farBehind', 'pastEnd', 'unknown'];

/** `drift [team]`: golden machines that are not known to be what their versions say, worst first, a page at a time. */
export async function listDrift(ctx: CommandContext, asked: DriftAsked, deps: Deps): Promise<Answer> {
  const { teams, cause } = asked;
  const ground = await groundOf(deps, deps.catalogue(), { teams, lineages: golden, type: 'vm' }, ctx.now);
  const { ask, gaps } = questions();
  const [listed, reports, lacking] = await Promise.all([
    wantedMachines(deps.read, ground, { skip: 0, take: mostListed }),
    ask('guest', reportsOf(ground, deps)),
    ask('agents', deps.read.lackingMachines()),
  ]);
  const looked = reports ? lookedAt(listed.machines, reports) : [];
  const ids = looked.map(({ id }) => id);
  const readings = ids.length === 0 ? [] : await deps.reads.readings(ids);
  const { rows, asMade } = judged(looked, {
    ...{ ground, reports: reports?.rows ?? [], readings, now: ctx.now },
    ...(lacking && { lacks: guestLacks(lacking.rows) }),
  });
  const shown = rows.filter(({ finding }) => cause === undefined || finding.cause === cause);
  const skip = (asked.from ?? 1) - 1;
  const last = skip + machinesPage;
  return driftCard({
    teams,
    ...(cause && { cause }),
    counts: { ...each(driftCauses, (one) => rows.filter(({ finding }) => finding.cause === one).length), asMade },
    besides: besides(ground, rows.length + asMade),
    rows: shown.slice(skip, last).map(({ team, ...row }) => (teams.length > 1 ? { ...row, team } : row)),
    total: shown.length,
    skipped: skip,
    ...(shown.length > last && { next: nextPage(asked, last + 1) }),
    gaps: [
      ...[...ground.gaps, ...listed.gaps, ...gaps, ...partial('guest', reports), ...partial('agents', lacking)],
      ...(reports ? cutShort('guest', reports, reports.total) : []),
    ],
    dashboard: dashboardOf(deps.catalogue(), teams.length === 1 ? teams[0] : undefined),
    asOf: ground.asOf,
    now: ctx.now,
  });
}

type Reports = Counted<GuestReport> & { readonly total: number };

/** Of all machines where the wanted ones are: ids are matched afterwards, so that nobody's place is shared by mistake. */
async function reportsOf(ground: Ground, { read }: Deps): Promise<Reports> {
  const places = new Map<string, Place>(ground.counts.filter(ground.wants).map((row) => [placeKey(row), row]));
  if (places.size === 0) return { rows: [], total: 0, asOf: ground.asOf };
  return read.guestReports({ places: [...places.values()] }, mostListed);
}

/** Both lists are in the order of ids: beyond the end of one that was cut short nobody knows who has reported. */
function lookedAt(machines: readonly Machine[], { rows, total }: Reports): readonly Machine[] {
  const last = rows.length < total ? rows.at(-1)?.machine : undefined;
  return last === undefined ? machines : machines.filter(({ id }) => id.toLowerCase() <= last);
}

interface Known {
  readonly ground: Pick<Ground, 'gallery' | 'teamOf'>;
  readonly reports: readonly GuestReport[];
  readonly readings: Awaited<ReturnType<Deps['reads']['readings']>>;
  /** Of those on which something is missing, by lower-case id; absent: nobody looked. */
  readonly lacks?: ReadonlyMap<string, readonly AgentPart[]>;
  readonly now: Date;
}

type TeamsRow = DriftRow & { readonly team: string | null };

function judged(machines: readonly Machine[], { ground, reports, readings, lacks, now }: Known) {
  const report = new Map(reports.map((one) => [one.machine, one]));
  const reading = new Map(readings.map((one) => [one.machine, one]));
  const found = machines.flatMap((machine): readonly (TeamsRow | undefined)[] => {
    const team = ground.teamOf(machine);
    const { image } = lineageOf(machine, ground.gallery, now, team);
    if (image === undefined) return [];
    const id = machine.id.toLowerCase();
    const [own, read] = [report.get(id), reading.get(id)];
    const known = { image, ...(own && { report: own }), ...(read && { reading: read }) };
    const finding = driftOf(machine, { ...known, ...(lacks && { lacks: lacks.get(id) ?? [] }) }, now);
    const { name, resourceGroup, version } = machine;
    return [finding && { name, resourceGroup, image, version, team, finding }];
  });
  const rows = found.filter((row) => row !== undefined).sort(worstFirst);
  return { rows, asMade: found.length - rows.length };
}

const worstFirst = (a: TeamsRow, b: TeamsRow): number =>
  driftCauses.indexOf(a.finding.cause) - driftCauses.indexOf(b.finding.cause) || byText(a.name, b.name);

/** What the counts leave out, so that all machines of the teams are somewhere. */
function besides({ counts, gallery }: Ground, looked: number) {
  const own = (wanted: 'vm' | 'instance') =>
    sumOf(counts, ({ type, source, machines }) => (type === wanted && gallery.images.has(source) ? machines : 0));
  const [vms, instances] = [own('vm'), own('instance')];
  const behind = sumOf(counts, ({ type, source, behindModel, machines }) =>
    type === 'instance' && behindModel && gallery.images.has(source) ? machines : 0,
  );
  const others = sumOf(counts, ({ machines }) => machines) - vms - instances;
  return { instances, instancesBehind: behind, others, unlooked: Math.max(0, vms - looked) };
}

function nextPage({ team, cause }: DriftAsked, from: number): CommandCall {
  return call('drift', { ...(team !== undefined && { team }), ...(cause && { cause }), from });
}
