import { definitionsOf, groupsAbove } from '../core/compliance';
import { imageRef } from '../core/images';
import { syntheticTeamOf } from '../sandbox/azure/estate/synthetic';
import { remembered, type SharedAnswers } from '../services';
import { inventoryWorld, type Who } from '../test/dialogs/support/inventory-world';
import { fillLargeEstate, largeCatalogue } from '../test/support/large-estate';
import { worldStart } from '../test/support/world-start';
import { type Result, seconds, thousands } from './table';
import { VirtualClock } from './virtual-clock';

const size = { images: 500, teams: 2_000, vms: 100_000 };
const most = { azure: 6, resourceGraph: 3 };
const togetherMs = 5_000;
/** What a request takes on the way to Azure and back. */
const networkMs = 200;
/** What Resource Graph grants one identity in five seconds. */
const queries = 15;
/** As many as asked at once when most of them were refused. */
const crowd = 138;

/** Some team has none: this one has machines. */
function teamOfVm(n: number): string {
  const seed = { vms: size.vms, teams: size.teams, seed: 1, startMs: worldStart };
  return `team-${String(syntheticTeamOf(seed, n) + 1).padStart(4, '0')}`;
}

const asked = [
  'images',
  'forecast',
  'versions ubuntu-22',
  'show ubuntu-22@1.5.0',
  'compliance all',
  `compliance ${teamOfVm(0)}`,
] as const;

const five: readonly (readonly [Who, string])[] = [
  ['grace', `compliance ${teamOfVm(size.vms / 2)}`],
  ['dana', 'forecast'],
  ['ada', 'images'],
  ['linus', 'versions ubuntu-22'],
  ['heidi', 'show ubuntu-22@1.5.0'],
];

/** Of a request that came to Azure. */
interface Reads {
  readonly azure: number;
  readonly resourceGraph: number;
  readonly refused: number;
  readonly bytes: number;
  readonly waitedMs: number;
}

/** B12: what one command reads of Azure, where images, teams and machines are many. */
export async function budget(say: (line: string) => void): Promise<readonly Result[]> {
  const estate = await openEstate(say);
  const results: Result[] = [];
  const each = await estate.cost(() =>
    Promise.all(estate.catalogue.images.map((image) => estate.read.versions(imageRef(estate.catalogue.azure, image)))),
  );
  for (const question of asked) {
    const own = await estate.cost(() => estate.ask('grace', question));
    say(`${question}: ${described(own)}`);
    results.push({
      id: 'B12',
      what: `Azure reads of \`${question}\` at ${thousands(size.images)} images, ${thousands(size.teams)} teams, ${thousands(size.vms)} VMs`,
      goldbot: `${own.azure}, ${own.resourceGraph} of them Resource Graph, ${Math.round(own.bytes / 1_000)} KB`,
      peers: [
        question.startsWith('compliance')
          ? `one question a team: at least ${thousands(size.teams)}`
          : `one read an image: ${thousands(each.azure)}`,
      ],
      target: `at most ${most.azure}, ${most.resourceGraph} of them Resource Graph`,
      reached: own.azure <= most.azure && own.resourceGraph <= most.resourceGraph,
    });
  }
  return [...results, await fiveAtOnce(estate, say), await manyAtOnce(estate, say)];
}

const gap = /AZ_|missing or incomplete|could not/;
const noAgents = /! 1 figure is missing or incomplete\nNo machine has .+/;

type Estate = Awaited<ReturnType<typeof openEstate>>;

async function fiveAtOnce(estate: Estate, say: (line: string) => void): Promise<Result> {
  const texts: string[] = [];
  const own = await estate.cost(async () => {
    texts.push(...(await Promise.all(five.map(([who, question]) => estate.ask(who, question)))));
  });
  // That no machine of the synthetic estate has an agent is no part of an answer that is missing.
  const whole = texts.filter((text) => !gap.test(text.replace(noAgents, ''))).length;
  say(`five people at once: ${described(own)}, ${whole} whole answers`);
  return {
    id: 'B12',
    what: 'five people at once, each another question, in the quota of 15 queries in 5 s and 200 ms a request',
    goldbot: `${whole} whole answers in ${seconds(own.waitedMs)}, ${own.azure} reads, ${own.resourceGraph} of them Resource Graph`,
    peers: [],
    target: `5 whole answers in ${seconds(togetherMs)}`,
    reached: whole === five.length && own.waitedMs <= togetherMs,
  };
}

async function manyAtOnce(estate: Estate, say: (line: string) => void): Promise<Result> {
  const own = await estate.cost(() =>
    Promise.all(Array.from({ length: crowd }, () => estate.ask('grace', 'versions ubuntu-22'))),
  );
  say(`${crowd} people at once: ${described(own)}`);
  return {
    id: 'B12',
    what: `${crowd} people who ask \`versions\` at once: what Azure refused`,
    goldbot: `${own.refused} of ${own.azure} reads, ${own.resourceGraph} of them Resource Graph`,
    peers: [`each counts its own machines: at least ${crowd - queries} of ${crowd} queries`],
    target: 'none',
    reached: own.refused === 0,
  };
}

const described = ({ azure, resourceGraph, refused, bytes, waitedMs }: Reads): string =>
  `${azure} reads, ${resourceGraph} of them Resource Graph, ${refused} refused, ${Math.round(bytes / 1_000)} KB, ${seconds(waitedMs)} of virtual time`;

async function openEstate(say: (line: string) => void) {
  const clock = new VirtualClock();
  const catalogue = largeCatalogue(size);
  let answers: SharedAnswers | undefined;
  const world = inventoryWorld({
    catalogue,
    queries,
    virtual: { now: () => clock.nowMs, sleep: clock.sleep, onRequest: () => (clock.nowMs += networkMs) },
    read: (real) => {
      answers = remembered(real, 5_000, () => clock.nowMs);
      return answers.read;
    },
  });
  fillLargeEstate(world.world, catalogue, size);
  const { exchanges } = world.sandbox;
  const cost = async (what: () => Promise<unknown>): Promise<Reads> => {
    // Long after whatever was asked before: nothing is known but what a running goldbot asks ahead.
    clock.nowMs += 3_600_000;
    await ahead();
    clock.nowMs += 30_000;
    exchanges.length = 0;
    const before = clock.nowMs;
    await what();
    const own = exchanges.filter(({ url }) => !url.includes('graph.microsoft.com'));
    return {
      azure: own.length,
      resourceGraph: own.filter(({ url }) => url.includes('Microsoft.ResourceGraph')).length,
      refused: own.filter(({ status }) => status === 429).length,
      bytes: own.reduce((sum, { responseBody }) => sum + JSON.stringify(responseBody ?? '').length, 0),
      waitedMs: clock.nowMs - before,
    };
  };
  const ahead = () =>
    answers?.renew((read) =>
      Promise.all([
        read.publishedVersions(definitionsOf(catalogue)),
        groupsAbove(read, catalogue),
        read.lackingMachines(),
        read.machineTotals(),
      ]),
    );
  const bases = await cost(() => world.knowBases());
  say(`what ${thousands(size.images)} images are built from, once in two hours: ${described(bases)}`);
  const ask = async (who: Who, question: string) => (await world.say(who, question)).text;
  // The evaluator computes an answer once; what Azure would have spent is no part of anybody's time here.
  for (const question of asked) await ask('grace', question);
  return { catalogue, read: world.read, cost, ask };
}
