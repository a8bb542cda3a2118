import { UserError } from '../../core/errors';
import { healthyHouse } from '../support/house';
import { dialogWorld } from './support/world';

/** Azure is silent in this world but for what a build needs: what is asked about here is goldbot's own. */
const silent = () =>
  Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer in time.', { hint: 'Ask again.' }));
const read = {
  ...{ subscription: silent, regions: silent, azureClock: silent, marketplaceVersions: silent, machineCounts: silent },
  ...{ policyCounts: silent, guestCounts: silent, managementGroups: silent, versions: silent },
  ...{ foreignTemplates: silent, remains: silent, vaultKey: silent },
};

describe('doctor', () => {
  it('is for admins', async () => {
    expect((await dialogWorld({ read }).say('ada', 'doctor')).text).toContain('WRONG_ROLE');
  });

  it('tells what is broken first, with what comes of it and the command that mends it, then what it could not see, once for each reason', async () => {
    const channels = async () => [
      { name: 'Image Factory / approvals', conversationId: null, parkedWhy: null, others: 0 },
    ];
    const { text } = await dialogWorld({ read, house: { ...healthyHouse, channels } }).say('grace', 'doctor');
    expect(text).toMatch(/^1 thing broken · 1 not checked · \d+ checked and fine$/m);
    expect(text).toMatch(
      /^goldbot: 1 thing is broken[\s\S]*Broken:\n! goldbot is in no channel called “Image Factory \/ approvals”\. Nobody is asked to approve ubuntu-22.*\nAdd goldbot to its team.*\n.*@goldbot channels "Image Factory \/ approvals" --here/,
    );
    expect(text).toMatch(
      /Not checked:\n\? goldbot could not see Azure’s clock, the subscription .*: Azure did not answer in time\.\nAsk again\./,
    );
    expect(text).toContain('nothing was changed');
  });
});
