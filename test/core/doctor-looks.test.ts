import type { Catalogue } from '../../core/catalogue';
import { buildLooks } from '../../core/doctor/builds';
import { examineBy } from '../../core/doctor/examine';
import type { DoctorRead, SignIn } from '../../core/doctor/house';
import { subscription } from '../../core/doctor/place';
import { roles } from '../../core/doctor/roles';
import { signIn } from '../../core/doctor/sign-in';
import { UserError } from '../../core/errors';
import { type Finding, staging, stops } from '../../core/preflight';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';

/** Looks of the doctor at what no sandbox can be brought to be. */

const example = exampleCatalogue();
const readOf = (azure: object): DoctorRead => ({ azure, house: healthyHouse }) as never;
const about = (catalogue: Catalogue = example) => ({ catalogue, busy: new Set<string>() });

describe('the doctor and the state of the subscription that builds', () => {
  const tenant = '0A0A0A0A-0000-4000-8000-00000000000A';
  const told = async (state: string, of = tenant.toLowerCase()) => {
    const house = { ...healthyHouse, settings: async () => ({ ...(await healthyHouse.settings()), tenant: of }) };
    const azure = { subscription: async () => ({ name: 'contoso', state, tenant }) };
    const found = await subscription.find({ azure, house } as never, about());
    return found.map(({ severity, why }) => `${severity}: ${why}`);
  };

  it.each([
    ['Enabled', []],
    ['PastDue', ['warns: A payment for the subscription contoso is due.']],
    ['Warned', ['stops: The subscription contoso is warned.']],
    ['Deleted', ['stops: The subscription contoso is deleted.']],
  ])('%s: %j', async (state, findings) => {
    expect(await told(state)).toEqual(findings);
  });

  it('tells of another tenant too', async () => {
    const other = 'b0000000-0000-4000-8000-00000000000b';
    expect(await told('PastDue', other)).toEqual([
      'warns: A payment for the subscription contoso is due.',
      `stops: The subscription contoso is in the tenant ${tenant}; goldbot’s app is in ${other}.`,
    ]);
  });
});

describe('the doctor and the sign-in of the bot', () => {
  const [appId, tenant] = ['b0000000-0000-4000-8000-00000000000b', 'c0000000-0000-4000-8000-00000000000c'];
  const look = async (answer: SignIn | undefined) => {
    const botSignIn = async () => answer && { appId, tenant, answer };
    return signIn.find({ house: { ...healthyHouse, botSignIn } } as never, undefined as never);
  };

  it.each<[string, RegExp, string]>([
    [`AADSTS90002: Tenant '${tenant}' not found.`, /^Correct MicrosoftAppTenantId;/, 'az account list'],
    ['AADSTS7000222: The provided client secret keys are expired.', /^Make a new secret/, `--id ${appId}`],
    ['AADSTS7000215: Invalid client secret provided.', /^Make a new secret/, `--id ${appId}`],
    ['Identity not found', /^Assign the identity/, 'az containerapp identity show'],
    [
      `AADSTS700016: '${appId}' was not found.`,
      /^Set MicrosoftAppTenantId to the tenant/,
      `az login --tenant ${tenant}`,
    ],
    ['AADSTS1: What nobody has seen yet.', /^Set MicrosoftAppTenantId to the tenant/, `--id ${appId}`],
  ])('says what mends “%s”', async (why, mend, command) => {
    const [finding, ...others] = await look({ kind: 'refused', why });
    expect(others).toEqual([]);
    expect(finding?.why).toBe(
      `Entra does not let goldbot in as its bot, ${appId} of the tenant ${tenant}: ${why.replace(/\.$/, '')}.`,
    );
    expect(finding?.mend).toMatch(mend);
    expect(finding?.commands.join('\n')).toContain(command);
  });

  it('tells of an identity of another tenant than the settings say', async () => {
    const found = await look({ kind: 'in', tenant: 'd0000000-0000-4000-8000-00000000000d' });
    expect(found.map(({ severity, mend }) => `${severity}: ${mend.split(';')[0]}`)).toEqual([
      'warns: Correct MicrosoftAppTenantId',
    ]);
  });

  it.each<SignIn | undefined>([undefined, { kind: 'in' }, { kind: 'in', tenant: tenant.toUpperCase() }])(
    'has nothing to say of %j',
    async (answer) => {
      expect(await look(answer)).toEqual([]);
    },
  );
});

