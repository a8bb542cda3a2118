import { z } from 'zod';
import { call, exampleCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { parseWhen } from '../../core/time';
import { startVersionChange, versionNamed } from '../changes';
import { defineCommand, imageRef, word } from '../conversation';

/** `eol <ref> when|none`: sets the day on which the life of a version ends. */
export const eol = defineCommand({
  verb: 'eol',
  summary: 'Sets the end of life of a version, or removes it.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  args: z.object({
    ref: imageRef,
    when: word('End of life, such as +6mo, 2027-05-21 or none', 'when|none', { example: '+6mo', pick: 'day' }),
  }),
  examples: ['eol ubuntu-22@1.5.0 +6mo', 'eol ubuntu-22@1.5.0 2027-05-21', 'eol ubuntu-22@1.5.0 none'],

  async run(ctx, { ref, when }, deps) {
    const named = await versionNamed({ verb: 'eol', ref }, deps);
    const until = untilOf(when, { ref: `${named.image.name}@${named.number}`, now: ctx.now });
    return startVersionChange(ctx, 'eol', { named, plan: { until } }, deps);
  },
});

/** To the whole second, as Azure keeps it. A day that is over would only look like an end: taking it away is another act. */
function untilOf(when: string, { ref, now }: { readonly ref: string; readonly now: Date }): string | null {
  if (when.trim().toLowerCase() === 'none') return null;
  const date = parseWhen(when, now);
  if (date && date > now) return new Date(Math.floor(date.getTime() / 1_000) * 1_000).toISOString();
  const why = date ? 'is in the past: to take a version away, revoke it' : 'is neither a date nor none';
  throw new UserError('BAD_COMMAND', `"${when.slice(0, 40)}" ${why}.`, {
    hint: 'Write a date or a duration.',
    facts: { field: 'when' },
    next: [exampleCall('eol', { ref, when: '+6mo' }), ...(date ? [call('revoke', { ref }, 'reason')] : [])],
  });
}
