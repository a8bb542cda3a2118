import { azureSilent, UserError } from '../../core/errors';
import type { FoundAnswer } from '../../dialogs';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { all } from '../cards/reading';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { aRun } from './support/world';

const titles = (answer: FoundAnswer): readonly string[] =>
  answer.kind === 'hits' ? answer.hits.map(({ title }) => title) : [];
const hits = (answer: FoundAnswer) => (answer.kind === 'hits' ? answer.hits : []);
const words = (answer: FoundAnswer): string => (answer.kind === 'words' ? answer.text : '');

describe('finding beside the message box', () => {
  const world = inventoryWorld();
  const open = aRun('R-7F3KQ' as never);
  world.runs.set(open.id, open);

  it('offers the images and what is going on before a letter is typed', async () => {
    const found = await world.find('grace', '');
    expect(titles(found)).toEqual(['ubuntu-22', 'windows-2022', expect.stringMatching(/^R-7F3KQ · ubuntu-22/)]);
  });

  it('finds images by their names and titles, with their versions', async () => {
    const found = await world.find('linus', 'Ubuntu');
    expect(titles(found).slice(0, 2)).toEqual(['ubuntu-22', 'ubuntu-22 1.5.0']);
    expect(hits(found).slice(0, 2)).toMatchObject([
      { call: { verb: 'versions', values: { image: 'ubuntu-22' } } },
      { about: 'Latest · published 2026-10-21' },
    ]);
    expect(titles(await world.find('linus', 'datacenter'))).toContain('windows-2022');
  });

  it.each(['ubuntu-22 1.5', 'ubuntu-22@1.5.0', '1.5', 'v1.5.0', ' 1.5.0 '])(
    'finds the version of “%s”',
    async (typed) => {
      expect(await world.find('linus', typed)).toMatchObject({
        hits: [{ title: 'ubuntu-22 1.5.0', call: { verb: 'show', values: { ref: 'ubuntu-22@1.5.0' } } }],
      });
    },
  );

  it.each(['R-7F3KQ', 'r-7f3kq', 'r-7f', 'publish'])('finds the run of “%s”', async (typed) => {
    expect(await world.find('linus', typed)).toMatchObject({
      hits: [{ call: { verb: 'status', values: { request: 'R-7F3KQ' } } }],
    });
  });

  it('finds the machines of one’s own teams alone', async () => {
    const own = await world.find('linus', 'VM-pay');
    expect(titles(own).length).toBeGreaterThan(3);
    expect(hits(own)[0]).toMatchObject({ call: { verb: 'tattoo', values: { machine: 'vm-payments-api-001' } } });
    expect(words(await world.find('linus', 'vm-data'))).toMatch(/^Nothing that you may view is called “vm-data”/);
    expect(titles(await world.find('grace', 'vm-data')).length).toBeGreaterThan(0);
  });

  it('looks for machines where the person’s teams have theirs', async () => {
    const asked: object[] = [];
    const looking = inventoryWorld({
      read: (real) => ({
        machineList: (filter, limit) => {
          asked.push(filter);
          return real.machineList(filter, limit);
        },
      }),
    });
    await looking.find('linus', 'vm-');
    expect(asked).toMatchObject([
      { nameBegins: 'vm-', scope: { tag: { value: 'payments' } } },
      { nameBegins: 'vm-', scope: { tag: { value: 'web' } } },
    ]);
  });

  it('leaves out what lies in the scope of one’s team and belongs to another by a narrower one', async () => {
    const catalogue = exampleCatalogue();
    const [payments, web] = [catalogue.teams.get('payments'), catalogue.teams.get('web')];
    if (!payments || !web) throw new Error('the example has other teams');
    const teams = new Map(catalogue.teams)
      .set('payments', { ...payments, owners: { group: 'b0bb1e50-0000-4000-8000-0000000000aa', name: 'others' } })
      .set('web', { ...web, scope: { subscription: teamSubscriptions[0] } });
    const apart = inventoryWorld({ catalogue: { ...catalogue, teams } });
    expect(words(await apart.find('linus', 'vm-payments-api'))).toMatch(/^Nothing that you may view/);
    expect(titles(await apart.find('grace', 'vm-payments-api')).length).toBeGreaterThan(0);
  });

  it('tells who has no role whom to ask, and shows nothing', async () => {
    expect(words(await world.find('nobody', 'ubuntu'))).toBe(
      'You have no role yet. Ask a member of goldbot-admins for membership of the Entra group goldbot-viewers.',
    );
  });

  it('gives a page of what there is', async () => {
    const first = titles(await world.find('grace', 'vm-', { count: 3 }));
    const second = titles(await world.find('grace', 'vm-', { skip: 3, count: 3 }));
    expect([first.length, second.length, new Set([...first, ...second]).size]).toEqual([3, 3, 6]);
  });

  it.each(['__proto__', '‮evil', 'x'.repeat(5_000), '%', '/subscriptions/../x', "'; drop table"])(
    'takes “%.20s” for a name that nothing has',
    async (typed) => {
      expect(words(await world.find('grace', typed))).toMatch(/^Nothing that you may view is called/);
    },
  );

  it('shows what is known, and says what Azure kept back where that is all', async () => {
    const silent = inventoryWorld({
      read: () => ({
        versions: () => Promise.reject(azureSilent(1)),
        machineList: () => Promise.reject(azureSilent(1)),
      }),
    });
    expect(titles(await silent.find('grace', 'ubuntu'))).toEqual(['ubuntu-22']);
    expect(words(await silent.find('grace', 'vm-pay'))).toMatch(
      /^Azure did not answer in time, so goldbot could not look for machines\./,
    );
  });

  it('finds nothing without its own books', async () => {
    const gone = inventoryWorld({
      reads: {
        openSeen: () =>
          Promise.reject(new UserError('DATABASE_SILENT', 'The database does not answer.', { hint: 'Wait.' })),
      },
    });
    await expect(gone.find('grace', 'ubuntu')).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
  });
});

