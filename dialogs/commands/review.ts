import { z } from 'zod';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { isVersionPlan } from '../../core/runs';
import { tellRun } from '../changes';
import { type CommandContext, defineCommand, groupsUnknown, requestId, textArg } from '../conversation';
import { mayReview } from '../present';

/** `review <request> --reason`: closes glass that was broken, by somebody who took no part. */
export const review = defineCommand({
  verb: 'review',
  summary: 'Reviews what was done even though something broke; for somebody who took no part in it.',
  group: 'Decide',
  role: 'viewer',
  effect: 'write',
  pace: 'decision',
  args: z.object({
    request: requestId,
    reason: textArg('What is to be learnt', { example: 'a scale set was forgotten' }),
  }),
  examples: ['review R-7F3KQ --reason "a scale set was forgotten"'],

  refusal: (ctx, run) =>
    mayNotReview(ctx, run.kind === 'change' && isVersionPlan(run.plan) ? run.plan.image : undefined),

  async run(ctx, { request, reason }, deps) {
    return tellRun(ctx, { request, kind: 'review', body: { reason } }, deps);
  },
});

/** Asked before a form is: nobody writes what then does not count. Who took part is known where it is recorded. */
function mayNotReview({ rights, rightsUnknown }: CommandContext, image: string | undefined): UserError | undefined {
  if (rightsUnknown) return groupsUnknown();
  if (mayReview(rights, image)) return undefined;
  return new UserError('WRONG_ROLE', 'A review is for approvers, admins and auditors who took no part.', {
    hint: 'Ask one of them, or see what you may do.',
    next: [call('whoami')],
  });
}
