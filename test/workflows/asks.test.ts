import { inWords } from '../../cards';
import type { AzureRead, GalleryVersion } from '../../core/azure';
import { definitionId } from '../../core/azure-id';
import { findImage } from '../../core/catalogue';
import type { ScaleSet } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import type { InstanceSeen, UpgradeQuestion } from '../../core/lifecycle';
import { renderTopic } from '../../dialogs/present/topic';
import { createReads } from '../../store/reads';
import { askLooks } from '../../workflows/change';
import { type TestDatabase, testDatabase } from '../store/database';
import { exampleCatalogue } from '../support/catalogue';

const catalogue = exampleCatalogue();
const ubuntu = findImage(catalogue, 'ubuntu-22');
if (!ubuntu) throw new Error('the example lacks ubuntu-22');
const source = definitionId(imageRef(catalogue.azure, ubuntu));
const terms = { owner: 'test', leaseMs: 25_000 };
const start = Date.parse('2026-12-01T10:00:00Z');

let db: TestDatabase;
let now: Date;
let sets: readonly ScaleSet[];
let questions: readonly UpgradeQuestion[] | undefined;
let runs: string;

const version = { version: '1.6.0', provisioningState: 'Succeeded', excludedFromLatest: false } as GalleryVersion;
const region = { name: 'West Europe', replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false };
const set = (name: string, asks: ScaleSet['asks'], team?: string): ScaleSet => ({
  ...{ id: `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`, name },
  ...{
    subscription: 's',
    resourceGroup: 'g',
    source,
    version: '',
    selfUpgrading: true,
    takesReimage: true,
    location: 'westeurope',
  },
  ...{ mode: 'Manual', tags: team === undefined ? {} : { team }, ...(asks && { asks }) },
});
const question: UpgradeQuestion = {
  ...{ name: 'q', waiting: ['/s'], otherwise: 'approve' },
  ...{ until: new Date(start + 3_600_000), latest: new Date(start + 172_800_000) },
};

const read: Partial<AzureRead> = {
  managementGroups: async () => new Map(),
  scaleSets: async (of) => ({ rows: of === source ? sets : [], asOf: now }),
  versions: async () => [{ ...version, regions: [region] } as GalleryVersion],
  upgradeQuestions: async () => {
    if (!questions) throw new UserError('AZ_FORBIDDEN', 'goldbot may not.', { hint: '-' });
    return questions;
  },
  scaleSet: async () => ({
    name: 's',
    image: source,
    mode: 'Manual',
    isBusy: false,
    isFlexible: false,
    takesReimage: true,
  }),
  setInstances: async () => [{ id: '0', version: runs } as InstanceSeen, { id: '1', version: '1.6.0' } as InstanceSeen],
  rollingUpgrade: async () => undefined,
};

beforeAll(async () => {
  db = await testDatabase();
});
beforeEach(async () => {
  await db.database.query('truncate ending, run, card cascade');
  [now, sets, questions, runs] = [new Date(start), [set('front', 'hook', 'web')], [question], '1.5.0'];
});
afterAll(() => db.close());

const replica = () =>
  askLooks({ database: db.database, clock: { now: () => now }, catalogue: () => catalogue, read: read as AzureRead });

/** Ten minutes later; how many looks there were. */
async function look(): Promise<number> {
  await replica().claim(terms);
  now = new Date(now.getTime() + 600_000);
  const claimed = [await replica().claim(terms), await replica().claim(terms)];
  for (const one of claimed) await one?.work(undefined as never);
  return claimed.filter(Boolean).length;
}
const cards = () =>
  db.database.query<{ topic: string; channel: string }>(
    'select topic, conversation_name as channel from card order by topic',
  );
const text = async (topic = '') =>
  inWords((await renderTopic(topic as `asks:${string}`, createReads(db.database), now)).text);

it('tells the team in its own channel, once; on one replica', async () => {
  expect([await look(), await look()]).toEqual([1, 1]);
  const [card, ...more] = await cards();
  expect([card?.channel, more]).toEqual([catalogue.teams.get('web')?.channel, []]);
  expect(await text(card?.topic)).toContain('front, with 1 instance behind: without an answer Azure begins by itself');
  questions = [];
  await look();
  expect(await cards()).toHaveLength(1);
  expect(await text(card?.topic)).toContain('Azure does not wait any more for front of web');
});

it('says nothing of what it may not read, of sets of nobody, and of those whose owner Azure does not ask', async () => {
  questions = undefined;
  await look();
  [questions, sets] = [[question], [set('a', 'hook'), set('b', undefined, 'web')]];
  await look();
  expect(await cards()).toEqual([]);
});

it('a deferral by policy waits as long as something is behind', async () => {
  [sets, runs] = [[set('slow', 'deferral', 'web')], '1.6.0'];
  await look();
  expect(await cards()).toEqual([]);
  runs = '1.5.0';
  await look();
  const [card] = await cards();
  expect(await text(card?.topic)).toContain('slow, with 1 instance behind: its policy defers upgrades');
});