describe('what is put into a message', () => {
  const world = inventoryWorld();

  it('is the card that the command gives', async () => {
    const answer = await world.share('linus', 'versions', { image: 'ubuntu-22' });
    expect(answer).toMatchObject({
      kind: 'card',
      reply: { call: { verb: 'versions', values: { image: 'ubuntu-22' } } },
    });
  });

  it.each([
    ['what its person may not view', 'linus', 'tattoo', { machine: 'vm-data-etl-001' }],
    ['nothing to somebody without a role', 'nobody', 'versions', { image: 'ubuntu-22' }],
    ['no command that changes something', 'grace', 'lock', { image: 'ubuntu-22', reason: 'x' }],
    ['no other look', 'grace', 'whoami', {}],
    ['nothing that is not there', 'grace', 'show', { ref: 'ubuntu-22@9.9.9' }],
    ['nothing for what was forged', 'grace', 'show', { ref: ['a'], more: 1 }],
    ['nothing for no data', 'grace', 'show', null],
  ] as const)('is %s', async (_, who, verb, data) => {
    expect(await world.share(who, verb, data)).toMatchObject({ kind: 'message' });
    expect([world.started, world.signals]).toEqual([[], []]);
  });
});

it('what lacks something is not asked for it in a message', async () => {
  expect(await inventoryWorld().share('linus', 'tattoo', {})).toMatchObject({
    text: expect.stringMatching(/^“tattoo” needs to know more before it shows anything\. Ask goldbot in a chat\./),
  });
});

describe('a link to the portal', () => {
  const world = inventoryWorld();
  const page = (id: string, behind = '/overview') => `https://portal.azure.com/#@contoso.com/resource${id}${behind}`;
  const machine = async (name: string) => (await world.read.machineList({ name }, 1)).rows[0]?.id ?? '';
  const version = async () => {
    const { azure } = exampleCatalogue();
    const { subscription, resourceGroup, name } = { ...azure.gallery, subscription: azure.subscription };
    return `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/galleries/${name}/images/ubuntu-22/versions/1.4.1`;
  };

  it('to a version says how it stands, and who uses it', async () => {
    for (const url of [page(await version()), `https://portal.azure.com/#resource${(await version()).toUpperCase()}`]) {
      const about = await world.link('linus', url);
      expect(about?.call).toEqual({ verb: 'show', values: { ref: 'ubuntu-22@1.4.1' } });
      expect(about?.reply.text).toMatch(/^ubuntu-22 1\.4\.1\n◐ Aged\n/);
      expect(about?.reply.text).toMatch(/Machines: \d+ machines/);
      expect(all(about?.reply as never, 'Action.Execute')).toEqual([]);
    }
  });

  it('to a machine says what it was made of, to whoever may view it', async () => {
    const [own, others] = [await machine('vm-payments-api-001'), await machine('vm-data-etl-001')];
    expect((await world.link('linus', page(own)))?.reply.text).toMatch(
      /^vm-payments-api-001\nTeam: payments\nImage: ubuntu/,
    );
    expect((await world.link('grace', page(others)))?.reply.text).toMatch(/^vm-data-etl-001\n/);
    expect(await world.link('linus', page(others))).toBeUndefined();
    expect(await world.link('nobody', page(own))).toBeUndefined();
    expect(await world.link('nobody', page(await version()))).toBeUndefined();
    // Nobody asked for anything, so that nothing was refused.
    expect(world.refusals).toEqual([]);
  });

  it.each([
    ['', 'nothing'],
    ['portal.azure.com', 'no address'],
    ['https://portal.azure.com/', 'the portal'],
    ['https://portal.azure.com.evil.example/#@x/resource/subscriptions/s', 'another host'],
    ['https://portal.azure.com/#@x/resource/subscriptions/%E0%A4%A', 'what cannot be read'],
    [
      page('/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-gone'),
      'a machine that is gone',
    ],
    [page('/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines'), 'no machine'],
    [
      page('/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/g/images/i/versions/1.0.0'),
      'another gallery',
    ],
    [page('/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a'), 'something else'],
    [page('/subscriptions/s/../t/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v'), 'a way around'],
    [page(`/subscriptions/${'x'.repeat(3_000)}`), 'a long way'],
  ])('“%.60s” is nothing that goldbot tells of: %s', async (url) => {
    expect(await world.link('grace', url)).toBeUndefined();
  });

  it('is nothing while Azure is silent', async () => {
    const silent = inventoryWorld({ read: () => ({ machineList: () => Promise.reject(azureSilent(1)) }) });
    expect(await silent.link('grace', page(await machine('vm-payments-api-001')))).toBeUndefined();
  });
});
