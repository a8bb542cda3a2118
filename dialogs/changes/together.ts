import { mostTogether, noticeCard } from '../../cards';
import { call } from '../../core/command-call';
import { explain, isUserError, UserError } from '../../core/errors';
import { sealOf } from '../../core/requests';
import { type Approval, type PublishRun, parseRequestId, type SharedTopic, stepsOf, versionOf } from '../../core/runs';
import { type Answer, type Command, type CommandContext, type Deps, forbidden } from '../conversation';
import { remarksOf, renderTopic } from '../present';

interface Asked {
  readonly approval: Approval;
  readonly run: PublishRun;
}

/** What became of one of them: approved, by so many so far, or why not. */
type Outcome = Asked & ({ readonly said: string } | { readonly error: UserError });

interface With {
  /** The command for one of them: whoever may not give it for a request may not for several. */
  readonly approve: Command;
  readonly deps: Deps;
}

/**
 * Approves several requests, each for itself by the rules of one alone: what is refused is told by name, the others
 * stand. A click counts for exactly what its card listed, and all of that must be what the card showed.
 *
 * @throws UserError `BAD_COMMAND`, `UNKNOWN_REQUEST`, `APPROVAL_STALE`, `WRONG_PLACE`: nothing was decided. And the
 * reason why none was decided, when it is the same for all.
 */
export async function approveTogether(
  ctx: CommandContext,
  requests: readonly string[],
  { approve, deps }: With,
): Promise<Answer> {
  const asked = await Promise.all(requests.map((request) => askedOf(request, deps)));
  checkCount(asked);
  const card = ctx.via === 'button' ? cardFor(ctx, asked) : undefined;
  const outcomes = await allOf(asked.map((one) => decideOne(ctx, one, { approve, deps })));
  const refused = outcomes.flatMap((one) => ('error' in one ? [one] : []));
  const [first] = refused;
  if (first && refused.length === outcomes.length && refused.every((one) => isAboutAll(one, first))) throw first.error;
  await record(ctx, refused, deps);
  if (!card) return typedAnswer(outcomes);
  return first ? { ...typedAnswer(outcomes), toClicker: wordsOf(outcomes) } : cardOf(card, ctx, deps);
}

async function askedOf(request: string, { reads }: Deps): Promise<Asked> {
  const id = parseRequestId(request);
  const [approval, run] = id ? await Promise.all([reads.approval(id), reads.runOfApproval(id)]) : [];
  if (approval && run?.kind === 'publish') return { approval, run };
  const what = id ? `There is no request ${id} of an image` : `"${request.slice(0, 40)}" is not a request id`;
  throw new UserError('UNKNOWN_REQUEST', `${what}; nothing was decided.`, {
    hint: 'Take the ids from the list.',
    next: [call('approvals')],
  });
}

function checkCount(asked: readonly Asked[]): void {
  const ids = new Set(asked.map(({ approval }) => approval.id));
  if (ids.size === asked.length && ids.size <= mostTogether) return;
  const why = ids.size === asked.length ? `takes at most ${mostTogether} requests` : 'takes each request once';
  throw new UserError('BAD_COMMAND', `“approve-all” ${why}; nothing was decided.`, {
    hint: 'Take the ids from the list.',
    next: [call('approvals')],
  });
}

/** The card is looked up by its message. All of it stands there, and is bound to what the card showed. */
function cardFor({ clicked, hash }: CommandContext, asked: readonly Asked[]): SharedTopic {
  const [card, ...more] = new Set(asked.map(({ approval }) => approval.sharedCard));
  if (card === undefined || card !== clicked || more.length > 0) {
    throw new UserError('WRONG_PLACE', 'This card is not the one that asks for these requests; nothing was decided.', {
      hint: 'Use the card in the approval channel, or type the command.',
      next: [call('approvals')],
    });
  }
  if (hash === sealOf(asked.map(({ approval }) => approval))) return card;
  throw new UserError('APPROVAL_STALE', 'The requests are not what that card showed; nothing was decided.', {
    hint: 'Look at the card again and decide there.',
    next: [call('approvals')],
  });
}

