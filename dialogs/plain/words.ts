import { acts } from './acts';
import type { Intent } from './intent';
import { lookImages } from './looks-images';
import { lookMachines } from './looks-machines';
import { lookRuns } from './looks-runs';

/** What goldbot looks up, and changes nothing by. Of two that fit equally well, the first is meant. */
const looks: readonly Intent[] = [...lookImages, ...lookRuns, ...lookMachines];

export const intents = { looks, acts } as const;

/** Said to be polite, or because a sentence needs it; says nothing about what is wanted. */
export const small = new Set(
  `a an the of for to is are was were be been being am do does can could would will shall should may might must
  please pls plz plss pleas kindly just so well then there that this these those it its they them their hey
  really quickly quick simply maybe perhaps actually basically btw fyi asap right with from at as by any some into per
  you your yours i ll ve re s d t let lets thing stuff like wanna gonna gotta also today currently yet
  think guess guys folks team's bot mate dear sir kind sorry excuse if azure cloud rn atm first purpose purposes evidence`.split(
    /\s+/,
  ),
);

/**
 * English that is one letter away from a word of the table, and no slip of the thumb for it: an `order` is not `older`,
 * nor is what is `required` to be `retired`.
 */
export const ordinary = new Set(
  `north south east west central europe asia india japan australia germany france canada brazil norway sweden switzerland italy poland spain mexico qatar israel korea africa america said else ceo mess half helped copying require required requires public related orders ordered ordering prevent prevents operation operations remote
  slow unsafe percent process true docs save path style line under text case parse core part await length size mode
  config promise none convert stream world form very rules rule resolve small less place plate lines three least
  define comments stack scope shell shape receive received whatever whole terminal print certain words codes charge
  store parts contact loading exit execute wish speed though execution reasons reason compile site white hard thus
  party repeated tiny online digits terms term reuse complex closing stage silent picture whoever reflect pure
  layer deliver desired fall draft notices mostly company bare span among compact combine lowest smart respect
  explore dealing remain remains archive lack loss lots ours order`.split(/\s+/),
);

/** Operating systems that may have no image here: asked for, they are no word that nobody knows. */
export const systems = new Set(
  'debian rhel redhat centos rocky almalinux alma fedora suse sles opensuse oracle oraclelinux mariner azurelinux flatcar freebsd windows ubuntu win'.split(
    ' ',
  ),
);

/** Things that goldbot has nothing to do with: a request that names one, and nothing of goldbot's, is meant for somebody else. */
export const foreign = new Set(
  `meeting laptop laptops phone keyboard mouse screen printer coffee lunch dinner pizza salary payroll
  camera weather joke music video photo password passwords room chair train flight
  taxi hotel book books story game games cheese car travel invoice birthday party
  cake dog cat`.split(/\s+/),
);

