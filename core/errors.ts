import type { CommandCall } from './command-call';

/** What can go wrong and be explained. `docs/reference/errors.md` is written from this record; a test compares them. */
export const errorCatalogue = {
  UNKNOWN_COMMAND: 'The first word of the message is no command of goldbot.',
  NOT_IN_THIS_VERSION: 'The command is planned, but this version of goldbot does not have it.',
  BAD_COMMAND: 'The command is known, but its options or arguments are not what it takes.',
  UNKNOWN_IMAGE: 'No image of the catalogue has this name or alias.',
  UNKNOWN_VERSION: 'The gallery has no such version of the image.',
  UNKNOWN_REQUEST: 'No run and no approval has this request id.',
  UNKNOWN_MACHINE: 'No virtual machine of this name or resource id is visible to goldbot.',
  UNKNOWN_TEAM: 'No team of the catalogue has this name.',
  WRONG_ROLE: 'The person is in none of the Entra groups that may do this.',
  WRONG_TENANT: 'The message came from a tenant that this goldbot does not serve.',
  WRONG_PLACE: 'The command or button was used in a conversation where it does not belong.',
  DIRECTORY_SILENT: 'Microsoft Graph did not say in time which groups the person is in; nothing was done.',
  REASON_NEEDED: 'The command changes or refuses something and needs a reason.',
  APPROVAL_STALE: 'The plan changed after it was put up for approval; the old approval is void.',
  CARD_STALE: 'The button stood on a card of another plan than the present one, or named none; nothing was done.',
  APPROVAL_CLOSED: 'The approval was already decided, withdrawn or has expired.',
  APPROVAL_OWN: 'A person who asked for, joined or rebuilt a run may not decide about it.',
  APPROVAL_NOT_YOURS: 'The person is not in the group that approves this image.',
  RUN_ENDED: 'The run is over; nothing of it can be changed any more.',
  RUN_BUSY: 'The run is in a stage in which this is not possible.',
  RUN_PAST_CANCEL: 'Publishing has begun; the run can no longer be cancelled.',
  AZ_BAD_REQUEST: 'Azure refused the request as wrong.',
  AZ_FORBIDDEN: "goldbot's identity lacks a role assignment for this in Azure.",
  AZ_NOT_FOUND: 'Azure has no such resource.',
  AZ_CONFLICT: 'Azure is busy with the same resource, or it already exists.',
  AZ_QUOTA: 'The subscription has no quota left for this.',
  AZ_POLICY: 'An Azure Policy assignment forbids this.',
  AZ_THROTTLED: 'Azure asked goldbot to slow down.',
  AZ_UNAVAILABLE: 'Azure answered with an error of its own.',
  AZ_SILENT: 'Azure did not answer in time.',
  FENCED: 'This replica no longer holds the run; another one goes on with it.',
  CATALOGUE_INVALID: 'A catalogue file has mistakes; the configuration before it stays in force.',
  SETTINGS_INVALID: 'Settings are missing or wrong; goldbot does not start without them.',
  PORT_TAKEN: 'A port that was asked for is used by another program.',
  DATABASE_SILENT: 'The database does not answer; nothing is accepted that could be lost.',
  INTERNAL: 'A mistake of goldbot itself. The reference number finds it in the log.',
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

export interface UserErrorOptions {
  /** One imperative sentence: what to do next. */
  readonly hint: string;
  /** Commands that come next: buttons on a card, sentences in its text. */
  readonly next?: readonly CommandCall[];
  readonly facts?: Readonly<Record<string, string | number>>;
  readonly cause?: unknown;
}

/** A failure we expect and can explain to the person who typed the command. Anything else thrown is a bug. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly hint: string;
  readonly next: readonly CommandCall[];
  readonly facts: Readonly<Record<string, string | number>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: UserErrorOptions,
  ) {
    super(message, { cause: options.cause });
    this.hint = options.hint;
    this.next = options.next ?? [];
    this.facts = options.facts ?? {};
  }
}

/** By name, not `instanceof`: errors cross package copies and serialisation. */
export function isUserError(error: unknown): error is UserError {
  return typeof error === 'object' && error !== null && (error as Error).name === 'UserError';
}
