import type { AzureWrite, GalleryVersion, MachineFacts } from '../../core/azure';
import { roleWith } from '../../core/azure-roles';
import { findImage } from '../../core/catalogue';
import { serviceModelOf, serviceModelTag } from '../../core/compliance';
import { isUserError } from '../../core/errors';
import {
  differenceText,
  forgeries,
  goldenImages,
  goldenVersionsIn,
  imageRef,
  type Judgement,
  saysNoTattoo,
  type TattooEvidence,
  tattooReader,
  tattooVerdict,
} from '../../core/images';
import { type ChangeData, type ClassifyPlan, type TattooPlan, tattooCommandName } from '../../core/runs';
import { minutes } from '../../core/time';
import type { Wait } from '../engine';
import {
  act,
  type ChangeContext,
  type ChangeDeps,
  type ChangeKind,
  type MachineRead,
  type Next,
  waits,
} from './stages';

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
  return `${target} is ${model}. ${was}. Resource Graph, and with it compliance and digests, follows in a few minutes.`;
}

const timeoutSeconds = 60;

/**
 * Reads the tattoo with a run command of a fixed name, keeps the answer, deletes the command, and judges. Whatever a
 * replica that dies in between leaves behind, the next one finds by that name.
 */
export const readTattoo = (deps: ChangeDeps): ChangeKind<TattooPlan> => ({
  survey: async () => ({ before: 'known from outside alone' }),

  async next(context, plan): Promise<Next> {
    const { read, write, run } = context;
    const { guest, gaveUp, lacks, removingSince, waitingSince } = run.data;
    const [id, name] = [plan.machineId, tattooCommandName(run.id)];
    if (lacks !== undefined) return judged(context, { plan, inside: notAllowed(lacks) }, deps);
    // Once it has been asked, its command must be found and removed: that waits for whoever took the role away.
    const result = await (guest || gaveUp ? read.command(id, name) : read.command(id, name).catch(lackOf));
    if ('lacks' in result) return judged(context, { plan, inside: notAllowed(result.lacks) }, deps);
    if (guest || gaveUp) {
      const stays = result.state !== 'absent';
      if (stays && !isOver(context, removingSince, waits.removal)) return removing(context, [id, name]);
      if (!guest) return silent(plan, stays);
      const verdict = await judged(context, { plan, inside: insideOf(guest) }, deps);
      return stays ? { ...verdict, data: { ...verdict.data, commandLeft: name } } : verdict;
    }
    if (result.state === 'absent') {
      const command = { name, script: tattooReader[plan.os], timeoutSeconds };
      const ask = () => write.runCommand({ id, location: plan.location }, command);
      return { kind: 'do', progress: 'asking the machine', act: () => ask().then(() => ({}), lackOf) };
    }
    if (result.state === 'done') return remember('the machine has answered', { guest: answerOf(result) });
    if (isOver(context, waitingSince, waits.reading)) return remember('the machine did not answer', { gaveUp: true });
    return { kind: 'wait', progress: 'the machine reads its tattoo', wait: waits.reading };
  },
});

/**
 * The role for running commands in machines is off unless somebody assigns it: nobody waits for it, and the verdict rests
 * on what is known from outside. @throws what is no such refusal.
 */
function lackOf(error: unknown): { readonly lacks: string } {
  const { missingAction = '', scope = '' } = isUserError(error) && error.code === 'AZ_FORBIDDEN' ? error.facts : {};
  const role =
    /\/runCommands\/(?:read|write)$/i.test(String(missingAction)) && roleWith(String(missingAction), String(scope));
  if (!role) throw error;
  return { lacks: role.name };
}

const notAllowed = (role: string): TattooEvidence['guest'] => ({ unread: { why: 'not allowed', role } });

const remember = (progress: string, data: Partial<ChangeData>): Next => ({
  kind: 'do',
  progress,
  act: async () => data,
});

function answerOf(result: { exitCode: number; output: string; error: string }): Guest {
  const { exitCode, output, error } = result;
  return { exitCode, output: output.slice(0, 4_000), error: error.slice(0, 1_000) };
}

function isOver({ now }: ChangeContext, since: string | undefined, { ms }: Wait): boolean {
  return since !== undefined && now.getTime() - new Date(since).getTime() > ms;
}

/** Asked once; Azure may take its time, and the machine may be gone for good. */
function removing({ run, now, write }: ChangeContext, command: Parameters<AzureWrite['deleteCommand']>): Next {
  const progress = 'removing the command from the machine';
  if (run.data.removingSince !== undefined) return { kind: 'wait', progress, wait: waits.removal };
  const act = async () => {
    await write.deleteCommand(...command);
    return { removingSince: now.toISOString() };
  };
  return { kind: 'do', progress, act };
}

function silent({ target }: TattooPlan, stays: boolean): Next {
  const removed = stays ? 'Azure has not removed the command from it yet' : 'the command was removed from it';
  const why = `${target} did not answer within ${waits.reading.ms / minutes(1)} minutes; ${removed}.`;
  return { kind: 'failed', why: `${why} Check that it is running and that its VM agent is ready, then ask again.` };
}

type Guest = NonNullable<ChangeData['guest']>;

async function judged(
  context: ChangeContext,
  { plan, inside }: { readonly plan: TattooPlan; readonly inside: TattooEvidence['guest'] },
  deps: ChangeDeps,
): Promise<Next & { readonly kind: 'so' | 'failed' }> {
  const [facts] = await context.read.machines(plan.machineId);
  if (!facts) return { kind: 'failed', why: `${plan.target} is gone: Azure no longer has it.` };
  const judgement = await judge(context, { facts, guest: inside }, deps);
  if (!plan.verify) return { kind: 'so', outcome: judgement.verdict, data: { judgement } };
  const version = await versionOf(context, judgement, deps);
  const read = { name: plan.target, os: plan.os, judgement, guest: inside, version };
  const verified = await deps.verified(read);
  return { kind: 'so', outcome: verified.verdict, data: { judgement, verified } };
}

/** What it was made from; after an upgrade in place, what it is now. */
async function versionOf(
  { read }: ChangeContext,
  { verdict, made, inside: now }: Judgement,
  { catalogue }: ChangeDeps,
): Promise<MachineRead['version']> {
  const named = verdict === 'upgraded in place' && now ? now : made;
  const image = 'image' in named ? findImage(catalogue(), named.image) : undefined;
  if (!('image' in named) || !image) return undefined;
  const found = await read.version(imageRef(catalogue().azure, image), named.version);
  return { image: named.image, number: named.version, ...(found && { found }) };
}

async function judge(
  { read }: ChangeContext,
  { facts, guest }: { readonly facts: MachineFacts } & Pick<TattooEvidence, 'guest'>,
  deps: ChangeDeps,
): Promise<Judgement> {
  const catalogue = deps.catalogue();
  const { imageReference, diskReference, osName, osVersion } = facts;
  const evidence = {
    imageReference,
    guest,
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

/** That there is no tattoo is an answer too; a script that could not run is not. */
function insideOf(guest: Guest): TattooEvidence['guest'] {
  if (guest.exitCode === 0) return { text: guest.output };
  if (saysNoTattoo(guest.error)) return { text: '' };
  const said = guest.error.trim().split('\n')[0] ?? '';
  return { unread: { why: 'script failed', exitCode: guest.exitCode, said } };
}
