import { z } from 'zod';
import type { MachinePolicy } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { changeHash, type ExemptPlan, planHash } from '../../core/runs';
import { commands } from '../../dialogs';
import { byAdmins } from '../../dialogs/changes';
import { defineCommand } from '../../dialogs/conversation/command';
import { callOf } from '../../dialogs/conversation/grammar';
import { exampleCatalogue } from '../support/catalogue';
import { groups } from './support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { anApproval, aVersion, fixed } from './support/plan';
import { aRun, dialogWorld, tenant } from './support/world';

/** What people read when they are refused, word for word: what is wrong, and the command that comes next. */
type Row = readonly [typed: string, message: string, hint: string, next: string];

const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
const exempt: ExemptPlan = {
  ...{ verb: 'exempt', machineId: '/m', target: 'vm-1', team: 'web', assignment: '/a', policy: 'p' },
  ...{ until: '2027-01-01T00:00:00Z', approval: { rule: fixed.rule, ttlMs: 1, channel: 'c' } },
};
const change = { ...aRun('R-33333'), kind: 'change', plan: exempt, planHash: changeHash(exempt), stage: 'approve' };

/** A publish and a change, both waiting for approval. */
function open(deps: Parameters<typeof dialogWorld>[0] = {}) {
  const world = dialogWorld(deps);
  world.runs.set('R-22222', aRun('R-22222', { plan, planHash: planHash(fixed), stage: 'approve' }));
  world.runs.set('R-33333', change as never);
  world.approvals.set('R-99999', anApproval());
  return world;
}

