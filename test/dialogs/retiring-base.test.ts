import type { AzureRead } from '../../core/azure';
import type { ImageConfig } from '../../core/catalogue';
import type { BaseNews } from '../../core/images';
import type { FixedPlan, PublishRun } from '../../core/runs';
import { presentRun } from '../../dialogs/present';
import { approvalView, voidSentence } from '../../dialogs/present/approval';
import { exampleCatalogue } from '../support/catalogue';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now } from './support/world';

const version = '22.04.202611120';
const deprecation = {
  state: 'ScheduledForDeprecation',
  at: new Date('2027-01-31T00:00:00Z'),
  alternative: 'offer ubuntu-24_04-lts',
};
const warning = `Canonical deprecates the base ${version} on 31 Jan 2027; nothing new can be built from it then. It names the offer ubuntu-24_04-lts instead.`;

describe('a recipe that deletes the script which generalizes the machine', () => {
  const recipe: FixedPlan['recipe'] = {
    ...{ os: 'Windows' as const, validate: [] },
    customize: [{ type: 'PowerShell', name: 'tidy', inline: ['Remove-Item C:\\DeprovisioningScript.ps1'] }],
  };
  const sentence =
    'The step tidy deletes C:\\DeprovisioningScript.ps1, with which Image Builder generalizes the machine after the last step: the build will fail at its end. Leave that file alone in the recipe of ubuntu-22.';
  const remark = (stage: PublishRun['stage'], plan: FixedPlan = { ...fixed, recipe }) =>
    presentRun(aRun('R-22222', { stage, plan: { request: {}, approvalChannel: 'x', fixed: plan } }), { now }).text;

  it('is warned of on the card of its run until the build is over', () => {
    expect(remark('customise')).toContain(sentence);
    expect(remark('customise', fixed)).not.toContain('generalizes');
    expect(remark('test')).not.toContain('generalizes');
  });

  it('is warned of in the plan, before anybody asks for the publish', async () => {
    const step: ImageConfig['customize'][number] = {
      ...{ type: 'Shell' as const, name: 'clean' },
      inline: ['rm /tmp/DeprovisioningScript.sh'],
    };
    const world = dialogWorld({
      read: {
        marketplaceVersions: async () => [{ version }],
        marketplaceVersion: async () => ({ version }),
        versions: async () => [],
        scaleSets: async () => ({ rows: [], asOf: new Date(0) }),
      },
      catalogue: () => {
        const example = exampleCatalogue();
        const images = example.images.map((image) => ({ ...image, customize: [step] }));
        return { ...example, images };
      },
    });
    const text = JSON.stringify(await world.say('ada', 'publish ubuntu-22 --plan'));
    expect(text).toContain('The step clean deletes /tmp/DeprovisioningScript.sh, with which Image Builder');
  });
});

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

  it('that was withdrawn after the build is the first thing that whoever decides reads', () => {
    const plan = { ...fixed, baseDeprecation: { at: deprecation.at.toISOString() } };
    const warnings = (baseNews: BaseNews) => {
      const data = { baseNews, newerBase: '9' };
      const run = aRun('R-22222', { data, plan: { request: {}, approvalChannel: 'x', fixed: plan } });
      return approvalView(anApproval(), run, { now }).warnings;
    };
    const all =
      '1.6.0 was built from it before that: approve it all the same, or reject it and rebuild it from another base.';
    expect(warnings({ why: 'withdrawn', said: 'The marketplace no longer offers it.' })).toEqual([
      `The marketplace no longer offers it. ${all}`,
      'The marketplace has a newer base: 9.',
    ]);
    expect(warnings({ why: 'ended', at: '2026-11-01T00:00:00.000Z' })?.[0]).toBe(
      `The base Canonical 22_04-lts-gen2 ${version} has been past its end of life since 1 Nov 2026. ${all}`,
    );
    const voided = { status: 'void', voided: { why: 'base', news: { why: 'ended', at: '2026-11-01' } } } as const;
    expect(voidSentence(anApproval(voided))).toMatch(
      /^The base of the version was withdrawn, or ended, after this was asked/,
    );
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