/** What phones and tired people write, as the words above know it. */
export const spellings: ReadonlyMap<string, string> = new Map(
  Object.entries({
    whats: 'what is',
    "what's": 'what is',
    wheres: 'where is',
    "where's": 'where is',
    whos: 'who is',
    "who's": 'who is',
    hows: 'how is',
    "how's": 'how is',
    whens: 'when is',
    'non-golden': 'not golden',
    nongolden: 'not golden',
    unpatched: 'outdated',
    whys: 'why is',
    "why's": 'why is',
    "when's": 'when is',
    "it's": 'it is',
    "i'm": 'i am',
    im: 'i am',
    "i'd": 'i would',
    "i've": 'i have',
    "let's": 'lets',
    "that's": 'that is',
    "don't": 'do not',
    dont: 'do not',
    "doesn't": 'does not',
    doesnt: 'does not',
    "didn't": 'did not',
    didnt: 'did not',
    "isn't": 'is not',
    isnt: 'is not',
    "aren't": 'are not',
    arent: 'are not',
    "wasn't": 'was not',
    wasnt: 'was not',
    "can't": 'can not',
    cant: 'can not',
    cannot: 'can not',
    "won't": 'will not',
    wont: 'will not',
    "shouldn't": 'should not',
    shouldnt: 'should not',
    "haven't": 'have not',
    "hasn't": 'has not',
    "we're": 'we are',
    "who're": 'who are',
    aprov: 'approve',
    aprv: 'approve',
    apprv: 'approve',
    lst: 'list',
    shw: 'show',
    sho: 'show',
    wat: 'what',
    wht: 'what',
    wut: 'what',
    whch: 'which',
    wich: 'which',
    hw: 'how',
    pubilsh: 'publish',
    u: 'you',
    ur: 'your',
    r: 'are',
    n: 'and',
    '&': 'and',
    w: 'with',
    gimme: 'give me',
    lemme: 'let me',
    wanna: 'want to',
    gotta: 'have to',
    tmrw: 'tomorrow',
    ver: 'version',
    vers: 'version',
    vsn: 'version',
    img: 'image',
    imgs: 'images',
    imgae: 'image',
    vm: 'vm',
    box: 'vm',
    boxes: 'vms',
    hosts: 'machines',
    host: 'machine',
    instances: 'machines',
    nodes: 'machines',
    computers: 'machines',
    virtual: '',
    msg: 'message',
    pkg: 'package',
    pkgs: 'packages',
    appr: 'approve',
    req: 'request',
    reqs: 'requests',
    approvial: 'approval',
    aprove: 'approve',
    prev: 'previous',
    vs: 'vs',
    'non-compliant': 'noncompliant',
    'non-complaint': 'noncompliant',
    'not-compliant': 'noncompliant',
    uncompliant: 'noncompliant',
    incompliant: 'noncompliant',
    'roll-back': 'rollback',
    'roll-out': 'rollout',
    'out-of-date': 'outdated',
    're-scan': 'rescan',
    're-evaluate': 'reevaluate',
    're-build': 'rebuild',
    're-run': 'rerun',
    publihs: 'publish',
    sboms: 'sbom',
    republish: 'publish',
    '+1': 'approve',
    'un-revoke': 'unrevoke',
    ami: 'image id',
    fortnight: 'two weeks',
    quarter: '3 months',
    "y'all": 'you',
    yall: 'you',
    til: 'until',
    "'til": 'until',
    till: 'until',
    thru: 'through',
    b4: 'before',
    rel: 'release',
    lates: 'latest',
    "couldn't": 'could not',
    couldnt: 'could not',
    "wouldn't": 'would not',
    wouldnt: 'would not',
    "weren't": 'were not',
    "hadn't": 'had not',
    havent: 'have not',
    hasnt: 'has not',
    "needn't": 'need not',
    neednt: 'need not',
    "mustn't": 'must not',
    "ain't": 'is not',
    "there's": 'there is',
    theres: 'there is',
    "they're": 'they are',
    "you're": 'you are',
    youre: 'you are',
    "we've": 'we have',
    "i'll": 'i will',
    "we'll": 'we will',
    ppl: 'people',
    kinda: '',
    sorta: '',
    tho: '',
    anymore: 'any more',
    nuke: 'delete',
    wipe: 'delete',
    denied: 'rejected',
    intimate: 'notify',
    actual: 'current',
    "s'il": '',
    te: '',
    plait: '',
    vous: '',
    programme: 'program',
  }),
);

/** Short words that phones turn around. */
export const common = 'show tell what which where when please could would give know need want there the'.split(' ');

