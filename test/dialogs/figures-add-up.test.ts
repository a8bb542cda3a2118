import { digestCard, type Reply } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { countInventory } from '../../core/compliance';
import { digestView } from '../../dialogs/present/digest';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { syntheticAt } from '../../sandbox/azure/estate/synthetic';
import { statesOf } from '../../sandbox/azure/policy-insights/states';
import type { World } from '../../sandbox/kernel/world';
import { exampleCatalogue } from '../support/catalogue';
import { isFull, sized } from '../support/size';
import { inventoryWorld } from './support/inventory-world';

type Team = string | null;
type Asked = ReturnType<typeof inventoryWorld>;

/** What goldbot must say of a team, counted from the sandbox's own rows: no Resource Graph, nothing of the product. */
interface Counted {
  readonly machines: number;
  readonly azure: { readonly good: number; readonly all: number };
}

/** As Azure documents it: the first of a resource's states is the resource's own. */
const azureOrder = ['NonCompliant', 'Compliant', 'Error', 'Conflict', 'Exempt', 'Unknown'];
const isMachine = ({ type }: Resource) =>
  ['virtualmachines', 'machines', 'virtualmachinescalesets/virtualmachines'].some((kind) =>
    type.toLowerCase().endsWith(`compute/${kind}`),
  );

function counted(world: World): ReadonlyMap<Team, Counted> {
  const { resources, seed } = compute(world);
  const synthetic = seed ? Array.from({ length: seed.vms }, (_, n) => syntheticAt(seed, n)) : [];
  const teamOf = ({ tags }: Resource): Team => tags?.['team'] ?? null;
  const found = new Map<Team, { machines: number; azure: { good: number; all: number } }>();
  const of = (resource: Resource) => {
    const own = found.get(teamOf(resource)) ?? { machines: 0, azure: { good: 0, all: 0 } };
    found.set(teamOf(resource), own);
    return own;
  };
  for (const machine of [...Object.values(resources), ...synthetic].filter(isMachine)) of(machine).machines += 1;
  const first = new Map<string, { readonly resource: Resource; rank: number }>();
  for (const { resource, state } of statesOf(world)) {
    const known = first.get(resource.id) ?? { resource, rank: azureOrder.length };
    first.set(resource.id, { resource, rank: Math.min(known.rank, azureOrder.indexOf(state)) });
  }
  for (const { resource, rank } of first.values()) {
    const { azure } = of(resource);
    azure.all += 1;
    if (['Compliant', 'Exempt', 'Unknown'].includes(azureOrder[rank] ?? '')) azure.good += 1;
  }
  return found;
}

const share = ({ good, all }: Counted['azure'] = { good: 0, all: 0 }) =>
  good === all ? 100 : Math.min(99, Math.round((100 * good) / all));
const teamWord = (team: Team) => team ?? 'orphans';
const numbersIn = (line: string) => (line.match(/\d[\d,]*/g) ?? []).map((n) => Number(n.replace(',', '')));

/** Everything on a card that is a number of machines with the command that lists them. */
function figuresOn({ text }: Reply): readonly (readonly [n: number, command: string])[] {
  return text.split('\n').flatMap((line) => {
    const [, said = '', command = ''] = /^(.*?) · (compliance .*?--list.*?)(?: · (?!compliance ).*)?$/.exec(line) ?? [];
    const n = numbersIn(said.replace(/^.*: (?=[\d,]+$)/, ''))[0];
    return command !== '' && n !== undefined ? [[n, command] as const] : [];
  });
}

/** How many rows a list has, page after page, and how many it says. */
async function rowsOf(world: Asked, command: string): Promise<{ readonly rows: number; readonly said: number }> {
  let [rows, said] = [0, 0];
  for (let next: string | undefined = command; next !== undefined; ) {
    const { text }: Reply = await world.say('dana', next);
    said = numbersIn(text.split('\n')[0] ?? '')[0] ?? 0;
    rows += [...text.matchAll(/ · compliance --why /g)].length;
    expect([command, /Azure Policy did not answer/.exec(text)?.[0]]).toEqual([command, undefined]);
    next = /^(compliance .*--from \d+)/m.exec(text)?.[1];
  }
  return { rows, said };
}

