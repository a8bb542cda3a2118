import { z } from 'zod';
import { noticeCard, statusButton } from '../../cards';
import type { Override, Run } from '../../core/runs';
import { type Answer, defineCommand, requestId } from '../conversation';

/** `confirm <request>`: agrees, as a second person, that a held run goes through a freeze. */
export const confirm = defineCommand({
  verb: 'confirm',
  summary: 'Confirms the request of somebody else to let a run through a freeze.',
  group: 'Decide',
  role: 'viewer',
  effect: 'write',
  pace: 'decision',
  hash: 'planned',
  args: z.object({ request: requestId }),
  examples: ['confirm R-7F3KQ'],

  async run(ctx, { request }, deps) {
    const { person, via, hash } = ctx;
    const intent = `confirm:${request}:${ctx.intent}`;
    const run = await deps.runs.override({ request, person, via, intent, ...(hash !== undefined && { hash }) });
    return confirmed(run);
  },
});

function confirmed(run: Run): Answer {
  const asked: Override | undefined = run.kind === 'digest' ? undefined : run.data.override;
  return noticeCard({
    message: `${run.id} goes through the freeze`,
    details: [
      asked ? `${asked.by.name} asked for it: “${asked.reason}”. You confirmed it.` : 'You confirmed it.',
      'It goes on now, unless a lock holds it. Its cards name you both.',
    ],
    buttons: [statusButton(run.id)],
  });
}