/** All of them are over when one breaks: then that is thrown, and what the others came to stands. */
async function allOf(acts: readonly Promise<Outcome>[]): Promise<readonly Outcome[]> {
  const settled = await Promise.allSettled(acts);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}

async function decideOne(ctx: CommandContext, asked: Asked, { approve, deps }: With): Promise<Outcome> {
  const { approval, run } = asked;
  const { id, planHash, rule } = approval;
  const refused =
    forbidden(approve, ctx, deps.catalogue(), run.subject) ??
    (approval.status === 'pending' ? await remarkable(asked, deps) : undefined);
  if (refused) return { ...asked, error: refused };
  const isClick = ctx.via === 'button';
  try {
    const result = await deps.runs.decide({
      ...{ request: id, person: ctx.person, verdict: 'approve', via: ctx.via },
      intent: `approve:${id}:${ctx.person.oid}:${isClick ? planHash : ctx.intent}`,
      ...(isClick && { hash: planHash }),
    });
    const approved = result.approval.decisions.filter(({ verdict }) => verdict === 'approve').length;
    const needed = stepsOf(rule).reduce((sum, { quorum }) => sum + quorum, 0);
    return { ...asked, said: `${approved} of ${needed} approvals` };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { ...asked, error };
  }
}

/** It may have become so after the card was drawn: a newer base came, somebody rejected another one. */
async function remarkable({ approval, run }: Asked, { reads }: Deps): Promise<UserError | undefined> {
  const [first, ...more] = await remarksOf(approval, run, reads);
  if (first === undefined) return undefined;
  const others = more.length === 0 ? '' : ` And ${more.length} more.`;
  return new UserError('APPROVAL_ALONE', `${approval.id} is to be reviewed by itself: ${first}${others}`, {
    hint: 'Open it and decide there.',
    next: [call('status', { request: approval.id })],
  });
}

/** Who may decide is the same question for all of them: then it is answered once. */
const aboutAll: readonly string[] = ['WRONG_ROLE', 'APPROVAL_NOT_YOURS', 'DIRECTORY_SILENT'];

function isAboutAll({ error }: { readonly error: UserError }, first: { readonly error: UserError }): boolean {
  return error.code === first.error.code && aboutAll.includes(error.code);
}

/** What is refused here has not been recorded; what `decide` refuses is. */
async function record(ctx: CommandContext, refused: readonly (Asked & { error: UserError })[], deps: Deps) {
  const here = refused.filter(({ error }) => ['WRONG_ROLE', 'APPROVAL_ALONE'].includes(error.code));
  for (const { approval, run, error } of here) {
    const { oid, name } = ctx.person;
    const detail = { code: error.code, said: 'approve-all', via: ctx.via, conversation: ctx.conversation.id };
    await deps.audit?.({ who: { oid, name }, action: 'refuse', subject: run.subject, request: approval.id, detail });
  }
}

const titleOf = ({ run, approval }: Asked): string => `${run.subject} ${versionOf(run) ?? ''} (${approval.id})`;

function outcomeWords(one: Outcome): string {
  return 'error' in one ? `${titleOf(one)} is not approved: ${explain(one.error)}` : `${titleOf(one)}: ${one.said}`;
}

function headline(outcomes: readonly Outcome[]): string {
  const approved = outcomes.filter((one) => 'said' in one).length;
  if (approved === 0) return 'Nothing was approved';
  return approved === outcomes.length
    ? `You approved all ${approved}`
    : `You approved ${approved} of ${outcomes.length}`;
}

/** One line, for the person who clicked; everybody sees on the card what stands. */
function wordsOf(outcomes: readonly Outcome[]): string {
  const refused = outcomes.filter((one) => 'error' in one);
  return `${headline(outcomes)}. ${refused.map(outcomeWords).join(' ')}`;
}

function typedAnswer(outcomes: readonly Outcome[]): Answer {
  const details = [...outcomes].sort((a, b) => Number('said' in a) - Number('said' in b)).map(outcomeWords);
  return noticeCard({ message: headline(outcomes), details, next: [call('approvals')] });
}

async function cardOf(topic: SharedTopic, { now }: CommandContext, { reads }: Deps): Promise<Answer> {
  return { ...(await renderTopic(topic, reads, now)), topic };
}
