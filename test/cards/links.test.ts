import { machineCard, type VersionView, versionCard } from '../../cards';
import { approvalsCard } from '../../cards/approvals';
import { portalPage } from '../../core/cloud';
import type { Deps } from '../../dialogs/conversation';
import { portalOf } from '../../dialogs/present';
import { cases as machines } from '../fixtures/cards/machine';
import { cases } from '../fixtures/cards/version';

const id = '/subscriptions/s/resourceGroups/rg gold/providers/Microsoft.Compute/galleries/gold';

describe('a page of the portal', () => {
  it.each([
    ['westeurope', 'https://portal.azure.com'],
    ['usgovvirginia', 'https://portal.azure.us'],
    ['chinanorth3', 'https://portal.azure.cn'],
  ])('of a resource in %s is in the portal of its cloud, and in the directory of its tenant', (region, portal) => {
    expect(portalPage(region, id, 'tenant')).toBe(`${portal}/#@tenant/resource${id.replace(' ', '%20')}`);
    expect(portalPage(region, id)).toBe(`${portal}/#resource${id.replace(' ', '%20')}`);
  });

  it('names no directory where several tenants ask', () => {
    const catalogue = (() => ({ azure: { location: 'westeurope' } })) as unknown as Deps['catalogue'];
    expect(portalOf(id, { tenants: ['one'], catalogue })).toContain('/#@one/resource/');
    expect(portalOf(id, { tenants: ['one', 'two'], catalogue })).toContain('/#resource/');
  });

  it('of an instance is that of its scale set', () => {
    const { typical } = machines;
    expect(JSON.stringify(machineCard(typical as never).card)).toContain('"Open in Azure portal"');
    const instance = { ...(typical as object), type: 'instance' } as never;
    expect(JSON.stringify(machineCard(instance).card)).toContain('"Open scale set in Azure portal"');
  });
});

describe('a version', () => {
  const typical = cases['typical'] as VersionView;

  it('has its id as Bicep and Terraform want it, whole, in the card and in words', () => {
    const { card, text } = versionCard(typical);
    const lines = [`imageReference: { id: '${typical.id}' }`, `source_image_id = "${typical.id}"`];
    for (const line of lines) {
      expect(JSON.stringify(card)).toContain(`"codeSnippet":${JSON.stringify(line)}`);
      expect(text.split('\n').map((one) => one.trim())).toContain(line);
    }
    expect(text).toContain(`Open in Azure portal: https://portal.azure.com/#@`);
  });

  it.each(['revoked', 'forged', 'failed', 'candidate', 'past-end', 'aged', 'rolled-back'] as const)(
    'that is %s is not offered for use',
    (state) => {
      expect(versionCard({ ...typical, state }).text).not.toContain('source_image_id');
    },
  );
});

describe('the list of what waits', () => {
  it('says how long that is from when it was asked for, and nothing of what is over', () => {
    const row = { id: 'R-22222', runId: 'R-33333', image: 'ubuntu-22', version: '1.6.0', askedBy: 'Ada' };
    const waits = (until: string) =>
      approvalsCard({
        approvals: [{ ...row, until, approved: 0, quorum: 1, yours: true }],
        total: 1,
        asOf: '2026-11-27T12:10:00Z',
      }).text;
    expect(waits('2026-11-27T15:10:00Z')).toContain('open until 27 Nov 15:10 UTC, in 3 h');
    expect(waits('2026-11-27T12:10:00Z')).not.toMatch(/12:10 UTC, in/);
  });
});
