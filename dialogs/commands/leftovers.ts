import { z } from 'zod';
import { type FindingView, type LeftoverRow, leftoversCard, mostDeleted } from '../../cards';
import type { BuildPlace, ImageRef } from '../../core/azure';
import { definitionId, nameOfId, parseAzureId } from '../../core/azure-id';
import { definitionsOf, type Gap, partial } from '../../core/compliance';
import { galleryRef } from '../../core/images';
import {
  costOf,
  deletable,
  deletionHash,
  isHiddenRemain,
  type MakerState,
  type Remain,
  type RemainKind,
  type Standing,
  standings,
  totalCost,
} from '../../core/leftovers';
import {
  changeSubject,
  isVersionPlan,
  type LeftoversPlan,
  parseRequestId,
  type RequestId,
  type Run,
} from '../../core/runs';
import { trialImage } from '../../core/trials';
import { startChange } from '../changes';
import { type Answer, type CommandContext, type Deps, defineCommand, word } from '../conversation';
import { requesterOf } from '../present';

/** `leftovers`: what builds left in Azure; with `--clean` and the word of the list, what it names is deleted. */
export const leftovers = defineCommand({
  verb: 'leftovers',
  summary: 'Lists what builds left behind in Azure, with its age and cost, and deletes it once somebody agrees.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({
    clean: word('The word of the list that you agree to', 'word', {
      ...{ form: false, machinery: true },
      example: '3f9c1ab2',
    }).optional(),
  }),
  destructive: true,
  examples: ['leftovers', 'leftovers --clean 3f9c1ab2'],

  async run(ctx, { clean }, deps) {
    const found = await survey(ctx, deps);
    const open = await openDeletion(found.place, deps);
    const agreed = clean !== undefined && clean.toLowerCase() === found.hash;
    if (agreed && open === undefined) return startChange(ctx, planOf(found), deps);
    return listed(ctx, found, { open, changed: clean !== undefined && !agreed });
  },
});

/** Whose publishers may delete what it left. */
function imageOfRun(run: Run | undefined): string | undefined {
  return run?.kind === 'change' && isVersionPlan(run.plan) ? run.plan.image : run?.subject;
}

interface Survey {
  readonly place: BuildPlace;
  readonly standing: ReadonlyMap<Remain, Standing>;
  readonly runs: ReadonlyMap<string, Run>;
  readonly said: ReadonlyMap<string, string>;
  readonly things: LeftoversPlan['things'];
  readonly hash: string | undefined;
  /** Images with hidden versions that were not read. */
  readonly unread: number;
  readonly gaps: readonly Gap[];
}

async function survey({ rights }: CommandContext, deps: Deps): Promise<Survey> {
  const catalogue = deps.catalogue();
  const { subscription, buildResourceGroup, location } = catalogue.azure;
  const place = { subscription, resourceGroup: buildResourceGroup, location };
  const [hiding, known] = await Promise.all([hidingImages(deps), deps.reads.leftovers()]);
  const looked = hiding.images.slice(0, mostLooked);
  const remains = await deps.read.remains(place, [...looked, trialImage(galleryRef(catalogue.azure))]);
  const runs = await deps.reads.runsOf(makersOf(remains));
  const makers = new Map([...runs].map(([id, run]): [string, MakerState] => [id, run.endedAt ? 'ended' : 'open']));
  const standing = standings(remains, makers);
  const own = deletable(standing).filter(({ runId }) => rights.has('publisher', imageOfRun(runs.get(runId))));
  const things = own.slice(0, mostDeleted);
  const said = new Map(known.map(({ id, answer }) => [id.toLowerCase(), answer]));
  const unread = hiding.images.length - looked.length;
  return {
    ...{ place, standing, runs, said, things, unread, gaps: hiding.gaps },
    hash: things.length === 0 ? undefined : deletionHash(things),
  };
}

/** Each image of which versions are hidden costs a request of its own; the others come once these are gone. */
const mostLooked = 20;

/**
 * The images of which some version is in no latest and was never published, by the list of all versions that everybody
 * shares; those that no run is busy with come first.
 */
async function hidingImages({ catalogue, read, reads }: Deps): Promise<Hiding> {
  const images = definitionsOf(catalogue());
  const [listed, open] = await Promise.all([read.publishedVersions(images), reads.openSubjects()]);
  const hidden = new Set(listed.rows.filter(isHiddenRemain).map(({ source }) => source));
  const busy = new Set(open);
  const names = new Map(catalogue().images.map(({ imageDefinition, name }) => [imageDefinition, name]));
  const isBusy = ({ definition }: ImageRef) => busy.has(names.get(definition) ?? '');
  const hiding = images.filter((image) => hidden.has(definitionId(image).toLowerCase()));
  return {
    images: hiding.sort((a, b) => Number(isBusy(a)) - Number(isBusy(b))),
    gaps: partial('versions', listed),
  };
}

