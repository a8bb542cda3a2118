import { isDate } from './bodies';
import { type Check, isObject, type Json, resourcesOf } from './checks';

const isId = (value: unknown, type: string) =>
  typeof value === 'string' && new RegExp(`^/.*/providers/Microsoft\\.Authorization/${type}/[^/]+$`, 'i').test(value);

/** Documentation of Azure Policy (exemption structure) and of its REST API at 2022-07-01-preview. */
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  policyAssignmentId: (value) => isId(value, 'policyAssignments'),
  policyDefinitionReferenceIds: Array.isArray,
  exemptionCategory: (value) => value === 'Waiver' || value === 'Mitigated',
  expiresOn: isDate,
  displayName: (value) => typeof value === 'string' && value.length <= 128,
  description: (value) => typeof value === 'string' && value.length <= 512,
  metadata: isObject,
  assignmentScopeValidation: (value) => value === 'Default' || value === 'DoNotValidate',
  resourceSelectors: Array.isArray,
};
const required = ['policyAssignmentId', 'exemptionCategory'];

function problems(side: string, { properties }: Json): string[] {
  if (!isObject(properties)) return [`${side} has no properties`];
  return [
    ...required.filter((name) => !(name in properties)).map((name) => `${side} has no ${name}`),
    ...Object.entries(properties).flatMap(([name, value]) => {
      const fits = fields[name];
      if (!fits) return [`${side} has the unknown field ${name}`];
      return fits(value) ? [] : [`${name} of ${side} is ${JSON.stringify(value)}`];
    }),
  ];
}

export const policyChecks: readonly Check[] = [
  {
    name: 'exemptions',
    why: 'documentation of policyExemptions: nothing else beside us says what they are made of',
    check: (exchange) => {
      if (exchange.type !== 'microsoft.authorization/policyexemptions') return [];
      const sent = exchange.method === 'PUT' && isObject(exchange.requestBody) ? [exchange.requestBody] : [];
      return [
        ...sent.flatMap((body) => problems('the request', body)),
        ...resourcesOf(exchange).flatMap((body) => problems('the answer', body)),
      ];
    },
  },
];
