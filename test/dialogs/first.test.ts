import { UserError } from '../../core/errors';
import { whomToAsk } from '../../dialogs/first';
import { all } from '../cards/reading';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld, type Who } from './support/inventory-world';

const own = { kind: 'personal', id: 'a:1' } as const;

describe('what goldbot says where it was added', () => {
  const world = inventoryWorld({ reads: { namesOf: async () => new Map([['x', 'Grace']]) } });
  const buttons = async (who: Who) =>
    [...all(await world.arrive(who, own), 'Action.Execute'), ...all(await world.arrive(who, own), 'Action.Submit')].map(
      ({ title }) => title,
    );

  it('is to one person what they may do, and what to do first', async () => {
    expect((await world.arrive('ada', own)).text).toMatch(/\nAda, you are viewer, publisher here\. /);
    expect(await buttons('ada')).toEqual(
      expect.arrayContaining(['Publish an image', 'Show images', 'What can I ask?']),
    );
    expect(await buttons('grace')).toEqual(expect.arrayContaining(['What waits for me', 'What can I ask?']));
    expect(await buttons('linus')).toEqual(expect.arrayContaining(['How my machines stand', 'Show images']));
    for (const who of ['ada', 'grace', 'heidi', 'linus', 'dana'] as const) expect(await buttons(who)).toHaveLength(3);
  });

  it('is to somebody without a role whom to ask, by name where it has met one', async () => {
    const { text } = await world.arrive('nobody', own);
    expect(text).toContain(
      'You have no role here yet, so it cannot show you anything yet. Ask a member of goldbot-admins, such as Grace, for membership of the Entra group goldbot-viewers.',
    );
    expect(await buttons('nobody')).toEqual(['Who am I here?', 'What can I ask?']);
  });

  it('is in a team by whom it may be used, and in which channels it writes', async () => {
    const channel = { kind: 'channel', id: '19:ops' } as const;
    const { text } = await world.arrive('grace', channel, 'payments');
    expect(text).toMatch(/^goldbot is in this team\nAdded by Grace\n/);
    expect(text).toContain('By itself it writes in ops.');
    expect(text).toMatch(/Publish: goldbot-publishers\nApprove: goldbot-approvers\n/);
    expect(text).toContain('Speak for a team: payments-owners (payments)');
    // Nobody's own rights stand where all read them.
    expect(text).not.toContain('you are');
    expect((await world.arrive('grace', channel, 'Sales')).text).toContain('no channel of this team');
    expect((await world.arrive('grace', { kind: 'group', id: '19:x@thread.v2' })).text).toMatch(
      /^goldbot is in this chat/,
    );
  });

  it('does not wait for what Microsoft Graph does not say, and claims nothing then', async () => {
    const silent = inventoryWorld({
      reads: { namesOf: () => Promise.reject(new UserError('DATABASE_SILENT', 'No.', { hint: 'Wait.' })) },
    });
    expect((await silent.arrive('nobody', own)).text).toContain('Ask a member of goldbot-admins for membership');
  });
});

it('whoever runs goldbot can be asked where the catalogue names no group for it', () => {
  const catalogue = exampleCatalogue();
  expect(whomToAsk({ ...catalogue, roles: [] })).toBe(
    'Ask whoever runs goldbot here for membership of the Entra group payments-owners, web-owners, data-owners and 1 more.',
  );
  expect(whomToAsk({ ...catalogue, roles: [], teams: new Map() })).toBe('Ask whoever runs goldbot here.');
});

it('help tells somebody without a role whom to ask', async () => {
  const { text } = await inventoryWorld().say('nobody', 'help');
  expect(text).toContain(
    'You have no role yet. Ask a member of goldbot-admins for membership of the Entra group goldbot-',
  );
});
