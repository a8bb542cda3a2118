import { type AzureRole, azureRoles } from '../../core/azure-roles';
import { type Desk, type Examination, examineFromDesk, type HouseRead } from '../../core/doctor';
import { UserError } from '../../core/errors';
import { createSandbox } from '../../sandbox';
import { goldbotIdentity, rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { tenantId } from '../../sandbox/entra/people';
import { createAzure } from '../../services';
import { reader, restrict, without } from '../deploy/restricted';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';
import { worldStart } from '../support/world-start';

/** The doctor from a desk, against a sandbox that asks for everybody's roles: who looks is Ada, and not goldbot. */

const example = exampleCatalogue();
const identity = goldbotIdentity.objectId;
const ada = { oid: 'a1d0c000-0000-4000-8000-000000000001', upn: 'ada@contoso.example', tid: tenantId };
const token = ['{}', JSON.stringify(ada), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
const credential = { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };

interface Planted {
  readonly catalogue?: typeof example;
  readonly desk?: Partial<Desk>;
  readonly house?: Partial<HouseRead>;
  /** What goldbot's identity has, where it belongs. */
  readonly roles?: readonly AzureRole[];
  /** Where Ada has the role Reader. */
  readonly reads?: readonly string[];
  readonly asked?: readonly (readonly [method: string, url: string, body?: object])[];
}

interface Seen extends Examination {
  /** What reached Azure and Graph. */
  readonly requests: readonly string[];
}

async function seen(planted: Planted = {}): Promise<Seen> {
  const { catalogue = example, desk, house, roles, reads = [rootManagementGroup], asked = [] } = planted;
  const throttle = { throttle: false, resourceGraph: { queries: 1_000 } };
  const { sandbox } = createSandbox({ speed: 0, startMs: worldStart, azure: throttle });
  await restrict(sandbox, { roles: roles ?? azureRoles });
  for (const [n, scope] of reads.entries()) {
    const url = `${scope}/providers/Microsoft.Authorization/roleAssignments/ada00000-0000-4000-8000-00000000000${n}?api-version=2022-04-01`;
    const roleDefinitionId = `/providers/Microsoft.Authorization/roleDefinitions/${reader}`;
    await ask(sandbox, 'PUT', url, { properties: { roleDefinitionId, principalId: ada.oid, principalType: 'User' } });
  }
  for (const [method, url, body] of asked) expect((await ask(sandbox, method, url, body)).status).toBeLessThan(300);
  await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: true });
  const requests: string[] = [];
  const wire = sandboxHttpClient(sandbox);
  const httpClient: typeof wire = {
    sendRequest(request) {
      requests.push(`${request.method} ${new URL(request.url).pathname}`);
      return wire.sendRequest(request);
    },
  };
  const { subscription } = catalogue.azure;
  const { read, directory, consents } = createAzure({ credential, httpClient, subscription, sleep: async () => {} });
  const asks = { azure: read, house: { ...healthyHouse, deciders: directory.deciders, ...house }, consents };
  const found = await examineFromDesk(asks, { catalogue, busy: new Set() }, { identity, unset: [], ...desk });
  return { ...found, requests };
}

const said = ({ findings }: Examination, severity: string) => findings.filter((one) => one.severity === severity);
const whys = (found: Examination, severity: string) => said(found, severity).map(({ why }) => why);
const lacking = (name: AzureRole['name'], action: string) =>
  azureRoles.map((role) => (role.name === name ? without(role, action) : role));

const leftOut = [
  'You could not see whether goldbot’s identity has goldbot-log-reader, goldbot-signer and goldbot-recorder, which are given for what resources hold.',
  'You could not see what goldbot alone can try: its clock, its sign-in as a bot, what Azure lets it read and the key that signs certificates.',
];

