import type { ChangeRead, ChangeWrite } from '../../core/azure';
import { nameOfId } from '../../core/azure-id';
import { arm, fieldsOf, type ReadContext, unlessMissing, type WriteContext } from '../azure';

const version = '2025-04-01';
const tagsAt = (id: string): string => `${id}/providers/Microsoft.Resources/tags/default`;

export function machineTagRead(azure: ReadContext): Pick<ChangeRead, 'tagsOf'> {
  return {
    /**
     * Tags of a VM, a scale set or an Arc machine by its resource id; undefined when it is gone.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {id}/providers/Microsoft.Resources/tags/default
     */
    tagsOf: (id) =>
      azure.ask(`reading the tags of \`${nameOfId(id)}\``, async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: tagsAt(id), version }));
        return found && tagsIn(found.body);
      }),
  };
}

export function machineTagWrite(azure: WriteContext): Pick<ChangeWrite, 'mergeTags'> {
  return { mergeTags: (id, tags) => mergeTags(azure, id, tags) };
}

/**
 * Sets these tags and keeps all others: Azure merges, so that two who tag at the same time do not lose each other's.
 * Safe to repeat. Needs `Microsoft.Resources/tags/write` alone, no right to change the machine.
 *
 * @throws UserError `AZ_NOT_FOUND` (it is gone), `AZ_BAD_REQUEST` (more than 50 tags), `AZ_CONFLICT` (a lock, or Azure is
 * at work on it), `AZ_POLICY`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PATCH {id}/providers/Microsoft.Resources/tags/default (operation Merge)
 */
function mergeTags(azure: WriteContext, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  return azure.change(`tagging \`${nameOfId(id)}\``, async () => {
    const body = { operation: 'Merge', properties: { tags: { ...tags } } };
    // 202 while Azure hands it to the machine's own provider: who looks next sees it.
    await arm(azure, { method: 'PATCH', path: tagsAt(id), version, body });
  });
}

function tagsIn(body: unknown): Readonly<Record<string, string>> {
  const { tags } = fieldsOf(fieldsOf(body)['properties']);
  return Object.fromEntries(Object.entries(fieldsOf(tags)).map(([name, value]) => [name, String(value)]));
}
