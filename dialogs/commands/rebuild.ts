import { z } from 'zod';
import { call } from '../../core/command-call';
import { lacksOutputs, type RequestId } from '../../core/runs';
import { askFirst, joinFlag, tellRun } from '../changes';
import { type Answer, type CommandContext, type Deps, defineCommand, requestId, runOf, textArg } from '../conversation';

/** `rebuild <request>`: the next attempt of a run that needs repair, under the next number. */
export const rebuild = defineCommand({
  verb: 'rebuild',
  summary: 'Starts the next attempt of a run that needs repair.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  programs: true,
  hash: 'planned',
  args: z.object({
    request: requestId,
    note: textArg('What was fixed').optional(),
    /** A card's inputs go with each of its buttons; this one is the reason for Cancel. */
    reason: textArg('Reason', { hidden: true }).optional(),
    join: joinFlag,
  }),
  examples: ['rebuild R-7F3KQ', 'rebuild R-7F3KQ --note "sshd_config mended"'],

  async run(ctx, { request, note, join }, deps) {
    const body = note === undefined ? {} : { note };
    const first = join ? undefined : await beforeRebuilding(ctx, { request, body }, deps);
    return first ?? tellRun(ctx, { request, kind: 'rebuild', body }, deps);
  },
});

/** Who rebuilds a candidate answers for it, and cannot decide about it. */
async function beforeRebuilding(
  ctx: CommandContext,
  { request, body }: { readonly request: RequestId; readonly body: { readonly note?: string } },
  deps: Deps,
): Promise<Answer | undefined> {
  const run = await runOf(request, deps.reads);
  if (run.kind !== 'publish' || run.stage !== 'repair' || lacksOutputs(run)) return undefined;
  const yes = {
    title: 'Rebuild',
    call: call('rebuild', { request: run.id, ...body, join: true }),
    ...(run.planHash !== null && { hash: run.planHash }),
  };
  return askFirst(ctx, run, { question: `Rebuild ${run.id} yourself?`, yes, no: 'Do not rebuild' }, deps);
}
