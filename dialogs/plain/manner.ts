import type { Verb } from '../../core/command-call';
import { parseRequestId } from '../../core/runs';
import { type Command, findCommand } from '../conversation';
import { respelt } from './score';
import { wordsOf } from './slots';
import { closers, openers } from './talk';

/** How something is said: what it may not be, and whether goldbot itself is asked about. */
export interface Manner {
  /** Asks whether or why something is so. */
  readonly asks: boolean;
  /** Asks how a thing is done, or whether one may. */
  readonly how: boolean;
  /** `can we finally …`: a wish, as long as it says of what. */
  readonly wishes: boolean;
  /** Says that something is not to be done. */
  readonly not: boolean;
}

const questioning =
  /^(who|what|which|when|where|why|how|whose|is|are|was|were|did|does|do (we|i|you|they)|has|have (we|you|they)|had|will|would|should|anyone|anything|any|not sure)\b/;

/** `sorry to bother, is it done yet`: a question, wherever it begins. */
function isAsked(text: string): boolean {
  const clauses = text.split(/[,;:.!?]\s+| - /).map((clause) => wordsOf(clause).join(' '));
  return clauses.slice(1).some((clause) => questioning.test(clause.replace(openers, '')));
}

/** A no that is itself what is wanted, or denies a time, or what is so and not what is to be done. */
const harmless =
  /\bnot (ok|okay|agree|good|happy|convinced|comfortable|fine|acceptable|tomorrow|later|latest|now|work|worked|the (cached|short)|compliant)\b|\bnobody (touch|should (build|publish|touch)|may (build|publish|touch)|builds|publishes|runs|uses)\w*/g;

export function mannerOf(
  all: readonly string[],
  text: string,
): { readonly words: readonly string[]; readonly manner: Manner } {
  const mark = /\?\s*$/.test(text);
  const whole = all.join(' ');
  const before = openers.exec(whole)?.[0] ?? '';
  const rest = whole.replace(openers, '').replace(closers, '');
  // `ok R-9WXB4` is no courtesy.
  const words = rest === '' || (/^\S+$/.test(rest) && parseRequestId(rest)) ? all : rest.split(' ');
  const start = words.join(' ');
  const how =
    /^(help |how (to|(do|does|can|could|would|should|must)( not)? (i|we|you|one|it|this|that|somebody|people))\b|what (does|do) (a |an |the )?(command )?[a-z-]+( mean| do)?( here)?$|what (is|are) (a|an) (command )?[a-z-]+$|explain|why (can|could|may) not (i|we)\b|(what is |what was )?the (syntax|command|way|process|procedure|format) (for|to)\b|(which|what) command\b|steps (for|to)\b|is there (a|any) way\b|what happens (if|when|after|once)|(can|could|may|should|shall|must|might) (i|we|one)\b|(am|are) (i|we) (allowed|able|supposed|permitted|to)\b|who (can|may|could|is allowed|should|must|has to)|when (can|should|may) (i|we)|what do i need)/.test(
      start,
    ) || /\bhow to\b/.test(start);
  const asks =
    how ||
    /^(who|what|which|when|where|why|how|whose|is|are|was|were|did|does|do(?! (the|it|this|that|so|a|an|one|another|them|not)\b)|has|have(?! policy)|had|will|would|should|anyone|anything|any|not sure|if (i|we))\b/.test(
      start,
    ) ||
    (mark && (/\b(yet|already|still|right|or not)$/.test(start) || isAsked(text)));
  const looking =
    /^(show|list|see|view|display|describe|look|explain|find|read|open|compare|date|logs?|output|history|(release )?notes|changelog|next|last|recent|impact|effect|number|count|total|users?|usage|status|state|overview|report|(eol|end of life) (of|date)|details?|info|packages|versions|old|oldest|newest|latest|current|pending|overdue|failed|all|any|anything|everything)\b/.test(
      start,
    );
  // `show me the ones that are not ok` asks for a list, whatever stands in it.
  const shows = /\b(show|tell|(pull|look|bring) up)\b/.test(before);
  const not =
    /\b(not|never|no longer|without|instead of|nobody|no (new|publishing|publishes|building|builds))\b/.test(
      start.replace(harmless, ''),
    ) && !/^no more\b/.test(start);
  const wishes = /^(can|could|may|shall) we\b/.test(start) && !/\b(safe|safely|without|still|already)\b/.test(start);
  return { words, manner: { asks: asks || looking || shows, how, wishes, not } };
}

/** `what does revoke do`, `explain drift`: asks about a command. What is so at the moment is no such question. */
export function verbAskedAbout(words: readonly string[], commands: readonly Command[]): Verb | undefined {
  const text = words.join(' ').replace(openers, '').replace(closers, '');
  const [, done] =
    /^how (?:to|(?:do|does|can|could|would|should|must) (?:i|we|you|one|somebody|people)) (?:go about )?(\w+)/.exec(
      text,
    ) ?? [];
  const act =
    done === undefined || words.some((word) => parseRequestId(word)) ? undefined : findCommand(commands, done);
  if (act?.effect === 'write') return act.verb;
  const [, means, syntax, is, between, helped] =
    /^(?:(?:what does|what do|explain|define|how does|how do|meaning of|describe|about) (?:a |an |the |command )*([a-z -]+?)(?: command)?(?: do| mean| work| works| for)*|(?:what is )?(?:the )?(?:syntax|usage) (?:for|of) (?:a |the )?([a-z -]+?)(?: command)?(?: again)?|what (?:is|are) (?:a |an )(?:golden )?([a-z -]+)|(?:what is )?(?:the )?difference between ([a-z]+) (?:and|or) [a-z]+|help (?:me )?(?:with |on |about |for )?(?:a |the )?([a-z -]+?)(?: command)?)$/.exec(
      text,
    ) ?? [];
  const asked = means ?? syntax ?? is ?? between ?? helped;
  if (asked === undefined) return undefined;
  return [concepts.get(asked) ?? asked, respelt(asked) ?? asked].flatMap(
    (one) => findCommand(commands, one)?.verb ?? [],
  )[0];
}

/** What people ask the meaning of, and which command explains it. */
const concepts: ReadonlyMap<string, Verb> = new Map([
  ['pet', 'classify'],
  ['pets', 'classify'],
  ['cattle', 'classify'],
  ['pet and cattle', 'classify'],
  ['candidate', 'promote'],
  ['channel', 'channel'],
  ['stable', 'channel'],
  ['lts', 'channel'],
  ['canary', 'channel'],
  ['exemption', 'exempt'],
  ['exception', 'exempt'],
  ['end of life', 'eol'],
  ['replicas', 'replicate'],
  ['sbom', 'show'],
  ['freeze', 'lock'],
  ['signature', 'verify'],
]);
