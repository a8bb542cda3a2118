import { minutes } from '../../core/time';
import { figuresOfRun, hasNewerDigest, keepFigures } from '../../store';
import { again, to } from '../engine';
import { type DigestContext, type DigestDeps, type DigestStage, type DigestStep, untold } from './kit';
import { sharedFigures } from './snapshot';

/** A count that old still tells where a team stands. World time. */
const freshMs = minutes(10);
/** After trouble with Azure a run may find what others counted since it began, if it is not older than this. */
const usefulMs = minutes(60);
/** The next one is due at the latest; days on which clocks change are an hour longer. World time. */
const weekMs = minutes(7 * 24 * 60 + 120);
/** After so long a digest without some figures is better than none. World time. */
const patienceMs = minutes(30);
/** While another run counts. Machine time. */
const waitMs = 500;

/** Counts, or takes what was just counted for everybody, and keeps it: the card shows this and nothing else. */
export function gather(deps: DigestDeps): DigestStage {
  return { name: 'gather', takes: [], run: (context) => gathered(context, deps) };
}

async function gathered(context: DigestContext, deps: DigestDeps): Promise<DigestStep> {
  const { run, now, read } = context;
  const { team, week, askedBy } = run.plan;
  if (await figuresOfRun(deps.database, run.id)) return to('post');
  const config = deps.catalogue().teams.get(team);
  if (!config) return untold(`the catalogue has no team ${team} any more`);
  if (await isOvertaken(context, deps)) return untold('Azure was silent until the next digest was due');
  const extra = askedBy !== undefined;
  const figures = await sharedFigures(deps, read, {
    ...{ team, now, since: sinceOf(context, extra) },
    patient: now.getTime() - run.createdAt.getTime() < patienceMs,
  });
  if (!figures) return again(0, undefined, waitMs);
  await keepFigures(deps.database, { runId: run.id, team, week, extra, figures });
  return to('post');
}

/** Who asks wants to see what they have just done; the weekly one may be some minutes old. */
function sinceOf({ run, now }: DigestContext, extra: boolean): Date {
  const created = run.createdAt.getTime();
  if (extra) return run.createdAt;
  return new Date(Math.min(now.getTime() - freshMs, Math.max(created, now.getTime() - usefulMs)));
}

/** Trouble that lasted for a week: the team gets the newer digest, not both. */
async function isOvertaken({ run, now }: DigestContext, { database }: DigestDeps): Promise<boolean> {
  const { team, week, dueAt, askedBy } = run.plan;
  if (askedBy !== undefined) return false;
  return now.getTime() - Date.parse(dueAt) > weekMs || hasNewerDigest(database, team, week);
}