describe('a command that goldbot cannot take', () => {
  const world = open();

  it.each<Row>([
    [
      'publish ubuntu-22 --output tape',
      '--output takes gallery, managed-image, vhd or all, not "tape".',
      ...(['Write it with a value that it takes.', 'help publish · publish ubuntu-22 --output gallery'] as const),
    ],
    [
      'publish ubuntu-22 --version 1.2.3 --bump patch',
      '--version and --bump say two different things.',
      ...(['Name one of them.', 'publish ubuntu-22 --version 1.2.3\npublish ubuntu-22 --bump patch'] as const),
    ],
    [
      'publish ubuntu-22 --regions ,',
      '--regions takes names with commas between them, not ",".',
      ...(['Write it with a value', 'publish ubuntu-22 --regions "West Europe, North Europe"'] as const),
    ],
    [
      'show --ref',
      '--ref needs a value: an image, optionally with a version.',
      ...(['See how the command is written.', 'help show'] as const),
    ],
    [
      'publish ubuntu-22 security fix for openssl',
      '"security" is one word too many for publish.',
      ...(['Put text of several words in quotes.', 'help publish'] as const),
    ],
    [
      'publish ubuntu-22 --note "openssl',
      'A quotation mark is opened but never closed.',
      ...(['Put the text between two quotation marks:', 'help publish'] as const),
    ],
    [
      'who uses --ref',
      '--ref needs a value: an image, optionally with its version, marketplace, or publisher:offer:sku.',
      ...(['See how the command is written.', 'help "who uses"'] as const),
    ],
    [
      'publish --image',
      '--image needs a value: the name of an image.',
      ...(['See how the command is written.', 'help publish'] as const),
    ],
    [
      'publish ubuntu-22 --note',
      '--note needs a value: a text of at most 500 characters.',
      ...(['See how the command is written.', 'help publish'] as const),
    ],
    [
      'compliance --version newest',
      '--version takes three numbers such as 1.6.0, or latest, previous or candidate, not "newest".',
      ...(['Write it with a value that it takes.', 'help compliance · compliance --version latest'] as const),
    ],
    [
      'publish ubuntu-22 --eol whenever',
      'The end of life "whenever" is not a date.',
      ...([
        'Write a date, a duration or none.',
        'publish ubuntu-22 --eol +6mo · publish ubuntu-22 --eol none',
      ] as const),
    ],
    [
      'logs R-1',
      'logs: request takes an id such as R-7F3KQ, not "R-1".',
      ...(['Find the id in the list of runs.', 'runs · help logs'] as const),
    ],
    [
      'logs R-77777',
      'There is no request R-77777.',
      ...(['See the runs, or what is waiting for a decision.', 'runs · approvals'] as const),
    ],
    [
      'publish nothing-like-it',
      'The catalogue has no image "nothing-like-it".',
      ...(['See what there is.', 'images'] as const),
    ],
    [
      'freeze all --until +1d',
      '“freeze” (stops publishing for a while) is not in this version.',
      'See what there is.',
      'help',
    ],
    ['sandwich', 'goldbot has no command "sandwich".', 'See what you can ask.', 'help'],
    ['logs R-33333', 'R-33333 builds nothing: it has no log.', 'See what became of it.', 'status R-33333'],
  ])('`%s`: %s', async (typed, message, hint, next) => {
    const { text } = await world.say('ada', typed);
    expect(text).toContain(message);
    expect(text).toContain(hint);
    expect(text).toContain(`\n${next}`);
    expect(world.started).toEqual([]);
  });

  it('has no advice on quotes where no text is taken', async () => {
    const { text } = await world.say('ada', 'runs ubuntu-22 zork');
    expect(text).toContain('"zork" is one word too many for runs.');
    expect(text).not.toContain('quotes');
  });

  it('but for what is said to be friendly: that command, a change as an offer', async () => {
    const { text } = await world.say('ada', 'runs ubuntu-22 now');
    expect(text).toMatch(/^Same as “runs ubuntu-22”\n2 runs need a person\nRuns of ubuntu-22: 2\n/);
    expect((await world.say('ada', 'publish ubuntu-22 now, please!')).text).toBe(
      'Do you mean “publish ubuntu-22”?\nNothing has been done yet.\npublish ubuntu-22',
    );
    const help = (await world.say('ada', 'help publish')).text;
    expect((await world.say('ada', 'help publish please')).text).toContain(help);
    expect(world.started).toEqual([]);
  });

  it('is a name that several images have: a form asks which', async () => {
    const { text } = await world.say('ada', 'publish ubuntu');
    expect(text).toContain('Which image do you mean by "ubuntu"?');
    expect(text).toContain('2 images of the catalogue fit.');
  });

  it('is asked for by a form where something is missing, in a sentence', async () => {
    const { text } = await world.say('grace', 'restrict');
    expect(text).toContain('restrict needs team, subscription id or all and what Azure does.');
    expect((await world.say('grace', 'restrict web')).text).toContain('restrict needs what Azure does.');
  });

  it('is a time that is none: the audit looks back', async () => {
    const { text } = await world.say('dana', 'audit --since whenever');
    expect(text).toContain('"whenever" is not a date.\n');
    expect(text).toContain('Write a date or how long ago.');
    expect(text).toContain('audit --since 2026-11-01 · audit --since 7d');
  });

  it('is a mistake of whoever writes a command, when an argument has no meaning or there is no sentence', () => {
    expect(() => callOf('   ', commands)).toThrow('nothing is no call');
    expect(callOf('status', commands).verb).toBe('status');
    const none = { args: z.object({ verb: z.string() }), examples: [], run: () => Promise.reject(new Error()) };
    const data = { verb: 'help', summary: 'S.', group: 'Ask', role: 'all', effect: 'read' } as const;
    expect(() => defineCommand({ ...data, ...none })).toThrow(
      'argument verb has no meaning: build it with the functions of this file',
    );
  });
});

