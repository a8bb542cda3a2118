import { z } from 'zod';
import { noticeCard, statusButton } from '../../cards';
import { call } from '../../core/command-call';
import { defineCommand, requestId, textArg } from '../conversation';

/** `override <request> --reason`: asks to let a held run through a freeze; somebody else must confirm it. */
export const override = defineCommand({
  verb: 'override',
  summary: 'Asks to let a run through a freeze; a second person must confirm it.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  pace: 'decision',
  hash: 'planned',
  args: z.object({ request: requestId, reason: textArg('Reason') }),
  examples: ['override R-7F3KQ --reason "CVE-2026-1234 is exploited"'],

  async run(ctx, { request, reason }, deps) {
    const { person, via, hash } = ctx;
    const run = await deps.runs.override({
      ...{ request, person, via, reason, intent: `override:${request}:${ctx.intent}` },
      ...(hash !== undefined && { hash }),
    });
    return noticeCard({
      message: `You asked to let ${run.id} through the freeze`,
      details: [
        `Nothing is let through yet: an approver or admin who has no part in ${run.id} confirms it. They are asked where the run is approved.`,
        `As of now you have a part in it, and cannot decide about it. Your reason is shown on its cards: “${reason}”.`,
      ],
      buttons: [statusButton(run.id)],
      next: [call('confirm', { request: run.id })],
    });
  },
});
