import { changeSubject, type ExemptPlan, exemptionId } from '../../core/runs';
import { inventoryWorld } from './support/inventory-world';

/** The plan that is started for it. */
async function planned(policy: string, until = '+1mo'): Promise<ExemptPlan> {
  const world = inventoryWorld();
  await world.say('grace', `exempt vm-web-edge-005 --policy ${policy} --until ${until} --reason because`);
  return world.started[0]?.plan as ExemptPlan;
}

it('sets aside one definition of an initiative where one is named, and else the whole assignment', async () => {
  const [all, one] = [await planned('machine-baseline'), await planned('machine-baseline/inheritteamtag')];
  expect(all.policy).toBe('machine-baseline');
  expect(all).not.toHaveProperty('reference');
  expect(one).toMatchObject({ policy: 'machine-baseline/inheritteamtag', reference: 'inheritteamtag' });
  expect(exemptionId(one)).not.toBe(exemptionId(all));
  expect(changeSubject(one)).not.toBe(changeSubject(all));
});

it('ends on a whole second: Azure keeps no fraction, and what it gives back would look altered', async () => {
  expect((await planned('machine-baseline', '2027-03-01T10:00:00.999Z')).until).toBe('2027-03-01T10:00:00.000Z');
});
