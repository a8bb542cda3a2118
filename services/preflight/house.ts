import { regionKey } from '../../core/azure-id';
import type { SubscriptionRead } from '../../core/doctor';
import { UserError } from '../../core/errors';
import { arm, armList, fieldsOf, type ReadContext, textOf, unlessMissing } from '../azure';

const version = '2022-12-01';

/** What the doctor alone asks. `machineMs`: this machine's clock, against which Azure's is held. */
export function houseRead(azure: ReadContext, machineMs: () => number): SubscriptionRead {
  const get = (id: string) => arm(azure, { method: 'GET', path: `/subscriptions/${id}`, version });
  return {
    /**
     * A subscription with its state and tenant; undefined when there is none that goldbot's identity may see.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}
     */
    subscription: (id) =>
      azure.ask('asking about the subscription', async () => {
        const found = await unlessMissing(get(id));
        if (!found) return undefined;
        const { displayName, state, tenantId } = fieldsOf(found.body);
        return { name: textOf(displayName) ?? id, state: textOf(state) ?? 'unknown', tenant: textOf(tenantId) ?? '' };
      }),

    /**
     * Regions that a subscription has, as ids name them.
     *
     * @throws UserError `AZ_NOT_FOUND`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}/locations
     */
    regions: (subscription) =>
      azure.ask('asking for the regions of the subscription', async () => {
        const found = await armList(azure, { path: `/subscriptions/${subscription}/locations`, version });
        return found.flatMap(({ name }) => textOf(name) ?? []).map(regionKey);
      }),

    /**
     * The `Date` header of Azure's answer, which is there whatever the answer is.
     *
     * @throws UserError `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET /subscriptions/{id}
     */
    azureClock: (subscription) =>
      azure.ask('asking what time it is', async () => {
        const sent = new Date(machineMs());
        const date = await get(subscription).then(({ headers }) => headers.get('date'), dateOfRefusal);
        const theirs = new Date(date ?? '');
        if (!Number.isNaN(theirs.getTime())) return { theirs, sent, answered: new Date(machineMs()) };
        throw new UserError('AZ_UNAVAILABLE', 'Azure’s answer does not say when it was sent.', {
          hint: 'Ask again in a minute; something between goldbot and Azure may take the header `Date` away.',
        });
      }),
  };
}

/** A refusal says what time it is as well. @throws the error when it does not. */
function dateOfRefusal(error: { response?: { headers?: { get(name: string): string | undefined } } }): string {
  const date = error.response?.headers?.get('date');
  if (date === undefined) throw error;
  return date;
}
