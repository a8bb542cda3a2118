import type { Intent } from './intent';

/** What changes something: only ever offered. */
export const acts: readonly Intent[] = [
  {
    verb: 'publish',
    keys: [
      '2.5 publish*, 0.25 <image>',
      '3.5 from+scratch|nothing+changed|nothing+has+changed, 1 build|rebuild|publish|bake, 0.5 <image>',
      '1.5 release|rebuild, 1 <image>',
      '1.5 build|bake|ship|make|create|cut|release|start|kick+off|trigger|need|needs|want|wants|time|produce|spin|fire+up|run|get|do|fire+off, 1.25 new|fresh|another|updated|build|publish, 0.75 version|image|build|release|<image>',
    ],
    says: [
      'publish|publishing',
      'build|create|make|bake|cut|start|kick+off|trigger|do|need|want|ship|run|get|release … new|fresh version|image|build|release|publish|<image>',
      'build|bake|ship|release|cut',
      'new|fresh version|image|build|release|<image>',
      'kick+off|start|trigger|run <image>|build',
      'deploy|update|patch|refresh|upgrade <image>',
      'deploy|update|patch|refresh|upgrade',
    ],
  },
  {
    verb: 'rebuild',
    keys: [
      '2.5 rebuild*|retry*|redo|rerun|restart',
      '1.5 again|another|once+more|second, 1.25 try|go|attempt|build|run|start|shot|chance|give|do, 0.75 <run>',
    ],
    says: [
      'rebuild|retry|redo|rerun',
      'build|try|run|start again|once more',
      'restart|retry|redo|rerun|rebuild <run>',
      'retry|redo|rerun|restart … build|run|job|<image>',
      'try again <run>',
      '<run> again',
      'next|another attempt|try',
    ],
  },
  {
    verb: 'cancel',
    keys: [
      '2.5 cancel*|abort*|kill*|terminat*, 0.25 <run>',
      '1.75 stop|halt|drop|scrap|kill+off|throw+away|call+off|ditch, 1 <run>|run|build|job|publish',
      '2.5 stop+it|stop+this|stop+that|stop+everything|halt+it|end+it, 0.25 <run>',
      '1 end, 1.25 <run>|run|build|job|publish',
    ],
    says: [
      'cancel|abort|kill|terminate',
      'stop|end|halt|cancel|abort|kill <run>|run|build|job|publish',
      'stop|end|halt|cancel|abort|kill <image> build|run|job|publish',
      'stop|halt',
    ],
  },
  {
    verb: 'approve',
    keys: [
      '2.25 approv*|lgtm|accept*, 0.25 <run>',
      '3 no+objection*|nothing+against|let+<run>, 1 <run>, 0.5 through|pass|go',
      '3 ok+from+my+side|fine+from+my+side|ok+from+me|fine+by+me|ok+by+me|fine+with+me|ok+with+me, 1 <run>',
      '1.5 ok|okay|yes|yep|go+ahead|good|fine|ship|green|thumbs+up|sure|agreed|agree, 1.25 <run>',
    ],
    says: [
      'approve|approved|approving|accept|lgtm|confirm+it|green+light|agree',
      'go+ahead|sign+off|ship+it|looks+good|good+to+go|give|gives+ok|go|green+light',
      'go+ahead|ok|okay|yes|fine|good+with|for <run>',
      'ok|okay|yes|yep <run>',
    ],
  },
  {
    verb: 'approve-all',
    keys: ['2 all|both|everything|<run>+<run>|<run>+and+<run>, 2.25 approv*|accept*|sign+off'],
    says: ['approve all|both|everything <run> <run>', 'approve <run> <run>', 'accept all|both|everything'],
  },
  {
    verb: 'reject',
    keys: [
      '2.5 reject*|declin*|deny|refus*|veto*|disapprov*|turn+down|object, 0.25 <run>',
      '3 not+ok|not+okay|not+agree|not+good|not+happy|not+convinced|not+comfortable|not+fine|not+acceptable|turn+it+down|send+it+back, 1 <run>',
      '1.5 no|nope|nah|back|bad|not+good, 1.25 <run>, 0.75 send|say',
    ],
    says: [
      '<run> no|nope|reject',
      'reject|decline|deny|refuse|disapprove|veto|turn+down|send+back|rejected',
      'no|nope <run>',
      'not approve <run>',
    ],
  },
  {
    verb: 'withdraw',
    keys: [
      '1.5 cancel|forget|drop|undo|take+back, 1.5 my, 1.5 request',
      '2.5 withdraw*|retract*, 0.5 my|request|<run>',
      '2 take+back|pull+back|recall|changed+my+mind, 1 my|request|<run>',
    ],
    says: ['withdraw|retract', 'take+back|pull+back request|<run>', 'take+back|pull+back|recall my'],
  },
  {
    verb: 'override',
    keys: [
      '2.5 overrid*|bypass*, 0.5 freeze|<run>',
      '1.5 ignore|despite|through|anyway|skip|during, 1.5 freeze, 0.25 <run>',
    ],
    says: ['override|bypass|ignore|push+through|go+through freeze', 'override|bypass|ignore freeze'],
  },
  {
    verb: 'confirm',
    keys: [
      '2.25 confirm*, 0.5 <run>|freeze|override',
      '4.5 second+that|second+this|second+it|seconded|i+second, 1 <run>',
    ],
    says: ['confirm', 'second|seconding <run>'],
  },
  { verb: 'review', keys: ['2.25 review*, 0.5 <run>'], says: ['review', 'post+mortem|postmortem'] },
  {
    verb: 'delegate',
    keys: [
      '2.5 delegat*|deput*|substitut*|stand+in|stands+in, 0.5 <person>|my|me',
      '1 <person>, 1.5 decid*|approv*|tak*+over|takes|cover*|handl*|fill*|act*|step*, !1 my|me|instead|while|vacation|holiday|leave|away|out|<until>|next+week',
      '1.25 decid*|approv*|tak*+over|takes|cover*|step*, 1.25 my|me|instead|vacation|holiday|away, 1 <word>',
    ],
    says: [
      'delegate|substitute|stand+in|deputise|deputize|deputy|cover',
      '<who> … decide|approve|decides|approves|stands+in|covers|cover … my|<me>|instead',
      'hand+over|pass approvals|decisions',
      'out+of+office|on+holiday|on+vacation|on+leave',
    ],
  },
  {
    verb: 'undelegate',
    keys: [
      '3 undelegate',
      '2.5 delegat*|substitut*|deput*, 2 end|stop|remove|cancel|back|no+longer|revoke|over|finish',
      '1.5 back, 1.25 myself|again|now, 1.25 vacation|holiday|holidays|leave|decide',
    ],
    says: ['undelegate', 'end|stop|remove|take+back delegation|substitute|deputy', 'back from holiday|vacation|leave'],
  },
  {
    verb: 'promote',
    keys: [
      '2.5 promot*, 0.25 <version>',
      '3 release+candidate|ship+candidate|the+candidate, 1.5 release|ship|publish|out|live',
      '2.75 ship+the+<image>|ship+<image>|release+the+<image>|live, 1.25 <version>',
      '1.5 latest|current, 1.25 make|set|mark|move|should|becomes|become|bump, 0.75 <version>|candidate',
    ],
    says: [
      'promote',
      'make|set|mark|move … <version>|candidate … latest',
      'make|set latest',
      'use <version> as latest',
    ],
  },
  {
    verb: 'rollback',
    keys: [
      '3.25 roll+it+back|roll+<image>+back|roll+back, 0.5 <version>|<image>|previous',
      '2.5 rollback*|revert*|downgrad*|back+out|undo, 0.25 <version>|<image>',
      '1.5 back, 1.25 go|roll|switch|return|move|put|back+to|bring+<image>, 0.5 <version>|previous|old|to',
    ],
    says: [
      'rollback|roll+back|revert|undo|go+back|back+out|downgrade',
      'go|roll|back|switch|return back|to … previous|<version>|last|old|before',
      'previous version back|again',
      'return|revert|switch … previous|<version>',
      'roll|go|switch|put … back … <version>|previous|last',
      'roll|go|switch … back',
    ],
  },
  {
    verb: 'channel',
    keys: [
      '1.5 <channel>, 1 make|set|mark|move|put|promote|should|as|tag|label|becomes|become|declare, 0.75 <version>',
    ],
    says: [
      'make|set|mark|move|put|promote … <version>|<image>|latest … <channel>',
      '<version> … <channel>',
      '<channel> … <version>',
      '<version> should <channel>',
    ],
  },
  {
    verb: 'follow',
    keys: [
      '2.25 follow*|track*|stick*, 0.5 <channel>|<team>|latest',
      '1.25 want|use|switch|take|prefer|like, !1.5 <channel>, !1 we|us|our, 0.5 channel',
    ],
    says: ['follow|track|stick', 'follow|track|use|move|switch … <channel>', 'measure … against <channel>'],
  },
  {
    verb: 'replicate',
    keys: [
      '2.5 replic*, 0.25 <version>|<image>',
      '1.5 region|regions|<region>|copies, 1.25 add|remove|copy|more|fewer|distribute|available|need|want|put|drop, 0.75 <version>|<image>',
    ],
    says: ['replicate|replicas|replica|replication', 'add|remove|more|fewer region|regions|copies|replicas|copy'],
  },
  {
    verb: 'copy',
    keys: ['1.75 copy|mirror*|sync, 1.5 second|dr|other+gallery|secondary|gallery|over|across, 0.5 <version>'],
    says: ['copy', 'copy|mirror|bring|sync … second|other|dr+gallery', 'mirror'],
  },
  {
    verb: 'eol',
    keys: [
      '3.25 set+eol|set+the+eol|set+end+of+life|set+the+end+of+life|change+eol, 1 <until>, 0.5 <version>',
      '1.5 expir*|end|ends|eol|end+of+life|extend*|prolong*|support*|lifetime|life|live|lives|longer|more|another, 1 <until>|until|longer|set|should|let, 0.5 <version>',
    ],
    says: [
      'extend|prolong|lengthen … <version>',
      'extend|prolong|lengthen … eol|end+of+life|life|support|lifetime',
      'set|change|extend|move|give|let|put … eol|end+of+life|expiry|expire|expires|end|ends|retirement date',
      'expire|expires|ends|end <image>|<version>',
      'let|make <image>|<version> … expire|end',
    ],
  },
  {
    verb: 'age',
    keys: ['2.25 aged|age|supersed*|deprecat*|obsolete, 0.5 mark|<version>'],
    says: [
      'age',
      'mark … aged|old|superseded|deprecated|outdated',
      'deprecate|supersede',
      'replace <version> … <version>',
    ],
  },
  {
    verb: 'revoke',
    keys: [
      '2.5 revok*|recall*|yank*|unpublish*|pull, 0.25 <version>',
      '2.25 withdraw*|disable*|quarantine*|ban, !1 <version>',
      '1.5 take|get|pull|remove|block|ban|stop|nobody|no+one, 1.25 out|offline|down|latest|anymore|using|use|circulation|bad|away, 0.75 <version>',
    ],
    says: [
      'revoke|pull|recall|yank|block|withdraw+version|unpublish',
      'take|pull|remove … <version>|<image>|latest … out|down|back|offline',
      'pull|yank|recall|block|unpublish|remove|ban|bad <version>|<image>',
      'remove|drop',
    ],
  },
  {
    verb: 'retire',
    keys: ['2.5 retir*|delet*|destroy*|purg*|erase*|get+rid|decommission*|throw+away|remov*, 0.25 <version>'],
    says: [
      'retire|delete|destroy|purge|erase',
      'delete|get+rid|remove|drop|throw+away … <version>|<image>',
      'remove|drop',
    ],
  },
  {
    verb: 'restore',
    keys: [
      '2.5 restor*|reinstat*|undelete*|unrevoke*, 0.25 <version>',
      '2.5 available+again|offered+again|usable+again|back+in+latest, 1 <version>',
      '1.5 bring+back|get+back|take+back|want+back|back, 1.25 bring|get|want|need|available|offer|again, 1 <version>',
      '2.5 undo|reverse|revert, !2.25 revo*|retir*|retire*, 0.25 <version>',
    ],
    says: [
      'restore|unrevoke|reinstate|undelete',
      'bring|take|get … <version>|<image> … back',
      'bring back',
      'offer … again',
    ],
  },
  {
    verb: 'lock',
    keys: [
      '2.25 lock*|freez*|hold|paus*|suspend*, 0.5 <image>',
      '4.5 no+publish*|no+builds, 0.5 <image>',
      '3 nobody+touch*|nobody+should+build|nobody+should+publish|nobody+may+build|nobody+may+publish|nobody+build*|nobody+publish*, 0.5 <image>',
      '1.5 no+more|no+new|stop|halt|do+not, 1.25 build|builds|building|publish*|version|versions, 0.5 <image>',
    ],
    says: [
      'lock|freeze|hold|pause',
      'stop|hold|pause|halt|suspend … publishing|publishes|builds',
      'hold|pause|suspend … <image>',
      'stop|halt|block <image>',
      'stop|halt|suspend publishing|building|builds',
      'no more builds|publishes|publishing|versions',
    ],
  },
  {
    verb: 'unlock',
    keys: [
      '3.5 unlock*|unfreez*|unblock*',
      '3.25 open+it|open+<image>|reopen*|open+up|free+up, 1 back|up|again|<image>',
      '1.5 resum*|reopen*|lift|release|remove, 1.75 lock|publishing|builds|building, 0.25 again',
    ],
    says: ['unlock|unfreeze|resume|release+lock|continue', 'resume|allow|let … publishing|publishes|builds|<image>'],
  },
  {
    verb: 'share',
    keys: [
      '2.25 shar*, 0.5 with|<image>|subscription|tenant',
      '2.25 tenant|subscription, 1 needs|need|wants|their, 0.75 <id>',
    ],
    says: ['share', 'share|offer <image> with|to', 'give|grant subscription|tenant access'],
  },
  {
    verb: 'unshare',
    keys: ['3 unshar*', '2 shar*, 1.5 stop|end|no+longer|remove|take|anymore|do+not'],
    says: ['unshare', 'stop|end sharing', 'take … back from subscription|tenant|everybody|everyone'],
  },
  {
    verb: 'grant',
    keys: [
      '1.75 need|needs|want|wants|require, !1.5 <group>, 1.25 access|view|see|read|right*|create|permission*, 0.5 <image>',
      '1.5 add, !1.75 <group>, 0.5 <image>',
      '1.75 grant*|give|allow|let|permit, 1.5 <group>|access|rights|permission*, 0.5 <image>|view|see|create|delete',
    ],
    says: [
      'grant|allow|authorise|authorize',
      'give|let|allow|grant … <group> … access|view|create|delete|see|<image>',
      'give access|right|rights|permission',
    ],
  },
  {
    verb: 'ungrant',
    keys: [
      '3 ungrant*',
      '1.5 take|remove|revok*|cancel|withdraw|strip, 1.75 access|right*|permission*|view, 0.75 <group>',
    ],
    says: [
      'ungrant',
      'take|remove|revoke … access|right|rights|permission|permissions',
      'take|remove|revoke … <group>',
    ],
  },
  {
    verb: 'classify',
    keys: ['2.5 classif*, 0.5 <machine>', '1.5 pet|cattle, 1 <machine>, 0.75 as|is|mark|make|treat|tag|should'],
    says: ['classify', '<machine> … pet|cattle', 'mark|make|set|tag|treat|count|declare … pet|cattle'],
  },
  {
    verb: 'exempt',
    keys: ['2.5 exempt*|exception*|waiv*|exclud*, 0.5 <machine>|policy'],
    says: [
      'exempt|exemption|exclude|waive|waiver|exception',
      'exempt|exclude|except <machine>',
      'give|grant|request|need|ask|want … exemption|exception|waiver',
      'exemption|exception <machine>',
    ],
  },
  {
    verb: 'remediate',
    keys: [
      '2.25 remediat*|fix*|repair*|mend*|heal|heals|healing|install*|correct*, 0.75 <machine>, 0.75 agent|policy|missing',
    ],
    says: [
      'remediate|remediation',
      'fix|repair|mend|heal|remediate <machine>',
      'fix|repair|mend|heal',
      'make <machine> compliant',
    ],
  },
  {
    verb: 'rescan',
    keys: [
      '2 look|check|scan|evaluate, 1.25 again, 1.25 policy, 0.5 <team>',
      '2.5 rescan*|reevaluat*|recheck*|reassess*|rescann*, 0.5 <team>|our|machines',
      '1.5 scan|check|evaluat*|refresh|look, 1 again|now|anew|fresh|once+more, 1 complian*|polic*|machines|<team>|vms',
    ],
    says: [
      'rescan|reevaluate|re+evaluate|rescan+now|reassess|re+scan|re+check|recheck',
      'scan|evaluate|check|refresh|update … again|compliance|policy|policies|now|anew',
      'scan|evaluate|refresh|trigger … <team>|<us>|scan|compliance|machines',
      'scan',
    ],
  },
  {
    verb: 'rollout',
    keys: [
      '2.25 rollout|roll+out|roll+outs|rollouts, 0.5 <team>|<version>|our',
      '!1.5 update|upgrade|migrate|patch|move|bring, !2.5 machines|vms|servers|fleet|scale+sets, 0.5 our|<team>',
      '1.5 roll|deploy*|update*|upgrad*|migrat*|move|bring|push|patch*|switch|put|get|install, 1.25 <team>|our|machines|us|fleet|scale+sets|everywhere|production|prod, 0.75 <version>|latest|<image>',
    ],
    says: [
      'rollout|roll+out|deploy|migrate|upgrade|update|move|patch|bring',
      'roll|bring|push|get|deploy|move|update|upgrade|migrate|patch … <image>|<version>|latest … <team>|<us>|scale+sets|machines|everywhere|prod|production|fleet',
      'roll|bring|push|get|deploy|move|update|upgrade|migrate|patch … <team>|<us>|scale+sets|machines|prod|production|fleet … <image>|<version>|latest',
      'deploy|update|upgrade|patch <image>',
    ],
  },
  {
    verb: 'defer',
    keys: [
      '2.25 put|push|move|shift, !1.75 off|later|out, !1 rollout|roll+out|upgrade|update, 0.5 <until>',
      '2.5 defer*|postpon*|delay*|put+off|push+back, 0.5 rollout|roll+out|upgrade|<until>',
      '2.5 ask+again|ask+me+again|ask+us+again, 1.25 <until>, 0.5 <image>',
    ],
    says: [
      'defer|postpone|put+off|delay',
      'defer|postpone|delay|put+off rollout|rollouts|<image>',
      'not now rollout',
      'wait|later … rollout',
    ],
  },
  {
    verb: 'undefer',
    keys: [
      '3 undefer*',
      '2 rollout|rollouts|roll+out, 1.75 continue|resume|go+on|carry+on|go+ahead',
      '2 deferral|postponement|delay, 1.5 end|stop|cancel|take+back|remove|lift',
    ],
    says: ['undefer', 'end|stop|cancel|take+back deferral|postponement|delay'],
  },
  {
    verb: 'appoint',
    keys: [
      '2.5 appoint*, 0.5 <machine>',
      '1.25 fine|suits|suit|ok|okay|works|good|best|move|window|slot|book|possible|maintenance, !2 <weekday>|<clock>, !1.25 <machine>',
      '1.5 replac*|rebuild|redeploy*|swap*|recreat*|reimag*, 1.25 <machine>',
    ],
    says: ['appoint|appointment', 'replace|rebuild|redeploy|swap <machine>', 'replace|redeploy|swap … <machine>'],
  },
  {
    verb: 'unappoint',
    keys: [
      '3 unappoint*',
      '2.5 appointment, !2 cancel|remove|delete|take+back|end|drop|forget|scrap|call+off|undo',
      '3 off+the+calendar|off+calendar, 1 <machine>',
    ],
    says: ['unappoint', 'cancel|remove|take+back … appointment'],
  },
  {
    verb: 'restrict',
    values: { effect: 'off' },
    keys: ['2 restrict*, 2 lift|off|remove|end|stop|no+more|without'],
    says: ['lift|remove restriction|restrictions'],
  },
  {
    verb: 'restrict',
    keys: [
      '2.5 restrict*|enforc*, 0.5 golden|<team>',
      '1.5 only|nothing+but|block|forbid|deny, 1.5 golden, 0.5 <team>',
    ],
    says: [
      'restrict',
      'only|force|enforce golden|golden+images',
      'restrict|limit|block|deny|forbid|force <team>',
      'enforce policy|golden',
    ],
  },
  {
    verb: 'retention',
    keys: [
      '2.25 delet*|clean*|retir*|remov*|prune*|purge*|tidy*|tidy+up, !1.5 old|older|oldest, 0.75 versions',
      '3.5 keep+<keep>|keep+the+last+<keep>|keep+last+<keep>|keep+only+<keep>|keep+the+newest+<keep>, 0.75 <image>',
      '1.5 <keep>, 1 clean*|delet*|retir*|remov*|only|retention|prune*, 1 old|versions|last|newest|<image>',
    ],
    says: ['keep <keep>', 'retention <keep>'],
  },
  {
    verb: 'digest',
    keys: ['2 digest*|weekly+summary, 2.25 <weekday>|<clock>, 0.5 send|move|set|change|post|get'],
    says: ['digest … <weekday>|<clock>'],
  },
  {
    verb: 'digest',
    values: { action: 'now' },
    keys: ['2 digest|weekly+summary, 1.5 now|today|immediately|post|send, 0.25 <team>|us|our'],
    says: [
      'digest|summary now',
      'send|post|give|want … digest|summary|weekly',
      'digest|summary … now|today|immediately|again',
    ],
  },
  {
    verb: 'digest',
    values: { action: 'off' },
    keys: ['2 digest*|weekly+summary, 2.25 off|stop|disable|no+more|mute|cancel|end|without'],
    says: [
      'turn|switch off … digest|summary',
      'stop|disable|end|mute|silence|no|unsubscribe … digest|digests|summary',
      'no more digest|digests',
      'digest|digests off',
      'turn … digest|digests|summary off',
    ],
  },
  {
    verb: 'digest',
    values: { action: 'on' },
    keys: ['2 digest*|weekly+summary, 1.75 on|enable|start|resume|want, 0.25 again'],
    says: [
      'turn|switch on … digest|summary',
      'enable|start|resume … digest|digests|summary',
      'digest|digests on',
      'turn … digest|digests|summary on',
    ],
  },
  {
    verb: 'snooze',
    keys: [
      '2.5 snooz*|mut*|silenc*|hide, 0.25 <version>',
      '1.5 remind|ignore, 1.25 later|again|until|<until>, 0.75 <version>',
    ],
    says: [
      'snooze|mute|silence|hide|set+aside|remind+later|remind',
      'remind … later|again|<version>|row',
      'ignore … <version>|row|until',
    ],
  },
  {
    verb: 'unsnooze',
    keys: [
      '3 unsnooz*|unmut*',
      '4.5 stop+ignoring|stop+snoozing|stop+muting|stop+hiding|stop+silencing',
      '3.5 back+in+the+digest|back+in+digest|back+on+the+digest',
      '2 snooze, 1.5 end|stop|cancel|remove|wake',
    ],
    says: ['unsnooze|unmute|wake', 'show … again row'],
  },
  {
    verb: 'subscribe',
    keys: [
      '1.25 when|once|if|whenever|as+soon, 3.5 notify+me|notify+us|tell+me|tell+us|let+me+know|let+us+know|ping+me|ping+us|inform+me|inform+us, 0.5 <image>|new|publish*|releas*',
      '2.25 subscrib*|notif*|watch*|alert*|keep+posted|heads+up|inform*, 0.5 when|if|<image>|me|us',
      '2.5 let+me+know|let+us+know|tell+me+when|tell+us+when|tell+me+if, 1.25 when|if|once|whenever|as+soon|every+time|about, 0.75 publish*|revok*|<image>|new|out|ready',
      '4 keep+me+posted|keep+us+posted|keep+me+informed|keep+us+informed|keep+me+updated|keep+us+updated, 0.5 <image>',
      '2.5 know+when|know+once|know+as+soon, 1.25 when|once|soon, 0.75 publish*|revok*|chang*|<image>|new|out|ready',
      '1.5 tell|ping|know|message|remind|warn|mail|shout, 1.25 when|if|once|whenever|as+soon|every+time|about, 0.75 publish*|revok*|<image>|new|out|ready',
    ],
    says: [
      'subscribe|notify|watch|alert|ping|inform|keep+posted|follow+news',
      'tell|let|notify|ping|alert|inform|remind … when|if|about|know … published|revoked|new|happens|<image>|changes|out|release',
      'keep … posted|informed|updated|in+loop',
      'want notifications|news|updates|alerts',
    ],
  },
  {
    verb: 'unsubscribe',
    keys: [
      '2.75 unsubscrib*|unwatch*|unfollow*',
      '2 mute|silence|turn+off, 1.5 notif*|messag*|alert*',
      '2 stop|no+more|quit|do+not|less, !2.25 telling|tell|ping*|notif*|messag*|alert*|spam*|mail*|news|updates',
    ],
    says: [
      'unsubscribe|unwatch',
      'stop telling|notifying|pinging|messages|notifications|alerting|spamming|bothering',
      'no more messages|notifications|news|alerts|pings',
    ],
  },
  {
    verb: 'webhooks',
    values: { resend: true },
    keys: ['2.5 webhook*|receiver*, 2.25 resend*|redeliver*|send+again|send+them+again|send+it+again|missed'],
    says: ['resend|redeliver webhook|webhooks'],
  },
  {
    verb: 'schedule',
    values: { rhythm: 'monthly' },
    keys: ['3.5 every+month|monthly|each+month|once+a+month, 1.25 publish*|schedul*|build*|releas*|<image>|new'],
    says: [
      'schedule|publish|build … every+month|monthly|each+month',
      'monthly … <image>',
      '<image> … monthly|every+month|each+month',
    ],
  },
  {
    verb: 'schedule',
    values: { rhythm: 'skip' },
    keys: ['2.25 skip*|leave+out, 0.75 next|month|schedule|<image>|publish'],
    says: ['skip|leave+out … month|next|schedule|publish|<image>', 'skip'],
  },
  {
    verb: 'schedule',
    values: { rhythm: 'off' },
    keys: ['2 schedul*|monthly|automatic*, 3.25 stop|off|disable|end|pause|no+more|no+automatic|no+monthly|remove'],
    says: [
      'turn|switch off … schedule',
      'stop|disable|end|pause … schedule|scheduled|monthly|automatic',
      'schedule off',
      'turn … schedule off',
    ],
  },
  {
    verb: 'schedule',
    values: { rhythm: 'on' },
    keys: ['2 schedul*|monthly|automatic*, 1.5 on|enable|resume|start|again'],
    says: [
      'turn|switch on … schedule',
      'enable|resume|start … schedule|scheduled|monthly|automatic',
      'schedule on',
      'turn … schedule on',
    ],
  },
  {
    verb: 'unsubscribe',
    denies: true,
    keys: [
      '2.5 told|tell|notif*|ping*|bother*|hear|message|messages|alert*|mail|mails|inform*|spam*|news, !2 not|never|no+longer, 0.5 <image>|me|us',
    ],
    says: [],
  },
  {
    verb: 'undelegate',
    denies: true,
    keys: [
      '2 decid*|approv*|deput*|delegat*|stand*|cover*|tak*, !1.5 for+me|instead+of+me|my+place|on+my+behalf|my+deputy, 1.5 <person>|<word>',
    ],
    says: [],
  },
  {
    verb: 'ungrant',
    denies: true,
    keys: ['2 view|see|access|read|create|delete|use|right*|permission*, !2 <group>, 1 <image>'],
    says: [],
  },
  { verb: 'unshare', denies: true, keys: ['3 shar*, 1 <image>|everybody|tenant|subscription'], says: [] },
  {
    verb: 'schedule',
    denies: true,
    values: { rhythm: 'off' },
    keys: ['2.5 automatic*|monthly|schedul*|every+month|by+itself, !1.5 build*|publish*|<image>'],
    says: [],
  },
  {
    verb: 'defer',
    denies: true,
    keys: [
      '2.25 rollout|roll+out|rollouts|upgrade|update|new+<image>|take|migrat*, !1.75 before|until|<until>|week|closing|month+end, 0.5 <image>',
    ],
    says: [],
  },
  {
    verb: 'revoke',
    denies: true,
    keys: [
      '2 should+not|must+not|may+not|not+allowed|nobody+should|nobody+may|nobody+must|no+longer|not+to, !2 use|used|deploy|deployed|run|using, !1 <version>',
    ],
    says: [],
  },
  { verb: 'lock', denies: true, keys: ['2.5 no+new, !2 <image>|version|versions|build|builds'], says: [] },
  { verb: 'retire', denies: true, keys: ['2 need|needed|want, !2 any+more|no+longer, !1 <version>'], says: [] },
];