describe('what there is nothing of', () => {
  it('is said: no run of an image, none that failed', async () => {
    const world = open();
    const never = (who: 'ada' | 'dana', image: string) => world.say(who, `status ${image}`).then(({ text }) => text);
    expect(await never('ada', 'ubuntu-24')).toBe('No run of ubuntu-24 yet.\npublish ubuntu-24 · versions ubuntu-24');
    // Nobody is sent to what would be refused.
    expect(await never('dana', 'ubuntu-24')).toBe('No run of ubuntu-24 yet.\nversions ubuntu-24');
    expect(await never('ada', 'windows-2022')).toBe(
      'No run of windows-2022 yet.\npublish windows-2022 · versions windows-2022',
    );
    expect((await world.say('ada', 'status ubuntu-22')).text).not.toContain('yet.');

    const none = await world.say('ada', 'runs ubuntu-22 --failed');
    expect(none.text).toContain('Runs of ubuntu-22 that did not publish');
    expect(none.text).toContain('There are none yet\n');
    const failed = { outcome: 'failed', endedAt: new Date(), stage: 'cleanup' } as const;
    world.runs.set('R-44444', aRun('R-44444', { plan, ...failed }));
    const some = await world.say('ada', 'runs ubuntu-22 --failed');
    expect(some.text).toContain('R-44444');
    expect(some.text).not.toMatch(/R-22222|There are none/);
    expect((await world.say('ada', 'runs')).text).toMatch(/^2 of 3 runs need a person\nRuns: 3\n/);
  });
});

describe('a version that there is not', () => {
  const said = async (typed: string, ...versions: readonly string[]) => {
    const read = { versions: async () => versions.map((v) => aVersion(v)), machinesByVersion: async () => new Map() };
    return (await dialogWorld({ read }).say('ada', typed)).text;
  };

  it.each<[string, string[], string, string]>([
    [
      ...(['show ubuntu-22@9.9.9', ['1.4.0', '1.5.0'], 'The gallery has no version 9.9.9 of ubuntu-22.'] as const),
      'See what there is; the highest is 1.5.0.\nUNKNOWN_VERSION\nversions ubuntu-22',
    ],
    [
      ...(['show ubuntu-22 candidate', ['1.5.0'], 'The gallery has no candidate version of ubuntu-22.'] as const),
      'See what there is; the highest is 1.5.0.\nUNKNOWN_VERSION\nversions ubuntu-22',
    ],
    [
      ...(['show ubuntu-22', [], 'The gallery has no latest version of ubuntu-22.'] as const),
      'Make the first one.\nUNKNOWN_VERSION\npublish ubuntu-22',
    ],
    [
      ...(['diff windows-2022 previous', [], 'The gallery has no previous version of windows-2022.'] as const),
      'Make the first one.\nUNKNOWN_VERSION\npublish windows-2022',
    ],
  ] as never)('`%s` of %j: %s', async (typed, versions, message, next) => {
    const text = await said(typed, ...versions);
    expect(text).toContain(message);
    expect(text.endsWith(`\n${next}`)).toBe(true);
  });
});

describe('somebody who may not', () => {
  it('learns whether they have a role at all', async () => {
    const world = open();
    expect((await world.say('nobody', 'publish ubuntu-22')).text).toContain(
      '“publish” of ubuntu-22 needs the role publisher, and you have no role.',
    );
    const { text } = await world.say('dana', 'publish ubuntu-22');
    expect(text).toContain('and you are viewer and auditor.');
    expect(text).toContain('Ask to join goldbot-publishers, or see what you can do.\n');
    expect(text).toMatch(/\nhelp$/);
  });

  it('is told who may end a change that others asked for', async () => {
    const world = open();
    world.runs.set('R-33333', { ...change, actors: [{ oid: 'x', name: 'Linus', did: 'requested' }] } as never);
    const { text } = await world.say('ada', 'cancel R-33333 --reason enough');
    expect(text).toContain('R-33333 is for those who asked for it, the owners of web and admins. Nothing was done.');
    expect(text).toContain('Ask Linus.');
    expect(world.signals).toEqual([]);
    await world.say('grace', 'cancel R-33333 --reason enough');
    expect(world.signals).toHaveLength(1);
  });

  it('is told whose machines a change is about', async () => {
    const world = open({ directory: { memberOf: async (_, asked) => asked.filter((one) => one === groups.viewers) } });
    world.runs.set('R-33333', { ...change, actors: [] } as never);
    const { text } = await world.say('nobody', 'logs R-33333');
    expect(text).toContain('R-33333 is about machines of web; you may not look at it.');
    expect(text).toContain('See what you may do.');
    expect((await world.say('nobody', 'logs R-22222')).text).not.toContain('you may not look');
  });

  it('is of another organisation: nothing is read', async () => {
    const person = { oid: 'a1', name: 'Mallory', tenantId: `${tenant}-other` };
    const { text } = await open().say('ada', 'runs', { person });
    expect(text).toContain('goldbot does not serve your tenant.');
    expect(text).toContain('Ask somebody of this organisation.');
    expect(text).not.toContain('R-22222');
  });
});

