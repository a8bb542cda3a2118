import type { Verb } from '../../core/command-call';
import { openers as before, closers as behind } from './words';

/** What is said to be friendly. */
export type Talk = 'hello' | 'thanks' | 'bye' | 'no';

/** What a request may begin with, without being a question for that. */
export const openers = new RegExp(`^(?:(?:${before.join('|')})(?: |$))+`);

/** What a request may end with. */
export const closers = new RegExp(`(?:(?: |^)(?:${behind.join('|')}))+$`);

const talks: readonly (readonly [Talk, RegExp])[] = [
  [
    'thanks',
    /^(ok |okay |oh |ah |ha |wow |yay )*(lol|haha|hehe|ha ha|hah|rofl|congrats|congratulations|(lol|haha|hehe) (ok|okay|fine|cool|yes|no|true|right)|fair enough|makes sense|ok cool|cool cool|you are (the best|great|awesome|amazing)|(great|good|nice) (work|job)( team| all| everyone)?|wow nice|so good|yay|hooray|bravo|kudos|respect|much obliged|obliged|phew|no worries|you are welcome|that worked|it worked|works|worked)$/,
  ],
  [
    'thanks',
    /^(ok |okay |great |perfect |super |cool |nice |awesome |many |yes |good |oh |ah |alright )*(thanks|thank you|thankyou|thx|tx|ty|tysm|cheers|ta|much appreciated|appreciate it|appreciated|merci|danke)( (a lot|so much|very much|again|goldbot|bot|a bunch|a million|mate|man|everyone|all|for that|for the help|for your help|that is all|that was quick|that helped|that helps|great job|good job|you|you are the best))*$/,
  ],
  [
    'thanks',
    /^(that is |you are |very |so |well |really )*(great|perfect|awesome|nice|cool|nice one|nice work|good job|good bot|great job|great work|great stuff|well done|good work|excellent|wonderful|brilliant|love it|love you|lovely|amazing|you rock|the best|helpful|super|wow|neat|sweet|got it|noted|all good|understood|i see)( (thanks|thank you|thx|goldbot|bot|job|work))*$/,
  ],
  [
    'hello',
    /^(hi|hello|hey|hallo|hola|howdy|yo|moin|greetings|morning|good (morning|afternoon|evening|day)|hiya|sup|hey there|hi there|hello there)( (there|goldbot|bot|all|everyone|everybody|team|folks|again|you|guys))*( how are you( doing)?( today)?| how is it going| what is up)?$/,
  ],
  ['no', /^(nvm|never ?mind|forget it)\b/],
  ['no', /\b(nvm|never ?mind|wrong (chat|channel|window))$/],
  [
    'hello',
    /^(how are you( doing)?( today)?|what is up|are you (there|alive|awake|ok|okay|a bot|human|real)|you there|ping|test|anyone there|anybody there|who are you)$/,
  ],
  [
    'bye',
    /^(bye|goodbye|good ?night|see (you|ya)( later| tomorrow| soon)?|cya|ciao|later|have a (nice|good|great) (day|evening|weekend|night|one)|good weekend|nice weekend|that is (all|it)( for (now|today))?|bye bye)( (goldbot|bot|all|everyone))*$/,
  ],
  // `ok, maybe later then`: nothing but putting off.
  [
    'no',
    /^(?=.*\b(not|later|no|leave|wait|tomorrow)\b)(?:(?:ok|okay|no|nope|nah|not|now|today|later|maybe|perhaps|thanks|do|it|that|then|yet|please|just|rather|sorry|for|the|at|a|an|moment|time|leave|wait|tomorrow|some|other|another|this|will|i|we|us|week|day|yes|but|lets|let|actually|hm)(?: |$))+$/,
  ],
  [
    'no',
    /^(no|nope|nah|never ?mind|nvm|not now|forget it|cancel that|no thanks|no thank you|stop|not yet|rather not|leave it|do not|no need|my bad|sorry|sry|sorry wrong (chat|channel|window)|sry wrong (chat|channel|window)|oops|wrong (chat|channel|window)|ignore( that| this| me)?)$/,
  ],
];