/** The rows of figures that a card shows, each with the sum that it must come to. */
function sumsOn({ text }: Reply): readonly (readonly [row: string, sum: number])[] {
  const line = (pattern: RegExp) => (pattern.exec(text)?.[1] === undefined ? undefined : pattern.exec(text)?.[1]);
  const all = (pattern: RegExp) =>
    [...text.matchAll(pattern)].reduce((sum, [, n]) => sum + (numbersIn(n ?? '')[0] ?? 0), 0);
  const rows: readonly (readonly [string, number | undefined])[] = [
    [
      'policies',
      all(/^(\d[\d,]*) (?:evaluated and compliant|non-compliant|not evaluated|exempt) /gm) +
        all(/^(\d[\d,]*) more machines? without a verdict/gm) +
        all(/^(\d[\d,]*) scale set instances? (?:is|are) not among them/gm),
    ],
    ['images', all(/^(?:On latest|1 behind|2\+ behind|Past end of life|Not golden|Origin unknown): (\d[\d,]*) /gm)],
    ...(['Machines', 'Pets and cattle', 'In the guest'] as const).map((title) => {
      const said = line(new RegExp(`^${title}: (\\d.*)$`, 'm'));
      return [title, said === undefined ? undefined : numbersIn(said).reduce((a, b) => a + b, 0)] as const;
    }),
  ];
  return rows.flatMap(([row, sum]) => (sum === undefined ? [] : [[row, sum] as const]));
}

const story = exampleCatalogue();

/** The story, a quarter of an hour in: what was made before it began has been evaluated. */
function storyWorld() {
  const world = inventoryWorld();
  world.clock.advance(30);
  return { world, teams: [...story.teams.keys(), null] as readonly Team[] };
}

/** A second set of machines, with each of the six states, and with scale sets beside those that the seed makes. */
function seededWorld() {
  const [vms, count] = [sized(250, 4_000), 4];
  const names = Array.from({ length: count }, (_, n) => `team-${String(n + 1).padStart(4, '0')}`);
  const common = { owners: { group: 'g', name: 'owners' }, channel: 'x / ops', digest: false } as const;
  const teams: Catalogue['teams'] = new Map(
    names.map((value) => [value, { ...common, scope: { tag: { name: 'Team', value } } }]),
  );
  const world = inventoryWorld({ catalogue: { ...story, teams } });
  const before = Object.entries(compute(world.world).resources).filter(([id]) => id.includes('scalesets/'));
  seedEstate(world.world, { vms, teams: count, seed: 4 });
  for (const [id, resource] of before) {
    const place = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+/i;
    const [to] = place.exec(syntheticAt(compute(world.world).seed as never, 0).id) ?? [''];
    const moved = { ...structuredClone(resource), id: resource.id.replace(place, to), tags: { team: names[0] ?? '' } };
    compute(world.world).resources[id.replace(place, to.toLowerCase())] = moved;
  }
  // Two without instances: alone in its group, and among the machines of another team.
  const [set] = before.flatMap(([, one]) => (one.type.endsWith('ScaleSets') ? [one] : []));
  const idle = (change: (id: string) => string, team: string | undefined) => {
    const id = change(syntheticAt(compute(world.world).seed as never, 0).id).replace(
      /virtualMachines\/.*$/i,
      'virtualMachineScaleSets/idle',
    );
    const made = { ...structuredClone(set as Resource), id, name: 'idle', tags: { team: team ?? '' } };
    compute(world.world).resources[id.toLowerCase()] = made;
  };
  idle((id) => id.replace(/resourceGroups\/[^/]+/i, 'resourceGroups/rg-idle'), names[1]);
  idle((id) => id, names[2]);
  world.clock.advance(1_440);
  return { world, teams: names as readonly Team[] };
}

const opened = { 'the story': storyWorld(), 'a seeded set': seededWorld() } as const;

