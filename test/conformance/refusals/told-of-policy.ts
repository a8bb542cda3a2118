import type { AzureRead } from '../../../core/azure';
import { resourceId } from '../../../core/azure-id';
import { place } from '../../services/azure';
import { doing } from './told';

const goesOn = 'then repeat the command; a run continues on its own';
const onItsOwn = 'goldbot continues by itself once that is done';

/** What people read where policies, Resource Graph or the logs of builds are refused; as in `told`. */
export const toldOfPolicy: Readonly<Record<string, readonly [message: string, hint: string, again: string]>> = {
  'POL-03': [
    `Azure Policy does not know the definition “nowhere”: ${doing} has to wait.`,
    'goldbot tries again on its own, and writes its own definition again.',
    'later',
  ],
  'POL-06': [
    `The definition in Azure has no parameter dropped: ${doing} has to wait.`,
    `Wait a few minutes until Azure knows the definition as it was written last; ${onItsOwn}.`,
    'later',
  ],
  'POL-12': [
    `The definition in Azure has parameters that goldbot's own has not, and Azure lets none be taken away: ${doing} was not possible.`,
    `lift what is assigned by it (“restrict … off”), delete the definition goldbot-golden-images in Azure, ${goesOn}.`,
    'once fixed',
  ],
  'POL-15': [
    `Azure Policy has no room left there: ${doing} was not possible. The limit of `,
    `Delete what nobody uses any more (Azure portal, Policy: Definitions, Assignments or Exemptions of that scope), ${goesOn}.`,
    'once fixed',
  ],
  'POL-17': [
    `Azure says that the policy definition is not above what it is to be assigned to: ${doing} has to wait.`,
    `Azure takes half an hour to know; ${onItsOwn}.`,
    'later',
  ],
  'POL-19': [
    `Azure Policy has no room left there: ${doing} was not possible. The limit of `,
    'Delete what nobody uses any more (Azure portal, Policy: Definitions, Assignments or Exemptions of that scope)',
    'once fixed',
  ],
  'POL-20': [
    `Azure Policy has no room left there: ${doing} was not possible. The limit of `,
    'Delete what nobody uses any more (Azure portal, Policy: Definitions, Assignments or Exemptions of that scope)',
    'once fixed',
  ],
  'PI-03': [
    `Another remediation by the same policy is under way there (row): ${doing} has to wait.`,
    `Wait until that is over; ${onItsOwn}.`,
    'later',
  ],
  'ARG-01': [
    "Resource Graph's answer would be too large (",
    'Ask about one team or one image instead of all, and check whether machines there carry very long tags.',
    'never',
  ],
  'ARG-06': [
    `Resource Graph has no table “healthresources” for this tenant: ${doing} was not possible.`,
    'Check whether your cloud offers it (Azure portal, Resource Graph Explorer), and ask Azure support.',
    'once fixed',
  ],
  'BLOB-01': [
    `The storage account did not let goldbot read it: ${doing} was not possible.`,
    `Assign goldbot's identity the role Storage Blob Data Reader on the staging group of the build, which takes a few minutes to count, ${goesOn}.`,
    'once fixed',
  ],
  'BLOB-02': [
    `The storage account did not let goldbot read it: ${doing} was not possible.`,
    `Assign goldbot's identity the role Storage Blob Data Reader on the staging group of the build, which takes a few minutes to count, ${goesOn}.`,
    'once fixed',
  ],
  'BLOB-03': [
    `The network of the storage account keeps goldbot out: ${doing} was not possible.`,
    `Allow goldbot's network through the firewall of the storage account (Azure portal, the account, Networking), ${goesOn}.`,
    'once fixed',
  ],
  'BLOB-05': [
    `The storage account did not accept goldbot's sign-in: ${doing} was not possible.`,
    `Check that goldbot's identity belongs to the tenant of the subscription, and that the clock of the machine that runs goldbot is right, ${goesOn}.`,
    'once fixed',
  ],
};

