import {
  capital,
  list,
  noticeCard,
  type Reply,
  type RequestsView,
  type RequestView,
  requestsCard,
  statusButton,
  together,
} from '../../cards';
import { call } from '../../core/command-call';
import { type InQuestion, remarks, riskClauses, sealOf } from '../../core/requests';
import type { Approval, PublishRun, RequestId, SharedTopic } from '../../core/runs';
import type { Reads } from '../../store/reads';
import { type Around, approvalFacts, decisionViews, followed, isBound, saidOf } from './approval';
import { blockedWords, shownStatus } from './asked';
import { deletedWords } from './channels';
import { mostHistory, sharedActions, sharedHistory } from './history';
import { decidersOf, mentions } from './mentioned';
import { periodName } from './moments';
import { sentence } from './run';
import { ownersOf, type Stand, viewerOf } from './standing';

/** A request on a card that several share, with what is known around it. */
interface Listed {
  readonly approval: Approval;
  readonly run: PublishRun;
  readonly remarks: readonly string[];
}

/** A request whose run has another plan by now: it was rebuilt, and there is nothing of the request to be shown. */
interface Rebuilt {
  readonly rebuilt: Approval;
  readonly run: PublishRun;
}

/**
 * The requests of one schedule on their card: of each run the newest, in the order in which the runs asked first. Undefined
 * while only one run asks there: its request has a card as if it were alone.
 */
export async function presentRequests(
  topic: SharedTopic,
  reads: Reads,
  {
    now,
    alone,
    stand,
  }: { readonly now: Date; alone(approval: Approval): Promise<Reply>; readonly stand?: Stand | undefined },
): Promise<Reply> {
  const newest = [...new Map((await reads.approvalsOn(topic)).map((one) => [one.runId, one])).values()];
  const [first] = newest;
  if (!first) throw new Error(`nothing asks on ${topic}`);
  if (newest.length === 1) return alone(first);
  const found = await Promise.all(newest.map((approval) => listedOf(approval, reads)));
  const listed = found.flatMap((one) => ('approval' in one ? [one] : []));
  const again = found.flatMap((one) => ('rebuilt' in one ? [one] : []));
  const rebuilt = again.filter(({ run }) => isUnderWay(run)).map(({ run }) => run.subject);
  const others = again.filter(({ run }) => !isUnderWay(run)).map((one) => rebuiltWords(one, now));
  const requests = listed.map((one) => requestView(one, now));
  const once = new Set(together(requests).map(({ id }) => id));
  const deleted = deletedWords(first);
  const about = listed.map(({ approval: { id, runId }, run: { subject: image } }) => ({ id, runId, image }));
  const runs = about.map(({ runId }) => runId);
  const history = sharedHistory(await reads.history(runs, sharedActions, mostHistory + 1), about);
  const reply = requestsCard({
    period: periodName(found[0]?.run.plan.schedule?.period ?? ''),
    group: first.rule.groupName,
    requests,
    seal: sealOf(newest.filter(({ id }) => once.has(id))),
    ...(rebuilt.length > 0 && { rebuilt }),
    ...(others.length > 0 && { others }),
    ...(deleted !== undefined && { warnings: [deleted] }),
    ...(history.length > 0 && { history }),
    ...(await togetherFor(
      listed.filter(({ approval }) => once.has(approval.id)),
      { now, stand },
    )),
  });
  const open = listed.find(({ approval, run }) => statusOf(approval, run, now) === 'pending');
  if (!open) return reply;
  return mentions(reply, decidersOf(open.approval, open.run, { delegations: await reads.delegations(now), now }));
}

/** Whose card it is, and who has one of their own, by the requests that one press approves. */
async function togetherFor(
  listed: readonly Listed[],
  { now, stand }: { readonly now: Date; readonly stand?: Stand | undefined },
): Promise<Pick<RequestsView, 'viewer' | 'owners'>> {
  const owners = listed.map(({ approval, run }) => ownersOf(approval, run, { now }).owners);
  const known = owners.every((one) => one !== undefined);
  const standings = stand ? await Promise.all(listed.map(({ approval, run }) => stand(approval, run))) : [];
  const decides = standings.find(({ as }) => as === 'decider');
  return {
    ...viewerOf(decides ?? standings[0]),
    ...(known && { owners: [...new Set(owners.flatMap((one) => one ?? []))] }),
  };
}

async function listedOf(approval: Approval, reads: Reads): Promise<Listed | Rebuilt> {
  const run = await reads.run(approval.runId);
  if (run?.kind !== 'publish') throw new Error(`${approval.id} is about no publish`);
  if (!isBound(approval, run)) return { rebuilt: approval, run };
  return { approval, run, remarks: await remarksOf(approval, run, reads) };
}

const isUnderWay = ({ stage, outcome, data }: PublishRun): boolean =>
  stage !== 'repair' && (outcome ?? data.ending?.outcome) === undefined;

