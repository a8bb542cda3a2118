import { placeOf } from '../../core/access';
import type { BuildPlace, GalleryVersion, MachineFacts } from '../../core/azure';
import { nameOfId } from '../../core/azure-id';
import { findImage } from '../../core/catalogue';
import { serviceModelOf, serviceModelTag } from '../../core/compliance';
import {
  differenceText,
  forgeries,
  goldenImages,
  goldenVersionsIn,
  imageRef,
  type Judgement,
  type TattooEvidence,
  tattooPath,
  tattooVerdict,
} from '../../core/images';
import { type ChangeData, type ClassifyPlan, type TattooPlan, tattooCommandName } from '../../core/runs';
import { minutes } from '../../core/time';
import { act, type ChangeContext, type ChangeDeps, type ChangeKind, type Next } from './stages';

/** Records what the owner says about a machine where everybody else can find it too: in one of its tags. */
export const classify: ChangeKind<ClassifyPlan> = {
  async survey({ read }, plan) {
    const tags = await read.tagsOf(plan.machineId);
    return { before: (tags && serviceModelOf(tags)) ?? 'undecided' };
  },

  async next(context, plan): Promise<Next> {
    const { read, write } = context;
    const tags = await read.tagsOf(plan.machineId);
    if (!tags) return { kind: 'failed', why: `${plan.target} is gone: Azure no longer has it.` };
    if (serviceModelOf(tags) === plan.model) return { kind: 'so', outcome: outcomeOf(context, plan) };
    return act('setting the tag', () => write.mergeTags(plan.machineId, { [serviceModelTag]: plan.model }));
  },
};

function outcomeOf({ run }: ChangeContext, { target, model }: ClassifyPlan): string {
  const { before } = run.data;
  const was = before === undefined || before === model ? 'It already had that tag' : `Before: ${before}`;
  return `${target} is ${model}. ${was}. Resource Graph, and with it compliance and digests, follows in some minutes.`;
}

/** A hung machine never answers, and an agent may be slow. */
const patienceMs = minutes(10);
const timeoutSeconds = 60;

const scripts: Readonly<Record<TattooPlan['os'], string>> = {
  Linux: `cat ${tattooPath}`,
  Windows: "Get-ItemPropertyValue -Path 'HKLM:\\SOFTWARE\\goldbot' -Name tattoo",
};

/**
 * Reads the tattoo with a run command of a fixed name, keeps the answer, deletes the command, and judges. Whatever a
 * replica that dies in between leaves behind, the next one finds by that name.
 */
export const readTattoo = (deps: ChangeDeps): ChangeKind<TattooPlan> => ({
  survey: async () => ({ before: 'known from outside alone' }),

  async next(context, plan): Promise<Next> {
    const { read, write, run } = context;
    const { guest, gaveUp } = run.data;
    const [place, machine, name] = [whereOf(plan), nameOfId(plan.machineId), tattooCommandName(run.id)];
    const result = await read.command(place, machine, name);
    if (guest || gaveUp) {
      if (result.state === 'absent') return gaveUp ? silent(plan) : judged(context, plan, deps);
      return act('removing the command from the machine', () => write.deleteCommand(place, machine, name));
    }
    if (result.state === 'absent') {
      const command = { name, script: scripts[plan.os], timeoutSeconds };
      return act('asking the machine', () => write.runCommand(place, machine, command));
    }
    if (result.state === 'done') return remember('the machine has answered', { guest: answerOf(result) });
    if (isOverdue(context)) return remember('the machine did not answer', { gaveUp: true });
    return { kind: 'wait', progress: 'the machine reads its tattoo', patienceMs: patienceMs * 2 };
  },
});

const remember = (progress: string, data: Partial<ChangeData>): Next => ({
  kind: 'do',
  progress,
  act: async () => data,
});

function whereOf({ machineId, location }: TattooPlan): BuildPlace {
  return { ...placeOf(machineId), location };
}

function answerOf(result: { exitCode: number; output: string; error: string }): NonNullable<ChangeData['guest']> {
  const { exitCode, output, error } = result;
  return { exitCode, output: output.slice(0, 4_000), error: error.slice(0, 1_000) };
}

function isOverdue({ run, now }: ChangeContext): boolean {
  const { waitingSince } = run.data;
  return waitingSince !== undefined && now.getTime() - new Date(waitingSince).getTime() > patienceMs;
}

function silent({ target }: TattooPlan): Next {
  const why = `${target} did not answer within ${patienceMs / minutes(1)} minutes; the command was removed from it.`;
  return { kind: 'failed', why: `${why} Check that it is running and that its VM agent is ready, then ask again.` };
}

async function judged(context: ChangeContext, plan: TattooPlan, deps: ChangeDeps): Promise<Next> {
  const [facts] = await context.read.machines(plan.machineId);
  if (!facts) return { kind: 'failed', why: `${plan.target} is gone: Azure no longer has it.` };
  const judgement = await judge(context, facts, deps);
  return { kind: 'so', outcome: judgement.verdict, data: { judgement } };
}

async function judge({ read, run }: ChangeContext, facts: MachineFacts, deps: ChangeDeps): Promise<Judgement> {
  const catalogue = deps.catalogue();
  const { imageReference, diskReference, osName, osVersion } = facts;
  const evidence = {
    imageReference,
    guest: inside(run.data.guest),
    images: goldenImages(catalogue),
    ...(diskReference !== undefined && { diskReference }),
    ...(osName !== undefined && { osName }),
    ...(osVersion !== undefined && { osVersion }),
  };
  const known = new Map<string, { readonly tags: GalleryVersion['tags']; readonly forged: readonly string[] }>();
  for (const { image, version } of goldenVersionsIn(evidence)) {
    const config = findImage(catalogue, image);
    const found = config && (await read.version(imageRef(catalogue.azure, config), version));
    const forged = found ? forgeries(found, await deps.recorded(image, version)).map(differenceText) : [];
    if (found) known.set(`${image} ${version}`, { tags: found.tags, forged });
  }
  return tattooVerdict({
    ...evidence,
    tagsOf: (image, version) => known.get(`${image} ${version}`)?.tags,
    forgedOf: (image, version) => known.get(`${image} ${version}`)?.forged ?? [],
  });
}

/** A missing file is an answer too; a script that could not run is not. */
function inside(guest: ChangeData['guest']): TattooEvidence['guest'] {
  if (!guest) return { unread: { why: 'not asked' } };
  if (guest.exitCode === 0) return { text: guest.output };
  if (/no such file|cannot find path|does not exist/i.test(guest.error)) return { text: '' };
  const said = guest.error.trim().split('\n')[0] ?? '';
  return { unread: { why: 'script failed', exitCode: guest.exitCode, said } };
}
