import type { TrialBody, TrialExchange, TrialVersion, trialSpec } from './place';

/** The trials, each with its question, what is sent, how the answer is read and what goldbot does as long as nobody knows. */

/** In the order in which they are made. */
export const trialIds = [
  'patch-without-tags',
  'patch-without-safety',
  'patch-without-end',
  'patch-without-storage',
  'end-of-life-null',
  'write-while-busy',
  'mention-by-edit',
] as const;
export type TrialId = (typeof trialIds)[number];

export type Verdict = 'kept' | 'lost' | 'refused' | 'accepted' | 'notified' | 'silent' | 'not answered';

export interface TrialAnswer {
  readonly verdict: Verdict;
  /** What follows, as a sentence. */
  readonly said: string;
  /** World time (ISO). */
  readonly at: string;
  readonly exchange?: TrialExchange;
}

/** What a run of trials keeps. */
export interface TrialsData {
  /** The version is this run's. */
  readonly made?: true;
  /** Where it is, as Azure displays it. */
  readonly region?: string;
  /** Before which trials the version has been set back. */
  readonly setBack?: readonly TrialId[];
  /** The request of the trial that is being made. */
  readonly sent?: { readonly id: TrialId; readonly exchange: TrialExchange };
  /** The version is busy, for the trial that writes meanwhile. */
  readonly busy?: true;
  readonly answers?: Partial<Record<TrialId, TrialAnswer>>;
  /** Why the rest was not tried; what was made is deleted all the same. */
  readonly over?: string;
  /** World time (ISO) since which Azure has no version any more. */
  readonly goneAt?: string;
  /** World time (ISO) since which the message is wanted in the channel, and since which it mentions the person. */
  readonly postedFrom?: string;
  readonly mentionedAt?: string;
}

export interface Trial {
  readonly id: TrialId;
  readonly question: string;
  /** Where it is left open. */
  readonly from: string;
  /** What is done, as a sentence without a subject. */
  readonly does: string;
  /** What goldbot does as long as nobody knows. */
  readonly meanwhile: string;
  /** What each answer means, as a sentence. */
  readonly means: Partial<Readonly<Record<Verdict, string>>>;
}

/** One that is a single request. */
export interface PatchTrial extends Trial {
  /** Whether the version has what might be lost. */
  ready(version: TrialVersion): boolean;
  /** `whole`: all that can be said about the version, as it is to be. */
  body(whole: ReturnType<typeof trialSpec>): TrialBody;
  /** Whether what might be lost is still there. */
  isKept(version: TrialVersion): boolean;
}

const patch = 'Azure’s specification of GalleryImageVersions_Update: its words fit a merge and a replacement';

export const patchTrials: readonly PatchTrial[] = [
  {
    id: 'patch-without-tags',
    question: 'Does a PATCH of a version that names no tags keep them?',
    from: patch,
    does: 'Sends a PATCH with everything but the tags, and looks at the tags.',
    meanwhile: 'goldbot sends the tags with every change.',
    means: { kept: 'Tags that a PATCH does not name stay.', lost: 'A PATCH without tags takes them away.' },
    ready: hasTags,
    body: ({ tags: _, ...rest }) => rest,
    isKept: hasTags,
  },
  {
    id: 'patch-without-safety',
    question: 'Does a PATCH of a version that names no safety profile keep it?',
    from: patch,
    does: 'Sends a PATCH with everything but the safety profile, which allows copies to be removed, and looks at it.',
    meanwhile: 'goldbot sends the safety profile with every change.',
    means: {
      kept: 'A safety profile that a PATCH does not name stays.',
      lost: 'A PATCH without a safety profile sets it back to its defaults.',
    },
    ready: ({ allowsRegionRemoval }) => allowsRegionRemoval,
    body: ({ safetyProfile: _, ...rest }) => rest,
    isKept: ({ allowsRegionRemoval }) => allowsRegionRemoval,
  },
  {
    id: 'patch-without-end',
    question: 'Does a PATCH whose publishing profile names no end of life keep the date?',
    from: patch,
    does: 'Sends a PATCH with everything but the end of life, and looks at the date.',
    meanwhile: 'goldbot sends the publishing profile whole, with the date.',
    means: {
      kept: 'A member of the publishing profile that a PATCH does not name stays.',
      lost: 'A PATCH replaces the publishing profile: the date that it did not name is gone.',
    },
    ready: hasEnd,
    body: withoutEnd,
    isKept: hasEnd,
  },
  {
    id: 'patch-without-storage',
    question: 'Does a PATCH that names a region without its type of storage keep that?',
    from: 'Azure/azure-powershell#9911: a PUT without it is refused; for a PATCH nobody says',
    does: 'Sends a PATCH whose region has copies on Premium_LRS and names no type, and looks at the type.',
    meanwhile: 'goldbot sends each region with its type, copies and encryption.',
    means: {
      kept: 'A region that a PATCH names without its type of storage keeps it.',
      lost: 'A region that a PATCH names without its type of storage gets another one.',
    },
    ready: isPremium,
    body: ({ publishingProfile: { targetRegions, ...profile }, ...rest }) => ({
      ...rest,
      publishingProfile: {
        ...profile,
        targetRegions: targetRegions.map(({ storageAccountType: _, ...region }) => region),
      },
    }),
    isKept: isPremium,
  },
  {
    id: 'end-of-life-null',
    question: 'Can the end of life of a version be cleared?',
    from: 'Azure’s specification, which has no null; Terraform makes the version again for it',
    does: 'Sends a PATCH with everything, the end of life as null, and looks at the date.',
    meanwhile: 'goldbot sends null once, reads the version, and says so if the date stayed.',
    means: {
      kept: 'The date stays: an end of life can be moved and not cleared.',
      lost: 'The date is gone: null clears an end of life.',
    },
    ready: hasEnd,
    body: ({ publishingProfile, ...rest }) => ({
      ...rest,
      publishingProfile: { ...publishingProfile, endOfLifeDate: null },
    }),
    isKept: hasEnd,
  },
];

