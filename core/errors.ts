import { type CommandCall, offered } from './command-call';

/**
 * Whether repeating the same request can work. `never`: the request itself has to change; `once fixed`: somebody must
 * first fix something outside it; `later`: it passes by itself.
 */
export type Again = 'never' | 'once fixed' | 'later';

/**
 * What can go wrong and be explained. `docs/reference/errors.md` is generated from this record; a test compares them.
 */
export const errorCatalogue = {
  UNKNOWN_COMMAND: { again: 'never', meaning: 'The message does not begin with a command of goldbot.' },
  NOT_IN_THIS_VERSION: {
    again: 'never',
    meaning: 'The command is planned, but this version of goldbot does not have it.',
  },
  BAD_COMMAND: { again: 'never', meaning: 'The command is known, but its options or arguments are not what it takes.' },
  UNKNOWN_IMAGE: { again: 'never', meaning: 'No image in the catalogue has this name or alias.' },
  CONTENTS_UNKNOWN: { again: 'never', meaning: 'What is inside this version was never read, or could not be.' },
  UNKNOWN_PACKAGE: { again: 'never', meaning: 'No version that goldbot knows the inside of has such a package.' },
  UNKNOWN_VERSION: { again: 'never', meaning: 'The gallery has no such version of the image.' },
  UNKNOWN_REQUEST: { again: 'never', meaning: 'No run and no approval request has this id, or has it any more.' },
  UNKNOWN_MACHINE: { again: 'never', meaning: 'No virtual machine of this name or resource id is visible to goldbot.' },
  UNKNOWN_TEAM: { again: 'never', meaning: 'No team in the catalogue has this name.' },
  UNKNOWN_GROUP: { again: 'never', meaning: 'Entra has no security group of this name or object id, or several.' },
  GIVEN_BY_OTHERS: {
    again: 'never',
    meaning: 'Somebody gave the group this right without goldbot, which takes back only what it gave.',
  },
  NOT_SHAREABLE: {
    again: 'never',
    meaning:
      'The gallery was not made for direct sharing, is shared with as many as Azure takes or with nobody, or nobody should share it so.',
  },
  WRONG_ROLE: { again: 'once fixed', meaning: 'The person is in none of the Entra groups that may do this.' },
  PEOPLE_ONLY: {
    again: 'never',
    meaning: 'A program asked for something that only people do, such as deciding; nothing was done.',
  },
  WRONG_TENANT: { again: 'never', meaning: 'The message came from a tenant that this goldbot does not serve.' },
  WRONG_PLACE: {
    again: 'never',
    meaning: 'The command or button was used in a conversation where it does not belong.',
  },
  DIRECTORY_SILENT: {
    again: 'later',
    meaning: 'Microsoft Graph did not say who is in the groups that this needs; nothing was done.',
  },
  REASON_NEEDED: { again: 'never', meaning: 'The command changes or refuses something and needs a reason.' },
  CHANGE_NUMBER: {
    again: 'never',
    meaning:
      'The request is approved under the number of a change in your own records, and that was missing, not as the catalogue has them, or another one than the request has already; nothing was decided.',
  },
  APPROVAL_STALE: {
    again: 'never',
    meaning: 'The plan changed after approval was requested; the old approval request is void.',
  },
  CARD_STALE: {
    again: 'never',
    meaning: 'The button was on a card for a different plan, or named no plan; nothing was done.',
  },
  APPROVAL_ALONE: {
    again: 'never',
    meaning:
      'There is something about the request that somebody should look at, so it is not decided together with others.',
  },
  APPROVAL_CLOSED: {
    again: 'never',
    meaning: 'The approval request was already decided or withdrawn, or has expired.',
  },
  APPROVAL_OWN: { again: 'never', meaning: 'A person who asked for, joined or rebuilt a run may not decide about it.' },
  APPROVAL_NOT_YOURS: { again: 'once fixed', meaning: 'The person is not in the group that approves this image.' },
  VERSION_IN_USE: {
    again: 'once fixed',
    meaning: 'Something would break without the version: a scale set that names it, or for which no other is left.',
  },
  IMAGE_LOCKED: {
    again: 'once fixed',
    meaning: 'Somebody has locked the image: nothing of it is built or published until it is unlocked.',
  },
  RUN_ENDED: { again: 'never', meaning: 'The run has ended and can no longer be changed.' },
  RUN_BUSY: { again: 'later', meaning: 'The run is in a stage in which this is not possible.' },
  RUN_PAST_CANCEL: { again: 'never', meaning: 'Publishing has begun; the run can no longer be cancelled.' },
  ASKED_TOO_MUCH: {
    again: 'later',
    meaning:
      'One person or program asked for more than goldbot answers one of them, so that nobody else has to wait; it was not done.',
  },
  AZ_BAD_REQUEST: { again: 'never', meaning: 'Azure refused the request as invalid.' },
  AZ_FORBIDDEN: { again: 'once fixed', meaning: "goldbot's identity lacks a role assignment for this in Azure." },
  AZ_NOT_FOUND: { again: 'once fixed', meaning: 'Azure has no such resource.' },
  AZ_CONFLICT: { again: 'later', meaning: 'Azure is working on the same resource, or it already exists.' },
  AZ_QUOTA: { again: 'once fixed', meaning: 'The subscription has no quota left for this.' },
  AZ_POLICY: { again: 'never', meaning: 'An Azure Policy assignment forbids this.' },
  AZ_THROTTLED: { again: 'later', meaning: 'Azure asked goldbot to slow down.' },
  AZ_UNAVAILABLE: { again: 'later', meaning: 'Azure answered with a server error.' },
  AZ_SILENT: { again: 'later', meaning: 'Azure did not answer in time.' },
  FENCED: { again: 'later', meaning: 'This replica no longer holds the run; another one continues it.' },
  CATALOGUE_INVALID: {
    again: 'once fixed',
    meaning: 'A catalogue file has mistakes; the previous configuration stays in force.',
  },
  CANNOT_BE_BUILT: {
    again: 'never',
    meaning:
      'Source, image definition and settings of an image do not fit each other, the definition does not exist, or the base is not what goldbot tested; nothing was built.',
  },
  SETTINGS_INVALID: {
    again: 'once fixed',
    meaning: 'Settings are missing or wrong; goldbot does not start without them.',
  },
  PORT_TAKEN: { again: 'once fixed', meaning: 'A requested port is used by another program.' },
  DATABASE_SILENT: {
    again: 'later',
    meaning: 'The database does not answer; goldbot accepts nothing that could be lost.',
  },
  DATABASE_REFUSED: {
    again: 'once fixed',
    meaning:
      'The database is there but cannot be used: it does not let goldbot in, cannot be trusted, or takes nothing (read-only, full, too old).',
  },
  INTERNAL: { again: 'never', meaning: 'A fault in goldbot itself. The reference number finds it in the log.' },
} as const satisfies Record<string, { readonly again: Again; readonly meaning: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/**
 * What a refusal may know besides its sentence. `people`: a card shows it beside the sentence. `machinery`: for programs
 * and the log; to people it is no word of theirs, or the sentence says it already.
 */
export const refusalFacts = {
  approval: 'people',
  approvedPlan: 'people',
  at: 'people',
  azureCode: 'people',
  by: 'people',
  byOid: 'machinery',
  change: 'people',
  currentPlan: 'people',
  did: 'machinery',
  field: 'machinery',
  group: 'machinery',
  groupName: 'machinery',
  identity: 'machinery',
  image: 'people',
  machine: 'people',
  missing: 'machinery',
  missingAction: 'people',
  owner: 'machinery',
  policy: 'people',
  policyAssignmentId: 'people',
  policyDefinition: 'people',
  policyScope: 'people',
  port: 'people',
  query: 'machinery',
  reason: 'people',
  request: 'people',
  requestId: 'people',
  retryAfterSeconds: 'machinery',
  rows: 'machinery',
  scope: 'people',
  since: 'people',
  status: 'people',
  team: 'people',
  template: 'people',
} as const satisfies Readonly<Record<string, 'people' | 'machinery'>>;

export type RefusalFacts = Readonly<Partial<Record<keyof typeof refusalFacts, string | number>>>;

export interface UserErrorOptions {
  /** One imperative sentence without a command: what to do next. */
  readonly hint: string;
  /** Commands that come next: buttons on a card, sentences in its text. */
  readonly next?: readonly CommandCall[];
  readonly facts?: RefusalFacts;
  /** Where this failure differs from others of its code. */
  readonly again?: Again;
  /** How long whoever refused asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A failure we expect and can explain to the person who typed the command. Anything else thrown is a bug. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly hint: string;
  readonly next: readonly CommandCall[];
  readonly facts: RefusalFacts;
  readonly again: Again;
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: UserErrorOptions,
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.next = options.next ?? [];
    this.facts = options.facts ?? {};
    this.again = options.again ?? errorCatalogue[code].again;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** By name, not `instanceof`: errors cross package copies and serialisation. */
export function isUserError(error: unknown): error is UserError {
  return typeof error === 'object' && error !== null && (error as Error).name === 'UserError';
}

/** Whether repeating the same request can work; undefined for anything but a UserError. */
export function againOf(error: unknown): Again | undefined {
  return isUserError(error) ? (error.again ?? errorCatalogue[error.code].again) : undefined;
}

/** Of these nothing can be written down either. */
export const ofDatabase: ReadonlySet<ErrorCode> = new Set(['DATABASE_SILENT', 'DATABASE_REFUSED']);

/**
 * Whether a failure ends what somebody asked for: it will not pass, and nobody is expected to fix its cause meanwhile.
 *
 * @param awaited codes whose cause is expected to be fixed outside goldbot while it keeps trying.
 */
export function isFinal(error: unknown, awaited: readonly ErrorCode[] | 'all' = 'all'): error is UserError {
  const again = againOf(error);
  // What happens to goldbot's own database is nobody's answer: the run goes on once it is mended.
  if (again === undefined || again === 'later' || ofDatabase.has((error as UserError).code)) return false;
  return again === 'never' || (awaited !== 'all' && !awaited.includes((error as UserError).code));
}

/** Somebody waits for an answer from Azure that takes too long. `ms`: for how long they have waited. */
export function azureSilent(ms?: number): UserError {
  const long = ms !== undefined && ms >= 10_000;
  const message = long
    ? `Azure has not answered for ${Math.round(ms / 1_000)} seconds.`
    : 'Azure did not answer in time.';
  return new UserError('AZ_SILENT', message, {
    hint: 'Try again in a minute; nothing was changed.',
  });
}

/** Everything a person learns about an error, for places with room for a single line of text. */
export function explain({ message, hint, next }: Pick<UserError, 'message' | 'hint' | 'next'>): string {
  return [message, hint, ...(next.length === 0 ? [] : [`You can type ${offered(next)}.`])].join(' ');
}