describe('the one line after a click', () => {
  const line = async (verb: string, data: object, deps: Parameters<typeof dialogWorld>[0] = {}) => {
    const answer = await open(deps).click('grace', verb, data);
    return answer.kind === 'card' ? '' : 'text' in answer ? answer.text : answer.message;
  };

  it.each<[string, object, string]>([
    [
      ...(['drop', { request: 'R-22222' }] as const),
      'This button belongs to no command of goldbot. See what you can ask. You can type “help”.',
    ],
    [
      ...(['approve', { request: 'R-99999' }] as const),
      'The click on “approve” does not say which plan its card shows; nothing was decided. See the current state. You can type “status R-22222”.',
    ],
    [
      ...(['approve', {}] as const),
      'The click on “approve” does not say which plan its card shows; nothing was decided. See what is waiting for you. You can type “approvals”.',
    ],
    [
      ...(['approve', { hash: 'f'.repeat(64) }] as const),
      'approve needs a request, such as R-7F3KQ. Find it in the list.',
    ],
    ['cancel', {}, 'nothing was done. See what is waiting for you. You can type “approvals”.'],
    [
      ...(['rebuild', { request: 'R-22222', hash: 'f'.repeat(64) }] as const),
      'That card is old: R-22222 has gone on since; nothing was done. See the current state. You can type “status R-22222”.',
    ],
    [
      ...(['approve', { request: 'R-99999', oid: 'a2' }] as const),
      'The click on “approve” carries a "oid" that no card of goldbot has; nothing was decided. Use the newest card, or type the command at the bottom of the card.',
    ],
  ])('on %s with %j', async (verb, data, words) => {
    // An admin may do all of it, so that nothing is refused for a role.
    const memberOf = async (_: string, asked: readonly string[]) => asked;
    expect(await line(verb, data, { directory: { memberOf } })).toContain(words);
  });

  it('asks for what is missing in the place of what was pressed, before whoever pressed alone', async () => {
    const answer = await open().click('grace', 'publish', {});
    expect(answer).toMatchObject({ kind: 'card', reply: { text: expect.stringContaining('publish needs image.') } });
    expect(answer.kind === 'card' && answer.reply.topic).toBeUndefined();
  });

  it('says to press again when the outside was silent, and what happened when goldbot made a mistake', async () => {
    const silent = () =>
      Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Later.' }));
    const deps = { read: { versions: silent, machinesByVersion: silent } };
    expect(await line('versions', { image: 'ubuntu-22' }, deps)).toContain(
      'Azure did not answer in time. Press it again in a minute, or type it. You can type “versions ubuntu-22”.',
    );
    const broken = { read: { versions: () => Promise.reject(new Error('boom')), machinesByVersion: silent } };
    expect(await line('versions', { image: 'ubuntu-22' }, broken)).toMatch(
      /^Something went wrong inside goldbot; what you asked for may not have happened\. See where things stand, and give the reference to whoever runs goldbot\. You can type “status”\. Reference E-[0-9A-F]{8}\.$/,
    );
  });
});

