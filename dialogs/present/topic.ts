import type { LeftView, Reply } from '../../cards';
import type { AsksTopic, EndingsTopic, ParityTopic } from '../../core/lifecycle';
import { type CallTopic, calledAbout, isCall } from '../../core/mentions';
import type { Approval, DigestRun, RequestId, Run, SharedTopic } from '../../core/runs';
import type { Clock } from '../../core/time';
import type { Reads } from '../../store/reads';
import type { Topic } from '../conversation';
import { type Around, presentPublishApproval, type Rejected } from './approval';
import { presentAsks } from './asks';
import { signatureOf } from './certificate';
import { presentChange, presentChangeApproval } from './change';
import { presentChangeNews } from './change-news';
import { presentAlteration, presentCheckpoint } from './checkpoint';
import { presentDigest } from './digest';
import { presentEndings } from './endings';
import { historyActions, mostHistory } from './history';
import { type NewsAround, presentNews } from './news';
import { presentParityNews } from './parity';
import { presentCall, presentReminder, presentTurn } from './reminder';
import { presentJoined, presentRequests } from './requests';
import { presentRun, type Shown } from './run';
import { leftView } from './runs';
import { presentHoldup, presentScheduled } from './schedule';
import { secondOf } from './seconds';
import type { Stand, Standing } from './standing';
import { presentTold } from './told';

/**
 * The current state of what a live card is about, from the store alone; the delivery of cards calls this each time.
 * `now` is world time. `stand`: how whoever looks stands to what is asked, whose card it then is; everybody's when absent.
 *
 * @throws Error when the topic names nothing that exists.
 */
export async function renderTopic(topic: Topic, reads: Reads, now: Date, stand?: Stand): Promise<Reply> {
  if (isCall(topic)) return renderCall(topic, { reads, now });
  if (isEndings(topic)) return presentEndings(topic, reads, now);
  if (isParity(topic)) return presentParityNews(topic, reads);
  if (isAsks(topic)) return presentAsks(topic, reads, now);
  const [about, name = '', word = ''] = topic.split(':');
  if (about === 'told') return presentTold(name, reads);
  if (about === 'checkpoint') return presentCheckpoint(Number(name), reads);
  if (about === 'altered') return presentAlteration(reads);
  if (about === 'schedule') return presentScheduled({ image: name, period: word }, { reads, now });
  const id = name as RequestId;
  if (about === 'requests') {
    const alone = ({ id: only }: Approval) => renderApproval(only, reads, { now, stand });
    return presentRequests(topic as SharedTopic, reads, { now, alone, stand });
  }
  if (about === 'approval') return renderApproval(id, reads, { now, stand });
  return about === 'news' ? renderNews(id, word, { reads, now, stand }) : renderRun(id, reads, { now, stand });
}

/** `renderTopic` for the delivery of cards. `clock`: world time. */
export function topicRenderer(reads: Reads, clock: Clock): (topic: string) => Promise<Reply> {
  return (topic) => renderTopic(topic as Topic, reads, clock.now());
}

const isAsks = (topic: Topic): topic is AsksTopic => topic.startsWith('asks:');
const isEndings = (topic: Topic): topic is EndingsTopic => topic.startsWith('ends:');
const isParity = (topic: Topic): topic is ParityTopic => topic.startsWith('parity:');

async function renderNews(
  id: RequestId,
  word: string,
  { reads, now, stand }: { readonly reads: Reads } & Looked,
): Promise<Reply> {
  const [run, left] = await Promise.all([reads.run(id), leftBy(id, reads)]);
  if (!run) throw new Error(`no run ${id} to show`);
  // Told once more after quiet hours, in which it had called nobody, by versions that told it so.
  if (word.startsWith('again-')) return renderNews(id, word.slice('again-'.length), { reads, now, stand });
  const reminded = /^remind-(R-\w{5})-\d+$/.exec(word)?.[1];
  if (reminded !== undefined) return presentReminder(reminded as RequestId, approvable(run), { reads, now });
  const turned = /^turn-(R-\w{5})-\d-\d+$/.exec(word)?.[1];
  if (turned !== undefined) return presentTurn(turned as RequestId, approvable(run), { reads, now });
  if (run.kind === 'publish' && word.startsWith('asked-')) {
    return presentJoined(word.slice('asked-'.length) as RequestId, run, { reads, now });
  }
  if (run.kind === 'publish' && /^(late|holdup)/.test(word)) return presentHoldup(run, word, { reads, now });
  return presentAnyNews(run, word, { left, standing: await secondStanding(run, { reads, stand }) });
}

