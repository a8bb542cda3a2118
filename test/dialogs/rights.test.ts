import { rightsOf, roleGroups } from '../../core/access';
import type { TeamConfig } from '../../core/catalogue';
import { type RoleGrant, roleNames } from '../../core/catalogue/schemas';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { dialogWorld } from './support/world';

const catalogue = exampleCatalogue();
const groupOf = (role: RoleGrant['role']) => catalogue.roles.filter((r) => r.role === role).map((r) => r.group);
const ownersOf = (team: string) => catalogue.teams.get(team)?.owners.group ?? '';
const teams = [...catalogue.teams.keys()];

describe('who sees which team', () => {
  it('asks the directory about the owners of every team as well', () => {
    expect(roleGroups(catalogue)).toEqual(expect.arrayContaining(teams.map(ownersOf)));
  });

  it.each(['publisher', 'approver', 'admin', 'auditor'] as const)(
    'a %s sees all teams and what no team has',
    (role) => {
      const rights = rightsOf(catalogue, groupOf(role));
      expect([...teams, null].every((team) => rights.sees(team))).toBe(true);
    },
  );

  it('a viewer sees no team, and an owner their own', () => {
    const viewer = rightsOf(catalogue, groupOf('viewer'));
    expect([...teams, null].some((team) => viewer.sees(team))).toBe(false);
    const owner = rightsOf(catalogue, [...groupOf('viewer'), ownersOf('web')]);
    expect(teams.filter((team) => owner.sees(team))).toEqual(['web']);
    expect(owner.sees(null)).toBe(false);
  });

  it('only owners and admins act for a team; for machines of no team admins alone', () => {
    const acting = roleNames.filter((role) => rightsOf(catalogue, groupOf(role)).actsFor('web'));
    expect(acting).toEqual(['admin']);
    const owner = rightsOf(catalogue, [ownersOf('web')]);
    expect(owner.actsFor('web')).toBe(true);
    expect(owner.actsFor('payments')).toBe(false);
    expect(owner.actsFor(null)).toBe(false);
    expect(rightsOf(catalogue, groupOf('admin')).actsFor(null)).toBe(true);
  });

  it('an owner of a team may look and has the role, without being in any other group', () => {
    const owner = rightsOf(catalogue, [ownersOf('web')]);
    expect(owner.has('viewer')).toBe(true);
    expect(owner.has('owner')).toBe(true);
    expect(owner.has('publisher')).toBe(false);
    expect(owner.has('approver')).toBe(false);
  });

  it('the role owner of roles.yaml alone is of no team', () => {
    const spoken = { ...catalogue, roles: [{ group: 'g', name: 'speakers', role: 'owner' as const }] };
    const rights = rightsOf(spoken, ['g']);
    expect(rights.has('owner')).toBe(true);
    expect(teams.some((team) => rights.sees(team) || rights.actsFor(team))).toBe(false);
  });

  it('a team that leaves the catalogue is nobody’s', () => {
    const left = new Map<string, TeamConfig>([...catalogue.teams].filter(([name]) => name !== 'web'));
    expect(rightsOf({ ...catalogue, teams: left }, [ownersOf('web')]).sees('web')).toBe(false);
  });
});

describe('people without a team', () => {
  it.each(['compliance', 'compliance me', 'compliance all', 'forecast'])(
    'a viewer who asks `%s` learns whom to ask',
    async (command) => {
      const world = dialogWorld({ directory: { memberOf: async () => groupOf('viewer') }, catalogue: () => catalogue });
      const { text } = await world.say('ada', command);
      expect(text).toContain('You are among the owners of no team.');
      expect(text).toContain('whoami');
      expect(world.refusals).toMatchObject([{ detail: { code: 'WRONG_ROLE', said: command } }]);
    },
  );

  it('who has just been added to a group is not refused by what was known before', async () => {
    const asked: (number | undefined)[] = [];
    const directory = {
      memberOf: async (_: string, __: readonly string[], atMostMs?: number) => {
        asked.push(atMostMs);
        return atMostMs === undefined ? groupOf('viewer') : [...groupOf('viewer'), ownersOf('web')];
      },
    };
    const world = dialogWorld({ directory, catalogue: () => catalogue });
    const { text } = await world.say('ada', 'compliance web');
    expect(text).not.toContain('You');
    expect(asked).toEqual([undefined, 10_000]);
    expect(world.refusals).toEqual([]);
  });

  it('who is in no group that may is refused once, after one more look', async () => {
    const asked: (number | undefined)[] = [];
    const directory = {
      memberOf: async (_: string, __: readonly string[], atMostMs?: number) => {
        asked.push(atMostMs);
        return groupOf('viewer');
      },
    };
    const world = dialogWorld({ directory, catalogue: () => catalogue });
    const { text } = await world.say('ada', 'publish ubuntu-22');
    expect(text).toContain('needs the role publisher');
    expect(asked).toEqual([undefined, 10_000]);
    expect(world.refusals).toHaveLength(1);
  });

  it('a stranger to all groups gets no further than before', async () => {
    const world = dialogWorld();
    expect((await world.say('nobody', 'compliance payments')).text).toContain('needs the role viewer');
    expect((await world.say('nobody', 'who uses ubuntu-22')).text).toContain('needs the role viewer');
  });

  it('somebody of another tenant is refused before anything is looked up', async () => {
    const world = dialogWorld();
    const { text } = await world.say('ada', 'compliance payments', {
      person: { oid: 'm', name: 'Mallory', tenantId: 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666' },
    });
    expect(text).toContain('goldbot does not serve your tenant.');
  });
});

describe('whoami', () => {
  it('names the teams that a person owns', async () => {
    const { text } = await inventoryWorld().say('linus', 'whoami');
    expect(text).toContain('Look after the machines of payments · owner of the team payments, by payments-owners');
    expect(text).toContain('Look after the machines of web · owner of the team web, by web-owners');
    expect(text).not.toContain('data-owners');
    expect(text).toMatch(/^You are Linus\nviewer, owner\nYou may:/);
  });

  it('says of every role what it is for', async () => {
    const { text } = await inventoryWorld().say('nobody', 'whoami');
    expect(text).toContain('You have no role yet');
    expect(text.split('\n').flatMap((row) => /^○ \S+ · (.+)$/.exec(row)?.[1] ?? [])).toEqual([
      'viewer: Look at images, versions, runs and machines',
      'publisher: Publish, change and end versions of images',
      'approver: Decide on what others asked for',
      'admin: Set things up, clean up, and do what owners do for every team',
      'auditor: Read who did what',
    ]);
  });

  it('says what the person may do before which groups would let them do more, and their ids last', async () => {
    const { text } = await inventoryWorld().say('linus', 'whoami');
    const at = (words: string) => text.indexOf(words);
    expect(at('You may:')).toBeLessThan(at('Groups that allow more:'));
    expect(at('Groups that allow more:')).toBeLessThan(at('Your ids:'));
    expect(text.slice(at('Groups that'))).toMatch(/^○ \S+ · publisher: Publish, change and end versions of images$/m);
  });
});
