import { choiceCard, type MachineView, machineCard } from '../../cards';
import { teamFinder } from '../../core/access';
import { call } from '../../core/command-call';
import {
  type Classification,
  classifyModel,
  definitionsOf,
  type Gap,
  groupsAbove,
  type Machine,
  type MachineCompliance,
  questions,
  seriesOf,
  serviceModelTag,
} from '../../core/compliance';
import { UserError } from '../../core/errors';
import { compareVersions, type GoldenGallery, goldenGallery, lineageOf, type Origin } from '../../core/images';
import type { Answer, CommandContext, Deps } from '../conversation';
import { adviceOn } from './advice';
import { seenTeam } from './team';

/** Of machines that share a name, so many are offered. */
const mostNamesakes = 7;
/** Neighbours that are compared to tell pets from cattle. */
const mostNeighbours = 1_000;

/** A machine that the person may look at. */
export interface Seen {
  readonly machine: Machine;
  readonly team: string | null;
}

/** `compliance --why <vm>`: what policies, its image and its name say of one machine, and what to do. */
export async function whyMachine(ctx: CommandContext, typed: string, deps: Deps): Promise<Answer> {
  const seen = await machineSeen(ctx, typed, deps);
  if (Array.isArray(seen)) return chooseMachine(typed, seen);
  const { machine, team } = seen as Seen;
  const catalogue = deps.catalogue();
  const { ask, gaps } = questions();
  const { subscription, resourceGroup } = machine;
  const [compliance, versions, neighbours] = await Promise.all([
    deps.read.machineCompliance(machine.id),
    ask('versions', deps.read.publishedVersions(definitionsOf(catalogue))),
    ask(
      'neighbours',
      deps.read.machineList({ scope: { resourceGroup: { subscription, resourceGroup } } }, mostNeighbours),
    ),
  ]);
  const gallery = goldenGallery(catalogue, versions?.rows ?? []);
  const origin = lineageOf(machine, gallery, ctx.now);
  const model = modelOf(machine, origin, neighbours?.rows, ctx.now);
  return machineCard(
    viewOf(ctx, { machine, team, compliance, origin, model, latest: latestFor(machine, origin, gallery), gaps }),
  );
}

/**
 * The machine by name or resource id; several of that name which the person may see: all of them.
 *
 * @throws UserError `UNKNOWN_MACHINE`, `WRONG_ROLE`.
 */
export async function machineSeen(
  ctx: CommandContext,
  typed: string,
  deps: Pick<Deps, 'read' | 'catalogue'>,
): Promise<Seen | readonly Seen[]> {
  const catalogue = deps.catalogue();
  const [found, above] = await Promise.all([
    deps.read.machineList(typed.startsWith('/') ? { ids: [typed] } : { name: typed }, mostNamesakes),
    groupsAbove(deps.read, catalogue),
  ]);
  const find = teamFinder(catalogue.teams, above);
  const all = found.rows.map((machine) => ({ machine, team: find(machine).team }));
  const [first] = all;
  if (!first) throw unknownMachine(typed);
  const seen = all.filter(({ team }) => ctx.rights.sees(team));
  const [only] = seen;
  if (!only) seenTeam(ctx, catalogue, first.team);
  return seen.length > 1 ? seen : (only ?? first);
}

function unknownMachine(typed: string): UserError {
  return new UserError('UNKNOWN_MACHINE', `goldbot sees no machine "${typed.slice(0, 120)}".`, {
    hint: 'Use the name or the resource id that the Azure portal shows; `help compliance` has more.',
  });
}

function chooseMachine(typed: string, seen: readonly Seen[]): Answer {
  return choiceCard({
    message: `Which "${typed.slice(0, 80)}" do you mean?`,
    reason: `${seen.length} machines have this name.`,
    choices: seen.map(({ machine: { id, name, resourceGroup, location } }) => ({
      title: `${resourceGroup}/${name} · ${location}`,
      call: call('compliance', { why: id }),
    })),
  });
}

function modelOf(
  machine: Machine,
  { lineage }: Origin,
  neighbours: readonly Machine[] | undefined,
  now: Date,
): Classification & { readonly proposed: Classification } {
  const tag = Object.entries(machine.tags).find(([name]) => name.toLowerCase() === serviceModelTag)?.[1];
  const evidence = {
    type: machine.type,
    lineage,
    ...(machine.scaleSet !== undefined && { scaleSet: machine.scaleSet }),
    ...(machine.createdAt && { createdAt: machine.createdAt }),
    ...(neighbours && { series: seriesOf(machine, neighbours) }),
  };
  const proposed = classifyModel(evidence, now);
  return { ...(tag === undefined ? proposed : classifyModel({ ...evidence, tag }, now)), proposed };
}

/** The highest version that the machine's own region offers. */
function latestFor(machine: Machine, { image }: Origin, { versions }: GoldenGallery): string | undefined {
  const offered = (image === undefined ? [] : (versions.get(image) ?? [])).filter(
    (v) => !v.excludedFromLatest && v.regions.includes(machine.location),
  );
  return offered
    .map((v) => v.version)
    .sort(compareVersions)
    .at(-1);
}

interface Known extends Seen {
  readonly compliance: MachineCompliance;
  readonly origin: Origin;
  readonly model: ReturnType<typeof modelOf>;
  readonly latest: string | undefined;
  readonly gaps: readonly Gap[];
}

const confidence = { sure: 'high', likely: 'medium', guess: 'low' } as const;

function viewOf(ctx: CommandContext, known: Known): MachineView {
  const { machine, team, compliance, origin, model, latest, gaps } = known;
  const { lineage, image, versionsBehind, daysBehind, endOfLife } = origin;
  return {
    name: machine.name,
    subscription: machine.subscription,
    resourceGroup: machine.resourceGroup,
    type: machine.type,
    location: machine.location,
    team,
    ...(machine.scaleSet !== undefined && { scaleSet: machine.scaleSet }),
    ...(machine.createdAt && { createdAt: machine.createdAt }),
    lineage: {
      lineage,
      ...(image !== undefined && { image }),
      ...(machine.version !== '' && { version: machine.version }),
      ...(image === undefined && machine.source !== '' && { source: machine.source }),
      versionsBehind,
      daysBehind,
      ...(endOfLife && { endOfLife }),
      ...(latest !== undefined && { latest }),
    },
    compliance,
    model: {
      ...(machine.model && { decided: machine.model }),
      proposed: model.proposed.model,
      confidence: confidence[model.proposed.confidence],
      evidence: model.proposed.evidence,
    },
    advice: adviceOn({ machine, team, compliance, origin, model: model.model }),
    gaps: [...doubtOf(machine, origin), ...gaps],
    now: ctx.now,
    canAct: ctx.rights.actsFor(team),
  };
}

function doubtOf({ version }: Machine, { image, doubt }: Origin): readonly Gap[] {
  return doubt && image !== undefined ? [{ figure: 'origin', reason: doubt, image, version }] : [];
}