interface Hiding {
  readonly images: readonly ImageRef[];
  /** What Resource Graph left out. */
  readonly gaps: readonly Gap[];
}

function makersOf(remains: readonly Remain[]): readonly RequestId[] {
  return [...new Set(remains.flatMap(({ runId }) => parseRequestId(runId ?? '') ?? []))];
}

function planOf({ place, things }: Survey): LeftoversPlan {
  return { verb: 'leftovers', target: place.resourceGroup, team: null, place, things };
}

async function openDeletion(place: BuildPlace, deps: Deps): Promise<string | undefined> {
  const subject = changeSubject({ verb: 'leftovers', target: place.resourceGroup, team: null, place, things: [] });
  return (await deps.reads.openChanges({ subject }))[0]?.id;
}

interface How {
  readonly open: string | undefined;
  readonly changed: boolean;
}

function listed(ctx: CommandContext, found: Survey, { open, changed }: How): Answer {
  const { standing, things, hash } = found;
  const chosen = new Set(things.map(({ id }) => id));
  const all = [...standing].sort(([a], [b]) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
  const own = all.filter(([{ id }]) => chosen.has(id)).map(([one]) => one);
  const others = all.filter(([one, how]) => how !== 'in use' && how !== 'orphan' && !chosen.has(one.id));
  const { usd, sources } = totalCost(own);
  return leftoversCard({
    own: own.map((one) => rowOf(one, found, found.said.get(one.id.toLowerCase()))),
    others: others.map(([one, how]) => rowOf(one, found, noteOf(ctx, one, { how, runs: found.runs }))),
    orphans: all.flatMap(([one, how]) => (how === 'orphan' ? [orphan(one, found)] : [])),
    inUse: [...standing.values()].filter((how) => how === 'in use').length,
    usd,
    sources,
    unread: found.unread,
    gaps: found.gaps,
    asOf: ctx.now,
    ...(hash !== undefined && { hash }),
    ...(changed && { changed }),
    ...(open !== undefined && { open }),
  });
}

const kinds: Readonly<Record<RemainKind, string>> = {
  template: 'image template',
  machine: 'machine',
  candidate: 'candidate',
  copy: 'copy never shown',
  'staging group': 'staging group',
};

function rowOf(one: Remain, { runs }: Survey, note: string | undefined): LeftoverRow {
  const run = one.runId === undefined ? undefined : runs.get(one.runId);
  const madeAt = one.madeAt ?? run?.createdAt;
  const cost = costOf(one);
  return {
    what: kinds[one.kind],
    name: one.name === '' ? nameOfId(one.id) : one.name,
    madeBy: run ? `${run.id} for ${requesterOf(run)}` : (one.runId ?? 'not by goldbot'),
    ...(madeAt && { madeAt }),
    ...(cost && { usd: cost.usd }),
    ...(note !== undefined && { note }),
  };
}

/** Why goldbot leaves it. */
function noteOf(
  { rights }: CommandContext,
  { runId }: Remain,
  { how, runs }: { readonly how: Standing; readonly runs: Survey['runs'] },
): string {
  const image = imageOfRun(runs.get(runId ?? ''));
  if (how === 'leftover' && !rights.has('publisher', image)) return `it is of ${image}, whose publishers can delete it`;
  if (how === 'leftover') return `the list is agreed to ${mostDeleted} at a time; this comes next`;
  return runId === undefined ? 'it has no tag of goldbot' : 'this goldbot does not know its run';
}

/** To delete a group takes a right to delete any: goldbot does not have it, and names the command. */
function orphan({ id, name, runId, template = 'a template' }: Remain, { runs }: Survey): FindingView {
  const { subscription = '', resourceGroup = name } = parseAzureId(id) ?? {};
  const run = runId === undefined ? undefined : runs.get(runId);
  return {
    severity: 'warns',
    why: `The staging group ${name} was left by the template ${template}, which is gone${run ? ` (${run.id} for ${requesterOf(run)})` : ''}.`,
    mend: 'Have an administrator look into it, and delete it:',
    commands: [`az group delete --subscription ${subscription} --name ${resourceGroup}`],
  };
}