/** Rows about policies and people that goldbot cannot meet, because it never sends what is refused. */
export const neverSentOfPolicy: Readonly<Record<string, readonly string[]>> = {
  'its one policy audits or denies, and so needs no identity; its rule is the same everywhere': ['POL-01', 'POL-07'],
  'it makes, reads and deletes no initiatives, and deletes no definitions': [
    ...['POL-04', 'POL-09', 'POL-10', 'POL-11', 'POL-13', 'POL-21'],
  ],
  'it exempts from a definition only where Azure named one in the state': ['POL-08'],
  'its scopes are ids that Azure gave, and its names have at most 24 characters at a management group': [
    ...['POL-14', 'POL-16'],
  ],
  'its bodies are small: one exclusion, and no text of people beyond 500 characters': ['POL-22', 'POL-23'],
  'its remediations are of one machine, have short names, evaluate nothing, and are neither cancelled nor deleted': [
    ...['PI-01', 'PI-02', 'PI-04', 'PI-05', 'PI-12'],
  ],
  'it asks Resource Graph for policy states, not Policy Insights': ['PI-10'],
  'it assigns no roles: people run deploy/': ['RBAC-01', 'RBAC-03', 'RBAC-04', 'RBAC-05', 'RBAC-06', 'RBAC-07'],
  'it names no subscriptions to Resource Graph': ['ARG-02', 'ARG-04'],
  'its queries are fixed, and Microsoft’s own parser reads each': ['ARG-05'],
  'it signs in to storage with its token, and asks for no keys': ['BLOB-04', 'BLOB-06'],
  'it asks Graph for the members of groups alone': ['GRAPH-02', 'GRAPH-04', 'GRAPH-05', 'GRAPH-07'],
};

/** A test command that Azure could not run: it counts as failed; why stands in an operation that goldbot does not follow. */
export const notRun: Readonly<
  Record<string, { readonly read: (read: AzureRead, name: string) => Promise<unknown>; readonly is: object }>
> = {
  'RC-09': {
    read: (read, name) => read.command(resourceId(place, 'Microsoft.Compute/virtualMachines', 'vm-row'), name),
    is: { state: 'done', exitCode: -1, error: 'The VM agent could not run the command.' },
  },
};

/** Of people: nobody is let in, and this is what to do. */
export const toldOfPeople: Readonly<Record<string, string>> = {
  'GRAPH-01':
    "Give goldbot's identity the Microsoft Graph application permission GroupMember.Read.All, then try again.",
};

/** Who lacks the right to write what a remediation writes. */
export const failedTasks: Readonly<Record<string, string>> = {
  'PI-06':
    'ask the owner of the policy assignment “machine-baseline” to give its identity the role that machine-baseline names, then remediate again.',
  'PI-07':
    'ask the owner of the policy assignment “machine-baseline” to give its identity the role that machine-baseline names, then remediate again.',
};

/**
 * Operations that end badly and that goldbot does not follow: it looks at what there is, and where that is told is
 * tested elsewhere.
 */
export const seenInState: Readonly<Record<string, string>> = {
  'ACG-11': 'the stage replicate reads the state of each region, and the card names those that fail',
  'VM-26': 'tags are read back, and written again where they are not what was wanted',
  'AIB-30': 'a template that stays in preparation has a limit of one hour, then the run needs repair',
};

/** A 404 that tells goldbot what it asked: there is none. */
export const asAbsent: Readonly<Record<string, (read: AzureRead, path: string) => Promise<unknown>>> = {
  'POL-02': async (read, path) => {
    const [scope = '', name = ''] = path.split('/providers/Microsoft.Authorization/policyAssignments/');
    return (await read.restriction({ scope, name, notScopes: [], buildGroups: [] })).assigned;
  },
  'POL-05': (read, path) => read.exemption(path),
  'PI-13': (read, path) => read.remediation(path),
};
