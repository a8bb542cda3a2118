import { type ErrorCode, isUserError, type UserError } from '../errors';
import type { Doubt } from '../images';
import type { Place, Shortfall } from './inventory';

/** What a gap is a gap in. */
export type GapFigure =
  | 'machines'
  /** Of the last days, for a dry run. */
  | 'recent machines'
  | 'management groups'
  | 'versions'
  | 'policy'
  | 'guest'
  /** Policy states and guest configuration: neither carries tags. */
  | 'verdicts'
  | 'exemptions'
  /** Machines of resource groups of several teams, which are read one by one. */
  | 'single machines'
  /** How machines stand to golden images. */
  | 'origin'
  | 'foreign images'
  | 'scale sets'
  | 'scale set instances'
  | 'neighbours'
  /** The marketplace image that builds start from. */
  | 'base'
  /** What guest configuration says of a machine's tattoo. */
  | 'tattoo check';

/** Azure did not tell. What is missing, why, and where; the words stand in cards/parts/gaps.ts alone. */
export type Gap =
  /** No answer. `message` is that of the UserError; `image`: of this one of the catalogue. */
  | {
      readonly figure: GapFigure;
      readonly reason: Unanswered;
      readonly message: string;
      readonly image?: string;
    }
  /** An answer with less in it than there is; `shared`: about resource groups of several teams. */
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
  /** Said of machines of these resource groups where none is counted, or that are not among those counted there. */
  | {
      readonly figure: 'policy' | 'guest';
      readonly reason: 'none counted' | 'not among the counted';
      readonly scopes: Scopes;
      readonly machines: number;
    }
  /** Said of more machines than are counted there. */
  | {
      readonly figure: 'policy' | 'guest';
      readonly reason: 'more than counted';
      readonly scopes: Scopes;
      readonly machines: number;
      readonly counted: number;
    }
  /** Their tags name several teams at once: none of them has the machines. */
  | {
      readonly figure: 'machines';
      readonly reason: 'claimed twice';
      readonly teams: readonly string[];
      readonly machines: number;
    }
  /** `machines` is absent where one machine is spoken of. */
  | {
      readonly figure: 'origin';
      readonly reason: Doubt;
      readonly image: string;
      /** Empty when Azure does not say. */
      readonly version: string;
      readonly machines?: number;
    }
  /** So many exemptions may be another team's. */
  | { readonly figure: 'exemptions'; readonly reason: 'shared'; readonly exemptions: number }
  /** Only the first of a list were read, of so many in all; or kept, of a list that was read. */
  | { readonly figure: GapFigure; readonly reason: 'not read'; readonly first: number; readonly total: number }
  | { readonly figure: GapFigure; readonly reason: 'not kept'; readonly first: number; readonly total: number }
  /** Only machines of one image or kind are asked for, which these figures cannot tell apart. */
  | { readonly figure: 'verdicts'; readonly reason: 'narrowed' }
  /** Said of machines that are not there: deleted since, or hidden from goldbot. */
  | { readonly figure: 'machines'; readonly reason: 'gone'; readonly names: readonly string[] }
  /** Machines of other teams, or those deleted since, are not in it. */
  | { readonly figure: 'machines'; readonly reason: 'other teams' | 'deleted since' }
  /** The sentence of a version of goldbot that kept gaps as sentences. */
  | { readonly figure: 'recorded'; readonly reason: 'recorded'; readonly sentence: string };

/** Resource groups by name: the first of them, and how many there are. */
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

/** The gap of an answer that holds less than there is; none when it is whole or absent. */
export function partial(
  figure: GapFigure,
  answer: { readonly partial?: readonly Shortfall[] } | undefined,
): readonly Gap[] {
  return answer?.partial ? [{ figure, reason: 'partial', shortfalls: answer.partial }] : [];
}

export interface Questions {
  /** Of the answers that did not come, in the order in which that was known. */
  readonly gaps: readonly Gap[];
  /** The answer; undefined, and a gap more, when Azure does not give one. What is wrong with goldbot itself is thrown. */
  ask<Answer>(figure: GapFigure, answer: Promise<Answer>, image?: string): Promise<Answer | undefined>;
}

/** `mayLack`: whether this may be missing, or is thrown; anything may when absent. */
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