/** When a card is drawn, and how whoever looks stands to what it asks for: it is everybody's where that is absent. */
interface Looked {
  readonly now: Date;
  readonly stand?: Stand | undefined;
}

async function secondStanding(
  run: Run,
  { reads, stand }: { readonly reads: Reads; readonly stand?: Stand | undefined },
): Promise<Standing | undefined> {
  const does = secondOf(run);
  if (!does || !stand) return undefined;
  const [approval] = await reads.approvalsOfRun(run.id);
  return stand({ does, approval }, run);
}

/** What it calls about is drawn, to be told whom it waits for now. */
async function renderCall(
  topic: CallTopic,
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const about = calledAbout(topic) as Topic;
  const [kind, id = ''] = about.split(':');
  const approval = kind === 'approval' && (await reads.runOfApproval(id as RequestId));
  if (approval) return presentReminder(id as RequestId, approvable(approval), { reads, now });
  return presentCall(await renderTopic(about, reads, now), about);
}

async function leftBy(runId: RequestId, reads: Reads): Promise<readonly LeftView[]> {
  return (await reads.leftovers({ runId, gone: true })).map(leftView);
}

async function renderRun(id: RequestId, reads: Reads, { now, stand }: Looked): Promise<Reply> {
  const [run, approvals, left] = await Promise.all([reads.run(id), reads.approvalsOfRun(id), leftBy(id, reads)]);
  if (!run) throw new Error(`no run ${id} to show`);
  if (run.kind === 'digest') return presentDigest(run, reads, now);
  const lock = run.kind === 'publish' && !run.endedAt ? await reads.lockOf(run.subject) : undefined;
  const kept = run.kind === 'publish' ? await reads.certificateOfRun(run.id) : undefined;
  const standing = await secondStanding(run, { reads, stand });
  return presentAnyRun(run, {
    ...{ now, approval: approvals[0], lock, left, standing },
    certificate: kept && signatureOf(kept),
  });
}

async function renderApproval(id: RequestId, reads: Reads, { now, stand }: Looked): Promise<Reply> {
  const [approval, run, before, delegations] = await Promise.all([
    reads.approval(id),
    reads.runOfApproval(id),
    reads.rejectedBefore(id),
    reads.delegations(now),
  ]);
  if (!approval || !run) throw new Error(`no approval ${id} to show`);
  const [[newest], history] = await Promise.all([
    reads.approvalsOfRun(run.id),
    reads.history([run.id], historyActions, mostHistory + 1),
  ]);
  return presentApprovalOf(approval, run, {
    now,
    newest,
    history,
    delegations,
    rejected: await withRuns(before, reads),
    ...(secondOf(run)
      ? { second: await secondStanding(run, { reads, stand }) }
      : { standing: await stand?.(approval, run) }),
  });
}

async function withRuns(approvals: readonly Approval[], reads: Reads): Promise<readonly Rejected[]> {
  const runs = approvals.length === 0 ? new Map() : await reads.runsOf(approvals.map(({ runId }) => runId));
  return approvals.flatMap((approval) => {
    const run = runs.get(approval.runId);
    return run ? [{ approval, run }] : [];
  });
}

type Approvable = Exclude<Run, DigestRun>;

/** The live card of a run of any kind. */
export function presentAnyRun(run: Approvable, shown: Shown): Reply {
  return run.kind === 'change' ? presentChange(run, shown) : presentRun(run, shown);
}

/** A message beside the card of a run of any kind. */
function presentAnyNews(run: Run, word: string, around: NewsAround): Reply {
  const subject = approvable(run);
  return subject.kind === 'change'
    ? presentChangeNews(subject, word, around.standing)
    : presentNews(subject, word, around);
}

/** The card of an approval request from a run of any kind. */
function presentApprovalOf(approval: Approval, run: Run, around: Around): Reply {
  const subject = approvable(run);
  return subject.kind === 'change'
    ? presentChangeApproval(approval, subject, around)
    : presentPublishApproval(approval, subject, around);
}

/** @throws Error for a digest, which asks nobody and has no news but its own card. */
function approvable(run: Run): Approvable {
  if (run.kind === 'digest') throw new Error(`${run.id} is a digest: nobody is asked about it`);
  return run;
}
