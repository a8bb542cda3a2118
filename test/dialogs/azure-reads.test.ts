import type { Catalogue, TeamConfig } from '../../core/catalogue';
import { definitionsOf, groupsAbove } from '../../core/compliance';
import { commands } from '../../dialogs/commands';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { remembered, type SharedAnswers } from '../../services';
import { exampleCatalogue } from '../support/catalogue';
import { sized } from '../support/size';
import { inventoryWorld, type Who } from './support/inventory-world';

/** Resource Graph grants 15 questions in five seconds to everybody together. */
const most = { resourceGraph: 3, azure: 6 };
/** Before a build goldbot looks at all that could stop it; none of it costs Resource Graph anything. */
const mostOfAPlan = { resourceGraph: 3, azure: 40 };
const isPlan = (question: string): boolean => /^publish .*--plan$/.test(question);
/** An admin asks seldom, and about everything at once. */
const mostOfTheDoctor = { resourceGraph: 8, azure: 60 };
/** What is said of one machine says also whether goldbot may look inside it. */
const mostOfAMachine = { resourceGraph: 3, azure: 7 };
const isOfAMachine = (question: string): boolean => /^(tattoo|verify) vm-/.test(question);
/** What the way of a first copy costs is read by whoever asks first; then it is known for half a day. */
const mostOfCopies = { resourceGraph: 3, azure: 7 };
const isOfCopies = (question: string): boolean => /^replicate .*--add/.test(question);
/** Each role that somebody has at an image is read once. */
const mostOfAccess = { resourceGraph: 0, azure: 10 };

/** Who asks: somebody whose role lets them. */
const asking: Readonly<Record<string, Who>> = { publisher: 'ada', owner: 'linus', auditor: 'dana' };

/** Besides the examples of help: what the story has, whose answers cost most. */
const more: readonly (readonly [who: Who, question: string])[] = [
  ['grace', 'compliance --why vm-payments-hsm-002'],
  ['grace', 'who uses ubuntu-22 --version 1.5.0'],
  ['grace', 'tattoo vm-payments-hsm-002'],
  ['linus', 'exempt vm-payments-hsm-002 --policy only-golden-images --until +30d --reason x'],
  ['linus', 'classify vm-payments-hsm-002 pet --reason x'],
  ['grace', 'restrict payments audit --plan'],
  // Its group holds machines of nobody too.
  ['grace', 'compliance legacy'],
  ['grace', 'compliance legacy --list --state not-compliant'],
  ['grace', 'compliance legacy --list --guest not-compliant'],
  ['grace', 'compliance all --list'],
  ['grace', 'compliance all --list --state not-evaluated'],
];

/** What these say stands in goldbot's own books. */
const ownBooks = [
  ...[
    'approvals',
    'approve',
    'approve-all',
    'reject',
    'withdraw',
    'rebuild',
    'cancel',
    'logs',
    'runs',
    'schedule',
    'status',
  ],
  ...['lock', 'unlock', 'override', 'confirm', 'review'],
  ...['webhooks', 'subscribe', 'unsubscribe'],
  ...['snooze', 'unsnooze', 'delegate', 'undelegate', 'undefer', 'appoint', 'unappoint'],
  ...['audit', 'channels', 'digest', 'whoami', 'help'],
  // Who is in Entra says the directory; what is there, its run asks Azure.
  'ungrant',
];

/** What a running goldbot has asked before anybody else does; the rest is not known. */
async function runningGoldbot(catalogue: Catalogue, queries?: number) {
  let answers: SharedAnswers | undefined;
  const world = inventoryWorld({
    catalogue,
    ...(queries !== undefined && { queries }),
    read: (real) => {
      answers = remembered(real, 0);
      return answers.read;
    },
  });
  await answers?.renew((read) =>
    Promise.all([
      read.publishedVersions(definitionsOf(catalogue)),
      groupsAbove(read, catalogue),
      read.lackingMachines(),
      read.machineTotals(),
    ]),
  );
  await world.knowBases();
  return {
    world,
    cost: async (who: Who, question: string) => {
      world.sandbox.exchanges.length = 0;
      const { text } = await world.say(who, question);
      const asked = world.sandbox.exchanges.filter(({ url }) => !url.includes('graph.microsoft.com'));
      const resourceGraph = asked.filter(({ url }) => url.includes('Microsoft.ResourceGraph')).length;
      return { text, azure: asked.length, resourceGraph };
    },
  };
}

function allowedFor(question: string) {
  if (question === 'doctor') return mostOfTheDoctor;
  if (question.startsWith('access ')) return mostOfAccess;
  if (isOfCopies(question)) return mostOfCopies;
  if (isOfAMachine(question)) return mostOfAMachine;
  return isPlan(question) ? mostOfAPlan : most;
}