describe('the doctor from a desk, of a house in which nothing is wrong', () => {
  let found: Seen;
  beforeAll(async () => {
    found = await seen({ house: { settings: async () => ({ ...(await healthyHouse.settings()), localKey: false }) } });
  });

  it('finds nothing to mend, and says what it cannot see from there', () => {
    expect([...whys(found, 'stops'), ...whys(found, 'warns'), ...found.waiting]).toEqual([]);
    expect(whys(found, 'unseen')).toEqual(leftOut);
    expect(found.fine).toEqual(
      expect.arrayContaining([
        ...['the database', 'the channels of the catalogue', `the roles of ${identity}`],
        ...[`what ${identity} may read of Microsoft Graph`, 'the roles of the identity of the builds'],
      ]),
    );
    expect(found.fine).not.toContain('Azure’s clock');
  });

  it('asks, and changes nothing', () => {
    const posts = found.requests.filter((request) => !/^(GET|HEAD) /.test(request)).map((r) => r.split('/').at(-1));
    expect([...new Set(posts)].sort()).toEqual(['checkPolicyRestrictions', 'resources']);
  });
});

describe('the roles of goldbot’s identity, seen from a desk', () => {
  it.each([
    ['goldbot-publisher', 'Microsoft.Compute/galleries/images/versions/write', 'stops'],
    ['goldbot-builder', 'Microsoft.VirtualMachineImages/imageTemplates/run/action', 'stops'],
    ['goldbot-planner', 'Microsoft.Network/virtualNetworks/read', 'stops'],
    // Where teams are.
    ['goldbot-observer', 'Microsoft.PolicyInsights/policyStates/queryResults/read', 'stops'],
    ['goldbot-policy', 'Microsoft.Authorization/policyExemptions/write', 'warns'],
  ] as const)('%s without %s: a gap by action and scope, for whoever assigns it', async (name, action, severity) => {
    const found = await seen({ roles: lacking(name, action) });
    const gaps = said(found, severity);
    expect(gaps.length).toBeGreaterThan(0);
    for (const { why, commands } of gaps) {
      expect(why).toMatch(new RegExp(`^goldbot’s identity lacks “${action}” on /subscriptions/`));
      expect(commands).toEqual([
        `az role definition update --role-definition deploy/roles/${name}.json`,
        expect.stringContaining(`--assignee-object-id "${identity}" `),
      ]);
    }
    // The person can read it: nothing waits for goldbot's gap.
    expect(found.waiting).toEqual([]);
  });

  it('are all missing before anybody has assigned them, each told once', async () => {
    const found = await seen({ roles: [] });
    const missing = said(found, 'stops').flatMap(({ commands }) => commands[1]?.match(/--role (\S+)/)?.[1] ?? []);
    expect([...new Set(missing)].sort()).toEqual([
      ...['goldbot-builder', 'goldbot-observer', 'goldbot-planner', 'goldbot-publisher'],
    ]);
    expect(whys(found, 'stops').filter((why) => !why.startsWith('goldbot’s identity lacks'))).toEqual([]);
  });

  it('are not looked at while nobody says which identity it is, and the command that shows it has its client id', async () => {
    const found = await seen({ roles: [], desk: { identity: undefined, clientId: goldbotIdentity.client } });
    expect(whys(found, 'stops')).toEqual([]);
    const [finding] = said(found, 'unseen').filter(({ why }) =>
      why.includes('which identity is goldbot’s was not said'),
    );
    expect(finding?.commands).toEqual([`az ad sp show --id "${goldbotIdentity.client}" --query id --output tsv`]);
  });

  it('are not compared with those of an identity that is not there', async () => {
    const none = '00000000-0000-4000-8000-000000000000';
    const found = await seen({ desk: { identity: none } });
    expect(whys(found, 'stops')).toEqual([
      `Entra has no identity with the object id ${none}: what goldbot may do was not looked at.`,
    ]);
  });
});

