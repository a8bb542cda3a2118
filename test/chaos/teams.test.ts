import { isFull } from '../support/size';
import { runTeamsChaos } from './teams';
import { points } from './teams-replica';

/** The writes that nobody knows the end of stand for the others in the sample. */
const boundaries = isFull
  ? points
  : points.filter((point) => /^act|create: (announced|taken)|edit: taken|not answered/.test(point));

describe('the bot, killed around its calls to Teams', () => {
  it('loses no card, no decision and asks for each approval, at every boundary', async () => {
    const report = await runTeamsChaos(['approval'], boundaries);

    expect(report.deaths).toEqual(boundaries.map((point) => `died ${point}`));
    expect(report.mistakes).toEqual([]);
    // Announced and not sent: shown once. Taken and not stored: the one card that may show twice, and is reported.
    expect(report.gaps).toHaveLength(2);
    expect(report.twice).toHaveLength(1);
    expect(report.gaps).toEqual(expect.arrayContaining([...report.twice]));
    // For what hangs, as everywhere in this folder: how long it takes is up to the machine.
  }, 1_800_000);
});
