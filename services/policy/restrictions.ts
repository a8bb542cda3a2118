import type { ChangeRead, ChangeWrite } from '../../core/azure';
import {
  type RestrictionEffect,
  type RestrictionState,
  restrictionAssignment,
  restrictionAssignmentId,
  restrictionDefinition,
  restrictionDefinitionId,
  restrictionHash,
} from '../../core/compliance';
import { arm, type Fields, fieldsOf, type ReadContext, textOf, unlessMissing, type WriteContext } from '../azure';

const version = '2025-03-01';

export function restrictionRead(azure: ReadContext): Pick<ChangeRead, 'restriction'> {
  return {
    /**
     * What Azure has of goldbot's restriction at a scope.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.Authorization/policyDefinitions/{name}, GET …/policyAssignments/{name}
     */
    restriction: (target) =>
      azure.ask(`asking about the restriction of “${target.scope}”`, async () => {
        const get = (path: string) => unlessMissing(arm(azure, { method: 'GET', path, version }));
        const [definition, assignment] = await Promise.all([
          get(restrictionDefinitionId(target.scope)),
          get(restrictionAssignmentId(target)),
        ]);
        const metadata = fieldsOf(propertiesOf(definition?.body)['metadata']);
        const defined = metadata['goldbot'] === restrictionHash();
        return { defined, ...(assignment && { assigned: assignedIn(propertiesOf(assignment.body)) }) };
      }),
  };
}

export function restrictionWrite(
  azure: WriteContext,
): Pick<ChangeWrite, 'defineRestriction' | 'assignRestriction' | 'removeRestriction'> {
  return {
    /**
     * Creates or replaces the policy definition that restrictions of this scope assign. Safe to repeat.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see PUT {scope}/providers/Microsoft.Authorization/policyDefinitions/goldbot-golden-images
     */
    defineRestriction: (scope) =>
      azure.change(`defining the restriction for “${scope}”`, async () => {
        const body = { properties: restrictionDefinition() };
        await arm(azure, { method: 'PUT', path: restrictionDefinitionId(scope), version, body });
      }),

    /**
     * Creates the assignment or changes it to these settings. Safe to repeat. Azure enforces it within a few minutes.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_NOT_FOUND` (no definition yet), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`, `FENCED`.
     * @see PUT {scope}/providers/Microsoft.Authorization/policyAssignments/{name}
     */
    assignRestriction: (target, settings) =>
      azure.change(`restricting “${target.scope}”`, async () => {
        const body = { properties: restrictionAssignment(target, settings) };
        await arm(azure, { method: 'PUT', path: restrictionAssignmentId(target), version, body });
      }),

    /**
     * Deletes the assignment; the definition stays. Safe to repeat: a missing one is not an error.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
     * @see DELETE {scope}/providers/Microsoft.Authorization/policyAssignments/{name}
     */
    removeRestriction: (target) =>
      azure.change(`lifting the restriction of “${target.scope}”`, async () => {
        await unlessMissing(arm(azure, { method: 'DELETE', path: restrictionAssignmentId(target), version }));
      }),
  };
}

function propertiesOf(body: unknown): Fields {
  return fieldsOf(fieldsOf(body)['properties']);
}

function assignedIn(properties: Fields): NonNullable<RestrictionState['assigned']> {
  const parameters = fieldsOf(properties['parameters']);
  const value = (name: string) => fieldsOf(parameters[name])['value'];
  const texts = (given: unknown) => (Array.isArray(given) ? given.map(String) : []);
  const tagValue = textOf(value('tagValue'));
  const pastEnd = texts(value('pastEnd'));
  return {
    effect: (textOf(value('effect')) ?? 'audit').toLowerCase() as RestrictionEffect,
    galleries: texts(value('galleries')),
    buildGroups: texts(value('buildGroups')),
    notScopes: texts(properties['notScopes']),
    enforced: properties['enforcementMode'] !== 'DoNotEnforce',
    ...(pastEnd.length > 0 && { pastEnd }),
    ...(tagValue !== undefined && { tag: { name: textOf(value('tagName')) ?? 'team', value: tagValue } }),
  };
}
