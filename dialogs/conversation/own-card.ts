import type { Reply } from '../../cards';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Approval, whoDecides } from '../../core/runs';
import { renderTopic, type Standing, standOf } from '../present';
import type { CommandContext, Deps, Topic } from './command';

interface Wanted {
  /** Of the message that they look at; none: goldbot knows nothing of it. */
  readonly topic: string | null | undefined;
  /** They pressed for it. Else their client asked, which must be answered with a card whoever it is. */
  readonly byHand: boolean;
}

/**
 * The card of whoever looks, in place of the one that everybody sees. Asks Azure nothing, and Microsoft Graph for what it
 * has not said within the last minute.
 *
 * @throws UserError for somebody who pressed and has no card of their own.
 */
export async function ownCard(ctx: CommandContext, deps: Deps, { topic, byHand }: Wanted): Promise<Reply> {
  if (!topic) throw unknownCard();
  const stand = standOf(ctx, deps);
  const seen: { readonly approval: Approval; readonly standing: Standing }[] = [];
  const reply = await renderTopic(topic as Topic, deps.reads, ctx.now, async (approval, run) => {
    const standing = await stand(approval, run);
    seen.push({ approval, standing });
    return standing;
  });
  const own = seen.some(({ standing: { as } }) => as !== 'onlooker' && as !== 'unknown');
  const [first] = seen;
  if (byHand && first && !own) throw notTheirs(ctx, first.approval, first.standing);
  return reply;
}

function unknownCard(): UserError {
  return new UserError('WRONG_PLACE', 'goldbot does not know this card.', {
    hint: 'Find what waits for you in the list.',
    next: [call('approvals', { mine: true })],
  });
}

function notTheirs({ now }: CommandContext, approval: Approval, { as }: Standing): UserError {
  const group = whoDecides(approval, now);
  if (as === 'unknown') {
    return new UserError('DIRECTORY_SILENT', `Microsoft Graph did not say whether you are in ${group}.`, {
      hint: 'Press again in a minute, or type the command.',
      next: [call('approve', { request: approval.id })],
    });
  }
  return new UserError('APPROVAL_NOT_YOURS', `${group} decides about ${approval.id}, and you are not in it.`, {
    hint: `Ask a member of ${group}.`,
    facts: { group },
  });
}
