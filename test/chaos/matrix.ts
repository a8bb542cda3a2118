import { isChaos, isFull } from '../support/size';

/** How many, in `npm test`, `npm run test:full` and `npm run chaos`. */
type Sizes = readonly [sample: number, full: number, chaos: number];

/** A test file, all of it or the tests alone whose names match. */
interface Suite {
  readonly test: string;
  readonly only?: string;
}

/** A row of the table of faults. */
interface Fault {
  /** What befalls goldbot. */
  readonly fault: string;
  /** How it is made, for whoever doubts it. */
  readonly made: string;
  /** What counts as a mistake. */
  readonly mistake: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** By what plays it; the sum is the size of the row. */
  readonly parts: Readonly<Record<string, Sizes>>;
  /** Who plays it: test files, or one of the harnesses of tools/chaos.ts. */
  readonly plays: readonly Suite[] | 'kills' | 'teams' | 'months' | 'storm';
}

/**
 * What goldbot is to survive, each with who plays it and how often. From here read `npm run chaos` with its `--only`, the
 * tests with their sizes, and the table in docs/reliability.md.
 */
const matrix = {
  kills: {
    fault: 'A replica is killed (kill -9), or frozen past its lease and thawed beside its heir',
    made: 'three processes over one database kill or stop themselves before or after a call to Azure, before a commit, or with all written and nothing committed, at points that a seed draws; each dead one is replaced',
    mistake:
      'anything built, made, published or decided twice; a run stuck; a signal or decision lost; a machine or template left; a write sent after its lease',
    unit: 'deaths',
    parts: { toy: [12, 200, 300], publish: [0, 200, 400], house: [0, 20, 300] },
    plays: 'kills',
  },
  'kills around Teams': {
    fault: 'A replica dies around a call to Teams or an act of a person',
    made: 'the bot as a process kills itself at each boundary of a post, an edit, a click and a message',
    mistake: 'a card, act or answer lost or done twice; a second message that the audit does not name',
    unit: 'deaths',
    parts: { deaths: [6, 10, 16] },
    plays: 'teams',
  },
  months: {
    fault: 'Months of scheduled publishes under deaths, freezes, failures of Azure and slow approvers',
    made: 'replicas in one process on a clock that goes on when all is quiet; deaths before and after each request',
    mistake: 'a month without exactly one version or the word that nothing changed, or late without a warning',
    unit: 'months of an image',
    parts: { months: [0, 2, 48] },
    plays: 'months',
  },
  races: {
    fault:
      'People decide at the same moment: approve and reject, approve and approve, approve and expiry, cancel and go on',
    made: '6 to 20 calls at once over one pool about each request, or while the clock passes its end',
    mistake: 'not exactly one decision, or a loser who is not told',
    unit: 'races',
    parts: {
      reject: [6, 200, 2_500],
      approve: [4, 200, 2_500],
      expiry: [6, 250, 2_500],
      cancel: [15, 400, 2_500],
    },
    plays: [{ test: 'test/engine/races.test.ts', only: 'of approve|either refuses|a signal once' }],
  },
  'removed deciders': {
    fault: 'Somebody who has approved is removed from the group while others decide; a role holds for one image alone',
    made: 'one of two approvers is taken out of the group before or while the other one decides, six calls at once',
    mistake:
      'an approval that counts somebody who was not in the group as the last one decided; a right for another image',
    unit: 'decisions',
    parts: { races: [4, 100, 1_000] },
    plays: [
      { test: 'test/engine/races.test.ts', only: 'removed from the group' },
      { test: 'test/engine/control.test.ts', only: 'deciding' },
      { test: 'test/dialogs/router.test.ts', only: 'checks the role against the image' },
    ],
  },
  'an hour down': {
    fault: 'No replica is there for an hour in the middle of a publish',
    made: 'the engine is stopped in each of these stages, the world goes on for an hour, another engine begins',
    mistake: 'a template, machine or publish that Azure was asked for twice, or a run that does not go on',
    unit: 'publishes',
    parts: { stages: [0, 4, 4] },
    plays: [{ test: 'test/workflows/hour-down.test.ts' }],
  },
  storms: {
    fault: 'Azure, Graph and Teams answer 429, with and without Retry-After',
    made: 'each client of goldbot is refused so, and a busy chat is answered at the pace of Teams',
    mistake: 'anything lost or sent twice, a request before its Retry-After, a write that is repeated',
    unit: 'cases',
    parts: { cases: [74, 74, 74] },
    plays: [
      { test: 'test/services/azure-http.test.ts' },
      { test: 'test/bot/pace.test.ts' },
      { test: 'test/bot/speaker.test.ts' },
      { test: 'test/telemetry/throttles.test.ts' },
    ],
  },
  'publishes in a storm': {
    fault: 'Azure, Resource Graph, Graph and Teams refuse a fifth of the time, while whole publishes are under way',
    made: 'a goldbot in which each quota of Azure and each conversation of Teams answers 429 for 4 s of every 20, each at its own times, every other time without Retry-After',
    mistake:
      'a publish that does not end with its version, anything done twice or left, a card behind, a request before its Retry-After; more than 1.2 requests per success after the first minute',
    unit: 'publishes',
    parts: { publishes: [0, 0, 24] },
    plays: 'storm',
  },
  duplicates: {
    fault: 'Teams delivers again: the same id four times, the same act under a new id twice',
    made: 'six requests at once to two replicas over one database, for each act',
    mistake: 'an act that is done twice or not at all, or two of its deliveries that are answered differently',
    unit: 'deliveries',
    parts: { clicks: [12, 1_200, 10_002] },
    plays: [{ test: 'test/bot/repeats.test.ts' }],
  },
  'closed channels': {
    fault: 'One channel of twenty answers 403 or 404',
    made: 'a Teams that refuses what is posted there, until goldbot is installed again',
    mistake:
      'a card that another channel lacks or has twice, a second try of a closed one, one that does not come afterwards',
    unit: 'channels',
    parts: { channels: [40, 400, 2_000] },
    plays: [
      { test: 'test/bot/closed-channels.test.ts' },
      { test: 'test/bot/delivery.test.ts', only: 'closed conversation' },
    ],
  },
  upgrade: {
    fault: 'A release with an added stage replaces the one before while runs are under way',
    made: 'replicas of both over one database, one after the other replaced',
    mistake: 'a run that stops, skips a stage, takes one twice or one that it did not begin with',
    unit: 'runs',
    parts: { runs: [20, 200, 2_000] },
    plays: [
      { test: 'test/engine/upgrade.test.ts' },
      { test: 'test/engine/engine.test.ts', only: 'stages it does not know' },
      { test: 'test/store/previous-version.test.ts' },
      { test: 'test/store/older-replica.test.ts' },
    ],
  },
  failover: {
    fault: 'The database server dies between a commit and its answer, and comes back',
    made: 'a server of its own, sent SIGQUIT when a commit has just gone out through a cable, and started again; two replicas go on meanwhile, and people ask once more when they get no answer',
    mistake:
      'an effect, run, decision or end that is there twice or not at all; a broken audit; a replica that does not go on by itself',
    unit: 'failovers',
    parts: { commits: [0, 3, 60] },
    plays: [{ test: 'test/store/failover.test.ts', only: 'in mid-commit' }],
  },
  'database down': {
    fault: 'The database is gone for a minute',
    made: 'its server is killed and started again after that time',
    mistake:
      'something accepted that is not stored, an answer other than that the database is silent, a process that ends',
    unit: 'seconds without a database',
    parts: { seconds: [0, 2, 60] },
    plays: [{ test: 'test/store/failover.test.ts', only: 'is down' }],
  },
  'posts in doubt': {
    fault: 'Teams takes a post and does not say so: 5xx, 408, a reset connection, a death in between',
    made: 'a Teams that answers so, once or for a day, and clicks on either message',
    mistake:
      'a request for a decision that nobody sees, a second message without need, or one that the audit does not name',
    unit: 'cases',
    parts: { cases: [31, 31, 31] },
    plays: [{ test: 'test/bot/second-chance.test.ts' }],
  },
  'operations of Azure': {
    fault: 'A long operation fails, is cancelled, never ends, or is gone; its answer is lost',
    made: 'faults of the sandbox for the template, the machine, the run command and the version of a publish',
    mistake: 'a wrong end, a resource left, people who are not told why',
    unit: 'cases',
    parts: { cases: [9, 16, 16] },
    plays: [{ test: 'test/workflows/publish.test.ts', only: 'when Azure misbehaves' }],
  },
  clocks: {
    fault: 'Clocks jump, daylight saving begins and ends, goldbot is down for days',
    made: 'weeks of digests in four time zones at hours that are skipped or come twice; replicas die, stop and find Azure silent',
    mistake: 'a team without exactly one digest in an ISO week',
    unit: 'digests',
    parts: { digests: [24, 208, 208] },
    plays: [
      { test: 'test/workflows/digest-year.test.ts' },
      { test: 'test/core/when-weekly.test.ts' },
      { test: 'test/core/calendar.test.ts' },
      { test: 'test/workflows/digest-schedule.test.ts' },
    ],
  },
  'large cards': {
    fault: 'A card has more to say than Teams takes: a team with 5,000 offenders',
    made: 'views of that size are drawn, and a Teams that finds a card too large',
    mistake: 'a card above 25 KB, or one that does not say what it leaves out',
    unit: 'offenders',
    parts: { offenders: [5_000, 5_000, 5_000] },
    plays: [
      { test: 'test/cards/compliance-cards.test.ts', only: '5,000 offenders' },
      { test: 'test/cards/render.test.ts' },
      { test: 'test/bot/delivery.test.ts', only: 'too large' },
    ],
  },
  'bad catalogues': {
    fault: 'The files of the catalogue are damaged while goldbot runs',
    made: 'junk of any kind at any place of a file (property test), and mistakes of each kind',
    mistake: 'a configuration that is not the one before, an error without file and line, an exception',
    unit: 'damaged files',
    parts: { files: [20, 1_000, 10_000] },
    plays: [
      { test: 'test/core/catalogue.test.ts', only: 'never throws' },
      { test: 'test/app/catalogue-files.test.ts' },
    ],
  },
  'partial answers': {
    fault: 'Resource Graph tells a part: cut lists, too many subscriptions, missing rights, silence',
    made: 'answers of the sandbox with resultTruncated, refusals and delays',
    mistake: 'a figure that is lower than it is, and looks whole',
    unit: 'cases',
    parts: { cases: [41, 41, 41] },
    plays: [
      { test: 'test/services/inventory-pages.test.ts' },
      { test: 'test/workflows/digest.test.ts', only: 'Azure' },
      { test: 'test/workflows/digest-shares.test.ts' },
      { test: 'test/cards/gap-words.test.ts' },
    ],
  },
  leaving: {
    fault: 'SIGTERM while people ask',
    made: 'goldbot as a process gets the signal after its third of these questions, and another one comes',
    mistake: 'a message that was taken and not answered, or answered twice; a process that does not end by itself',
    unit: 'questions',
    parts: { questions: [0, 400, 400] },
    plays: [{ test: 'test/app/leaving.test.ts' }],
  },
  poison: {
    fault: 'Something kills every process that works on it: a run, a card, a message, a look',
    made: 'a bot that kills itself as it draws one card, again and again; leases whose holders die',
    mistake: 'other work that is not done, or a replica that does not live to do it',
    unit: 'deaths',
    parts: { deaths: [42, 48, 48] },
    plays: [
      { test: 'test/store/poison.test.ts' },
      { test: 'test/chaos/poison.test.ts' },
      { test: 'test/engine/patience.test.ts' },
      { test: 'test/bot/repeats.test.ts', only: 'left alone' },
    ],
  },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultName = keyof typeof matrix;
export const faultNames = Object.keys(matrix) as readonly FaultName[];
export const faults: Readonly<Record<FaultName, Fault>> = matrix;

/** How many of a part are played now. */
export function sizeOf<Name extends FaultName>(
  name: Name,
  part: keyof (typeof matrix)[Name]['parts'] & string,
): number {
  const sizes = faults[name].parts[part];
  if (!sizes) throw new Error(`${name} has no part ${part}`);
  return sizes[isChaos ? 2 : isFull ? 1 : 0];
}

/** The size of a row in `npm test`, `npm run test:full` and `npm run chaos`. */
export function sizesOf(name: FaultName): Sizes {
  const all = Object.values(faults[name].parts);
  const sum = (at: 0 | 1 | 2) => all.reduce((total, sizes) => total + sizes[at], 0);
  return [sum(0), sum(1), sum(2)];
}