describe('a question about machines', () => {
  const world = inventoryWorld();

  it.each<readonly [who: 'ada' | 'grace' | 'linus', ...Row]>([
    [
      ...(['grace', 'restrict paymets audit --plan'] as const),
      '"paymets" is not a team, a subscription id, or "all".',
      ...(['Did you mean payments? Nothing was done.', 'restrict payments audit --plan'] as const),
    ],
    [
      ...(['grace', 'restrict somewhere audit --plan'] as const),
      '"somewhere" is not a team, a subscription id, or "all".',
      ...(['Name a team, the id of a subscription, or all.', 'restrict all audit --plan'] as const),
    ],
    [
      ...(['grace', 'restrict 00000000-0000-4000-8000-000000000000 audit --plan'] as const),
      'goldbot sees no subscription 00000000-0000-4000-8000-000000000000. Nothing was done.',
      ...(["Check the id, or give goldbot's identity the role goldbot-observer there.", 'help restrict'] as const),
    ],
    [
      ...(['grace', 'exempt vm-payments-api-001 --policy backup --until +1mo --reason x'] as const),
      'No policy assignment "backup" applies to vm-payments-api-001. No policy fails on vm-payments-api-001.',
      ...(['See what is said of the machine.', 'compliance --why vm-payments-api-001'] as const),
    ],
    [
      ...(['grace', 'exempt vm-payments-hsm-002 --policy golden-images-only --until +1mo --reason x'] as const),
      'applies to vm-payments-hsm-002. Failing there: only-golden-images.',
      'Did you mean only-golden-images? Nothing was done.',
      'exempt vm-payments-hsm-002 --policy only-golden-images --until +1mo --reason x',
    ],
    [
      ...(['grace', 'exempt vm-payments-hsm-002 --policy only-golden-images --until soon --reason x'] as const),
      '"soon" is not a date; exemptions must end.',
      'Write a date or a duration.',
      'exempt vm-payments-hsm-002 --policy only-golden-images --until +3mo --reason x',
    ],
    [
      ...(['grace', 'remediate vm-payments-hsm-002 --policy only-golden-images'] as const),
      'only-golden-images only audits (audit): it cannot fix vm-payments-hsm-002. Nothing was done.',
      'Redeploy the machine from a golden image, or request an exemption.',
      'exempt vm-payments-hsm-002 --policy only-golden-images --until +1mo --reason "…"',
    ],
    [
      ...(['linus', 'rescan all'] as const),
      'Only admins may ask for a rescan, and you are not among them. Nothing was done.',
      ...(['Azure evaluates every day on its own;', 'compliance'] as const),
    ],
    [
      ...(['linus', 'compliance data'] as const),
      'Machines of data are shown to its owners (data-owners) and to publishers, approvers, admins and auditors, and you are not among them.',
      ...(['Ask one of those people, ask to join the group, or see your own teams.', 'compliance me'] as const),
    ],
    [
      ...(['linus', 'compliance orphans'] as const),
      'Machines without a team are shown to publishers, approvers, admins and auditors, and you are not among them.',
      ...(['Ask one of those people, ask to join the group, or see your own teams.', 'compliance me'] as const),
    ],
    [
      ...(['ada', 'compliance me'] as const),
      'You are among the owners of no team.',
      ...(['Ask to join the group that owns your team; see which groups count.', 'whoami'] as const),
    ],
    [
      ...(['ada', 'tattoo vm-payments-db-001 --fresh'] as const),
      'Only the owners of payments (payments-owners) and admins may run a command on vm-payments-db-001 to read its tattoo,',
      ...(['Ask one of them, or see what is known without it.', 'tattoo vm-payments-db-001'] as const),
    ],
    [
      ...(['ada', 'compliance payments --version latest'] as const),
      '--version of compliance takes three numbers, not "latest".',
      ...(['Write it like 1.6.0, or ask for the machines', 'compliance --lineage latest'] as const),
    ],
    [
      ...(['ada', 'compliance nobodys-team'] as const),
      'The catalogue has no team "nobodys-team".',
      ...(['See the teams that you may ask about.', 'compliance all'] as const),
    ],
    [
      ...(['ada', 'compliance --why vm-nowhere'] as const),
      'goldbot sees no machine "vm-nowhere".',
      ...(['Use the name or the resource id that the Azure portal shows,', 'compliance'] as const),
    ],
    [
      ...(['ada', 'who uses ubuntu-22@newest'] as const),
      '"newest" is not a version of ubuntu-22.',
      ...(['Name three numbers, or latest.', 'who uses ubuntu-22@latest'] as const),
    ],
    [
      ...(['ada', 'who uses ubuntu-22@9.9.9'] as const),
      'The gallery has no version 9.9.9 of ubuntu-22, and no machine runs it.',
      ...(['See which versions there are.', 'versions ubuntu-22'] as const),
    ],
    [
      ...(['ada', 'who uses ubuntu-22 candidate'] as const),
      'ubuntu-22 has no candidate version now.',
      ...(['See which versions there are.', 'versions ubuntu-22'] as const),
    ],
  ])('%s: `%s`: %s', async (who, typed, message, hint, next) => {
    const { text } = await world.say(who, typed);
    expect(text).toContain(message);
    expect(text).toContain(hint);
    expect(text.endsWith(`\n${next}`)).toBe(true);
    expect(world.started).toEqual([]);
  });

  it('of no team is for admins, and the refusal says so', async () => {
    const { rows } = await world.read.machineList({}, 1_000);
    const orphan = rows.find(({ type, tags }) => type === 'vm' && tags['team'] === undefined)?.name ?? '';
    expect((await world.say('linus', `classify ${orphan} pet --reason x`)).text).toContain(
      `Only admins may act for ${orphan}, which belongs to no team, and you are not among them. Nothing was done.`,
    );
    expect((await world.say('linus', 'classify vm-data-etl-001 pet --reason x')).text).not.toContain('no team');
  });

  it('knows a version that nobody runs from one of which Azure says nothing', async () => {
    const silent = () =>
      Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Later.' }));
    const mute = inventoryWorld({ read: () => ({ publishedVersions: silent }) });
    const { text } = await mute.say('ada', 'who uses ubuntu-22 latest');
    expect(text).toContain('Azure did not answer in time.');
    expect(text).not.toContain('UNKNOWN_VERSION');
    // By its number it can be counted all the same.
    expect((await mute.say('ada', 'who uses ubuntu-22@1.4.1')).text).toMatch(
      /^\d+ machines of \d+ teams run ubuntu-22 1\.4\.1$/m,
    );
  });

  it('of the marketplace has no gallery to ask: no machine is no mistake', async () => {
    const version = 'canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:1.1.1';
    const { text } = await world.say('ada', `who uses ${version}`);
    expect(text).toContain(`No machine that goldbot can see runs ${version}`);
    expect(text).not.toMatch(/UNKNOWN_VERSION|gallery has/);
  });
});