const helps: readonly (readonly [RegExp, Verb | undefined])[] = [
  [
    /^(i|we) (need|want|would like|have no|lack|do not have) (access|rights|permissions?)( here)?$|^(give|grant|get) (me|us) (access|rights|permissions?)$|^make me (an? )?(admin|approver|publisher|owner|auditor)$/,
    'whoami',
  ],
  [/^(what|huh|eh|hm+|say again|how|how so|pardon|where do i start|now what|what now|what next|next)$/, undefined],
  [/^(am i|are we) (an? )?(approver|admin|publisher|owner|viewer|auditor)s?$/, 'whoami'],
  [
    /^(how (do|can|would) (i|we) get (access|rights|permissions?|a role)|who (do|should) i ask( for (access|rights|permissions?))?)$/,
    'whoami',
  ],
  [
    /^(please )?(help|help me|help please|help me out|i need help|need help|can you help( me)?|could you help( me)?|commands|menu|\?+)$/,
    undefined,
  ],
  [
    /^(so |ok |and )?what (can|could|do|should|may|might) (you|goldbot|this bot|i|we|it|the bot) (do|ask|say|type|know|understand|offer|help( me| us)? with|ask you|do here|do for (me|us)|tell you|write)( you| here| for (me|us)| with( this| you)?| to you)*$/,
    undefined,
  ],
  [/^(what|who) (is|are) (goldbot|this bot|this|you)( for| good for)?$/, undefined],
  [
    /^(what are (the|your|my) (commands|options|skills|capabilities|features)|which commands( are there| do you know| exist)?|show (me )?(the |all )?(commands|help|options))$/,
    undefined,
  ],
  [
    /^how (do|does|can|to) (i |we |you |this |goldbot |it |the bot )?(use |talk to |work|start|begin|get started)( with)?( you| this| goldbot| it| this bot| the bot)*( work)?$/,
    undefined,
  ],
  [
    /^(i am |i |am )?(lost|confused|new here|have no (idea|clue)( what to do| how .*)?|no (idea|clue)( what to do| how .*)?|do not know what to do|do not get it|do not understand)$/,
    undefined,
  ],
  [/^(what|which) (am i|are we) (allowed|permitted|able) to( do)?( here)?$/, 'whoami'],
  [
    /^(who am i|what am i|whoami|do you know (me|who i am)|what are my (roles|rights|permissions|groups)|(what|which) (role|roles|rights|permissions|groups) (do i have|have i( got)?|am i in)|my (roles?|rights|permissions|groups))$/,
    'whoami',
  ],
  [/^(am i|are we) (an? )?(approver|admin|publisher|owner|viewer|auditor|approvers|owners)s?$/, 'whoami'],
  [
    /^(how (do|can|would) (i|we) get (access|rights|permission|permissions|a role)|who (do|should) i ask( for (access|rights|permissions?))?)$/,
    'whoami',
  ],
  [/^(can|may) (i|we) (approve|publish|decide)( something| anything| things| here)?$/, 'whoami'],
];

type TalkAnswer =
  | { readonly kind: 'talk'; readonly talk: Talk }
  | { readonly kind: 'help' }
  | { readonly kind: 'read'; readonly call: { readonly verb: Verb; readonly values: Readonly<Record<string, never>> } };

/** A greeting, thanks, or a question about goldbot itself; undefined when it is about something else. */
export function talkOf(words: readonly string[]): TalkAnswer | undefined {
  const text = words.join(' ');
  const bare = text.replace(closers, '');
  const talk = talks.find(([, pattern]) => pattern.test(text) || (bare !== '' && pattern.test(bare)))?.[0];
  if (talk) return { kind: 'talk', talk };
  const help = helps.find(([pattern]) => pattern.test(text));
  if (!help) return undefined;
  return help[1] === undefined ? { kind: 'help' } : { kind: 'read', call: { verb: help[1], values: {} } };
}

/** A sentence that begins like a greeting, and of which nothing else was understood. */
export function isTalk(words: readonly string[]): boolean {
  if (words.some((word) => /^(thanks|thank|thankyou|thx|cheers|danke)$/.test(word))) return true;
  return /^(hi|hello|hey|thanks|thank|good)$/.test(words[0] ?? '');
}
