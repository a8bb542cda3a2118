import { type Entry, goesOn, onItsOwn, quoted } from './refusal';

/** The last part of an id; as it is when it is a name. */
const nameIn = (id: string | undefined): string => `“${id?.split('/').at(-1) ?? ''}”`;

/** Restrictions, exemptions and remediations. */
export const policies: readonly Entry[] = [
  {
    codes: ['PolicyDefinitionNotFound'],
    tell: ({ action, said }) => ({
      code: 'AZ_NOT_FOUND',
      // A definition that was written a moment ago is not known everywhere at once.
      again: 'later',
      message: `Azure Policy does not know the definition ${nameIn(quoted(said, /definition/))}: ${action} has to wait.`,
      hint: 'Wait, if it was written minutes ago: goldbot tries again on its own, and writes its own definition again. If somebody deletes that, find out who and why.',
    }),
  },
  {
    codes: ['UndefinedPolicyParameter'],
    tell: ({ action, said }) => ({
      code: 'AZ_CONFLICT',
      again: 'later',
      message: `The definition in Azure has no parameter ${quoted(said, /has the parameter/) ?? 'of that name'}: ${action} has to wait.`,
      hint: `Wait a few minutes until Azure knows the definition as it was written last; ${onItsOwn}. If this persists, find out who changes the policy definition goldbot-golden-images.`,
    }),
  },
  {
    when: /existing policy .*parameter.*cannot be removed/i,
    tell: ({ action }) => ({
      code: 'AZ_BAD_REQUEST',
      again: 'once fixed',
      message: `The definition in Azure has parameters that goldbot's own has not, and Azure lets none be taken away: ${action} was not possible.`,
      hint: `Somebody, or a newer goldbot, changed it: lift what is assigned by it (“restrict … off”), delete the definition goldbot-golden-images in Azure, ${goesOn}.`,
    }),
  },
  {
    when: /policy.*(?:out of scope|at or (?:above|below) the scope)/i,
    tell: ({ action }) => ({
      code: 'AZ_CONFLICT',
      again: 'later',
      message: `Azure says that the policy definition is not above what it is to be assigned to: ${action} has to wait.`,
      hint: `Was the subscription moved to another management group? Azure takes half an hour to know; ${onItsOwn}.`,
    }),
  },
  {
    when: /limit of [\d,]+ (?:policy|initiative|exemptions)/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_QUOTA',
      message: `Azure Policy has no room left there: ${action} was not possible. ${shown}`,
      hint: `Delete what nobody uses any more (Azure portal, Policy: Definitions, Assignments or Exemptions of that scope), ${goesOn}.`,
    }),
  },
  {
    codes: ['InvalidCreateRemediationRequest'],
    when: /already running/i,
    tell: ({ action, said }) => ({
      code: 'AZ_CONFLICT',
      again: 'later',
      message: `Another remediation by the same policy is under way there (${quoted(said, /following remediations:/) ?? 'somebody started it'}): ${action} has to wait.`,
      hint: `Wait until that is over; ${onItsOwn}.`,
    }),
  },
];

/** Questions to Resource Graph, and the logs of builds. */
export const readings: readonly Entry[] = [
  {
    // What is wrong stands in the details alone.
    codes: ['BadRequest'],
    when: /table \S+ is (?:invalid|not)/i,
    tell: ({ action, said }) => ({
      code: 'AZ_UNAVAILABLE',
      again: 'once fixed',
      message: `Resource Graph has no table “${/table (\S+) is/i.exec(said)?.[1] ?? ''}” for this tenant: ${action} was not possible.`,
      hint: 'goldbot needs it. Check whether your cloud offers it (Azure portal, Resource Graph Explorer), and ask Azure support.',
    }),
  },
  {
    codes: ['BadRequest'],
    when: /payload size is \d+/i,
    tell: ({ action, said }) => ({
      code: 'AZ_BAD_REQUEST',
      again: 'never',
      message: `Resource Graph's answer would be too large (${/payload size is (\d+)/i.exec(said)?.[1]} bytes): ${action} was not possible.`,
      hint: 'Ask about one team or one image instead of all, and check whether machines there carry very long tags.',
    }),
  },
  {
    codes: ['AuthorizationPermissionMismatch', 'PublicAccessNotPermitted'],
    tell: ({ action }) => ({
      code: 'AZ_FORBIDDEN',
      message: `The storage account did not let goldbot read it: ${action} was not possible.`,
      hint: `Assign goldbot's identity the role Storage Blob Data Reader on the staging group of the build, which takes a few minutes to count, ${goesOn}.`,
    }),
  },
  {
    codes: ['AuthenticationFailed'],
    when: /server failed to authenticate/i,
    tell: ({ action }) => ({
      code: 'AZ_FORBIDDEN',
      message: `The storage account did not accept goldbot's sign-in: ${action} was not possible.`,
      hint: `Check that goldbot's identity belongs to the tenant of the subscription, and that the clock of the machine that runs goldbot is right, ${goesOn}.`,
    }),
  },
  {
    codes: ['AuthorizationFailure'],
    tell: ({ action }) => ({
      code: 'AZ_FORBIDDEN',
      message: `The network of the storage account keeps goldbot out: ${action} was not possible.`,
      hint: `Allow goldbot's network through the firewall of the storage account (Azure portal, the account, Networking), ${goesOn}.`,
    }),
  },
];