describe('restrict off', () => {
  const assigned = { effect: 'deny', enforced: true };
  const first = '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001';
  const said = async (scope: string, restriction: object) => {
    const world = inventoryWorld({ read: () => ({ restriction: async () => restriction as never }) });
    const { text } = await world.say('grace', `restrict ${scope} off --plan`);
    expect(text).toContain('Other policies of your organisation stay as they are.');
    expect(world.started).toEqual([]);
    return text;
  };

  it('says first what it would lift', async () => {
    const text = await said(first, { assigned });
    expect(text).toContain(`Restrict ${first}: off would lift "deny"\n`);
    expect(text).toMatch(new RegExp(`\nrestrict ${first} off$`));
  });

  it('says of one place where nothing is in place that it is so', async () => {
    const text = await said(first, {});
    expect(text).toContain(`${first} is not restricted by goldbot\n`);
    expect(text).toMatch(new RegExp(`\nrestrict ${first} audit --plan$`));
  });

  it('does not take the first of several places for all of them', async () => {
    const lifted = await said('all', { assigned });
    expect(lifted).toContain('Restrict all: off would lift "deny" in the first of 4 subscriptions\n');
    const text = await said('all', {});
    expect(text).toContain('all is not restricted by goldbot in the first of 4 subscriptions\n');
    expect(text).toContain('That is all 4 subscriptions that goldbot sees.');
    expect(text).toContain('The others were not checked; off lifts what goldbot has set in any of them.');
    expect(text).toMatch(/\nrestrict all off · restrict all audit --plan$/);
  });

  it('counts one subscription as one', async () => {
    const one = async () => new Map([['5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001', []]]);
    const world = inventoryWorld({
      read: () => ({ managementGroups: one as never, restriction: async () => ({}) as never }),
    });
    expect((await world.say('grace', 'restrict all off --plan')).text).toContain(
      'That is the 1 subscription that goldbot sees.',
    );
  });
});

