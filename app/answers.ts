import { writeFile } from 'node:fs/promises';
import { UserError } from '../core/errors';
import { changeSubject } from '../core/runs';
import { answersFile, type TrialsRun, trialDefinition } from '../core/trials';
import { version } from '../package.json';
import { type DatabaseAddress, databaseHealth, openDatabase } from '../store';
import { createReads, type Reads } from '../store/reads';

/** Where the answers of the last trials come from, and where they go. */
export interface AnswersWanted {
  /** Undefined while nobody has said which. */
  readonly database: DatabaseAddress | undefined;
  /** `Public`, or `sandbox`. */
  readonly cloud: string;
  /** Ends in `.md` for a page, in anything else for JSON. */
  readonly file: string;
}

/**
 * Writes what the last trials came to into a file that may be attached to an issue; returns what to tell.
 *
 * @throws UserError `DATABASE_SILENT`, `UNKNOWN_REQUEST` (nothing was ever tried).
 */
export async function writeAnswers({ database, cloud, file }: AnswersWanted): Promise<readonly string[]> {
  const run = await lastTrials(database, cloud);
  await writeFile(file, answersFile(run, file.endsWith('.md') ? 'md' : 'json'));
  const known = Object.values(run.data.answers ?? {}).filter(({ verdict }) => verdict !== 'not answered').length;
  return [
    `${file} has the answers of ${run.id}: ${known} known. No subscription, tenant, group, gallery, channel or person is named in it.`,
    'Look through it, then attach it to an issue.',
  ];
}

async function lastTrials(at: DatabaseAddress | undefined, cloud: string): Promise<TrialsRun> {
  const health = at && (await databaseHealth(at));
  if (!at || health?.kind !== 'open' || health.migrations.made < health.migrations.known) {
    throw new UserError('DATABASE_SILENT', 'The answers stand in goldbot’s database, which cannot be read now.', {
      hint: 'Run the doctor without --answers: it says what is wrong with the database.',
    });
  }
  const database = openDatabase({ ...at, poolSize: 1 });
  try {
    return await lastOf(createReads(database), cloud);
  } finally {
    await database.close();
  }
}

/** The newest run of trials. @throws UserError `UNKNOWN_REQUEST` */
export async function lastOf(reads: Pick<Reads, 'runs'>, cloud: string): Promise<TrialsRun> {
  for (const run of await reads.runs({ image: subject, limit: 10 })) {
    if (run.kind !== 'change' || run.plan.verb !== 'try' || !run.data.trials) continue;
    const { id, endedAt, data, plan } = run;
    return { id, endedAt, cloud, goldbot: version, data: data.trials ?? {}, plan };
  }
  throw new UserError('UNKNOWN_REQUEST', 'Nothing was tried yet, so there are no answers.', {
    hint: 'In Teams, an admin types: @goldbot try --plan',
  });
}

const subject = changeSubject({
  ...{ verb: 'try', target: trialDefinition, team: null, cost: '' },
  ...{ gallery: { subscription: '', resourceGroup: '', gallery: '' }, source: { definition: '', version: '' } },
});