/** Of one that does not ask anew as things are. */
function rebuiltWords({ rebuilt, run }: Rebuilt, now: Date): string {
  const shown = statusOf(rebuilt, run, now);
  const status = shown === 'pending' ? 'void' : shown;
  const begins = `${run.subject} was rebuilt after ${rebuilt.id}`;
  if ((run.outcome ?? run.data.ending) !== undefined) return `${begins}. ${followed(run, status)}`;
  return `${begins}, and needs repair again: ${sentence(run.data.failure?.error ?? 'no error was kept')}`;
}

/** What is open and has another plan by now cannot be decided any more. */
function statusOf(approval: Approval, run: PublishRun, now: Date): ReturnType<typeof shownStatus> {
  const status = shownStatus(approval, run, now);
  return status === 'pending' && !isBound(approval, run) ? 'void' : status;
}

/** Why somebody should look at a request by itself, a sentence each; empty: it may be decided together with others. */
export async function remarksOf(approval: Approval, run: PublishRun, reads: Reads): Promise<readonly string[]> {
  const asked = await inQuestion(approval, run, reads);
  return asked ? remarks(asked) : ['Its plan is not the one that was asked about.'];
}

/** What counted as a risk when a request was made, a clause each, from what is kept of it. */
export async function risksFor(approval: Approval, run: PublishRun, reads: Reads): Promise<readonly string[]> {
  const asked = await inQuestion(approval, run, reads);
  return asked ? riskClauses(asked) : [];
}

/** Undefined: the run has another plan by now. */
async function inQuestion(approval: Approval, run: PublishRun, reads: Reads): Promise<InQuestion | undefined> {
  const { fixed } = run.plan;
  if (!fixed || !isBound(approval, run)) return undefined;
  const { previousVersion } = fixed;
  const [before, rejected] = await Promise.all([
    previousVersion === null ? undefined : reads.schedules.published(fixed.image, previousVersion),
    reads.rejectedBefore(approval.id),
  ]);
  return { approval, run, fixed, before: before?.fixed, rejected };
}

function requestView({ approval, run, remarks: found }: Listed, now: Date): RequestView {
  const around: Around = { now };
  const status = statusOf(approval, run, now);
  const [blocked] = blockedWords(run, approval);
  const approvals = approval.decisions.filter(({ verdict }) => verdict === 'approve');
  return {
    ...approvalFacts(approval, run, around),
    until: approval.expiresAt,
    quorum: approval.rule.quorum,
    approvedBy: approvals.map(({ name }) => name),
    remarks: found,
    ...(blocked !== undefined && { blocked }),
    ...(status !== 'pending' && { decided: { status, words: decidedWords(approval, run, status) } }),
  };
}

function decidedWords(
  approval: Approval,
  run: PublishRun,
  status: NonNullable<RequestView['decided']>['status'],
): readonly string[] {
  const views = decisionViews(approval);
  const approvedBy = list(
    views.flatMap(({ name, verdict }) => (verdict === 'approve' ? [name] : [])),
    4,
  );
  const who = [
    ...(approvedBy === '' ? [] : [`approved by ${approvedBy}`]),
    ...views.flatMap(({ name, verdict, reason }) => (verdict === 'reject' ? [`rejected by ${name}: “${reason}”`] : [])),
  ];
  return [capital(who.join(', ')), ...saidOf(approval, status), followed(run, status)];
}

/**
 * In the thread of the shared card, because nobody is notified of an edit: one more request stands there. It follows the
 * request, and asks for nothing once that is decided.
 */
export async function presentJoined(
  id: RequestId,
  run: PublishRun,
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const approval = await reads.approval(id);
  if (!approval?.sharedCard) throw new Error(`${id} asks on no card with others`);
  // The version of another plan was never asked about.
  const name = isBound(approval, run) ? `${run.subject} ${run.plan.fixed?.version ?? ''}`.trim() : run.subject;
  const status = statusOf(approval, run, now);
  const see = { buttons: [statusButton(id, `Open ${id}`)], next: [call('approvals')] };
  if (status !== 'pending')
    return noticeCard({ message: `${id}, ${name}, is ${status}`, buttons: [statusButton(id, `Open ${id}`)] });
  const [first, ...more] = await remarksOf(approval, run, reads);
  const others = new Set((await reads.approvalsOn(approval.sharedCard)).map(({ runId }) => runId)).size - 1;
  const why = first === undefined ? 'It is unremarkable.' : `! To be reviewed by itself: ${first}`;
  const reply = noticeCard({
    message: `${name} waits for approval too`,
    details: [
      others > 0
        ? `${id} is on the card above, with others of ${periodName(run.plan.schedule?.period ?? '')}.`
        : `${id} asks again on the card above.`,
      more.length > 0 ? `${why} And ${more.length} more.` : why,
    ],
    ...see,
  });
  return mentions(reply, decidersOf(approval, run, { delegations: await reads.delegations(now), now }));
}
