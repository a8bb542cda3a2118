import { z } from 'zod';
import { noticeCard } from '../../cards';
import { findImage } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { lockSentence, parseRequestId, type RequestId } from '../../core/runs';
import {
  type Answer,
  type CommandContext,
  type Deps,
  defineCommand,
  mayNotSee,
  meantImage,
  runOf,
  seenOf,
  seesRun,
  sightOf,
  word,
} from '../conversation';
import { mostRuns, presentRuns, renderTopic } from '../present';

/** `status [request|image]`: the card of a run or an approval request, or everything that is going on. */
export const status = defineCommand({
  verb: 'status',
  summary: 'Shows the state of a run, or everything in progress.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  pace: 'look',
  args: z.object({ request: word('Request or image', 'R-XXXXX|image', { example: 'R-7F3KQ' }).optional() }),
  examples: ['status', 'status R-7F3KQ', 'status ubuntu-22'],

  async run(ctx, { request }, deps) {
    if (request === undefined) return everything(ctx, deps);
    const id = parseRequestId(request);
    if (!id && /^r-[^-]*$/i.test(request) && !findImage(deps.catalogue(), request)) throw noId(request);
    return id && !findImage(deps.catalogue(), request) ? ofRequest(ctx, id, deps) : ofImage(ctx, request, deps);
  },
});

async function everything(ctx: CommandContext, deps: Deps): Promise<Answer> {
  const [open, left] = await Promise.all([
    deps.reads.openSeen(sightOf(ctx), { limit: mostRuns }),
    deps.reads.leftovers(),
  ]);
  const makers = await deps.reads.runsOf(left.map(({ runId }) => runId));
  return presentRuns(seenOf(ctx, open.runs), {
    of: open,
    ...{ title: 'In progress', none: 'Nothing is in progress', now: ctx.now },
    left: left.filter(({ runId }) => {
      const run = makers.get(runId);
      return run !== undefined && seesRun(ctx, run);
    }),
  });
}

async function ofRequest(ctx: CommandContext, id: RequestId, deps: Deps): Promise<Answer> {
  const run = await runOf(id, deps.reads);
  if (!seesRun(ctx, run)) throw mayNotSee(run.kind === 'publish' ? run.subject : run.id);
  const topic = `${(await deps.reads.requestKind(id)) ?? 'run'}:${id}` as const;
  return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
}

async function ofImage(ctx: CommandContext, typed: string, deps: Deps): Promise<Answer> {
  const meant = meantImage(deps.catalogue(), typed, (image) => call('status', { request: image }));
  if (meant.kind === 'choose') {
    const names = meant.among.map((image) => image.name);
    throw new UserError('UNKNOWN_IMAGE', `"${typed}" fits ${names.join(', ')}.`, {
      hint: 'Name one of them.',
      next: names.slice(0, 3).map((name) => call('status', { request: name })),
    });
  }
  const { name } = meant.image;
  if (!ctx.rights.has('viewer', name)) throw mayNotSee(name);
  const run = (await deps.reads.openRun(name)) ?? (await deps.reads.runs({ image: name, limit: 1 }))[0];
  if (!run) {
    const lock = await deps.reads.lockOf(name);
    const may = ctx.rights.has('publisher', name) && !lock;
    return noticeCard({
      message: `No run of ${name} yet.`,
      ...(lock && { details: [lockSentence(lock)] }),
      next: [...(may ? [call('publish', { image: name })] : []), call('versions', { image: name })],
    });
  }
  const topic = `run:${run.id}` as const;
  return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
}

function noId(typed: string): UserError {
  return new UserError('UNKNOWN_REQUEST', `"${typed.slice(0, 40)}" is not a request id; they look like R-7F3KQ.`, {
    hint: 'Find it in the list of runs.',
    next: [call('runs')],
  });
}
