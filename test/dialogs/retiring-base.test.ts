import type { AzureRead } from '../../core/azure';
import type { FixedPlan } from '../../core/runs';
import { approvalView } from '../../dialogs/present/approval';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const version = '22.04.202611120';
const deprecation = {
  state: 'ScheduledForDeprecation',
  at: new Date('2027-01-31T00:00:00Z'),
  alternative: 'offer ubuntu-24_04-lts',
};
const warning = `Canonical deprecates the base ${version} on 2027-01-31; nothing new can be built from it then. It names the offer ubuntu-24_04-lts instead.`;

describe('a base that will be deprecated', () => {
  it('is warned of before anybody asks for the publish', async () => {
    const plan = async (read: Partial<AzureRead>) => {
      const world = dialogWorld({
        read: {
          marketplaceVersions: async () => [{ version }],
          versions: async () => [],
          scaleSets: async () => ({ rows: [], asOf: new Date(0) }),
          ...read,
        },
      });
      return JSON.stringify(await world.say('ada', 'publish ubuntu-22 --plan'));
    };
    expect(await plan({ marketplaceVersion: async () => ({ version, deprecation }) })).toContain(warning);
    expect(await plan({ marketplaceVersion: async () => ({ version }) })).not.toContain('deprecate');
  });

  it('is warned of where the publish is decided, also when no day is named', () => {
    const warnings = (baseDeprecation?: FixedPlan['baseDeprecation']) => {
      const plan = { ...fixed, ...(baseDeprecation && { baseDeprecation }) };
      const run = aRun('R-22222', { plan: { request: {}, approvalChannel: 'x', fixed: plan } });
      return approvalView(anApproval(), run, { now }).warnings;
    };
    expect(warnings({ at: deprecation.at.toISOString(), alternative: deprecation.alternative })).toEqual([warning]);
    expect(warnings({})).toEqual([
      `Canonical deprecates the base ${version} soon; nothing new can be built from it then.`,
    ]);
    expect(warnings()).toBeUndefined();
  });
});
