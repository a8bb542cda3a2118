import { UserError } from '../../core/errors';
import type { Looked } from '../../dialogs/conversation/command';
import { inventoryWorld, people, type Who } from './support/inventory-world';

/** What the audit is told of what somebody was shown. Linus owns payments; Ada, Grace and Dana see every team. */
async function told(who: Who, command: string): Promise<readonly Looked[]> {
  const looks: Looked[] = [];
  await inventoryWorld({ looked: async (look) => void looks.push(look) }).say(who, command);
  return looks;
}

describe('who is shown what belongs to other teams', () => {
  it('is recorded with the team and the command', async () => {
    const { oid, name } = people.dana;
    expect(await told('dana', 'compliance payments')).toEqual([
      { who: { oid, name }, verb: 'compliance', teams: ['payments'] },
    ]);
  });

  it('is recorded with every team when all are shown', async () => {
    const [look, ...more] = await told('dana', 'compliance all');
    expect(more).toEqual([]);
    expect(look?.teams).toEqual(['payments', 'web', 'data', 'legacy']);
  });

  it('is not recorded for what somebody owns, nor for what belongs to no team', async () => {
    expect(await told('linus', 'compliance payments')).toEqual([]);
    expect(await told('dana', 'help')).toEqual([]);
    expect(await told('dana', 'images')).toEqual([]);
  });

  it('is not recorded for somebody who is refused', async () => {
    expect(await told('linus', 'compliance web')).toEqual([]);
  });

  it('is shown nothing when it cannot be recorded', async () => {
    const silence = new UserError('DATABASE_SILENT', 'goldbot’s database does not answer.', { hint: 'Wait.' });
    const { text } = await inventoryWorld({ looked: () => Promise.reject(silence) }).say('dana', 'compliance payments');
    expect(text).toContain('database does not answer');
    expect(text).not.toContain('machine');
  });
});
