import { deltas } from '../../core/compliance';
import { hasNews } from '../../core/runs';
import { dropUnsent, figuresBefore, figuresOfRun } from '../../store';
import { type DigestContext, type DigestDeps, type DigestStage, type DigestStep, untold } from './kit';

/** Wants one card in the team's channel, which shows what was kept; the commit of this step is what makes it one. */
export function post(deps: DigestDeps): DigestStage {
  return { name: 'post', takes: [], run: (context) => posted(context, deps) };
}

async function posted({ run }: DigestContext, deps: DigestDeps): Promise<DigestStep> {
  const { database } = deps;
  const { team, week, onlyChanges, askedBy } = run.plan;
  const channel = deps.catalogue().teams.get(team)?.channel;
  if (channel === undefined) return untold(`the catalogue has no team ${team} any more`);
  if (onlyChanges && askedBy === undefined && !(await hasChanged(run.id, { team, week }, deps))) {
    return untold('nothing changed');
  }
  const dropped = askedBy === undefined ? await dropUnsent(database, team, week) : 0;
  const card = { topic: `digest:${run.id}`, channel, kind: 'digest' };
  return { kind: 'end', outcome: 'done', data: { channel }, cards: [card], note: noteOf(channel, dropped) };
}

function noteOf(channel: string, dropped: number): string {
  return dropped === 0 ? `to ${channel}` : `to ${channel}, instead of ${dropped} that could not be delivered`;
}

/** Without an earlier week, everything is new. */
async function hasChanged(
  runId: DigestContext['run']['id'],
  { team, week }: { readonly team: string; readonly week: string },
  { database }: DigestDeps,
): Promise<boolean> {
  const now = await figuresOfRun(database, runId);
  if (!now) throw new Error(`the figures of ${runId} was not kept`);
  const [last] = await figuresBefore(database, { team, week, limit: 1 });
  return hasNews(deltas(last?.figures, now.figures));
}
