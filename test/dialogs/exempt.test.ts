import { changeSubject, type ExemptPlan, exemptionId } from '../../core/runs';
import { inventoryWorld } from './support/inventory-world';

/** The plan that is started for it. */
async function planned(policy: string): Promise<ExemptPlan> {
  const world = inventoryWorld();
  await world.say('grace', `exempt vm-web-edge-005 --policy ${policy} --until +1mo --reason because`);
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
