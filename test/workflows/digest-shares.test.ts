import type { AzureRead } from '../../core/azure';
import type { ComplianceFigures } from '../../core/compliance';
import { UserError } from '../../core/errors';
import { galleryRef } from '../../core/images';
import { shareName } from '../../core/runs';
import { keepFigures } from '../../store';
import { accessEnds } from '../../workflows/change';
import { digestWorkflow } from '../../workflows/digest';
import { payments } from '../fixtures/cards/figures';
import { type TestDatabase, testDatabase } from '../store/database';
import { aRun } from '../store/rows';
import { exampleCatalogue } from '../support/catalogue';
import { sharePlan } from '../support/changes';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

const catalogue = exampleCatalogue();
const [ended, unending] = ['1c0d3f7a-0000-4000-8000-000000000001', '1c0d3f7a-0000-4000-8000-000000000002'];
const gallerySharing: AzureRead['gallerySharing'] = async () => ({
  ...{ madeFor: 'groups', subscriptions: [ended, unending.toUpperCase()], tenants: [] },
});

let runs = 0;
/** What a run finds beside its figures. */
async function found(read: Partial<AzureRead>, figures: Partial<ComplianceFigures> = {}) {
  const id = await aRun(db.database, { kind: 'digest', subject: `payments ${runs++}` });
  const [team, week] = ['payments', '2026-W47'];
  await keepFigures(db.database, { runId: id, team, week, extra: true, figures: { ...payments, ...figures } });
  const [gather] = digestWorkflow({ database: db.database, catalogue: () => catalogue }).stages;
  const context = { run: { id, plan: { team, week } }, now: new Date(), read };
  const step = await gather?.run(context as never);
  return step?.data as object;
}

describe('what a digest tells of shares', () => {
  it('is with whom Azure shares the gallery although nobody keeps an end of it', async () => {
    const to = { kind: 'subscription', id: ended } as const;
    const name = shareName(galleryRef(catalogue.azure), to);
    await accessEnds(db.database).keep(name, sharePlan('share', { to }), new Date('2027-01-01T00:00:00Z'));
    const owners = catalogue.teams.get('payments')?.owners.group;
    expect(await found({ gallerySharing })).toEqual({ owners, unending: [{ kind: 'subscription', id: unending }] });
  });

  it('is nothing to a team that runs no image of the gallery: Azure is not asked', async () => {
    const nobody = () => Promise.reject(new Error('nobody is to be asked'));
    expect(await found({ gallerySharing: nobody }, { versions: [] })).not.toHaveProperty('unending');
  });

  it('is a gap where Azure did not tell, and the digest goes out', async () => {
    const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure did not answer.', { hint: 'Later.' }));
    expect(await found({ gallerySharing: silent })).toMatchObject({ unending: [], gaps: [{ figure: 'shares' }] });
  });
});