describe('remediate', () => {
  const assignment = '/providers/microsoft.authorization/policyassignments/baseline';
  const row = (more: Partial<MachinePolicy>): MachinePolicy => ({
    ...{ assignment, name: 'baseline', definition: 'd', state: 'NonCompliant', evaluatedAt: new Date(0) },
    ...more,
  });
  const said = async (...policies: readonly MachinePolicy[]) => {
    const machineCompliance = async () => ({ policies, guest: [], exemptions: [] });
    const world = inventoryWorld({ read: () => ({ machineCompliance }) });
    const { text } = await world.say('grace', 'remediate vm-web-edge-005 --policy baseline');
    return { text, started: world.started.length };
  };

  it('asks which of several that fail, and starts none', async () => {
    const rows = ['agent', 'tags'].map((reference) => row({ reference, effect: 'deployIfNotExists' }));
    const { text, started } = await said(...rows);
    expect(text).toContain(
      'baseline has several policies that fail on vm-web-edge-005: one at a time. Nothing was done.',
    );
    expect(text).toContain('Name one.');
    expect(text).toContain('remediate vm-web-edge-005 --policy baseline/agent');
    expect(text).toContain('remediate vm-web-edge-005 --policy baseline/tags');
    expect(started).toBe(0);
  });

  it('says that there is nothing to fix where nothing fails, and what to do if that is a surprise', async () => {
    const { text, started } = await said(row({ state: 'Compliant', effect: 'modify' }));
    expect(text).toContain('baseline finds nothing to fix on vm-web-edge-005. Nothing was done.');
    expect(text).toContain('If that surprises you, have Azure Policy evaluate again.');
    expect(text).toMatch(/\nrescan$/);
    expect(started).toBe(0);
  });

  it('says of a policy whose effect Azure does not name that it cannot fix anything', async () => {
    const { text, started } = await said(row({}));
    expect(text).toContain('baseline only audits (no effect is known): it cannot fix vm-web-edge-005.');
    expect(started).toBe(0);
  });
});

describe('rescan', () => {
  const empty = exampleCatalogue().teams.get('web');
  const teams = new Map(exampleCatalogue().teams).set('newcomers', {
    ...(empty as NonNullable<typeof empty>),
    scope: { tag: { name: 'team', value: 'newcomers' } },
  });

  const newcomers = { catalogue: { ...exampleCatalogue(), teams } };

  it('cannot be asked for, nor a restriction, where there is no machine: there is no subscription either', async () => {
    const world = inventoryWorld(newcomers);
    const { text } = await world.say('grace', 'restrict newcomers deny --plan');
    expect(text).toContain('newcomers has no machines now, so there is no subscription to restrict for it.');
    expect(text).toContain('Restrict the subscription that its machines will be in, by its id.');
  });

  it.each([
    [
      ...(['no group is admin', { roles: [] }] as const),
      'The catalogue does not say who approves this: no group is admin.',
      'Add a group with the role admin to roles.yaml.',
    ],
    [
      ...(['nothing is approved', { images: [] }] as const),
      'The catalogue does not say where this is approved: it has no image.',
      'Add an image with an approval channel.',
    ],
  ])('or a restriction is not begun where %s', (_, change, message, hint) => {
    expect(() => byAdmins({ ...exampleCatalogue(), ...change })).toThrow(expect.objectContaining({ message, hint }));
    expect(byAdmins(exampleCatalogue()).channel).toBe('Image Factory / approvals');
  });

  it.each([
    ['newcomers', 'There are no machines of newcomers that Azure Policy could evaluate. Nothing was done.'],
    ['all', 'There are no machines that Azure Policy could evaluate. Nothing was done.'],
    ['orphans', 'There are no machines without a team that Azure Policy could evaluate. Nothing was done.'],
  ])('of %s where there is nothing starts nothing', async (team, words) => {
    const nothing = { rows: [], members: [], asOf: new Date(0) };
    const world = inventoryWorld({
      ...newcomers,
      read: () =>
        team === 'newcomers'
          ? {}
          : { machineCounts: async () => nothing as never, managementGroups: async () => new Map() },
    });
    const { text } = await world.say('grace', `rescan ${team}`);
    expect(text).toContain(words);
    expect(text).toContain('See whose machines there are.');
    expect(world.started).toEqual([]);
  });
});
