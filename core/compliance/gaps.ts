import { type ErrorCode, isUserError, type UserError } from '../errors';
import type { Doubt } from '../images';
import type { AgentPart } from './agents';
import type { Place, Shortfall } from './inventory';

/** The figure that lacks something. */
export type GapFigure =
  | 'machines'
  /** From the last few days, for a dry run. */
  | 'recent machines'
  | 'management groups'
  | 'versions'
  | 'policy'
  | 'guest'
  /** Policy states and guest configuration: neither carries tags. */
  | 'verdicts'
  | 'exemptions'
  /** The VM agent and what is installed through it. */
  | 'agents'
  /** Machines in shared resource groups, which are read one by one. */
  | 'single machines'
  /** How machines compare with golden images. */
  | 'origin'
  | 'foreign images'
  | 'scale sets'
  | 'scale set instances'
  | 'neighbours'
  /** Templates, disks, pools and versions that use an image. */
  | 'consumers'
  /** The marketplace image that builds start from. */
  | 'base'
  /** What becomes of marketplace images that machines run. */
  | 'marketplace images'
  /** What guest configuration says about a machine's tattoo. */
  | 'tattoo check'
  /** With whom a gallery is shared beside its role assignments. */
  | 'shares'
  | 'own rights'
  | 'group names';

/**
 * Something that Azure did not say: what is missing, why, and where. It is worded in cards/parts/gaps.ts and nowhere
 * else.
 */
export type Gap =
  /** No answer. `message` is that of the UserError; `image` is the catalogue image that it is about. */
  | {
      readonly figure: GapFigure;
      readonly reason: Unanswered;
      readonly message: string;
      readonly image?: string;
    }
  /** An incomplete answer; `shared`: about shared resource groups. */
  | {
      readonly figure: GapFigure;
      readonly reason: 'partial';
      readonly shortfalls: readonly Shortfall[];
      readonly shared?: true;
    }
  /** These resource groups also hold machines of other teams or of none. */
  | {
      readonly figure: 'verdicts';
      readonly reason: 'shared' | 'too many to join';
      readonly scopes: Scopes;
      readonly machines: number;
    }
  /** Results for machines in resource groups where none is counted, or that are not among those counted there. */
  | {
      readonly figure: 'policy' | 'guest';
      readonly reason: 'none counted' | 'not among the counted';
      readonly scopes: Scopes;
      readonly machines: number;
    }
  /** Results for more machines than are counted there. */
  | {
      readonly figure: 'policy' | 'guest';
      readonly reason: 'more than counted';
      readonly scopes: Scopes;
      readonly machines: number;
      readonly counted: number;
    }
  /** Their tags name several teams at once, so they belong to none. */
  | {
      readonly figure: 'machines';
      readonly reason: 'claimed twice';
      readonly teams: readonly string[];
      readonly machines: number;
    }
  /** `machines` is absent where it is about a single one. */
  | {
      readonly figure: 'origin';
      readonly reason: Doubt;
      readonly image: string;
      /** Empty when Azure does not say. */
      readonly version: string;
      readonly machines?: number;
    }
  /** Nobody has heard what becomes of these marketplace images, `message` why; the first of them, and how many. */
  | {
      readonly figure: 'marketplace images';
      readonly reason: 'not known';
      readonly first: readonly string[];
      readonly total: number;
      readonly machines: number;
      readonly message?: string;
    }
  /** Nor of the bases of these golden versions. */
  | {
      readonly figure: 'base';
      readonly reason: 'not known';
      readonly image: string;
      readonly versions: readonly string[];
    }
  /** This many exemptions may concern another team. */
  | { readonly figure: 'exemptions'; readonly reason: 'shared'; readonly exemptions: number }
  /** Of this many, only the first were read, or kept after reading. */
  | { readonly figure: GapFigure; readonly reason: 'not read'; readonly first: number; readonly total: number }
  | { readonly figure: GapFigure; readonly reason: 'not kept'; readonly first: number; readonly total: number }
  /** On no machine at all is there one of these, as far as goldbot may read: none is there, or its role does not see it. */
  | { readonly figure: 'agents'; readonly reason: 'none seen'; readonly parts: readonly AgentPart[] }
  /** The question is about one image or kind of machine, which these figures do not distinguish. */
  | { readonly figure: 'verdicts'; readonly reason: 'narrowed' }
  /** Results for machines that are not there: deleted since, or hidden from goldbot. */
  | { readonly figure: 'machines'; readonly reason: 'gone'; readonly names: readonly string[] }
  /** Machines of other teams, or those deleted since, are left out. */
  | { readonly figure: 'machines'; readonly reason: 'other teams' | 'deleted since' }
  /** From a version of goldbot that stored gaps as sentences. */
  | { readonly figure: 'recorded'; readonly reason: 'recorded'; readonly sentence: string };

/** The first of some resource groups, and how many there are. */
export interface Scopes {
  readonly first: readonly Place[];
  readonly total: number;
}

type Unanswered = 'silent' | 'throttled' | 'forbidden' | 'refused' | 'unavailable';

const unansweredReasons: Readonly<Partial<Record<ErrorCode, Unanswered>>> = {
  AZ_SILENT: 'silent',
  AZ_THROTTLED: 'throttled',
  AZ_FORBIDDEN: 'forbidden',
  AZ_BAD_REQUEST: 'refused',
  AZ_NOT_FOUND: 'refused',
};

export function unanswered(figure: GapFigure, { code, message }: UserError, image?: string): Gap {
  const reason = unansweredReasons[code] ?? 'unavailable';
  return { figure, reason, message, ...(image !== undefined && { image }) };
}

/** The gap of an incomplete answer; none when it is complete or absent. */
export function partial(
  figure: GapFigure,
  answer: { readonly partial?: readonly Shortfall[] } | undefined,
): readonly Gap[] {
  return answer?.partial ? [{ figure, reason: 'partial', shortfalls: answer.partial }] : [];
}

export interface Questions {
  /** One for each missing answer, in the order in which that became known. */
  readonly gaps: readonly Gap[];
  /** The answer; undefined, and one more gap, when Azure gives none. goldbot's own faults are thrown. */
  ask<Answer>(figure: GapFigure, answer: Promise<Answer>, image?: string): Promise<Answer | undefined>;
}

/** `mayLack`: whether this answer may be missing; if not, its error is thrown. By default any may be. */
export function questions(mayLack: (figure: GapFigure, error: UserError) => boolean = () => true): Questions {
  const gaps: Gap[] = [];
  return {
    gaps,
    ask: async (figure, answer, image) => {
      try {
        return await answer;
      } catch (error) {
        if (!isUserError(error) || !mayLack(figure, error)) throw error;
        gaps.push(unanswered(figure, error, image));
        return undefined;
      }
    },
  };
}
