import type { Catalogue } from '../../core/catalogue';
import { buildLooks } from '../../core/doctor/builds';
import { ends, promisedIn } from '../../core/doctor/ends';
import { examineBy } from '../../core/doctor/examine';
import type { DoctorRead, SignIn } from '../../core/doctor/house';
import { subscription } from '../../core/doctor/place';
import { receivers } from '../../core/doctor/programs';
import { roles } from '../../core/doctor/roles';
import { signIn } from '../../core/doctor/sign-in';
import { UserError } from '../../core/errors';
import { type Finding, staging, stops } from '../../core/preflight';
import { minutes } from '../../core/time';
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
  const look = async (
    lacks: (scope: string) => readonly string[] | 'shut',
    { madeFor = 'private', promised }: { madeFor?: string; promised?: ReadonlySet<'right' | 'share'> } = {},
  ) => {
    const azure = {
      gallerySharing: async () => ({ madeFor, subscriptions: [], tenants: [] }),
      managementGroups: async () => new Map(),
      machineCounts: async () => machines,
      ownPermissions: async (scope: string) => {
        const notActions = lacks(scope);
        if (notActions === 'shut') throw new UserError('AZ_FORBIDDEN', 'shut', { hint: 'h' });
        return [{ actions: ['*'], notActions }];
      },
    };
    const house = { ...about(), ...(promised && { promised }) };
    return (await roles.find(readOf(azure), house)).map(
      ({ severity, why, so }) => `${severity}: ${why}${promised ? ` ${so}` : ''}`,
    );
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

  it('are asked for where goldbot has promised an end, or the gallery was made for direct sharing', async () => {
    const given = 'Microsoft.Authorization/roleAssignments';
    const none = () => [`${given}/write`, `${given}/delete`, 'Microsoft.Compute/galleries/share/action'];
    const gallery = /on \/subscriptions\/[^ ]+\/galleries\/[^ ]+\./;
    expect(await look(none)).toEqual([]);
    const [shareable, ...more] = await look(none, { madeFor: 'groups' });
    expect(more).toEqual([]);
    expect(shareable).toContain('warns: goldbot’s identity lacks “Microsoft.Compute/galleries/share/action”');
    expect(shareable).toMatch(gallery);
    const promised = await look(none, { promised: new Set(['right', 'share'] as const) });
    expect(promised).toHaveLength(2);
    expect(promised[0]).toContain(`lacks “${given}/write” and “${given}/delete”`);
    expect(promised[0]).toMatch(gallery);
    expect(promised[0]).toContain('goldbot keeps ends of rights, and takes none back: `grant`, `ungrant` need it.');
    expect(promised[1]).toContain('goldbot keeps ends of shares, and takes none back: `share`, `unshare` need it.');
    expect(await look(() => [], { madeFor: 'groups', promised: new Set(['right', 'share'] as const) })).toEqual([]);
  });

  it('do not guess where Azure tells nothing of what builds', async () => {
    await expect(look(() => 'shut')).rejects.toMatchObject({ code: 'AZ_FORBIDDEN' });
  });
});

describe('the doctor and the receivers of webhooks', () => {
  const receiver = { name: 'tickets', url: 'https://t/', events: ['published'], secret: 'GOLDBOT_WEBHOOK_T' };
  const programs = { audience: '', applications: [], webhooks: [receiver, { ...receiver, name: 'web' }] };
  const catalogue = { ...example, programs } as Catalogue;
  const lost = {
    ...{ receiver: 'tickets', lost: 2 },
    trouble: {
      kind: 'published',
      subject: 'ubuntu-22/1.6.0',
      said: 'it answered 500',
      at: new Date('2026-11-05T10:00Z'),
    },
  };
  const look = (house: object, about: Catalogue = catalogue) =>
    receivers.find({ house: { ...healthyHouse, ...house } } as never, { catalogue: about, busy: new Set() });

  it('have nothing to say when all is well, and ask nobody where there are none', async () => {
    expect(await look({})).toEqual([]);
    const nobody = () => Promise.reject(new Error('nobody is to be asked'));
    expect(await look({ receivers: nobody, webhookSecret: nobody }, example)).toEqual([]);
  });

  it('name the variable that is missing, and never what it holds', async () => {
    const [first, second] = await look({ webhookSecret: async () => 'is not set' });
    expect(first).toMatchObject({
      severity: 'stops',
      why: 'The secret GOLDBOT_WEBHOOK_T of the receiver tickets is not set.',
      so: 'Nothing is sent to tickets; what happens meanwhile is given up after three days.',
      mend: 'Make one, and hand it to the receiver and, in this variable, to goldbot:',
      commands: ['echo "whsec_$(openssl rand -base64 32)"'],
    });
    expect(second?.why).toContain('receiver web');
  });

  it('tell what was given up, and how it is sent again', async () => {
    expect(await look({ receivers: async () => [lost, { receiver: 'web', lost: 0 }] })).toEqual([
      {
        severity: 'warns',
        why: 'The receiver tickets did not get 2 events; last published of ubuntu-22/1.6.0, Thu 5 Nov, 10:00 UTC: it answered 500.',
        so: 'tickets does not know of them, and nothing is sent again by itself.',
        mend: 'Mend the receiver, then have it sent again:',
        commands: ['@goldbot webhooks tickets --resend'],
      },
    ]);
    const [one] = await look({ receivers: async () => [{ receiver: 'web', lost: 1 }] });
    expect(one?.why).toBe('The receiver web did not get 1 event.');
    expect(await look({ receivers: async () => undefined })).toEqual([]);
  });
});

describe('the doctor and the ends that goldbot keeps', () => {
  const at = new Date('2026-11-05T10:00Z');
  const end = (verb: 'ungrant' | 'unshare', target: string) => ({ name: 'n', at, plan: { verb, target } });
  const house = (kept: unknown) => ({ ...healthyHouse, ends: async () => kept }) as typeof healthyHouse;
  const look = (minute: number | undefined, kept: unknown = [end('ungrant', 'web-owners view ubuntu-22')]) => {
    const now = minute === undefined ? {} : { now: new Date(at.getTime() + minutes(minute)) };
    return ends.find({ house: house(kept ?? undefined) } as never, { catalogue: example, busy: new Set(), ...now });
  };

  it('tell of one that is past and still there, once goldbot had the time to take it back', async () => {
    expect(await look(20)).toEqual([
      {
        severity: 'warns',
        why: '“ungrant web-owners view ubuntu-22” was due Thu 5 Nov, 10:00 UTC, and is not done.',
        so: 'Whoever has it keeps it until somebody takes it back.',
        mend: 'goldbot does it by itself once it runs and may; see what is in the way:',
        commands: ['@goldbot runs --failed'],
      },
    ]);
    for (const minute of [-60, 10, undefined]) expect(await look(minute)).toEqual([]);
    expect(await look(20, null)).toEqual([]);
  });

  it('say which roles goldbot needs for them, as far as the database tells', async () => {
    const both = [end('ungrant', 'a'), end('unshare', 'b')];
    expect(await promisedIn(house(both))).toEqual(new Set(['right', 'share']));
    expect(await promisedIn(house(undefined))).toEqual(new Set());
    const silent = () => Promise.reject(new UserError('DATABASE_SILENT', 'It is silent.', { hint: 'Wait.' }));
    expect(await promisedIn({ ends: silent })).toEqual(new Set());
    await expect(promisedIn({ ends: () => Promise.reject(new Error('a bug')) })).rejects.toThrow('a bug');
  });
});
