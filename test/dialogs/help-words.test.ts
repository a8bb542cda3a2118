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
    ['approve', 'Approves a tested candidate, or a change for a team.'],
    ['reject', 'Sends a candidate back to repair, or ends a change, with the reason.'],
    ['withdraw', 'Withdraws your approval request.'],
    ['approvals', 'Lists open approval requests.'],
    ['compliance', "Shows a team's compliance figures: policies, images, pets and cattle, exemptions."],
    ['who uses', 'Shows which teams run an image or a version, and which scale sets refer to it.'],
    ['forecast', 'Shows what ends or changes soon: versions in use, bases, exemptions, approvals.'],
    ['classify', 'Records whether a machine is a pet or cattle, as a tag that everybody can see.'],
    ['exempt', 'Exempts one machine from a policy until a given day, once an admin approves.'],
    ['remediate', 'Has a policy remediate one machine with its own deployment; pets need an approval.'],
    ['rescan', "Has Azure Policy evaluate a team's machines now instead of within a day."],
    ['restrict', 'Restricts new machines of a team or subscription to golden images, once another admin approves.'],
    ['digest', "Shows, sets or sends a team's weekly digest; “on” without --only-changes means every week."],
    ['status', 'Shows the state of a run, or everything in progress.'],
    ['runs', 'Lists recent runs, newest first.'],
    ['logs', 'Shows the end of the build log and the output of the tests.'],
    ['images', 'Lists the golden images with their latest version.'],
    ['versions', 'Lists the versions of an image: state, tattoo, end of life, machines.'],
    ['show', 'Shows one version in full, with its tattoo and its history.'],
    ['diff', 'Compares two versions of an image.'],
    ['tattoo', 'Shows which image a machine came from, and whether the two still match.'],
    ['audit', 'Shows who did what, and whether the record is intact.'],
    ['channels', 'Shows whether the channels of the catalogue are known; with --here, says which one is meant.'],
    ['whoami', 'Shows who goldbot thinks you are, and what you may do.'],
    ['help', 'Shows what you can ask.'],
  ];

  it('has words for every command', () => {
    expect(words.map(([verb]) => verb)).toEqual(commands.map(({ verb }) => verb));
  });

  it.each(words)('%s: %s', async (verb, summary) => {
    expect((await world.say('grace', `help ${verb}`)).text).toContain(summary);
  });
});

describe('a command of a later version', () => {
  const words: readonly (readonly [string, string])[] = [
    ['doctor', 'checks goldbot and its permissions'],
    ['lineage', 'shows what a version was built from and what was built from it'],
    ['delegate', 'lets somebody else decide for a while'],
    ['promote', 'makes a version the latest without building it again'],
    ['rollback', 'goes back to the previous version'],
    ['age', 'marks a version as aged'],
    ['eol', 'changes the end of life of a published version'],
    ['replicate', 'adds and removes regions'],
    ['retire', 'retires a version for good'],
    ['revoke', 'withdraws a version at once'],
    ['restore', 'brings a retired version back'],
    ['retention', 'sets how many versions to keep'],
    ['rollout', "rolls a version out to a team's machines"],
    ['defer', 'postpones a rollout'],
    ['access', 'shows who may use an image'],
    ['grant', 'shares an image'],
    ['ungrant', 'withdraws a share'],
    ['schedule', 'builds an image every month'],
    ['freeze', 'stops publishing for a while'],
    ['unfreeze', 'lets publishing go on'],
    ['lock', 'locks an image'],
    ['unlock', 'unlocks an image'],
    ['subscribe', 'tells a team about new versions'],
    ['unsubscribe', 'stops telling a team about new versions'],
    ['cost', 'shows what replicas cost'],
  ];

  it('has words for each', () => {
    expect(words.map(([verb]) => verb)).toEqual(Object.keys(later));
  });

  it.each(words)('%s %s', async (verb, does) => {
    const { text } = await dialogWorld().say('grace', verb);
    expect(text).toContain(`“${verb}” (${does}) is not in this version.`);
  });
});
