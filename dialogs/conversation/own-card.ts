import { capital, type Reply } from '../../cards';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Approval, type Run, whoDecides } from '../../core/runs';
import { renderTopic, type Second, type Standing, standOf, whoSeconds } from '../present';
import type { CommandContext, Deps, Topic } from './command';
import { groupsUnknown } from './rights';

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
  const seen: Seen[] = [];
  const reply = await renderTopic(topic as Topic, deps.reads, ctx.now, async (asked, run) => {
    const standing = await stand(asked, run);
    seen.push({ asked, run, standing });
    return standing;
  });
  const own = seen.some(({ standing: { as } }) => as !== 'onlooker' && as !== 'unknown');
  const [first] = seen;
  if (byHand && first && !own) throw notTheirs(ctx, first);
  return reply;
}

interface Seen {
  readonly asked: Approval | Second;
  readonly run: Run;
  readonly standing: Standing;
}

function unknownCard(): UserError {
  return new UserError('WRONG_PLACE', 'goldbot does not know this card.', {
    hint: 'Find what waits for you in the list.',
    next: [call('approvals', { mine: true })],
  });
}

function notTheirs({ now }: CommandContext, { asked, run, standing: { as } }: Seen): UserError {
  if ('does' in asked) return as === 'unknown' ? groupsUnknown() : notSecond(asked, run);
  const approval = asked;
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

function notSecond({ does }: Second, { id }: Run): UserError {
  const act = does === 'confirm' ? 'confirms the override of' : 'reviews';
  return new UserError('APPROVAL_NOT_YOURS', `${capital(whoSeconds[does])} ${act} ${id}, and you are none.`, {
    hint: 'Ask one of them, or see what you may do.',
    next: [call('whoami')],
  });
}
