import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sandbox } from '../../../sandbox/kernel/sandbox';
import { ask } from '../../sandbox/client';
import { shared } from '../shared';
import { buildGroup, gallery, subscription } from './names';
import type { Refused } from './row';

/** A row of the collected evidence. It lies beside the checkout, with Azure's specifications, and is no part of it. */
export interface Evidence {
  readonly id: string;
  readonly operation: string;
  readonly http: string;
  readonly code: string;
  readonly confidence: string;
}

const file = join(shared, 'azure-refusals.tsv');

export const evidence: readonly Evidence[] = !existsSync(file)
  ? []
  : readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [id = '', operation = '', , http = '', code = '', , , , , confidence = ''] = line.split('\t');
        return { id, operation, http, code, confidence };
      });

/** Codes that were seen on the wire; undefined where nobody may assert one. */
function seenCodes({ code, confidence }: Evidence): readonly string[] | undefined {
  return confidence === 'documented' || /^[-?]$|~/.test(code) ? undefined : code.split('|');
}

/** Where what a row of ours says differs from the evidence; undefined when they agree. */
export function disagreement(row: Evidence, refused: Refused): string | undefined {
  const codes = seenCodes(row);
  const silent = /silent|truncated|^(?:200|202)$|^202 \(then|status change/i.test(row.http);
  if ('silent' in refused) return silent ? undefined : `${row.id} is refused with ${row.http}`;
  if ('hangs' in refused) return /hangs/.test(row.http) ? undefined : `${row.id} ends with ${row.http}`;
  const known =
    'status' in refused
      ? fits(row.http, refused.status)
      : /LRO|run Failed|task Failed|executionState Failed|404 inside|-/i.test(row.http);
  if (!known) return `${row.id} answers ${row.http}`;
  if (codes === undefined) return refused.code === undefined ? undefined : `nobody has seen the code of ${row.id}`;
  return codes.includes(refused.code ?? '') ? undefined : `the code of ${row.id} is ${row.code}`;
}

/** `~409` was likely but not seen, `4xx` is any refusal. */
function fits(http: string, status: number): boolean {
  if (/~\d|4xx/.test(http) && status >= 400 && status < 500) return true;
  return http.includes(String(status)) || (/5xx/.test(http) && status >= 500);
}

const compute = `${buildGroup}/providers/Microsoft.Compute`;
const machine = `${compute}/virtualMachines/x`;
const template = `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/x`;
const network = `${buildGroup}/providers/Microsoft.Network`;
const authorization = `${subscription}/providers/Microsoft.Authorization`;
const insights = `${subscription}/providers/Microsoft.PolicyInsights`;

/** Paths by the words for them in the evidence; longer words before their beginnings. */
const paths: readonly (readonly [word: RegExp, path: string])[] = [
  [/^deployment|^PUT deployment/, `${buildGroup}/providers/Microsoft.Resources/deployments/x`],
  [/with extension/, `${machine}/extensions/x`],
  [/galleries\/images\/versions/, `${gallery}/images/x/versions/1.0.0`],
  [/galleries\/images/, `${gallery}/images/x`],
  [/galleries\/share/, `${gallery}/share`],
  [/galleries/, gallery],
  [/Microsoft\.Compute\/images|PUT images/, `${compute}/images/x`],
  [/virtualMachineScaleSets\/virtualMachines/, `${compute}/virtualMachineScaleSets/x/virtualMachines/0`],
  [/virtualMachineScaleSets/, `${compute}/virtualMachineScaleSets/x`],
  [/runCommand \(action\)|POST runCommand\b/, `${machine}/runCommand`],
  [/runCommands/, `${machine}/runCommands/x`],
  [/extensions/, `${machine}/extensions/x`],
  [/virtualMachines\/generalize/, `${machine}/generalize`],
  [/virtualMachines\/deallocate/, `${machine}/deallocate`],
  [/power actions|redeploy\/restart/, `${machine}/restart`],
  [/virtualMachines|VM or NIC/, machine],
  [/disks/, `${compute}/disks/x`],
  [/networkInterfaces|network children/, `${network}/networkInterfaces/x`],
  [/publicIPAddresses/, `${network}/publicIPAddresses/x`],
  [/subnets/, `${network}/virtualNetworks/x/subnets/x`],
  [/locks/, `${authorization}/locks/x`],
  [/imageTemplates\/run/, `${template}/run`],
  [/imageTemplates\/cancel/, `${template}/cancel`],
  [/imageTemplates\/triggers|trigger fires/, `${template}/triggers/x`],
  [/imageTemplates/, template],
  [/roleAssignments/, `${authorization}/roleAssignments/x`],
  [/policyAssignments/, `${authorization}/policyAssignments/x`],
  [/policySetDefinitions/, `${authorization}/policySetDefinitions/x`],
  [/policyDefinitions/, `${authorization}/policyDefinitions/x`],
  [/policyExemptions/, `${authorization}/policyExemptions/x`],
  [/remediations\/cancel/, `${insights}/remediations/x/cancel`],
  [/remediation/, `${insights}/remediations/x`],
  [/queryResults/, `${insights}/policyStates/latest/queryResults`],
  [/POST (?:Microsoft\.ResourceGraph\/)?resources/, '/providers/Microsoft.ResourceGraph/resources'],
];

/**
 * Whether the sandbox serves the operation of a row, found out by asking it: an address without a route is a 501.
 * Rows that name no type of their own are about everything that is written.
 */
export async function isServed(sandbox: Sandbox, { operation }: Evidence): Promise<boolean> {
  const path = paths.find(([word]) => word.test(operation))?.[1];
  if (path === undefined) return true;
  const verbs = operation.match(/\b(?:PUT|PATCH|POST|DELETE|GET)\b/g) ?? ['PUT', 'POST'];
  const answers = await Promise.all(
    [...new Set(verbs)].map((verb) => ask(sandbox, verb, `${path}?api-version=2024-07-01`, {})),
  );
  return answers.some(({ status }) => status !== 501);
}
