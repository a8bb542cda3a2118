import { z } from 'zod';
import { noticeCard } from '../../cards';
import type { GalleryVersion } from '../../core/azure';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { galleryRef, imageRef, latestPublished } from '../../core/images';
import { costOf } from '../../core/leftovers';
import type { ChangeRun, TryPlan } from '../../core/runs';
import { azureTrials, trialDefinition, trialOf, untried } from '../../core/trials';
import { byAdmins, joinFlag, startChange } from '../changes';
import {
  type Answer,
  type CommandContext,
  choice,
  type Deps,
  defineCommand,
  flag,
  textArg,
  word,
} from '../conversation';
import { renderTopic, tryFacts } from '../present';

/** `try [--channel …] [--plan]`: asks Azure and Teams what no document settles, on a copy made for it. */
export const tryOut = defineCommand({
  verb: 'try',
  summary:
    'Tries out what no documentation settles about Azure and Teams, on a copy made for that, once another admin approves.',
  group: 'Ask',
  role: 'admin',
  effect: 'write',
  args: z.object({
    channel: word('Channel where a message is edited to mention you', 'Team / Channel', {
      example: 'Image Factory / General',
    }).optional(),
    plan: flag('Only show what would be made, asked and deleted'),
    notified: choice('Whether Teams notified you of the edit', ['yes', 'no']).optional(),
    reason: textArg('Reason').optional(),
    join: joinFlag,
  }),
  examples: ['try --plan', 'try', 'try --channel "Image Factory / General"', 'try --notified yes'],

  async run(ctx, { channel, plan: only, notified, reason, join }, deps) {
    if (notified !== undefined) return saw(ctx, notified, deps);
    const plan = { ...(await planOf(ctx, channel, deps)), ...(reason !== undefined && { reason }) };
    if (only) return planAnswer(plan);
    const said = { ...(channel !== undefined && { channel }), ...(reason !== undefined && { reason }) };
    return startChange(ctx, plan, deps, { join, call: call('try', { ...said, join: true }) });
  },
});

async function planOf({ person }: CommandContext, channel: string | undefined, deps: Deps): Promise<TryPlan> {
  const catalogue = deps.catalogue();
  const approval = byAdmins(catalogue);
  const taken = catalogue.images.find(({ imageDefinition: name }) => name.toLowerCase() === trialDefinition);
  if (taken) {
    throw new UserError(
      'CATALOGUE_INVALID',
      `${taken.name} uses the definition ${trialDefinition}: nothing is tried.`,
      {
        hint: 'Give the image another definition; this name is for trials.',
      },
    );
  }
  if (channel !== undefined) await checkChannel(channel, deps);
  const { source, cost } = await sourceOf(deps);
  return {
    ...{ verb: 'try', target: trialDefinition, team: null, approval, source, cost },
    gallery: galleryRef(catalogue.azure),
    ...(channel !== undefined && { mention: { channel, oid: person.oid, name: person.name } }),
  };
}

/** A message that cannot be posted would be found out an hour later. */
async function checkChannel(channel: string, { reads }: Deps): Promise<void> {
  const [state] = await reads.channels([channel]);
  const isOpen = state?.conversationId ? state.parkedWhy === null : state?.others === 1;
  if (isOpen) return;
  const why =
    (state?.others ?? 0) > 1 ? `There are several channels “${channel}”` : `goldbot knows no channel “${channel}”`;
  throw new UserError('BAD_COMMAND', `${why} to write in. Nothing was done.`, {
    hint: 'Mention goldbot there once, and name it as team and channel.',
    next: [call('channels')],
  });
}

/** The first image with a published version; Linux first, which needs no licence. */
async function sourceOf(deps: Deps): Promise<Pick<TryPlan, 'source' | 'cost'>> {
  const { images, azure } = deps.catalogue();
  const inOrder = [...images].sort((a, b) => Number(a.os === 'Windows') - Number(b.os === 'Windows'));
  for (const image of inOrder) {
    const found = latestPublished([...(await deps.read.versions(imageRef(azure, image)))]);
    if (!found) continue;
    return { source: { definition: image.imageDefinition, version: found.version }, cost: costWords(found) };
  }
  throw new UserError('UNKNOWN_VERSION', 'The gallery has no golden version that could be copied. Nothing was done.', {
    hint: 'Publish an image first.',
    next: [call('images')],
  });
}

function costWords({ disks = [] }: GalleryVersion): string {
  const gib = disks.find(({ lun }) => lun === null)?.sizeGiB;
  const disk = gib === undefined ? {} : { gib };
  const copy = {
    id: '',
    kind: 'candidate',
    name: '',
    location: '',
    copies: 1,
    storage: 'Premium_LRS',
    ...disk,
  } as const;
  const cost = costOf(copy);
  if (!cost) return 'one copy on premium storage, for about an hour';
  return `one copy on premium storage: at most US$ ${cost.usd.toFixed(2)} if it stayed a month (${cost.source}); it is there for about an hour`;
}

function planAnswer(plan: TryPlan): Answer {
  const questions = [...azureTrials, ...(plan.mention ? [trialOf('mention-by-edit')] : [])];
  const facts = tryFacts(plan).map(({ title, value }) => `${title}: ${value}.`);
  return noticeCard({
    message: `Try ${questions.length} questions on a copy of ${plan.source.definition} ${plan.source.version}`,
    details: [
      ...facts,
      `Asks: ${questions.map(({ question }) => question).join(' ')}`,
      `Not tried: ${untried.join(' ')}`,
    ],
    next: [call('try', plan.mention ? { channel: plan.mention.channel } : {})],
  });
}

/** What the person says whom the message mentions. */
async function saw(ctx: CommandContext, notified: 'yes' | 'no', deps: Deps): Promise<Answer> {
  const { person, via, hash } = ctx;
  const run = await asking(deps);
  const { mention } = run;
  if (mention.oid !== person.oid) {
    throw new UserError('APPROVAL_NOT_YOURS', `${run.id} asks ${mention.name} what Teams did, not you.`, {
      hint: 'Let them answer: it is their feed that counts.',
      next: [call('status', { request: run.id })],
    });
  }
  const intent = `saw:${run.id}:${person.oid}`;
  const bound = hash === undefined ? {} : { hash };
  await deps.runs.signal({ request: run.id, kind: 'saw', person, body: { note: notified }, intent, via, ...bound });
  const topic = `run:${run.id}` as const;
  if (via === 'text') return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
  const said = notified === 'yes' ? 'Noted: Teams notified you.' : 'Noted: Teams did not notify you.';
  return { ...noticeCard({ message: said }), toClicker: said };
}

/** An answer before the edit would be about another message; one after the answer changes nothing. */
async function asking({ reads }: Deps): Promise<Pick<ChangeRun, 'id'> & Required<Pick<TryPlan, 'mention'>>> {
  for (const run of await reads.openChanges({ verb: 'try' })) {
    if (run.plan.verb !== 'try') continue;
    const { id, plan, data } = run;
    const { mentionedAt, answers = {} } = data.trials ?? {};
    if (plan.mention && mentionedAt !== undefined && !answers['mention-by-edit']) return { id, mention: plan.mention };
  }
  throw new UserError('RUN_ENDED', 'No trial asks now what Teams did: it has its answer, or has not come so far.', {
    hint: 'If none is under way, start one that posts a message in a channel, or see what earlier ones found.',
    next: [call('try', { plan: true }), call('runs')],
  });
}