/** Before what is asked for: `can you tell me …`. Dropped, so that a request is no question about goldbot. */
export const openers: readonly string[] = [
  '(hi|hello|hey|morning|evening) (all|there|team|folks|everyone|everybody|guys|you)',
  '(please )?do the needful and',
  '(kindly )?(share|provide)( me| us)?( with)?(?= (a |the |your )?(available|current|latest|list|versions|status|details|log|logs|figures|numbers|overview))',
  '(this is )?(internal )?(finance|security|audit|ops|support|operations) here',
  '(requesting|request|i request|we request|i would request|we would request) you to( kindly)?',
  '(please |kindly )?(help|assist)( me| us)( out)? (to|in|by|and)',
  '(i am |i |we )?(have|having|got) (a|one|two|some|another) (small |quick |short )?(doubts?|query|queries|questions?)( about| on| regarding)?',
  '(do |would )?you fancy',
  'fancy',
  '(it )?would be (great|good|nice|lovely|cool|awesome|super|helpful|ideal) (if|to)( (you|we|somebody|someone|i) (could|can|would))?( see| know| have| get)?',
  '(i |we )?(just )?wanted to (ask|know|see|check|find out)( if| whether| about)?',
  '(i |we )?could do with',
  '(can|could) we( please| finally| just| now| maybe| perhaps| also)*(?= (get|have|see)\\b)',
  '(i |we )(am|are) after',
  '(any|some)(one|body) (know|knows|any idea)( if| whether| how)?',
  '(pull|look|bring) up',
  '(the |a |your )?(rundown|lowdown|scoop|story|summary) (on|about|for|with|of)',
  '(sorry )?to (bother|disturb)( you| again)?',
  '(just |only )?(checking|curious|wondering|asking)( in| if| whether| about)?',
  '(quick|short|small) (q|one|check)',
  'remind me( again| please)?(?! (later|again|when|if|in|about))',
  '(any|is there a|is there any) chance( that)? (you|we|i) (can|could)',
  '(can|could|does|do|would) (somebody|someone|anyone|anybody)( here)?( please)? (know|tell me|tell us|show me|check|see|say)',
  '(the |my |our )?(boss|manager|auditor|auditors|security|management|customer) (wants|needs|asks|asked|would like)( to know| to see)?',
  '(ok|okay)(?! (from|by|with|for|on|r-))',
  '(hey|hi|hello|yo|so|well|and|but|ugh|argh|oh|ah|uh|um|hmm|hm|fyi|now|please|pls|plz|good morning|morning|good evening|good afternoon|dear|sorry|excuse me|quick question|question)',
  'goldbot',
  'bot',
  '(can|could|would|will) you( please| pls| kindly| maybe| quickly| just)?',
  '(do|would) you (know|mind|happen to know)( please)?',
  '(would|is) it (be )?possible to',
  'any idea',
  '(please|pls|plz) ?',
  '(i|we) (want|need|would like|like|have|wish) (you )?to( please)?( know(?! (when|once|as soon))| see)?',
  '(i|we) would( love)? to( know| see)?',
  '(i|we) am (trying|looking|going|supposed) to',
  '(i|we) (need|want|would like)',
  '(i|we) am (wondering|asking|looking for)',
  '(i|we) (wonder|wondered|was wondering)( if| whether)?',
  'lets( please)?',
  'let (me|us) (see|have)( a look at)?',
  'let (me|us) know(?! (when|if|once|about|as soon|whenever))',
  '(no )?not now',
  '(can|could|may) (i|we) (see|get|have|look at|know|ask)( please)?( to see)?',
  '(tell|show|give|get|send|find|fetch) (me|us|out)(?! (when|if|once|about|as soon|how))( please| the| quickly| again)?',
  'time to',
  'go( ahead)? and',
  'any chance( of)?( a| an| the)?',
  'what about',
  'how about',
  '(feel free|be so kind|be nice) (and|to|as to)?',
];

/** Behind what is asked for, to be polite: says nothing about what is wanted. */
export const closers: readonly string[] = [
  '(when|whenever|once) you (can|get (a|the) (chance|minute|moment|second|sec)|have (a )?(time|chance|minute|moment|second|sec))',
  'at (your|the) (earliest|convenience)( convenience)?',
  'if (that is |it is )?(possible|convenient|feasible|ok|okay)',
  'if (you can|you could|you may|you do not mind|i may ask|you please|need be|that is ok|that is okay)',
  '(many )?(thanks|thank you|thx|cheers|ta)( a lot| so much| in advance| mate| again| for that)?',
  'tia',
  'on priority',
  'at the (moment|mo|minute)',
  'by any chance',
  'or (what|something|so|whatever)',
  'innit|eh|aye|sir|mate|dear|buddy|dude|man|boss|folks|guys',
  '(please|pls|plz|kindly)',
  'asap|urgently|urgent|quickly|quick|real quick',
  '(would|will|could|can) you',
];
