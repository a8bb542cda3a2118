import { randomUUID } from 'node:crypto';
import { type ChangePlan, type ChangeRun, changeSubject } from '../../core/runs';
import { accessOf } from '../../sandbox/azure/authorization/action';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { changesOfEachKind } from '../support/changes';
import { restrictToTeams, teamsRole } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

async function done(plan: ChangePlan): Promise<ChangeRun> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return await world.endOfChange(run.id);
}

describe('the role of deploy/ for teams', () => {
  it('allows every change beside Reader, and nothing that no change needs', async () => {
    const wanted = await changesOfEachKind(world);
    await restrictToTeams(world.sandbox);
    for (const plan of wanted) expect((await done(plan)).data.ending).toMatchObject({ how: 'done' });
    const used = world.sandbox.exchanges
      .filter(({ method, url }) => method !== 'GET' && !/ResourceGraph|_sandbox|authorization\/role/i.test(url))
      .flatMap(({ method, url }) => accessOf(method, new URL(url).pathname)?.action.toLowerCase() ?? []);
    // Azure checks this one while an exemption is written; no request names it.
    const implied = 'microsoft.authorization/policyassignments/exempt/action';
    const allowed = teamsRole.Actions.map((action) => action.toLowerCase());
    expect([...new Set([...used, implied])].sort()).toEqual([...allowed].sort());
  });

  it.each(teamsRole.Actions)('without %s one change tells what is missing', async (missing) => {
    const wanted = await changesOfEachKind(world);
    await restrictToTeams(
      world.sandbox,
      teamsRole.Actions.filter((action) => action !== missing),
    );
    const told: string[] = [];
    for (const plan of wanted) {
      const request = {
        kind: 'change',
        subject: changeSubject(plan) + randomUUID(),
        plan,
        person: people.ada,
      } as const;
      const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
      const seen = await world.untilAny(run.id, (r) => r.endedAt !== null || r.lastError !== null);
      told.push(seen.lastError ?? '');
    }
    const sentence = told.find((error) => error.includes(missing)) ?? '';
    if (!missing.endsWith('runCommands/write')) expect(sentence).toContain('--role-definition deploy/role-teams.json');
    expect(sentence).toContain(`lacks “${missing}” on /`);
  });
});
