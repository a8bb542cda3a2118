import type { RequestId } from '../../core/runs';
import { days } from '../../core/time';
import * as store from '../../store';
import { createReads } from '../../store/reads';
import { sized } from '../support/size';
import { type TestDatabase, testDatabase } from './database';
import { fillFiveYears, shareOf } from './five-years';
import { readWhole, recordStatements } from './plans';

/** What goldbot asks its database by itself, all day and all night: no conversation of test/transcripts comes by most of it. */

const now = new Date('2026-11-23T09:00:00Z');
const terms = { owner: 'plans', leaseMs: 25_000 };
const run = 'R-22222' as RequestId;

const asked: Readonly<Record<string, (db: TestDatabase['database']) => Promise<unknown>>> = {
  'claim of a run': (db) =>
    store.claimRun(db, { ...terms, now, known: ['plan', 'close'], kinds: ['publish', 'change', 'digest'] }),
  'claim of a card': (db) => store.claimCard(db, terms),
  'claim of a message whose replica died': (db) => store.claimOrphan(db, terms),
  'claim of a webhook': (db) => store.claimWebhook(db, now, terms),
  'claim of a notice': (db) => store.claimNotice(db, now, terms),
  'claim of a certificate': (db) => store.claimCertificate(db, now, terms),
  'claim of what a build left behind': (db) => store.claimLeftover(db, now, terms),
  'claim of the audit’s checkpoint': (db) => store.claimOwnLook(db, 'checkpoints', now, terms),
  'checkpoints to hand over': (db) => store.checkpointsAfter(db, 0, 50),
  'what the checks of the audit found': (db) => store.alterationFound(db),
  'schedules that are due': (db) => store.dueKinds(db, { kinds: ['digest', 'publish'], now }),
  'runs that missed their day': (db) => store.missedRuns(db, { since: new Date(now.getTime() - days(7)), now }),
  'runs of schedules': (db) => store.scheduledRuns(db),
  'what was published before': (db) => store.pastRuns(db, ['image-7']),
  'what access ends': (db) => store.agreedEnds(db),
  'open changes': (db) => store.openChanges(db),
  'standing changes': (db) => store.standingChanges(db),
  'changes beside one': (db) => store.changesBeside(db, { id: run, subject: 'retire:7' }),
  'a stage changes': (db) => store.redrawRun(db, run),
  'what is shown changes': (db) => store.bumpTopics(db, [`run:${run}`]),
  'calls are drawn again': (db) => store.redrawCalls(db, [`run:${run}`]),
  'digests of a team are drawn again': (db) => store.redrawDigests(db, 'team-7'),
  'figures of the week before': (db) =>
    store.figuresBefore(db, { team: 'team-7', week: '2026-W40', runId: run } as never),
  'a newer digest': (db) => store.hasNewerDigest(db, 'team-7', '2026-W40'),
  'lengths of queues': (db) => store.queueLengths(db, now),
  'what is past is swept': (db) => store.sweepOld(db),
  'what is over is swept': (db) => store.sweepOver(db, { keepMs: days(400), now }),
  'signals of a run': (db) => store.openSignals(db, run),
  'states of webhooks': (db) => store.webhookStates(db),
  'what earlier runs waited for': (db) => createReads(db).waited('image-7'),
  'entries before a day': (db) =>
    createReads(db).audit({ since: new Date(now.getTime() - days(900)), until: new Date(now.getTime() - days(800)) }),
  'pending requests': (db) => createReads(db).approvalsPending(now),
  'what is open, for somebody': (db) =>
    createReads(db).openSeen({ images: ['image-7'], teams: ['team-7'], person: 'oid-1' }, { limit: 15, words: ['r'] }),
  'open publishes': (db) => createReads(db).openPublishes(),
  'open changes of a kind': (db) => createReads(db).openChanges({ verb: 'rollout' }),
  'open changes of a subject': (db) => createReads(db).openChanges({ subject: 'retire:7' }),
  'what open runs are about': (db) => createReads(db).openSubjects(),
  'a look at other teams': (db) =>
    store.noteLooked(db as never, {
      at: now,
      who: { oid: 'oid-1', name: 'Ada' },
      verb: 'compliance',
      teams: ['team-7'],
    }),
  'a range of the audit': (db) => store.auditRange(db, { from: new Date(now.getTime() - days(30)), until: now }),
};

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase({ audit: 'of any version' });
  await fillFiveYears(db.url, shareOf(sized(50, 5)));
}, 240_000);
afterAll(() => db.close());

it.each(Object.keys(asked))('%s reads no table whole that grows', async (what) => {
  const { seen, stop } = recordStatements();
  try {
    await asked[what]?.(db.database);
  } finally {
    stop();
  }
  const texts = [...seen].filter(([text]) => /^\s*(select|with|insert|update|delete)\b/i.test(text));
  const whole: string[] = [];
  for (const [text, values] of texts) {
    const found = await readWhole(db.database, text, values);
    if (found.length > 0) whole.push(`${found.join(', ')}: ${text.replace(/\s+/g, ' ')}`);
  }
  expect(whole).toEqual([]);
});