describe.each(['the story', 'a seeded set'] as const)('the figures of %s', (name) => {
  const { world, teams } = opened[name];
  const counts = counted(world.world);
  const cards = new Map<Team, Reply>();
  beforeAll(async () => {
    for (const team of teams) cards.set(team, await world.say('dana', `compliance ${teamWord(team)}`));
  });
  const card = (team: Team) => cards.get(team) as Reply;

  it("are Azure's own where they say Azure", () => {
    const shown = teams.map((team) => [team, numbersIn(/^Azure shows .*$/m.exec(card(team).text)?.[0] ?? '')]);
    const wanted = teams.map((team) => counts.get(team)?.azure ?? { good: 0, all: 0 });
    expect(shown).toEqual(teams.map((team, n) => [team, [share(wanted[n]), wanted[n]?.good, wanted[n]?.all]]));
    const all = wanted.map(share);
    if (name === 'the story') expect(all).toEqual([98, 68, 87, 45, 0]);
    else expect(new Set(all).size).toBeGreaterThan(1);
  });

  it.each(teams)('of %s add up to all its machines, row by row', (team) => {
    const machines = counts.get(team)?.machines ?? 0;
    const said = /[\d,]+ machines?/.exec(card(team).text.split('\n')[1] ?? '')?.[0] ?? '';
    expect(numbersIn(said)[0]).toBe(machines);
    const sums = sumsOn(card(team));
    expect(sums.map(([row]) => row)).toEqual(['policies', 'images', 'Machines', 'Pets and cattle', 'In the guest']);
    expect(sums).toEqual(sums.map(([row]) => [row, machines]));
  });
});

describe('the figures of all teams on one card', () => {
  it('add up to the machines of each team, and those to all', async () => {
    const { world } = opened['the story'];
    const counts = counted(world.world);
    const { text } = await world.say('dana', 'compliance all');
    const images = '(?:[\\d,]+ (?:past end of life|behind|not golden|of unknown origin|on latest)(?: · |$))+';
    const row = new RegExp(`^\\S (.+?) · ([\\d,]+) machines? · (.*?) · (${images})compliance \\S+$`, 'gm');
    const rows = [...text.matchAll(row)];
    const sum = (said = '') => numbersIn(said).reduce((a, b) => a + b, 0);
    const told = rows.map(([, team, machines, policies, origins]) => [
      team,
      sum(machines),
      sum(policies),
      sum(origins),
    ]);
    const wanted = rows.map(([, team]) => {
      const n = counts.get(team === 'no team' ? null : (team ?? ''))?.machines;
      return [team, n, n, n];
    });
    expect(rows).toHaveLength(5);
    expect(told).toEqual(wanted);
    expect(text).toContain(`4 teams · ${told.reduce((all, [, n]) => all + Number(n), 0)} machines`);
  });
});

describe('every number of machines on a card of the story', () => {
  const { world, teams } = opened['the story'];

  // The lists of web are told name by name in compliance.test.ts; those of data are like those of payments.
  it.each(teams.filter((team) => isFull || (team !== 'web' && team !== 'data')))(
    'has exactly that many rows behind its button: %s',
    async (team) => {
      const of = await world.say('dana', `compliance ${teamWord(team)}`);
      const inventory = { catalogue: story, now: world.clock.now() };
      const patience = { mayLack: () => false };
      const { figures: all } = await countInventory(world.read, inventory, patience);
      const figures = all.find((one) => one.team === team);
      if (!figures) throw new Error(`no figures of ${team}`);
      const plan = { team: team ?? '', week: '2026-W48', zone: 'UTC', late: false, missed: 0, onlyChanges: false };
      const kept = { runId: 'R-23456', team: team ?? '', week: '2026-W48', extra: false, figures } as never;
      const digest = digestCard(digestView({ ...plan, dueAt: world.clock.now().toISOString() } as never, kept, []));
      const further = of.text.split('\n').filter((line) => /^compliance .*--(?:type|guest|state) /.test(line));
      const shown = new Map([...figuresOn(of), ...figuresOn(digest)].map(([n, command]) => [command, n]));

      expect(shown.size).toBeGreaterThan(9);
      for (const [command, n] of shown) {
        expect([command, await rowsOf(world, command)]).toEqual([command, { rows: n, said: n }]);
      }
      for (const line of further) {
        for (const command of line.split(' · ')) {
          const { rows, said } = await rowsOf(world, command);
          expect([command, rows]).toEqual([command, said]);
          expect([command, rows > 0]).toEqual([command, true]);
        }
      }
    },
  );
});
