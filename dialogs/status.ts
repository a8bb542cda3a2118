import { z } from 'zod';
import { UserError } from '../core/errors';
import { parseRequestId } from '../core/ids';
import type { Run } from '../core/run';
import { word } from './arguments';
import { type Answer, type CommandContext, type Deps, defineCommand } from './define';
import { renderTopic } from './present/topic';
import { meantImage } from './resolve';

/** `status [request|image]`: the card of a run or an asking, or everything that goes on. */
export const status = defineCommand({
  verb: 'status',
  summary: 'Shows where a run stands, or everything that goes on.',
  group: 'Look',
  role: 'viewer',
  effect: 'read',
  args: z.object({ request: word('Request or image', 'R-XXXXX|image').optional() }),
  positional: ['request'],
  examples: ['status', 'status R-7F3KQ', 'status ubuntu-22'],

  async run(ctx, { request }, deps) {
    if (request === undefined) throw new Error('later');
    const id = parseRequestId(request);
    const kind = id && (await deps.reads.requestKind(id));
    if (id && kind) {
      const topic = `${kind}:${id}` as const;
      return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
    }
    if (id && !deps.catalogue().images.some((i) => i.name === request)) throw unknownRequest(id);
    return statusOfImage(ctx, request, deps);
  },
});

async function statusOfImage(ctx: CommandContext, typed: string, deps: Deps): Promise<Answer> {
  const meant = meantImage(deps.catalogue(), typed, 'status');
  const name = meant.kind === 'sure' ? meant.image.name : (meant.among[0]?.name ?? typed);
  const run: Run | undefined =
    (await deps.reads.openRun(name)) ?? (await deps.reads.runs({ image: name, limit: 1 }))[0];
  if (!run) return { text: `No run of ${name} yet.\npublish ${name}` };
  const topic = `run:${run.id}` as const;
  return { ...(await renderTopic(topic, deps.reads, ctx.now)), topic };
}

function unknownRequest(id: string): UserError {
  return new UserError('UNKNOWN_REQUEST', `There is no request ${id}.`, {
    hint: 'Send `runs` to see the runs, or `approvals` to see what waits for a decision.',
  });
}