const writeWhileBusy: Trial = {
  id: 'write-while-busy',
  question: 'How does Azure refuse a write to a version that it is still working on?',
  from: 'No recording has one: neither the code nor the words are known',
  does: 'Sends a PATCH that asks for a second copy, and another PATCH while Azure makes it.',
  meanwhile: 'goldbot waits until a version is ready, and takes any 409 for it.',
  means: { accepted: 'Azure takes a write while it works on another one.' },
};

const mentionByEdit: Trial = {
  id: 'mention-by-edit',
  question: 'Does Teams notify somebody of an edit that adds a mention of them?',
  from: 'Teams’ documentation tells of mentions in new messages alone',
  does: 'Posts a message without a mention, edits one into it, and asks the person.',
  meanwhile: 'goldbot takes edits for silent: whatever somebody must see is a message of its own.',
  means: {
    notified: 'An edit that adds a mention notifies the person.',
    silent: 'An edit that adds a mention notifies nobody.',
  },
};

/** Those that Azure is asked. */
export const azureTrials: readonly Trial[] = [...patchTrials, writeWhileBusy];

/** By id, each once. */
export function trialOf(id: TrialId): Trial {
  const found = [...azureTrials, mentionByEdit].find((trial) => trial.id === id);
  if (!found) throw new Error(`no trial ${id}`);
  return found;
}

/** What is left out, with the reason. */
export const untried: readonly string[] = [
  'Whether one request may both allow the removal of a region and remove it: that takes copies in a second region.',
  'In which words Azure refuses to delete a version before its end of life: a version that stays would be left behind.',
];

/** An answer with what it means. */
export function answered(
  id: TrialId,
  verdict: Verdict,
  { at, exchange, said }: { readonly at: Date; readonly exchange?: TrialExchange; readonly said?: string },
): TrialAnswer {
  const words = said ?? trialOf(id).means[verdict] ?? refusedWords(verdict, exchange);
  return { verdict, said: words, at: at.toISOString(), ...(exchange && { exchange }) };
}

function refusedWords(verdict: Verdict, exchange: TrialExchange | undefined): string {
  if (verdict !== 'refused' || !exchange) return 'Nobody knows: it was not answered.';
  const { status, code, message } = exchange;
  const words = message === undefined ? '' : `: “${message.replace(/[.]$/, '')}”`;
  return `Azure refuses it with ${[status, code].filter((part) => part !== undefined).join(' ')}${words}.`;
}

function hasTags({ tags }: TrialVersion): boolean {
  return Object.keys(tags).length > 0;
}

function hasEnd({ endOfLife }: TrialVersion): boolean {
  return endOfLife !== undefined;
}

function isPremium({ storage }: TrialVersion): boolean {
  return storage?.toLowerCase() === 'premium_lrs';
}

function withoutEnd({ publishingProfile, ...rest }: ReturnType<typeof trialSpec>): TrialBody {
  const { endOfLifeDate: _, ...profile } = publishingProfile;
  return { ...rest, publishingProfile: profile };
}