describe('the doctor and the staging group of an image', () => {
  const group = '/subscriptions/00000000-0000-4000-8000-00000000000f/resourceGroups/rg-staging';
  const azure = { ...example.azure, build: { ...example.azure.build, stagingResourceGroup: group } };
  const catalogue = { ...example, azure };
  const touched = new Proxy({}, { get: () => () => Promise.reject(new Error('looked at')) });
  const look = buildLooks.find(({ at }) => at === staging.at);
  const find = (busy: readonly string[]) => look?.find(readOf(touched), { catalogue, busy: new Set(busy) });

  it('leave it alone while a run of the image fills it', async () => {
    expect(await find(example.images.map(({ name }) => name))).toEqual([]);
    await expect(find(example.images.slice(1).map(({ name }) => name))).rejects.toThrow('looked at');
  });
});

describe('what the doctor could not look at', () => {
  const gone = () => Promise.reject(new UserError('AZ_NOT_FOUND', 'There is no such network.', { hint: 'Look.' }));
  const looks = (others: readonly Finding[]) =>
    examineBy<unknown, object>(
      [
        { at: 'the network', find: gone },
        { at: 'the gallery', find: async () => others },
      ],
      {},
      undefined,
    );

  it('is told, or waits for what is broken', async () => {
    expect(await looks([])).toMatchObject({ findings: [{ severity: 'unseen' }], waiting: [], fine: ['the gallery'] });
    const broken = stops('There is no gallery.', 'Make one.');
    expect(await looks([broken])).toMatchObject({ findings: [{ why: broken.why }], waiting: ['the network'] });
  });
});

describe('the doctor and the roles of goldbot’s identity', () => {
  const team = { subscription: '00000000-0000-4000-8000-00000000000f', resourceGroup: 'rg-pay' };
  const machines = { rows: [{ ...team, machines: 3, tags: { team: 'payments' } }], members: [], asOf: new Date(0) };
  const look = async (lacks: (scope: string) => readonly string[] | 'shut') => {
    const azure = {
      managementGroups: async () => new Map(),
      machineCounts: async () => machines,
      ownPermissions: async (scope: string) => {
        const notActions = lacks(scope);
        if (notActions === 'shut') throw new UserError('AZ_FORBIDDEN', 'shut', { hint: 'h' });
        return [{ actions: ['*'], notActions }];
      },
    };
    return (await roles.find(readOf(azure), about())).map(({ severity, why }) => `${severity}: ${why}`);
  };

  it('have nothing to say of what is given for single resources, in their group', async () => {
    expect(
      await look((scope) =>
        /\/providers\//.test(scope)
          ? []
          : [
              'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
              'Microsoft.Network/virtualNetworks/subnets/join/action',
            ],
      ),
    ).toEqual([]);
  });

  it('are told of a team when they are given in part, or goldbot may not ask, and not when nobody gave them', async () => {
    const ofTeam = (scope: string) => scope.endsWith(team.resourceGroup);
    const assignments = 'Microsoft.Authorization/policyAssignments/write';
    expect(await look((scope) => (ofTeam(scope) ? [assignments] : []))).toEqual([
      `warns: goldbot’s identity lacks “${assignments}” on /subscriptions/${team.subscription}/resourceGroups/rg-pay.`,
    ]);
    expect(await look((scope) => (ofTeam(scope) ? ['*/write', '*/action', '*/delete'] : []))).toEqual([]);
    expect(await look((scope) => (ofTeam(scope) ? 'shut' : []))).toEqual([
      `warns: goldbot’s identity lacks “Microsoft.Authorization/permissions/read” on /subscriptions/${team.subscription}/resourceGroups/rg-pay.`,
    ]);
  });

  it('do not guess where Azure tells nothing of what builds', async () => {
    await expect(look(() => 'shut')).rejects.toMatchObject({ code: 'AZ_FORBIDDEN' });
  });
});
