import { commands } from '../../dialogs/commands';
import { later } from '../../dialogs/conversation/grammar';
import { dialogWorld } from './support/world';

/** What help says of each command, word for word: a new command without a row is red. */
describe('help', () => {
  const world = dialogWorld();
  const words: readonly (readonly [string, string])[] = [
    ['publish', 'Builds, tests and, once approved, publishes a new version of a golden image.'],
    ['rebuild', 'Starts the next attempt of a run that needs repair.'],
    ['cancel', 'Ends a run before it publishes, and deletes what it created.'],
    ['schedule', 'Shows or sets when an image is published automatically.'],
    ['lock', 'Locks an image: it cannot be built or published until it is unlocked.'],
    ['unlock', 'Unlocks an image that you have locked; admins unlock any.'],
    ['override', 'Asks to let a run through a freeze; a second person must confirm it.'],
    ['confirm', 'Confirms the request of somebody else to let a run through a freeze.'],
    ['approve', 'Approves a tested candidate, or a change for a team.'],
    ['approve-all', 'Approves several unremarkable requests of schedules, each for itself.'],
    ['reject', 'Sends a candidate back to repair, or ends a change, with the reason.'],
    ['withdraw', 'Withdraws your approval request.'],
    ['delegate', 'Lets another approver decide on your behalf until a given time; it ends by itself.'],
    ['undelegate', 'Stops somebody deciding on your behalf before the time is up.'],
    [
      'promote',
      'Makes a version latest without building it again, once an approver agrees; shows first who would take it.',
    ],
    ['rollback', 'Goes back to a version by taking the higher ones out of latest, once an approver agrees.'],
    [
      'channel',
      'Makes a version the canary, stable or lts one, once an approver agrees; Azure’s latest stays what it is.',
    ],
    ['replicate', 'Adds and removes copies of a version in regions; without an option it says how many Azure advises.'],
    ['copy', 'Copies a version into the second gallery, or brings its copy there in line, once an approver agrees.'],
    ['review', 'Reviews what was done even though something broke; for somebody who took no part in it.'],
    ['eol', 'Sets the end of life of a version, or removes it.'],
    ['age', 'Marks a version as aged and names the version that replaces it.'],
    [
      'revoke',
      'Takes a version out of latest in every region, once an approver agrees; shows first who would be affected.',
    ],
    ['retire', 'Deletes a version, once an approver agrees; shows first who uses it and whether there is a way back.'],
    [
      'retention',
      'Shows which versions are beyond those that an image keeps, and asks to retire those that nobody uses.',
    ],
    ['restore', 'Offers a revoked or deleted version again, once an approver agrees; shows first who would take it.'],
    [
      'grant',
      'Gives a security group the right to view, create or delete versions of an image, once an admin approves.',
    ],
    ['ungrant', 'Takes back a right to an image that goldbot gave a group, once an admin approves.'],
    ['share', 'Shares the gallery of an image with a subscription or tenant, once an admin approves.'],
    [
      'unshare',
      'Takes the gallery of an image back from a subscription, a tenant or everybody, once an admin approves.',
    ],
    [
      'leftovers',
      'Lists what builds left behind in Azure, with its age and cost, and deletes it once somebody agrees.',
    ],
    ['approvals', 'Lists open approval requests.'],
    ['compliance', "Shows a team's compliance figures: policies, images, pets and cattle, exemptions."],
    ['drift', 'Lists golden machines that are not known to be what their version says, each with its cause.'],
    ['who uses', 'Shows which teams run an image or a version, and which scale sets refer to it.'],
    ['who has', 'Shows which versions of images have a package or a Windows update inside, and which teams run them.'],
    ['forecast', 'Shows what ends or changes soon: versions in use, bases, exemptions, approvals, rights and shares.'],
    ['follow', 'Chooses the channel of an image that a team is measured against; latest is Azure’s own.'],
    ['classify', 'Records whether a machine is a pet or cattle, as a tag that everybody can see.'],
    ['exempt', 'Exempts one machine from a policy until a given day, once an admin approves.'],
    [
      'remediate',
      'Has a policy remediate one machine with its own deployment, pets by approval and appointment; proposes the assignment that brings a missing agent.',
    ],
    ['rescan', "Has Azure Policy evaluate a team's machines now instead of within a day."],
    [
      'rollout',
      "Brings a team's scale sets to a version, batch by batch, once its owners agree; shows first who would move.",
    ],
    ['defer', "Puts off rollouts to a team's scale sets until a day, as far as Azure waits, and then asks again."],
    ['undefer', "Takes back a team's deferral of an image early."],
    ['appoint', 'Sets when owners replace a machine in a rollout; goldbot reminds them, and replaces nothing itself.'],
    ['unappoint', 'Takes back when owners replace a machine in a rollout; the rollout still waits for it.'],
    ['restrict', 'Restricts new machines of a team or subscription to golden images, once another admin approves.'],
    ['digest', "Shows, sets or sends a team's weekly digest; “on” without --only-changes means every week."],
    ['snooze', "Sets a row of a team's digest aside until a day; it still counts, and asks again then."],
    ['unsnooze', "Brings a snoozed row of a team's digest back early."],
    ['status', 'Shows the state of a run, or everything in progress.'],
    ['runs', 'Lists recent runs, newest first.'],
    ['logs', 'Shows the end of the build log and the output of the tests.'],
    ['images', 'Lists the golden images with their latest version.'],
    ['latest', 'Names the latest version of an image, with its resource id and the digest of its certificate.'],
    [
      'subscribe',
      'Tells you or this channel what happens to an image, one message per event; alone, lists the subscriptions.',
    ],
    ['unsubscribe', 'Ends your or this channel’s subscription to an image; without one, to every image.'],
    ['triggers', "Shows Image Builder's own source triggers and their health: what they build bypasses approval."],
    ['versions', 'Lists the versions of an image: state, tattoo, end of life, machines.'],
    [
      'parity',
      'Compares the second gallery with the first: what it lacks, what it should not offer, and how to fix that.',
    ],
    ['cost', 'Shows what the copies of images cost a month at list prices, and what retiring a version saves.'],
    ['access', 'Shows who may view, create and delete versions of an image in Azure, and by which role.'],
    ['show', 'Shows one version in full, with its tattoo and its history.'],
    ['diff', 'Compares two versions of an image.'],
    [
      'lineage',
      'Shows what versions were built from and what was built from them, with the machines of each and who is behind.',
    ],
    ['tattoo', 'Shows which image a machine came from, and whether the two still match.'],
    ['verify', 'Checks a version or a machine against the signed birth certificate of its version.'],
    ['audit', 'Shows who did what, and whether the record is intact.'],
    ['channels', 'Shows whether the channels of the catalogue are known; with --here, says which one is meant.'],
    ['webhooks', 'Shows which programs are told what happens, and what they did not get; --resend sends that again.'],
    ['doctor', 'Checks settings, roles, quota, gallery, channels, database and clock, and says what to fix.'],
    [
      'try',
      'Tries out what no documentation settles about Azure and Teams, on a copy made for that, once another admin approves.',
    ],
    ['whoami', 'Shows who goldbot thinks you are, and what you may do.'],
    ['help', 'Shows what you can ask.'],
  ];

  it('has words for every command', () => {
    expect(words.map(([verb]) => verb)).toEqual(commands.map(({ verb }) => verb));
  });

  it.each(words)('%s: %s', async (verb, summary) => {
    const [headline] = (await world.say('grace', `help ${verb}`)).text.split('\n');
    expect(`${headline}.`).toBe(summary);
  });

  const joining = 'Join what is already open, even if you can then no longer decide on it';
  const agreeing = [
    '--agreed word: The word of the plan that you agree to',
    '--machines n: How many machines run it, where the plan asks you to type it',
    '--break-glass: Even though something would break; needs two more approvers, and a review afterwards',
    `--join: ${joining}`,
  ];
  /** Each option, with how its value is written; those without a word of their own are called as they are. */
  const meanings: Readonly<Record<string, readonly string[]>> = {
    promote: ['--regions a,b: Regions', '--reason "…": Reason', ...agreeing],
    rollback: [
      '--to version: Version',
      '--forward: As a copy under a new number, to which Azure upgrades scale sets by itself',
      '--reason "…": Reason (needed)',
      ...agreeing,
    ],
    channel: [`--join: ${joining}`],
    follow: ['--team team: Team'],
    replicate: [
      '--add region:n,…: Regions to add, or to have another number of copies',
      '--remove a,b: Regions to remove',
      '--retry: Give up what failed, and make it again',
      '--reason "…": Reason',
      ...agreeing,
    ],
    copy: ['--reason "…": Reason', ...agreeing],
    revoke: [
      ...['--reason "…": Reason (needed)', '--at when: Not before then, such as +14d or 2027-01-04'],
      ...['--descendants: Also what was built from it, under the same approval'],
      ...['--second: Also its copy in the second gallery, under the same approval', ...agreeing],
    ],
    review: ['--reason "…": What is to be learnt (needed)'],
    age: ['--replace-by version: Version'],
    retention: [
      '--keep n: How many of the highest versions stay; as the catalogue says when absent',
      '--agreed word: The word of the plan that you agree to',
      '--machines n: How many machines run it, where the plan asks you to type it',
      '--break-glass: Even though something would break; needs two more approvers, and a review afterwards',
      '--join: Join what is already open, even if you can then no longer decide on it',
    ],
    retire: [
      ...['--reason "…": Reason (needed)', '--at when: Not before then, such as +14d or 2027-01-04'],
      ...['--descendants: Also what was built from it, under the same approval'],
      ...['--second: Also its copy in the second gallery, under the same approval', ...agreeing],
    ],
    restore: ['--reason "…": Reason', ...agreeing],
    grant: ['--reason "…": Reason', `--join: ${joining}`, '--until when: Until, such as +3mo or 2027-03-01'],
    ungrant: ['--reason "…": Reason', `--join: ${joining}`],
    share: ['--reason "…": Reason', `--join: ${joining}`, '--until when: Until, such as +3mo or 2027-03-01'],
    unshare: [
      '--reason "…": Reason',
      `--join: ${joining}`,
      '--losing n: How many lose it, where the plan asks you to type it',
    ],
    leftovers: ['--clean word: The word of the list that you agree to'],
    publish: [
      '--from latest|exact: Base version',
      '--version x.y.z: Version number',
      '--bump patch|minor|major: Which part of the number to raise',
      '--regions a,b: Regions',
      '--replicas n: Replicas in each region',
      '--output gallery|managed-image|vhd|all: What to make from it besides the version in the gallery, once it is published',
      '--eol when: End of life, such as +6mo, 2027-05-21 or none',
      '--note "…": Note',
      '--change number: Number of the change that it is approved under',
      '--override "…": Why a freeze should not hold it',
      '--plan: Only show the plan',
      '--force: Even if nothing has changed since the newest version',
      `--join: ${joining}`,
    ],
    diff: ['--all: Everything that changed inside, as text'],
    rebuild: ['--note "…": What was fixed', `--join: ${joining}`],
    cancel: ['--reason "…": Reason (needed)'],
    lock: ['--reason "…": Reason (needed)', '--sure: Lock it, without being shown first what that holds up'],
    unlock: ['--reason "…": Reason (needed)', '--sure: Unlock it, without being shown first what waits for it'],
    override: ['--reason "…": Reason (needed)'],
    approve: ['--note "…": Note', '--change number: Number of the change that it is approved under'],
    reject: ['--reason "…": Reason (needed)'],
    withdraw: ['--reason "…": Reason'],
    delegate: ['--until when: Until, such as +2w or 2026-12-18 (needed)', '--image image: Image'],
    undelegate: ['--image image: Image'],
    approvals: ['--mine: Only what you may decide', '--overdue: Only requests older than a day'],
    drift: ['--cause drift|unknown|stale|upgraded: Only one cause', '--from n: Number of the first machine to list'],
    compliance: [
      '--image image: Image',
      '--version version: Version',
      '--class pet|cattle|undecided: Only pets, only cattle, or only undecided machines',
      '--why vm|resource id: Explain one machine',
      '--list: List the machines behind the numbers',
      '--state compliant|not-compliant|not-evaluated|exempt|conflict|unknown|error: List by policy state',
      '--guest compliant|not-compliant|pending|none: List by guest configuration',
      '--lineage latest|behind|one-behind|far-behind|past-end|not-golden|marketplace|other-gallery|unknown: List by lineage',
      '--type vm|instance|arc: List by type of machine',
      '--from n: Number of the first machine to list',
    ],
    schedule: ['--ready-by 1..28|last: Ready on this day of each month', '--tz zone: Time zone'],
    show: [
      '--sbom: What is inside: packages, services, ports, users',
      '--all: With --sbom: everything, as text',
      '--from n: With --sbom: number of the first package to show',
    ],
    'who has': ['--below version: Only what is older than this', '--team team: Team'],
    'who uses': ['--team team: Team'],
    forecast: ['--days n: How many days ahead'],
    classify: ['--reason "…": Reason (needed)'],
    exempt: [
      '--policy assignment: Policy assignment (needed)',
      '--until when: Until, such as +3mo or 2027-03-01 (needed)',
      '--reason "…": Reason (needed)',
      `--join: ${joining}`,
    ],
    remediate: [
      '--policy assignment|guest-configuration|monitor-agent: Policy assignment, or what is missing (needed)',
      '--at "…": When, by the clock of the team',
      '--reason "…": Reason',
      `--join: ${joining}`,
    ],
    rollout: [
      '--team team: Team',
      '--window from to until: When goldbot may begin something, by the clock of the team',
      '--reason "…": Reason',
      '--choose: Choose the window in a form',
      '--plan: Only show what would happen',
      '--agreed word: The word of the plan that you agree to',
      `--join: ${joining}`,
    ],
    defer: [
      '--team team: Team',
      '--until when: Until, such as +1d or 2026-12-18 (needed)',
      '--reason "…": Reason (needed)',
    ],
    undefer: ['--team team: Team'],
    appoint: ['--at when: When, by the clock of the team (needed)'],
    restrict: [
      '--past-end: Versions past their end of life too, from now on',
      '--plan: Only show who would be stopped',
      '--reason "…": Reason',
      `--join: ${joining}`,
    ],
    digest: [
      '--day mon|tue|wed|thu|fri|sat|sun: Day',
      '--at hh:mm: Time, 24 hours',
      '--tz zone: Time zone',
      '--only-changes: Skip weeks without a change',
      '--mention me|off: Mention when something got worse',
    ],
    snooze: [
      '--team team: Team',
      '--until when: Until, such as +2w or 2026-12-18 (needed)',
      '--reason "…": Reason (needed)',
    ],
    unsnooze: ['--team team: Team'],
    runs: ['--failed: Only those that did not publish'],
    logs: ['--tail n: Lines'],
    latest: ['--channel canary|stable|lts: Channel', '--region region: Region'],
    subscribe: ['--here: This conversation, whoever is in it', '--me: You, in your own chat with goldbot'],
    unsubscribe: ['--here: This conversation, whoever is in it', '--me: You, in your own chat with goldbot'],
    webhooks: ['--resend: Send again what it did not get'],
    versions: ['--all: Every version, as text', '--by number|date: Order'],
    verify: [
      '--certificate: Show the certificate as text, for `npm run verify`',
      '--fresh: Read the tattoo inside the machine now; for its owners and admins',
    ],
    tattoo: ['--fresh: Read the tattoo inside the machine now; for its owners and admins'],
    try: [
      '--channel Team / Channel: Channel where a message is edited to mention you',
      '--plan: Only show what would be made, asked and deleted',
      '--notified yes|no: Whether Teams notified you of the edit',
      '--reason "…": Reason',
      `--join: ${joining}`,
    ],
    audit: [
      '--who name: Person',
      '--image image: Image',
      '--since when: Since',
      '--until when: Before',
      '--export csv: As a file',
      '--verify: Check the record from its first entry on',
    ],
    channels: ['--here: The channel where this is sent is meant'],
  };

  it.each(words.map(([verb]) => verb))(
    'says of %s what each option means, and of none that is hidden',
    async (verb) => {
      const { text } = await world.say('grace', `help ${verb}`);
      const said = text.split('\n').flatMap((row) => {
        const [, meaning, name] = /^(.+?) · (--[a-z].*)$/.exec(row) ?? [];
        return name === undefined ? [] : [`${name}: ${meaning}`];
      });
      expect(said).toEqual(meanings[verb] ?? []);
    },
  );

  it.each([
    ['publish', 'for the role publisher, which you do not have', 'can change something'],
    ['tattoo', 'for the role viewer', 'changes nothing'],
    ['whoami', 'for everybody', 'changes nothing'],
  ])('says of %s whose it is, and whether it changes anything', async (verb, role, effect) => {
    const { text } = await world.say('dana', `help ${verb}`);
    expect(text).toContain(`\n${verb} · ${effect} · ${role}\n`);
  });

  it('says by an example how a text of several words is given', async () => {
    const { text } = await world.say('ada', 'help rebuild');
    expect(text).toMatch(/^rebuild R-7F3KQ · rebuild R-7F3KQ --note "sshd_config mended"$/m);
    expect((await world.say('ada', 'help runs')).text).toContain('runs ubuntu-22 --failed');
  });
});

describe('a command of a later version', () => {
  const words: readonly (readonly [string, string])[] = [
    ['freeze', 'stops publishing for a while'],
    ['unfreeze', 'lets publishing go on'],
  ];

  it('has words for each', () => {
    expect(words.map(([verb]) => verb)).toEqual(Object.keys(later));
  });

  it.each(words)('%s %s', async (verb, does) => {
    const { text } = await dialogWorld().say('grace', verb);
    expect(text).toContain(`“${verb}” (${does}) is not in this version.`);
  });
});
