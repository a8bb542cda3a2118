import type { Intent } from './intent';

/** What people look up about images and their versions, and what they cost and leave behind. */
export const lookImages: readonly Intent[] = [
  {
    verb: 'versions',
    keys: [
      '1.25 when|date, 1.5 last, 1.25 publish*|releas*|updat*|built|build, 0.5 <image>',
      '2 revoked|aged|retired|replaced, 1 versions, 0.5 list|show|which|what',
      '2 out+there|available|exist, 1.25 <image>, 0.5 what|which',
      '3 versions|releases, 1.75 first|sorted|sort|order*',
      '2.25 you+have|you+got|have+for|got+for, !1.25 <image>, 0.5 what|which',
      '1.5 version*|releas*|history, 0.5 what|which|list|all|many|every|show, 0.25 <image>',
      '1 images|image, 0.5 what|which|show|list|have, 1.25 <image>',
    ],
    says: [
      'versions|version|releases|release+list|history',
      'what|which versions|releases',
      'how many versions',
      'list|show <image> versions',
      'when … <image> … last published|released|built|updated',
      'when … last published|released|built|updated … <image>',
      'how old <image>',
      'past|old|older|all versions|releases',
    ],
  },
  {
    verb: 'images',
    keys: [
      '2 image, 1 every|each|any|kinds|types',
      '4.5 templates, 1 which|what|list|show|choose|pick',
      '2 images|catalogue|catalog|distros|oses, 0.5 what|which|all|list|show|exist|available|have|offer|choose|pick',
    ],
    says: [
      'images|catalogue|catalog|golden+images|image+list',
      'which|what images|golden+images|distros|os',
      'which|what operating+systems',
      'which|what … publish|build|offer|have|available|there|got images',
      'list|show all images',
      'newest|latest images|image',
    ],
  },
  {
    verb: 'latest',
    keys: [
      '2.25 latest|newest|current|recent|freshest|up+to+date|newer|new+version|new+<image>, 0.5 which|any|is|there|out|what|version|one|release|id, 0.25 <image>',
      '1.25 should|recommend*|supposed|point|pin|reference|pick|choose, 1 version|image|one|release, 1 use|deploy|point|pin|take',
      '1.5 <channel>, 1 which|what|show|current|where|latest|is+there, 0.5 version|one|release',
      '2 resource+id|image+id|gallery+id, 0.5 latest|newest|<image>',
      '1.25 use|take|put|pick|choose|deploy|reference, 3.5 should+i|should+we|can+i|can+we|could+i|shall+i|supposed+to|best|right, 1 which|what, 0.5 <image>|version',
      '2.5 come+out|came+out|new+version|new+release|new+<image>|new+one, !1.25 has|did|is+there|are+there|any|got, 0.5 <image>',
      '3 recommend*|advise|suggest*, 1 which|what, 0.5 <image>|version',
      '4 most+up+to+date|up+to+date+<image>, 0.25 <image>',
    ],
    says: [
      'latest|newest|current|most+recent <image>',
      '<image> latest|newest|current',
      'what|which … latest|newest|current … <image>',
      'latest|newest|current version|release|one',
      'what|which version … latest|newest|current',
      'what|which version|release … should … use',
      'what|which version|release <image> on|use',
      'resource+id|image+id|id <image>',
    ],
  },
  {
    verb: 'show',
    keys: [
      '1.25 detail*|info|information|about|describ*|facts|show|tell, 1 <version>',
      '1.75 eol|end+of+life, 1.5 <version>, 1 when|of|what',
      '2 region*|available|replicated, 0.5 which|where|what, !1.25 <version>',
      '3 can+i+use|may+i+use|should+i+use|can+we+use|may+we+use|should+we+use|ok+to+use|fine+to+use|good+to+use, !1.25 <version>',
      '2 until+when|how+long|by+when, 1.25 valid|supported|us*|good|live*|last*, !1 <version>',
      '1 when|who|why|was|is|does|how+long|until+when, 1.25 publish*|creat*|made|built|releas*|revok*|retir*|aged|expir*|ends|end|eol|end+of+life|support*|approv*|reach*, 1.25 <version>',
    ],
    says: [
      'show|details|detail|describe|info|information|facts|about|view|open|see|display <image>|<version>|latest|previous',
      '<version> details|info',
      'tell … about <image>|<version>',
      'who|why|when … published|built|made|created|released|revoked|retired|aged|approved <image> <version>',
      'who|why|when <image> <version> … published|built|made|created|released|revoked|retired|approved',
      'who|why|when <version>',
      'end+of+life|eol … <version>',
      'when … <version> … expire|expires|end|ends',
      'show|describe|details',
      'what … <version>',
    ],
  },
  {
    verb: 'show',
    values: { sbom: true },
    keys: [
      '2 in+<image>|on+<image>|inside|contain*|include|includes|ship|ships, !1.25 <word>, !1.25 <version>|latest',
      '2.25 package*|sbom|software|contents|contain*|components|bill+of+materials|libraries|inside, 1 <image>|<version>|latest, 0.5 what|which|list|show',
    ],
    says: [
      'sbom|packages|contents|bill+of+materials|software+list|inside',
      'what|whats … in|inside … <image>|<version>|latest',
      'what|which packages|software|updates|services|ports|users',
      'installed packages|software',
      'packages|software|contents|inside|list <image>|<version>',
    ],
  },
  {
    verb: 'diff',
    keys: [
      '3.5 release+notes|rel+notes|change+log|changelog, 0.5 <image>',
      '2.5 last+two|last+2|two+latest|two+last, 1 diff*|compar*|between|chang*, 1 <image>|versions',
      '1.5 bring|brings|brought|add|adds|added|improve*, 1.25 last+<image>|latest|new|<version>, 0.75 what',
      '2 diff*|compar*|chang*|new|delta|changelog|versus|vs|between, 1.25 <version>|latest|previous|last+version|since, 0.25 what|how',
    ],
    says: [
      'diff|difference|differences|compare|changelog|delta|changes|compared',
      'what|whats … changed|different|new|difference|change|differs|changes',
      'release+notes|change+log',
      'compare|diff <image>|<version>|latest|previous',
      'changed|changes|different between|since',
      '<version> vs|versus|against|and <version>',
      'diff|difference|differences|compare|compared|differ … latest|previous|<version>',
      'what|whats … changed|different|new|changes in|since|between … latest|previous|<version>|<image>',
      'what|whats … changed|different|new|changes … latest|<version>|<image>',
      'new <version>|latest',
      'changes|changed … latest|<version>',
    ],
  },
  {
    verb: 'lineage',
    keys: [
      '2.75 lineage|ancest*|descend*|pedigree, 0.5 <image>|<version>',
      '2.5 built+from|made+from|come+from|came+from|based+on|built+on, 1 <version>|<image>, 0.25 what|where',
      '2 parent*|child*|family|tree|base|based|derived|origin|come|comes|came|built+from|built+on|made+from|made+out+of, 1 <version>|<image>, 0.25 what|which|where|show',
    ],
    says: [
      'lineage|ancestry|family|family+tree|parents|parent|children|descendants|origin|ancestors',
      'what|which … <image>|<version> built|based|derived|made|come|comes',
      'built|based|derived|made on',
      'where … come|comes from',
      'built|based from|on|out <image>|<version>',
    ],
  },
  {
    verb: 'verify',
    keys: [
      '3.25 prove|proof|verif*|signature*|signed|certificate*|genuine|authentic*|tamper*|trust*|attest*|provenance|forged|fake|legit*|integrity, 0.5 <version>|<machine>|is|can|check',
    ],
    says: [
      'verify|validate|certificate|signature|signed|attest|birth+certificate',
      'genuine|authentic|tampered|forged|trustworthy|trust',
      'check|show … signature|certificate',
    ],
  },
  {
    verb: 'access',
    keys: [
      '2.25 shared, 1 <image>, 0.75 is|whom|who',
      '4 access|permission*|rights, 1 <image>, 0.5 who|which|show|list',
      '1.5 who, 1.5 may|can|could|allowed|able|permitted, 1.5 see|view|read|delete|create|use|deploy, 1 <image>',
    ],
    says: [
      'access|permissions|rights … <image>',
      'who|which … access|view|see|permission|permissions|rights|read|allowed',
      'access|permissions on|to|list',
      'who … access',
      '<image> access|permissions|rights',
    ],
  },
  {
    verb: 'cost',
    keys: [
      '4.75 cost*|price*|pricing|pay|paying|spend*|money|bill|billing|expensive|cheap*|dollar*|euro*|budget, 0.25 <image>|how|what, 2 monthly|per+month|a+month',
    ],
    says: [
      'cost|costs|price|prices|spend|spending|money|bill|billing',
      'how much',
      'how expensive|costly|pricey',
      'what|how … cost|costs|pay|paying|spend|spending',
      'how much … cost|costs|pay|paying|spend|spending',
      'expensive|cheap|pricey',
    ],
  },
  {
    verb: 'parity',
    keys: [
      '2.5 parity|galleries|second+gallery|other+gallery|dr|secondary|second|mirror*, 0.75 complete|everything|same|sync|miss*|match*|compar*|has|have|behind|equal|up+to+date',
    ],
    says: [
      'parity|second+gallery|dr+gallery|secondary+gallery|other+gallery',
      'galleries … same|match|in+sync|equal|identical|sync|differ|compare',
      'compare|diff galleries',
      'gallery … in+sync|behind|missing|same',
    ],
  },
  {
    verb: 'schedule',
    keys: [
      '3.5 calendar|timetable|patch+tuesday|patch+day|build+day, 0.5 what|planned|next|build*|publish*',
      '2 when+do+we|when+do+you|when+will+you|when+are+we, !1.5 build|patch|publish|update|release|patching',
      '1.5 next|schedul*|automatic*|monthly|calendar|timetable|planned, 1.5 publish*|build*|releas*|run|version|image|monthly|<image>, 0.5 when|what|is|how+often',
      '2.5 schedul*|timetable|automatically, 0.75 overview|publish*|what|which|when|is|show',
    ],
    says: [
      'schedule|schedules|calendar|timetable',
      'when … next|published next|publish next|come|due|scheduled … <image>',
      'when … <image> … next|published|publish|due|built|released|come|coming|scheduled',
      'next publish|build|release|run|image|version',
      'when next',
      'how often',
      'scheduled',
    ],
  },
  {
    verb: 'leftovers',
    keys: [
      '2 clean+up|cleanup|tidy+up|clean, 0.5 what|can|could|anything',
      '4.5 leftover*|leftovers',
      '6 left+over|junk|garbage|rubbish|debris',
      '2.5 garbage|orphan*|junk|rubbish|debris|trash|left+over|left+behind|leave+behind|lying+around|unused|wast*|clutter|dangling',
    ],
    says: [
      'leftovers|left+over|leftover|orphaned|garbage|debris|rubbish|junk',
      'what … left behind|over|lying around',
      'orphaned|unused|stale resources|templates|disks|things',
      'clean|tidy|cleanup|clean+up',
    ],
  },
  {
    verb: 'retention',
    keys: [
      '2.5 retention|retain*',
      '1.25 delet*|let+go|clean*|prune*|purge*|remov*|go|rid, 1.25 old|older|versions|version, 1.25 which|could|can|keep|should|what',
    ],
    says: ['retention', 'how many … keep|kept|retain', 'which|what … old|too+old … keep|delete|go'],
  },
  {
    verb: 'triggers',
    keys: ['2.5 trigger*'],
    says: [
      'triggers|trigger',
      'source|image+builder+triggers|trigger',
      'which|what … triggers|trigger|build+by+itself',
    ],
  },
];