describe('what a person may not see', () => {
  it('is no gap of goldbot’s, but not looked at', async () => {
    const build = `/subscriptions/${example.azure.subscription}/resourceGroups/${example.azure.buildResourceGroup}`;
    const found = await seen({ reads: [build] });
    expect(found.findings.filter(({ why }) => why.startsWith('goldbot’s identity lacks'))).toEqual([]);
    expect(whys(found, 'unseen')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^You could not see .*: your account lacks “Microsoft\.Resources\/subscriptions\/read”.* on \/subscriptions\//,
        ),
        `You could not see the role assignments of goldbot’s identity in /subscriptions/${example.azure.subscription}.`,
      ]),
    );
  });

  it('may be a subscription: whoever is in another tenant signs in to the right one', async () => {
    const subscription = '00000000-0000-4000-8000-000000000000';
    const [finding] = said(
      await seen({ catalogue: { ...example, azure: { ...example.azure, subscription } } }),
      'stops',
    );
    expect(finding?.why).toBe(`Azure shows no subscription ${subscription} to you.`);
    expect(finding?.mend).toContain('or sign in to its tenant');
  });
});

describe('goldbot’s consent in Microsoft Graph, seen from a desk', () => {
  it('is missing where it was taken back, with the command for this identity', async () => {
    const held = `https://graph.microsoft.com/v1.0/servicePrincipals/${identity}/appRoleAssignments/sJ0Cx2fQ5Ee8`;
    const [finding, ...others] = said(await seen({ asked: [['DELETE', held]] }), 'stops');
    expect(finding?.why).toContain('lacks the Microsoft Graph application permission GroupMember.Read.All');
    expect(finding?.commands).toContain(`goldbot="${identity}"`);
    expect(others).toEqual([]);
  });
});

describe('a person who may not read groups', () => {
  const refused = new UserError('DIRECTORY_SILENT', 'Graph did not say.', {
    hint: 'Grant it.',
    facts: { status: 403 },
  });

  it('is told so, and not that goldbot lacks its consent', async () => {
    const found = await seen({ house: { deciders: () => Promise.reject(refused) } });
    expect(whys(found, 'stops')).toEqual([]);
    expect(whys(found, 'unseen')[0]).toBe(
      'You could not see the groups of the catalogue in Microsoft Graph: Microsoft Graph does not let you read that.',
    );
  });
});

describe('goldbot’s own, seen from a desk', () => {
  const unset = () => Promise.reject(new Error('asked'));

  it('is not broken because a desk does not reach its database', async () => {
    const found = await seen({
      house: { database: async () => ({ kind: 'silent', host: 'db:5432', why: 'ENOTFOUND' }), channels: unset },
    });
    expect(whys(found, 'stops')).toEqual([]);
    expect(whys(found, 'unseen')).toContain(
      'You could not see the database and the channels of the catalogue (db:5432): it does not answer here (ENOTFOUND).',
    );
  });

  it('is looked at where the database is reached, but for what depends on whose user and machine it is', async () => {
    const opened = await healthyHouse.database();
    if (opened.kind !== 'open') throw new Error('closed');
    const late = { ...opened.clock, theirs: new Date(0) };
    const database = async () => ({
      ...opened,
      connections: { used: 88, most: 97 },
      mayCreateTables: false,
      clock: late,
    });
    expect(whys(await seen({ house: { database } }), 'stops')).toEqual([]);
    expect(whys(await seen({ house: { database } }), 'warns')).toEqual([
      expect.stringContaining('has 9 of 97 connections left'),
    ]);
  });

  it('says which settings are not there, which is no finding about goldbot', async () => {
    const found = await seen({ desk: { unset: ['DATABASE_URL', 'GOLDBOT_TENANTS'] } });
    expect(whys(found, 'stops')).toEqual([]);
    expect(whys(found, 'unseen')).toContain(
      'You could not see the settings that goldbot is started with: DATABASE_URL and GOLDBOT_TENANTS are not set here.',
    );
  });
});
