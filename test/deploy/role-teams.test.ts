import { randomUUID } from 'node:crypto';
import { type ChangePlan, type ChangeRun, changeSubject, type RestrictPlan } from '../../core/change';
import { galleryId, restrictionName } from '../../core/restriction';
import { accessOf } from '../../sandbox/azure/authorization/action';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { restrictToTeams, teamsRole } from './restricted';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

async function done(plan: ChangePlan): Promise<ChangeRun> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return (await world.end(run.id)) as unknown as ChangeRun;
}

/** One of each kind; restrictions on and off. */
async function plans(): Promise<readonly ChangePlan[]> {
  const { looks } = world.azure;
  const all = (await looks.machineList({}, 300)).rows;
  const edge = all.find(({ name }) => name === 'vm-web-edge-005');
  const orphan = all.find(({ tags }) => tags['team'] === undefined);
  const api = all.find(({ name }) => name === 'vm-payments-api-001');
  if (!edge || !orphan || !api) throw new Error('the story lacks a machine');
  const { policies } = await looks.machineCompliance(edge.id);
  const golden = policies.find(({ name }) => name === 'only-golden-images')?.assignment ?? '';
  const baseline = policies.find(({ reference }) => reference === 'inheritteamtag')?.assignment ?? '';
  const about = { target: 'web', team: 'web', reason: 'because' };
  const scope = `/subscriptions/${teamSubscriptions[0]}`;
  const restricted: Omit<RestrictPlan, 'effect'> = {
    ...{ verb: 'restrict', galleries: [galleryId(exampleCatalogue().azure)], dryRun: [], ...about },
    targets: [{ scope, name: restrictionName, notScopes: [], buildGroups: [] }],
  };
  const until = '2027-01-01T00:00:00.000Z';
  return [
    { verb: 'classify', machineId: edge.id, model: 'pet', ...about },
    { verb: 'exempt', machineId: edge.id, assignment: golden, policy: 'only-golden-images', until, ...about },
    {
      verb: 'remediate',
      machineId: orphan.id,
      assignment: baseline,
      policy: 'x',
      reference: 'inheritteamtag',
      ...about,
    },
    { verb: 'rescan', scopes: [scope], ...about },
    { ...restricted, effect: 'deny' },
    { ...restricted, effect: 'off' },
    { verb: 'tattoo', machineId: api.id, os: 'Linux', location: api.location, ...about },
  ];
}

describe('the role of deploy/ for teams', () => {
  it('allows every change beside Reader, and nothing that no change needs', async () => {
    const wanted = await plans();
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
    const wanted = await plans();
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
      const seen = await world.until(run.id, (r) => r.endedAt !== null || r.lastError !== null);
      told.push(seen.lastError ?? '');
    }
    const sentence = told.find((error) => error.includes(missing)) ?? '';
    if (!missing.endsWith('runCommands/write')) expect(sentence).toContain('--role-definition deploy/role-teams.json');
    expect(sentence).toContain(`lacks \`${missing}\` on /`);
  });
});