function tooMuch(question: string, { azure, resourceGraph }: { azure: number; resourceGraph: number }): boolean {
  const allowed = allowedFor(question);
  return azure > allowed.azure || resourceGraph > allowed.resourceGraph;
}

describe('a question to a running goldbot', () => {
  it('costs at most three questions to Resource Graph and six to Azure in all, for every example of every command', async () => {
    const example = exampleCatalogue();
    const secondGallery = { name: 'gold_dr', resourceGroup: 'rg-golden-images-dr' };
    const { cost } = await runningGoldbot({ ...example, azure: { ...example.azure, secondGallery } });
    const asked = commands
      .flatMap(({ verb, role, examples }) =>
        examples.map((question) => ({ verb: verb as string, who: asking[role] ?? 'grace', question })),
      )
      // Settings are written, and this world has no books to write in.
      .filter(({ question }) => !/^digest \w+ (on|off|now|--)|^schedule \S+ \w/.test(question));
    const silent = new Set(commands.map(({ verb }) => verb as string));
    const dear: string[] = [];
    for (const { verb, who, question } of asked) {
      const { azure, resourceGraph } = await cost(who, question);
      if (azure > 0) silent.delete(verb);
      if (tooMuch(question, { azure, resourceGraph })) dear.push(`${question}: ${resourceGraph} of ${azure}`);
    }
    expect(dear).toEqual([]);
    // Entra and Azure are asked together; this Entra has no such group, and may say so first.
    silent.delete('grant');
    // An example that is refused before it asks would prove nothing.
    expect([...silent].sort()).toEqual([...ownBooks].sort());
  });

  it('is not asked by what counts as a look into goldbot’s own books, nor by a decision', () => {
    const own = commands.filter(({ pace }) => pace === 'look' || pace === 'decision' || pace === 'export');
    expect(own.map(({ verb }) => verb).filter((verb) => !ownBooks.includes(verb))).toEqual([]);
    expect(commands.filter(({ pace, effect }) => pace === 'look' && effect === 'write')).toEqual([]);
  });

  const byGroup: readonly [string, TeamConfig] = [
    'platform',
    {
      scope: { managementGroup: 'mg-platform' },
      owners: { group: 'b0bb1e50-0000-4000-8000-000000000011', name: 'owners' },
      channel: 'x / ops',
      digest: false,
    },
  ];
  it.each([
    ['teams by tag', []],
    ['a team by management group too', [byGroup]],
  ] as const)('costs no more where the answers are largest, with %s', async (_, others) => {
    const example = exampleCatalogue();
    const { cost } = await runningGoldbot({ ...example, teams: new Map([...example.teams, ...others]) });
    const dear: string[] = [];
    for (const [who, question] of more) {
      const { text, azure, resourceGraph } = await cost(who, question);
      expect([question, azure > 0]).toEqual([question, true]);
      expect([question, /UNKNOWN_|WRONG_ROLE|BAD_COMMAND/.exec(text)]).toEqual([question, null]);
      if (tooMuch(question, { azure, resourceGraph })) dear.push(`${question}: ${resourceGraph} of ${azure}`);
    }
    expect(dear).toEqual([]);
  });
});

const machines = sized(1_000, 10_000);

describe('five people who ask at once', () => {
  it(`get whole answers within Resource Graph's own quota, at ${machines.toLocaleString('en')} machines`, async () => {
    const example = exampleCatalogue();
    const renamed = [...example.teams].map(([team, config], n): [string, TeamConfig] => [
      team,
      { ...config, scope: { tag: { name: 'team', value: `team-000${n + 1}` } } },
    ]);
    const { world } = await runningGoldbot({ ...example, teams: new Map(renamed) }, 15);
    seedEstate(world.world, { vms: machines, teams: 5 });
    world.sandbox.exchanges.length = 0;
    const said = await Promise.all([
      world.say('grace', 'compliance all'),
      world.say('dana', 'who uses ubuntu-22'),
      world.say('ada', 'forecast'),
      world.say('linus', 'compliance payments'),
      world.say('heidi', 'compliance all --list'),
    ]);
    const asked = world.sandbox.exchanges.filter(({ url }) => url.includes('Microsoft.ResourceGraph'));
    // What is asked about everybody is asked once.
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.length).toBeLessThanOrEqual(15);
    expect(asked.filter(({ status }) => status !== 200)).toEqual([]);
    for (const { text } of said) expect(text).not.toMatch(/AZ_|missing or incomplete|Azure was|could not/);
    expect(said[3]?.text).toMatch(/\d+ evaluated and compliant/);
  });
});
