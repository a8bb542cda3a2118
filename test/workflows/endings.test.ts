import type { AzureRead, GalleryVersion, ImageDefinition } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import { type Catalogue, findImage } from '../../core/catalogue';
import type { MachineCount, RestrictionSettings } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { type BlastRadius, blastRadius, endingsTopic, parityTopic } from '../../core/lifecycle';
import { type ChangeData, type ChangeRun, changeSubject, type RestrictPlan, type VersionPlan } from '../../core/runs';
import { minutes } from '../../core/time';
import { renderTopic } from '../../dialogs/present/topic';
import { insertRun, takeRequestId } from '../../store';
import { createReads } from '../../store/reads';
import { endingLooks } from '../../workflows/change';
import { nextLook } from '../../workflows/change/endings';
import { overtaken } from '../../workflows/change/versions';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';

const example = exampleCatalogue();
const ubuntu = findImage(example, 'ubuntu-22');
if (!ubuntu) throw new Error('the example lacks ubuntu-22');
const gallery = imageRef(example.azure, ubuntu);
const source = definitionId(gallery).toLowerCase();
const { channel } = ubuntu.approval;
const terms = { owner: 'test', leaseMs: 25_000 };

let db: TestDatabase;
let now: Date;
let versions: readonly GalleryVersion[];
let machines: readonly Pick<MachineCount, 'version' | 'machines'>[];
let silent: boolean;
let catalogue: Catalogue;
let definitions: AzureRead['definitions'];

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `${source}/versions/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: { 'goldbot-published': 'x' } },
  regions: [{ name: 'West Europe', replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false }],
  ...more,
});
const ended = new Date('2026-11-20T00:00:00Z');

/** What a restriction is in Azure. */
let inAzure: RestrictionSettings;
const ubuntuThere = { name: 'ubuntu-22' } as ImageDefinition;

const read: Partial<AzureRead> = {
  definitions: (there) => definitions(there),
  publishedVersions: async (images) => ({
    asOf: now,
    rows: (images.some((one) => one.gallery === gallery.gallery) ? versions : []).map(
      ({ regions, disks = [], ...one }) => ({
        ...{ ...one, source, disks, copies: regions, regions: regions.map(() => 'westeurope') },
      }),
    ),
  }),
  versions: async () => {
    if (silent) throw new UserError('AZ_SILENT', 'Azure did not answer.', { hint: '-' });
    return versions;
  },
  version: async (_, number) => versions.find((one) => one.version === number),
  machineCounts: async () => ({
    ...{ asOf: now, members: [] },
    rows: machines.map((one) => ({
      ...{ type: 'vm', subscription: 's', resourceGroup: 'g', tags: {}, location: 'westeurope', behindModel: false },
      ...{ source, ...one },
    })),
  }),
  managementGroups: async () => new Map(),
  scaleSets: async () => ({ rows: [], asOf: now }),
  imageConsumers: async () => ({ rows: [], asOf: now }),
  keepsDeleted: async () => true,
  restriction: async (target) => ({ defined: true, assigned: { ...target, ...inAzure, enforced: true } }),
};

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  await db.database.query('truncate ending, run, card cascade');
  now = new Date('2026-11-28T09:00:00Z');
  inAzure = { effect: 'deny', galleries: ['/g'] };
  [versions, machines, silent, catalogue] = [
    [version('1.4.1'), version('1.5.0', { endOfLife: ended })],
    [],
    false,
    example,
  ];
});
afterAll(() => db.close());

const replica = () =>
  endingLooks({
    ...{ database: db.database, clock: { now: () => now }, catalogue: () => catalogue },
    read: read as AzureRead,
  });

/** A replica that looks on the given days; how often there was something to look at. */
async function look(looks = replica()): Promise<number> {
  const claimed = await looks.claim(terms);
  await claimed?.work(undefined as never);
  return claimed ? 1 : 0;
}

/** The morning of some day after the first. */
async function morning(day: number): Promise<void> {
  await replica().claim(terms);
  now = new Date(Date.UTC(2026, 10, 28 + day, 6));
}

const runs = async () =>
  (await createReads(db.database).runs({ limit: 50 })).flatMap((run) => (run.kind === 'change' ? [run] : []));
const plans = async () => (await runs()).map(({ plan }) => plan as VersionPlan);
const cards = async () =>
  (await db.database.query<{ topic: string }>('select topic from card order by topic')).map(({ topic }) => topic);
const told = async () => (await renderTopic(endingsTopic(channel, now), createReads(db.database), now)).text;
const endAs = (run: ChangeRun | undefined, ending: ChangeData['ending']) =>
  db.database.query(
    `update run set ended_at = $2, outcome = 'cancelled', data = data || jsonb_build_object('ending', $3::jsonb) where id = $1`,
    [run?.id, now, JSON.stringify(ending)],
  );

it('comes in the morning, on one replica; what dies in mid-look is looked at by the next', async () => {
  expect(nextLook(new Date('2026-11-28T05:59:59Z'))).toEqual(new Date('2026-11-28T06:00:00Z'));
  expect(nextLook(new Date('2026-11-28T06:00:00Z'))).toEqual(new Date('2026-11-29T06:00:00Z'));
  expect(await look()).toBe(0);
  await morning(1);
  const [one, other] = [await replica().claim({ ...terms, leaseMs: 1 }), await replica().claim(terms)];
  expect([one, other].filter(Boolean).length).toBeGreaterThan(0);
  // The lease of a millisecond may not be over yet on a quick machine.
  await new Promise((over) => setTimeout(over, 20));
  await (other ?? (await replica().claim(terms)))?.work(undefined as never);
  expect(await runs()).toHaveLength(1);
  // The first one wakes up: its lease is another's by now.
  await one?.work(undefined as never);
  expect(await runs()).toHaveLength(1);
  expect(await look()).toBe(0);
});

it('asks to take what is past its end out of latest: two people decide, and once while they are at it', async () => {
  for (const day of [1, 2, 3]) {
    await morning(day);
    expect(await look()).toBe(1);
  }
  const [run, ...more] = await runs();
  expect(more).toEqual([]);
  expect(run?.plan).toMatchObject({
    ...{ verb: 'revoke', image: 'ubuntu-22', versions: ['1.5.0'], gallery, reason: 'its life ended on 20 Nov 2026' },
    byItself: { why: 'end of life', ended: ended.toISOString() },
    approval: { rule: { group: ubuntu.approval.group, quorum: 2 }, channel },
  });
  expect(await cards()).toEqual([`run:${run?.id}`]);
});

it('does not ask again once people said no, and tells of it each day in one place until it is settled', async () => {
  await morning(1);
  await look();
  await endAs((await runs())[0], { how: 'refused', why: 'payments needs it until spring', by: 'Heidi' });
  for (const day of [2, 3]) {
    await morning(day);
    await look();
  }
  const [run, ...more] = await runs();
  expect(more).toEqual([]);
  const said = `Heidi said no to taking it out of latest (${run?.id}): “payments needs it until spring”.`;
  expect(await told()).toContain(`ubuntu-22 1.5.0 ended on 20 Nov 2026. ${said}`);
  const days = ['2026-11-30', '2026-12-01'].map((day) => endingsTopic(channel, new Date(`${day}T06:00:00Z`)));
  expect((await cards()).filter((topic) => topic.startsWith('ends:'))).toEqual(days);
  // Another end is another question.
  versions = [version('1.4.1'), version('1.5.0', { endOfLife: new Date('2026-11-25T00:00:00Z') })];
  await morning(4);
  await look();
  expect(await runs()).toHaveLength(2);
  await look();
  const text = await told();
  expect(text).toContain('Nothing is past its end of life and still offered as latest');
  expect(text).toContain('What this message was about is settled. As of 2 Dec 2026; goldbot looks each day.');
});

it('tells of what has to stay, each day once, and starts nothing', async () => {
  versions = [version('1.5.0', { endOfLife: ended })];
  await morning(1);
  await look();
  expect(await runs()).toEqual([]);
  const text = await told();
  expect(text).toContain('ubuntu-22 1.5.0 is past its end of life and still offered');
  expect(text).toContain('No version would be latest in West Europe.');
  expect(text).toContain('Publish a version that can take its place, or move its end.');
});

describe('with a second gallery', () => {
  const second = () => ({
    ...example,
    azure: { ...example.azure, secondGallery: { name: 'gold_dr', resourceGroup: 'rg' } },
  });
  const told = async (at: Date) => (await renderTopic(parityTopic(channel, at), createReads(db.database), at)).text;
  const topics = async () => (await cards()).filter((topic) => topic.startsWith('parity:'));

  it('tells once a week what it lacks, in the channel of those who decide', async () => {
    [versions, catalogue, definitions] = [[version('1.4.1')], second(), async () => [ubuntuThere]];
    await morning(1);
    await look();
    const sunday = parityTopic(channel, now);
    expect(await topics()).toEqual([sunday]);
    expect(await told(now)).toContain('ubuntu-22 1.4.1 is not in gold_dr.');
    const monday = new Date(Date.UTC(2026, 10, 30, 6));
    for (const day of [2, 3, 8]) {
      await morning(day);
      await look();
    }
    expect(await topics()).toEqual([sunday, parityTopic(channel, monday)].sort());
    // What was found on Monday is said until the next one.
    expect(await told(now)).toContain('As of 30 Nov 2026');
  });

  it('says why it could not be compared, and tries again each day', async () => {
    [versions, catalogue] = [[version('1.4.1')], second()];
    definitions = () => Promise.reject(new UserError('AZ_FORBIDDEN', 'goldbot may not see it.', { hint: '-' }));
    await morning(2);
    await look();
    expect(await told(now)).toContain('goldbot may not see it.');
    definitions = () => Promise.reject(new UserError('AZ_NOT_FOUND', 'x', { hint: '-' }));
    await morning(3);
    await look();
    expect(await told(now)).toContain('There is no gallery gold_dr.');
    [versions, definitions] = [[], async () => [ubuntuThere]];
    await morning(4);
    await look();
    expect(await told(now)).toContain('What this message was about is settled.');
    expect(await topics()).toHaveLength(1);
  });
});

it('looks again soon at what Azure did not tell', async () => {
  silent = true;
  await morning(1);
  await look();
  expect(await runs()).toEqual([]);
  silent = false;
  now = new Date(now.getTime() + minutes(10));
  expect(await look()).toBe(1);
  expect(await runs()).toHaveLength(1);
});

it('asks once a month to retire the oldest that nobody uses, where the catalogue wants it', async () => {
  versions = ['1.0.0', '1.1.0', '1.2.0', '1.3.0'].map((number) => version(number));
  machines = [{ version: '1.1.0', machines: 3 }];
  const keepsTwo = { ...ubuntu, keep: 1 };
  const wanting = (image: typeof ubuntu) => ({ ...example, images: [image] });
  catalogue = wanting(keepsTwo);
  await morning(1);
  await look();
  expect(await runs()).toEqual([]);
  catalogue = wanting({ ...keepsTwo, retention: 'monthly' });
  for (const day of [2, 3, 4]) {
    await morning(day);
    await look();
    for (const run of await runs()) await endAs(run, { how: 'refused', why: 'no', by: 'Heidi' });
  }
  expect((await plans()).map(({ byItself }) => byItself)).toEqual([
    { why: 'retention', period: '2026-12' },
    { why: 'retention', period: '2026-11' },
  ]);
  expect((await plans())[0]).toMatchObject({
    ...{ verb: 'retire', versions: ['1.0.0', '1.2.0'], target: 'ubuntu-22 1.0.0, 1.2.0', keeps: true, unused: true },
    ...{ reason: 'ubuntu-22 keeps 1 version, and nobody uses these', approval: { rule: { quorum: 2 } } },
  });
});

describe('a restriction that follows the ends of life', () => {
  const restrict = (more: Partial<RestrictPlan> = {}): RestrictPlan => ({
    ...{ verb: 'restrict', target: 'payments', team: 'payments', effect: 'deny', galleries: ['/g'], pastEnd: true },
    ...{ dryRun: ['counted that day'], targets: [{ scope: '/s', name: 'n', notScopes: [], buildGroups: [] }] },
    approval: { rule: { group: 'g', groupName: 'admins', quorum: 1 }, ttlMs: 1, channel },
    ...more,
  });
  const made = async (plan: RestrictPlan, after = 0) => {
    const at = new Date(now.getTime() + after);
    const id = await takeRequestId(db.database, 'run');
    const about = { id, kind: 'change', subject: changeSubject(plan), plan, now: at, dedupe: id } as const;
    await insertRun(db.database, { ...about, stages: ['plan'], stage: 'plan' });
    await db.database.query(`update run set ended_at = $2, outcome = 'done' where id = $1`, [id, at]);
    return id;
  };
  const is = (more: Partial<RestrictionSettings>) => {
    inAzure = { ...inAzure, ...more };
  };
  const begun = async () => (await runs()).filter(({ plan, outcome }) => plan.verb === 'restrict' && outcome === null);

  beforeEach(() => {
    versions = [version('1.4.1'), version('1.3.0', { endOfLife: ended, excludedFromLatest: true })];
  });

  it('is brought to what is past its end now, told where it was decided, and nobody is asked again', async () => {
    const decided = await made(restrict());
    await morning(1);
    await look();
    const [run, ...more] = await begun();
    const { approval: _, ...rest } = restrict();
    expect([run?.plan, more]).toEqual([{ ...rest, dryRun: [], byItself: { decided, channel } }, []]);
    expect(await cards()).toEqual([`run:${run?.id}`]);
    expect((await createReads(db.database).endings())?.refused).toEqual([
      {
        ...{ target: 'payments', team: 'payments', effect: 'deny', decided },
        ...{ refused: [{ image: 'ubuntu-22', version: '1.3.0' }], spared: [] },
      },
    ]);
  });

  it.each<[string, () => unknown]>([
    ['it is so already', () => is({ pastEnd: [`${definitionId(gallery)}/versions/1.3.0`] })],
    ['somebody changed its effect in Azure', () => is({ effect: 'audit' })],
    ['it was lifted since', () => made(restrict({ effect: 'off' }), 1)],
    [
      'people decided since that ends of life are no matter',
      () => made({ ...restrict(), pastEnd: undefined } as never, 1),
    ],
  ])('is left alone where %s', async (_, happens) => {
    await made(restrict());
    await happens();
    await morning(1);
    await look();
    expect(await begun()).toEqual([]);
  });

  it('goes on from what goldbot did by itself, and names the request of people', async () => {
    const decided = await made(restrict());
    const { approval: _, ...rest } = restrict();
    await made({ ...rest, byItself: { decided, channel } }, 1);
    await morning(1);
    await look();
    expect((await begun()).map(({ plan }) => plan)).toMatchObject([{ byItself: { decided, channel } }]);
  });
});

it('ends what it asked for once that is no longer so; what a person asks for goes on', () => {
  const plan = (more: Partial<VersionPlan>): VersionPlan => ({
    ...{ verb: 'revoke', image: 'ubuntu-22', gallery, versions: ['1.5.0'], target: 'ubuntu-22 1.5.0', team: null },
    ...more,
  });
  const byItself = { why: 'end of life', ended: ended.toISOString() } as const;
  const why = (more: Partial<VersionPlan>, all: readonly GalleryVersion[], seen: Partial<BlastRadius> = {}) => {
    const radius = blastRadius({ act: 'revoke', versions: ['1.5.0'], all, users: { consumers: [], gaps: [] }, now });
    return overtaken(plan(more), { radius: { ...radius, ...seen }, all });
  };
  const [below, over] = [version('1.4.1'), version('1.5.0', { endOfLife: ended })];
  expect(why({ byItself }, [below, over])).toBeUndefined();
  expect(why({}, [over])).toBeUndefined();
  expect(why({ byItself }, [over])).toBe('it stays in latest. No version would be latest in West Europe');
  expect(why({ byItself }, [below, version('1.5.0')])).toBe('it has no end of life any more');
  const later = version('1.5.0', { endOfLife: new Date('2027-03-01T00:00:00Z') });
  expect(why({ byItself }, [below, later])).toBe('its life goes on until 1 Mar 2027');
  expect(why({ unused: true }, [below, over])).toBe('it is latest in West Europe by now');
  expect(why({ unused: true }, [below, over], { latest: [] })).toBeUndefined();
  expect(why({ unused: true }, [below, over], { machines: 1 })).toBe('1 machine runs it by now');
});
