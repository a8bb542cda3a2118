import type { Intent } from './intent';

/** What people look up about machines and the teams whose they are. */
export const lookMachines: readonly Intent[] = [
  {
    verb: 'compliance',
    keys: [
      '1.5 own|owns|owner|owners|responsible, 1.25 <team>, 0.5 who',
      '1.5 teams, 0.75 what|which|list|exist|there|all',
      '2.25 did+we+do|on+the+latest|up+to+date|on+latest|version+are+we+on, !1.25 we|us|our|<team>',
      '2 up+with|wrong+with|matter+with|going+on+with, !1.25 <team>, 0.5 what',
      '2 better|worse|improv*, !1.25 we|team|<team>|our',
      '2.5 complian*|conform*|policies|posture, 0.5 <team>|we|our|my|how|score|numbers|figures|report|status|show',
      '1.5 doing|look*|stand*|perform*|good|bad|shape|health*|ok|okay|fine|green|red|amber, 1.25 <team>|we|us|our|machines|vms|servers|fleet|estate, 0.25 how',
    ],
    says: [
      'compliance|compliant|conformance|policy+status|policies',
      'how compliant',
      '<me>|<us> team|teams',
      'how bad|good',
      'report|trend|score|patch+level',
      'exemptions|exempted',
      'worst|best team|teams',
      'noncompliant|not+compliant|non+compliant',
      'how … team|<team>|<us> … doing|looking|stand|compliant|compliance',
      'compliance|policy state|status|figures|report|numbers|score',
      'how <team>|<us>',
      'how … <team>|<us> doing|stand|looking|look',
      '<team> status|state|figures|numbers',
      'pets cattle',
      'how many machines|vms … have|has|own',
    ],
    hints: ['machines|vms|policy'],
  },
  {
    verb: 'compliance',
    values: { list: true },
    keys: [
      '2 machines|vms|servers|fleet|inventory, 1 list|show|which|what|all|our|my|every|have|own|belong*, 0.5 <team>|list|of',
    ],
    says: [],
    hints: [
      'list|show|which|what|all|my machines|vms|servers',
      'machines|vms|servers list',
      'list <team>|<us> machines|vms|servers',
      '<team> machines|vms|servers',
    ],
  },
  {
    verb: 'compliance',
    values: { list: true, state: 'not-compliant' },
    keys: [
      '2 wrong|bad|problem*|issue*, !1.75 machines|vms|servers, 0.5 what|our|<team>|which',
      '2 not+ok|not+okay|not+good|not+green|not+fine, !1.25 machines|vms|servers|which|ones, 0.5 <team>|our',
      '2 fix|repair|mend|remedy|put+right, !1.25 have+to|need+to|should|must|what, 1 i|we|our|us, 0.5 machines|vms|servers',
      '2 without|miss|missing|lack|lacking, !1.5 machines|vms|servers, 1 agent|policy|baseline',
      '3.25 break+the+rules|break+rules|breaking+the+rules|break+policy|break+policies|against+policy, 1.25 machines|vms|servers|who|which',
      '3 noncompliant|violat*|not+compliant|not+be+compliant|non+compliant|breach*|unhealthy|offend*|offenders, 1.25 machines|vms|servers|which|who|list|ones, 0.25 show|what|policy|policies',
    ],
    says: [
      'which|what|list|show|who noncompliant',
      'which|what|list|show|who … not|non+compliant',
      'unmanaged|rogue machines|vms|servers',
      'machines|vms|servers … not|non|violate|violating|breaking|break|fail|failing compliant|policy|policies|compliance',
      'noncompliant|violating|bad machines|vms|servers|ones',
      'not|non+compliant machines|vms|servers|ones',
      'machines|vms|servers|who noncompliant|violating|violates|violations',
    ],
  },
  {
    verb: 'compliance',
    values: { list: true, lineage: 'behind' },
    keys: [
      '3.25 behind|outdated|old|lag*|obsolete|ancient|out+of+date|not+latest|not+up+to+date, 1.25 machines|vms|servers|who|which|fleet, 0.75 <team>|our|we|my|us',
      '2 update|updated|updating|updates|upgrade*|patching|patched|replace|replaced, 2.25 who|which|what|have+to|must|missing, 1 machines|vms|servers|fleet|<team>|our|we, 0.5 need*',
      '2 stale, !2.25 machines|vms|servers|fleet',
    ],
    says: [
      'behind|outdated|out+of+date|lagging',
      'who|which|what|list|machines|vms … behind|outdated|out+of+date|lagging|old+images|old+version|old+image',
      'outdated|old machines|vms|servers|ones',
      'who … update|upgrade|patch',
      'not on latest',
    ],
  },
  {
    verb: 'compliance',
    values: { list: true, state: 'exempt' },
    keys: [
      '2.5 exempt*|exception*|waiver*, 1 machines|vms|servers, 0.75 which|what|list|who|show, 0.5 <team>|our|have',
    ],
    says: ['exempt|exempted machines|vms|servers', 'which|what|list|show … exempt|exempted|exemptions'],
  },
  {
    verb: 'compliance',
    values: { list: true, class: 'pet' },
    keys: ['3 pets|pet, 1 machines|vms|servers, 0.75 which|what|list|show|our|many, 0.5 <team>|have'],
    says: ['pets|pet+machines', 'which|what|list|show|how many pets|pet', 'machines|vms … pets|pet'],
  },
  {
    verb: 'compliance',
    values: { list: true, class: 'undecided' },
    keys: [
      '3 undecided|unclassified|neither|not+classified|no+class|without+class, 1 machines|vms|servers|which|what|list|pet|cattle',
    ],
    says: ['undecided|unclassified', 'machines|vms … neither|undecided|unclassified'],
  },
  {
    verb: 'compliance',
    values: { list: true, class: 'cattle' },
    keys: ['3 cattle, 1 machines|vms|servers, 0.75 which|what|list|show|our|many, 0.5 <team>|have'],
    says: ['which|what|list|show|how+many cattle', 'machines|vms … cattle'],
  },
  {
    verb: 'compliance',
    values: { list: true, lineage: 'not-golden' },
    keys: [
      '3 not+golden|not+using+golden|not+on+golden|not+from+golden|without+golden, 1 machines|vms|servers|who, 0.75 which|what|list|show|our',
    ],
    says: [],
  },
  {
    verb: 'compliance',
    values: { list: true, lineage: 'one-behind' },
    keys: [
      '4.5 one+version+behind|one+behind|1+version+behind, 1 machines|vms|servers|who, 0.75 which|what|list|show|our',
    ],
    says: [],
  },
  {
    verb: 'compliance',
    values: { list: true, state: 'not-evaluated' },
    keys: [
      '3.5 not+evaluated|never+evaluated|unevaluated|not+been+evaluated|never+been+evaluated, 1 machines|vms|servers|who, 0.75 which|what|list|show|our',
    ],
    says: [],
  },
  {
    verb: 'compliance',
    values: { list: true, lineage: 'past-end' },
    keys: [
      '2.25 past+end|end+of+life|eol|expired|unsupported|out+of+support|no+longer+supported, !1.75 machines|vms|servers|who, 1 run|runs|running, 0.5 <team>|our|we|which',
    ],
    says: ['machines|vms|servers … past+end|end+of+life|eol|expired'],
  },
  {
    verb: 'compliance',
    values: { list: true, lineage: 'marketplace' },
    keys: ['3 marketplace, !2 machines|vms|servers, 1 <team>, 0.5 list|which|names|show'],
    says: [],
  },
  {
    verb: 'compliance',
    values: { team: 'all' },
    keys: ['3 worst|best|offender*|ranking, !1 team|teams|who|top|machine|machines'],
    says: [],
  },
  {
    verb: 'who uses',
    values: { ref: 'marketplace' },
    keys: [
      '3 marketplace, 1.25 machines|vms|servers|teams, 0.75 who|which|what|anyone, 0.75 use*|using|run|runs|running|on|still|from',
    ],
    says: ['who|which|machines|vms … marketplace'],
  },
  {
    verb: 'who uses',
    keys: [
      '0.5 <image>|<version>, 1.25 use|uses|used|using|run|runs|running|on+<image>|on+<version>|still+on|depend*|consum*|deployed|in+use|still|adopt*, 1 who|which|what|anyone|anybody|somebody|someone|everyone|machines|vms|servers|teams|many|anywhere|nobody|<team>|we|where|users',
      '2.5 impact|blast+radius|effect|effects|consequences, !1 <version>|<image>',
      '2.5 consumers|users|usage|popular, 0.5 <image>|<version>|how',
      '3 scream|complain|complains|cry|suffer|suffers|unhappy|breaks|break, 1.25 who|anyone|anybody, 1 if|kill|delet*|retir*|revok*',
      '1 break*|affect*|hurt*|impact*|hit, 1 who|anyone|anybody|what|which|would|machines|safe, 1 delet*|retir*|revok*|remov*|<version>',
    ],
    says: [
      'who|which|what … uses|use|using|used|runs|run|on|running|still+on|depends+on|has|have <image>|<version>|latest|previous',
      'who|which|what teams|team|machines|vms|scale+sets|servers … use|uses|using|used|runs|run|on|running|still',
      'who uses|using|runs|still+on|on|depends',
      'who <image>',
      'how many … use|uses|using|run|runs|running|on|still <image>|<version>',
      'used+by|users|usage|consumers',
      'machines|teams|vms|servers on|using|running <image>|<version>',
      '<us> use|using|run|running|have|on|still <image>|<version>',
      'still … <image>|<version>',
      'anyone|anybody|someone|somebody|anything|nobody|still … use|uses|using|used|on|runs|run|running',
      'where … <image>|<version> … used|running|use|run|deployed',
      '<image>|<version> … used|in+use|still used',
      'what happens|would happen|breaks if … revoke|retire|delete|remove',
      'safe … retire|revoke|delete|remove',
    ],
  },
  {
    verb: 'who has',
    keys: [
      '1.5 with+<word>|in+any|in+our|in+some|is+<word>+in|ship|has|have|contain*|includ*|install*|ships|affected|vulnerable|exposed|got|inside|find|anywhere|somewhere|present|hit|lack|lacks|miss|missing|shipped|without+<word>, !1 <word>, 0.75 who|which|what|where|any|anyone|do|are|is|images|machines',
    ],
    says: [
      'who|which|what … has|have|contains|contain|includes|include|ships|with|affected … <package>',
      'who|which|what|anyone|anybody … vulnerable|affected|exposed|hit',
      'where|find|cve <package>',
      '<word> … images|image|anywhere',
      'where|who|which|what … <package> … used|installed|running|in+use|inside|contained',
      '<package> installed|inside|anywhere',
      'affected+by|vulnerable+to|exposed+to <package>',
      'anyone|anybody|we|<us> … has|have|got|run|running|using|still <package>',
    ],
  },
  {
    verb: 'tattoo',
    keys: [
      '2.5 tattoo*|tatoo*, 0.5 <machine>',
      '1.5 <machine>, 1 from|image|version|come|came|comes|run|runs|running|on|based|built|made|origin|golden|provision*|created, 0.5 what|which|where|is',
    ],
    says: [
      'tattoo',
      'which|what image … <machine>',
      'which|what … <machine> … from|built|made|run|running|runs|on|based',
      'where … <machine> … come|comes from',
      '<machine> … come|comes|made|built from',
      'image|version|check|inspect|look <machine>',
      'show|about|details <machine>',
    ],
  },
  {
    verb: 'compliance',
    values: { why: '<machine>' },
    keys: [
      '1.25 <machine>, 1.75 why|wrong|flagged|red|complian*|noncompliant|policy|violat*|problem|bad|fail*|issue*|broken|unhealthy, 0.25 what|is',
    ],
    says: [
      'why <machine>',
      '<machine> … compliant|noncompliant|compliance|policy|policies|wrong|bad|red',
      'what … wrong|bad … <machine>',
      'compliant|compliance|noncompliant <machine>',
    ],
  },
  {
    verb: 'forecast',
    keys: [
      '2.25 supported|past+end|end+of+life|eol, 0.75 which|what|still|anything, 0.5 versions|images',
      '2.5 forecast|expir*|upcoming|outlook|run+out|runs+out|deadline*, 0.5 days|next|soon|month|week|what|when|which|anything',
      '1.5 <until>, 1.25 happen|happens|happening|coming|planned|due|ends|ending|end',
      '1.5 coming+up|ends|end|ending|eol|due|end+of+life|ahead|coming, 1 soon|next|month|days|weeks|anything|what|which|upcoming',
    ],
    says: [
      'forecast|outlook|upcoming|expiring|expire|expires|expirations|expiry|deadlines|ahead|ending',
      'what|which images|versions … expire|expires|expiring|end|ending|retire|retired|retiring|run+out|go+away|going+away',
      'anything|something retiring|expiring|ending|dying',
      'what|which|anything|when … expires|expire|expiring|ends|ending|runs+out|end+of+life|eol|coming|coming+up|due|planned|end',
      'coming+up|runs+out|due+soon|ends+soon|expiring+soon|coming+next',
      'next <days>|days|weeks|month|months',
      'end+of+life|eol … soon|next|this|month|year',
    ],
  },
  {
    verb: 'drift',
    keys: [
      '3 drift*',
      '1.75 hand|manually|modified|altered|tampered|changed|differ*, 1.25 machines|vms|servers|anyone|golden, 0.5 which|our|what',
    ],
    says: [
      'drift|drifted|drifting',
      'who|which|what|anything … drift|drifted|drifting|changed+by+hand|tampered',
      'which|what machines|vms … drift|drifted|drifting|changed+by+hand|modified|altered',
      'configuration drift',
    ],
  },
];
