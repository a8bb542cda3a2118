/**
 * Mistakes that once passed every test. `npm run mutants:known` puts them back one at a time and names those that
 * no test sees; test/mutants/list.test.ts keeps the list up with the code.
 */
export interface Mutant {
  /** What people would suffer. */
  readonly harm: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly text: string;
  readonly instead: string;
  /** The test file that turns red. */
  readonly test: string;
  /** Its tests alone whose names match. */
  readonly only?: string;
}

const engine: readonly Mutant[] = [
  {
    harm: 'two replicas commit a step of one run: the lock',
    file: 'store/leases.ts',
    text: 'select 1 from ${of} where id = $1 and lease_token = $2 and leased_until is not null for update',
    instead: 'select 1 from ${of} where id = $1 and lease_token >= $2 for update',
    test: 'test/store/repositories.test.ts',
    only: 'obey no lease',
  },
  {
    harm: 'two replicas commit a step of one run: the update',
    file: 'store/leases.ts',
    text: 'set ${set} where id = $1 and lease_token = $2 and leased_until is not null returning id',
    instead: 'set ${set} where id = $1 and lease_token >= $2 returning id',
    test: 'test/store/repositories.test.ts',
    only: 'obey no lease',
  },
  {
    harm: 'a step that thaws beside its heir commits',
    file: 'store/leases.ts',
    text: 'select 1 from ${of} where id = $1 and lease_token = $2 and leased_until is not null for update',
    instead: 'select 1 from ${of} where id = $1 and lease_token >= $2 for update',
    test: 'test/engine/trouble.test.ts',
    only: 'thaws while its heir',
  },
  {
    harm: 'a second approval card: the lease was lost between claim and create',
    file: 'bot/delivery.ts',
    text: 'if (fence.leftMs() <= 0 || !(await cardCreating(database, card, address.conversationId))) return;',
    instead: 'await cardCreating(database, card, address.conversationId);',
    test: 'test/bot/second-chance.test.ts',
    only: 'is posted by nobody',
  },
  {
    harm: 'a press approves requests whose object is another: the seal',
    file: 'core/requests.ts',
    text: '({ id, planHash, fingerprint = null }) => ({ id, planHash, fingerprint })',
    instead: '({ id, planHash }) => ({ id, planHash })',
    test: 'test/core/requests.test.ts',
    only: 'is another when',
  },
  {
    harm: 'a press approves what its card did not list',
    file: 'dialogs/changes/together.ts',
    text: 'if (hash === sealOf(asked.map(({ approval }) => approval))) return card;',
    instead: 'if (hash !== undefined) return card;',
    test: 'test/dialogs/requests.test.ts',
    only: 'does nothing for a click',
  },
  {
    harm: 'who approves one image approves all on the card',
    file: 'dialogs/changes/together.ts',
    text: '    forbidden(approve, ctx, deps.catalogue(), run.subject) ??\n',
    instead: '',
    test: 'test/dialogs/requests.test.ts',
    only: 'counts for the images',
  },
  {
    harm: 'a hole in the audit: a request that was closed by a step',
    file: 'workflows/engine/commit.ts',
    text: "    changes.records.push({ ...base, action: 'void', request: closed.id, detail: { by, why, ...boundTo(closed) } });\n",
    instead: '    void [closed.id, by, why];\n',
    test: 'test/engine/redraw.test.ts',
    only: 'closes the request',
  },
  {
    harm: 'a hole in the audit: a request whose object was changed',
    file: 'workflows/engine/commit.ts',
    text: "    changes.records.push({ ...base, action: 'void', request: found.id, detail });\n",
    instead: '    void detail;\n',
    test: 'test/workflows/approved-object.test.ts',
  },
  {
    harm: '"needs repair" for ever: the news does not follow the run',
    file: 'store/cards.ts',
    text: "where c.topic ~>=~ ('news:' || run.id || ':')",
    instead: "where c.topic ~>=~ ('nothing:' || run.id || ':')",
    test: 'test/engine/redraw.test.ts',
  },
  {
    harm: 'a repair without a reason: of a reject after an approve',
    file: 'store/approvals.ts',
    text: 'set verdict = excluded.verdict, reason = excluded.reason,',
    instead: 'set verdict = excluded.verdict,',
    test: 'test/engine/redraw.test.ts',
    only: 'approved first and rejects then',
  },
  {
    harm: 'a signal to an ended change is accepted and never heard',
    file: 'workflows/start/start.ts',
    text: 'if (run.endedAt || !stage || !takenBy',
    instead: 'if (!stage || !takenBy',
    test: 'test/engine/control.test.ts',
    only: 'ended',
  },
];

const figures: readonly Mutant[] = [
  {
    harm: 'while a candidate waits every machine is behind',
    file: 'core/images/lineage.ts',
    text: '> 0 && !v.excludedFromLatest && v.regions',
    instead: '> 0 && v.regions',
    test: 'test/core/lineage.test.ts',
  },
  {
    harm: '`digest now` counts as last week',
    file: 'store/digests.ts',
    text: 'where team = $1 and week < $2 and not extra order by',
    instead: 'where team = $1 and week < $2 order by',
    test: 'test/store/figures-before.test.ts',
  },
  {
    harm: '`digest now` shows stale figures',
    file: 'workflows/digest/run.ts',
    text: '  if (extra) return run.createdAt;\n',
    instead: '',
    test: 'test/dialogs/digest.test.ts',
    only: 'sends one more',
  },
  {
    harm: 'everybody is pointed at a version that failed',
    file: 'core/images/versions.ts',
    text: "(v) => !v.excludedFromLatest && v.provisioningState !== 'Failed'",
    instead: '(v) => !v.excludedFromLatest',
    test: 'test/core/planning.test.ts',
  },
  {
    harm: 'a second number is taken that an earlier run has',
    file: 'core/images/planning.ts',
    text: '...versions.map((v) => v.version), ...taken]',
    instead: '...versions.map((v) => v.version)]',
    test: 'test/core/planning.test.ts',
  },
  {
    harm: 'a wrong dry run: restored disks counted as stopped',
    file: 'core/compliance/restriction.ts',
    text: "type !== 'arc' && source !== ''",
    instead: "type !== 'arc'",
    test: 'test/core/stopped.test.ts',
  },
  {
    harm: 'any group named `IT_…` escapes a deny',
    file: 'core/compliance/restriction.ts',
    text: '[`IT_${azure.buildResourceGroup}_`]',
    instead: "['IT_']",
    test: 'test/core/restriction.test.ts',
  },
  {
    harm: 'somebody else’s managed image is overwritten by an output',
    file: 'workflows/publish/distribute.ts',
    text: 'if (there) return needsRepair(',
    instead: 'if (there?.runId === run.id) return needsRepair(',
    test: 'test/workflows/distribute.test.ts',
  },
  {
    harm: 'outputs are made of a version that is not what was approved',
    file: 'workflows/publish/distribute.ts',
    text: 'if (!first) return found;',
    instead: 'if (first !== null) return found;',
    test: 'test/workflows/distribute.test.ts',
  },
  {
    harm: 'cancelling what lacks an output ends it as cancelled, and the clean-up deletes what is published',
    file: 'workflows/publish/stage.ts',
    text: 'if (lacksOutputs(context.run))',
    instead: 'if (!context.run)',
    test: 'test/workflows/distribute.test.ts',
  },
  {
    harm: 'a newer base that is the chosen one, in the forecast',
    file: 'core/compliance/forecast.ts',
    text: 'newest !== undefined && used !== newest',
    instead: 'newest !== undefined',
    test: 'test/core/forecast.test.ts',
  },
];

const publishing: readonly Mutant[] = [
  {
    harm: 'a version that nobody can delete, ever',
    file: 'workflows/publish/publish.ts',
    text: 'blockDeletionBeforeEndOfLife: plan.endOfLife !== null',
    instead: 'blockDeletionBeforeEndOfLife: true',
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: '"published everywhere" is untrue: Unknown counts as served',
    file: 'workflows/publish/publish.ts',
    text: 'done + failed.length === ours.length',
    instead: "ours.every((r) => r.state !== 'Replicating')",
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: 'wrong progress: regions that are on their way are counted',
    file: 'workflows/publish/publish.ts',
    text: '`${done} of',
    instead: '`${ours.length} of',
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: 'one version too few is kept',
    file: 'workflows/publish/publish.ts',
    text: 'replaced.length + 1 <= keep',
    instead: 'replaced.length + 1 < keep',
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: 'the last check of plan and approval is gone',
    file: 'workflows/publish/publish.ts',
    text: 'return isOurs && planHash(plan) === run.planHash ? approval : undefined;',
    instead: 'return approval;',
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: 'the last check of the object is gone',
    file: 'workflows/publish/publish.ts',
    text: "  if (changes.length > 0) return hideThenLose(context, 'publish', found, changes);\n",
    instead: '',
    test: 'test/workflows/publish-stage.test.ts',
  },
  {
    harm: 'leaks: no second look',
    file: 'workflows/publish/cleanup.ts',
    text: 'if (run.data.cleanedOnce) return end(run);',
    instead: 'return end(run);',
    test: 'test/workflows/cleanup.test.ts',
  },
  {
    harm: 'leaks: a version goes before the machine that runs from it',
    file: 'workflows/publish/cleanup.ts',
    text: '{ template: 0, machine: 1, version: 2 }',
    instead: '{ template: 2, machine: 1, version: 0 }',
    test: 'test/workflows/cleanup.test.ts',
  },
  {
    harm: 'a build is started twice: at the second look, not after five minutes',
    file: 'workflows/publish/watch.ts',
    text: 'if (waited(context, what) <= waits.start.ms)',
    instead: 'if (waited(context, what) <= 0)',
    test: 'test/workflows/limits.test.ts',
  },
  {
    harm: 'an image built from a version that its gallery holds back where it builds',
    file: 'core/images/bases.ts',
    text: 'if (version.excludedFromLatest || region?.excludedFromLatest) {',
    instead: 'if (version.excludedFromLatest) {',
    test: 'test/core/gallery-bases.test.ts',
  },
  {
    harm: 'an image built from a managed image that became another one since the plan',
    file: 'core/images/bases.ts',
    text: 'return base?.version === version ? base : undefined;',
    instead: 'return base;',
    test: 'test/core/gallery-bases.test.ts',
  },
  {
    harm: 'a newer base that is the chosen one, on the card of the run',
    file: 'workflows/publish/plan.ts',
    text: 'newest && newest !== base.version && {',
    instead: 'newest && {',
    test: 'test/workflows/deprecated-base.test.ts',
  },
];

const turning: readonly Mutant[] = [
  {
    harm: 'what somebody put in the place of a tested version is promoted',
    file: 'workflows/change/latest.ts',
    text: "      if (problem !== undefined) return { kind: 'failed', why: problem };",
    instead: "      if (problem === '') return { kind: 'failed', why: problem };",
    test: 'test/workflows/forward-and-back.test.ts',
    only: 'looks once more',
  },
  {
    harm: 'a candidate is promoted that nobody tested',
    file: 'dialogs/present/promotable.ts',
    text: '  return isCandidate(version) ?',
    instead: '  return doubts.length > 9 ?',
    test: 'test/dialogs/forward-and-back.test.ts',
  },
  {
    harm: 'a version that is promoted in one region becomes latest in all',
    file: 'services/compute/version-change.ts',
    text: 'excluded || hiddenIn.some(',
    instead: 'excluded && hiddenIn.some(',
    test: 'test/services/version-change.test.ts',
  },
  {
    harm: 'a rollback leaves something above the good version that was published meanwhile, and says that it is back',
    file: 'workflows/change/latest.ts',
    text: '  if (others.length === 0) return undefined;',
    instead: '  if (others.length >= 0) return undefined;',
    test: 'test/workflows/forward-and-back.test.ts',
    only: 'nobody agreed to hide',
  },
];

const channelling: readonly Mutant[] = [
  {
    harm: 'two versions stay in a channel, and nobody knows which one is meant',
    file: 'workflows/change/latest.ts',
    text: 'const value = number === plan.versions[0] ? context.run.id : null;',
    instead: "const value = number === '' ? null : context.run.id;",
    test: 'test/workflows/forward-and-back.test.ts',
    only: 'moves a channel',
  },
  {
    harm: 'a candidate that nobody approved is called stable',
    file: 'dialogs/commands/channel.ts',
    text: '  if (isCandidate(version)) return',
    instead: '  if (number === name) return',
    test: 'test/dialogs/forward-and-back.test.ts',
  },
];

const changing: readonly Mutant[] = [
  {
    harm: 'somebody is said to have a right to an image that their role takes away',
    file: 'core/preflight/rights.ts',
    text: ' && named(notActions) === undefined',
    instead: '',
    test: 'test/core/image-access.test.ts',
  },
  {
    harm: 'what is not known of the roles of an image passes for nobody',
    file: 'dialogs/commands/access.ts',
    text: 'deps.read.assignmentsAt(ref),',
    instead: 'deps.read.assignmentsAt(ref).catch(() => []),',
    test: 'test/dialogs/access.test.ts',
  },
  {
    harm: 'two revokes that each look first hide the last version together',
    file: 'workflows/change/versions.ts',
    text: 'if (holder !== context.run.id) {',
    instead: 'if (holder === undefined) {',
    test: 'test/workflows/version-changes.test.ts',
    only: 'would hide the last versions together',
  },
  {
    harm: 'a scale set that came after the approval cannot scale out any more',
    file: 'workflows/change/versions.ts',
    text: 'const stop = restrains(plan.verb) ? await broken(work) : undefined;',
    instead: 'const stop = plan.versions.length === 0 ? await broken(work) : undefined;',
    test: 'test/workflows/version-changes.test.ts',
    only: 'after it was agreed to',
  },
  {
    harm: 'who agreed to break something reviews that alone',
    file: 'workflows/start/start.ts',
    text: 'if (![...run.actors, ...decided].some((one) => one.oid === oid)) return;',
    instead: 'if (!run.actors.some((one) => one.oid === oid)) return;',
    test: 'test/workflows/version-changes.test.ts',
    only: 'broken glass',
  },
  {
    harm: 'a version that one region hides is counted on there',
    file: 'core/lifecycle/latest.ts',
    text: '!(excludedFromLatest || here.excludedFromLatest)',
    instead: '!excludedFromLatest',
    test: 'test/core/lifecycle.test.ts',
  },
  {
    harm: 'a plan is agreed to that shows something else by now',
    file: 'dialogs/changes/versions.ts',
    text: 'asked.agreed.toLowerCase() !== plan.radius.digest',
    instead: "asked.agreed === ''",
    test: 'test/dialogs/version-plans.test.ts',
  },
  {
    harm: 'the card of an audit says that machines are stopped',
    file: 'workflows/change/policies.ts',
    text: 'are reported as non-compliant; none is stopped.',
    instead: 'are reported as non-compliant and are stopped.',
    test: 'test/workflows/change-words.test.ts',
  },
  {
    harm: 'a remediation is given up after nine minutes',
    file: 'workflows/change/stages.ts',
    text: 'ms: minutes(90)',
    instead: 'ms: minutes(9)',
    test: 'test/workflows/limits.test.ts',
  },
  {
    harm: '"somebody undoes it": Azure keeps no fractions of seconds',
    file: 'dialogs/commands/exempt.ts',
    text: 'new Date(Math.floor(when.getTime() / 1_000) * 1_000)',
    instead: 'when',
    test: 'test/dialogs/exempt.test.ts',
  },
  {
    harm: 'the owner of a pet decides about it',
    file: 'dialogs/commands/remediate.ts',
    text: '(owns ? undefined : byOwners(catalogue, team)) ?? byAdmins(catalogue)',
    instead: 'byOwners(catalogue, team) ?? byAdmins(catalogue)',
    test: 'test/dialogs/remediate-pets.test.ts',
    only: 'who is asked',
  },
];

const telling: readonly Mutant[] = [
  {
    harm: 'a region that failed is called served',
    file: 'dialogs/present/run.ts',
    text: '`${region.name} is not served: ${why(region)}`',
    instead: '`${region.name} is served: ${why(region)}`',
    test: 'test/dialogs/endings.test.ts',
  },
  {
    harm: 'expired and withdrawn are swapped',
    file: 'dialogs/present/change.ts',
    text: "  expired: 'expired',\n  withdrawn: 'withdrawn',",
    instead: "  expired: 'withdrawn',\n  withdrawn: 'expired',",
    test: 'test/dialogs/endings.test.ts',
  },
  {
    harm: 'a request that nobody decides is said to be approved then',
    file: 'dialogs/present/run.ts',
    text: '${moment(approval.expiresAt)}; then it expires.`',
    instead: '${moment(approval.expiresAt)}; then it is approved.`',
    test: 'test/dialogs/endings.test.ts',
  },
  {
    harm: 'wrong progress: failed tests are counted as passed',
    file: 'dialogs/present/run.ts',
    text: '${tests.filter((t) => t.passed).length} of',
    instead: '${tests.length} of',
    test: 'test/dialogs/endings.test.ts',
  },
  {
    harm: 'wrong progress: regions without the version are counted as served',
    file: 'dialogs/present/run.ts',
    text: '${served.length} of ${plan.regions.length} regions in place',
    instead: '${plan.regions.length} of ${plan.regions.length} regions in place',
    test: 'test/dialogs/endings.test.ts',
  },
  {
    harm: 'auditors miss entries: the file is cut in silence',
    file: 'dialogs/commands/audit.ts',
    text: 'if (left === 0 && !more)',
    instead: 'if (left >= 0)',
    test: 'test/dialogs/audit.test.ts',
  },
  {
    harm: 'a request is overdue after an hour',
    file: 'dialogs/commands/approvals.ts',
    text: 'const dayMs = days(1);',
    instead: 'const dayMs = days(1) / 24;',
    test: 'test/dialogs/commands.test.ts',
    only: 'approvals',
  },
  {
    harm: '`--mine` lists what I have decided',
    file: 'dialogs/commands/approvals.ts',
    text: "  if (approval.decisions.some((d) => d.oid === ctx.person.oid)) return 'you have decided';\n",
    instead: '',
    test: 'test/dialogs/commands.test.ts',
    only: 'approvals',
  },
  {
    harm: 'requests that have expired are listed as open',
    file: 'store/reads/reads.ts',
    text: "where status = 'pending' and expires_at > $1 order by",
    instead: "where status = 'pending' and $1::timestamptz is not null order by",
    test: 'test/engine/control.test.ts',
    only: 'outrun',
  },
];

const teams: readonly Mutant[] = [
  {
    harm: 'a message is answered twice: it is never marked as answered',
    file: 'bot/messages.ts',
    text: '    await this.answered(() => answer(database, lease, null));\n  }\n\n  /** What is known at once',
    instead: '  }\n\n  /** What is known at once',
    test: 'test/bot/messages.test.ts',
    only: 'is marked as answered',
  },
  {
    harm: 'a slow act is done twice: its lease is not renewed',
    file: 'store/holding.ts',
    text: '        await renew();\n        silent = false;',
    instead: '        silent = false;',
    test: 'test/bot/messages.test.ts',
    only: 'takes several leases',
  },
  {
    harm: 'the channel of a thread does not rest after a Retry-After',
    file: 'bot/speaker.ts',
    text: 'new Set([threadOf(address), address.conversationId])',
    instead: 'new Set([threadOf(address)])',
    test: 'test/bot/pace.test.ts',
    only: 'Retry-After',
  },
];

const looking: readonly Mutant[] = [
  {
    harm: 'a person’s rights pass for goldbot’s: what goldbot lacks is told as fine',
    file: 'core/doctor/desk.ts',
    text: 'if (grants) return permissionsAt(grants, scope);',
    instead: 'if (grants) return azure.ownPermissions(scope);',
    test: 'test/core/doctor-desk.test.ts',
    only: 'a gap by action and scope',
  },
  {
    harm: 'what a person may not see is told as a gap of goldbot’s',
    file: 'core/doctor/examine.ts',
    text: "who === 'You' ? shutToYou : missingRights",
    instead: "who === 'You' ? missingRights : missingRights",
    test: 'test/core/doctor-desk.test.ts',
    only: 'is no gap of goldbot’s',
  },
  {
    harm: 'an operator is told to grant goldbot what it has, because they may not read groups themselves',
    file: 'core/doctor/desk.ts',
    text: 'deciders: (group) => house.deciders(group).catch(mayNotRead)',
    instead: 'deciders: (group) => house.deciders(group)',
    test: 'test/core/doctor-desk.test.ts',
    only: 'may not read groups',
  },
  {
    harm: 'a bot of another tenant is found out by the first message that stays without an answer',
    file: 'core/doctor/sign-in.ts',
    text: "if (answer.kind === 'refused') return [refused(appId, tenant, answer.why)];",
    instead: "if (answer.kind === 'refused') return [];",
    test: 'test/core/doctor-looks.test.ts',
    only: 'says what mends',
  },
  {
    harm: 'a build fails at the public address that a policy forbids, and nobody has looked before',
    file: 'core/preflight/standing.ts',
    text: '...(network === undefined',
    instead: '...(network !== undefined',
    test: 'test/core/preflight-looks.test.ts',
    only: 'no network of its own',
  },
];

const seeing: readonly Mutant[] = [
  {
    harm: 'a digest’s steps lead to nothing: nobody sees when it came due',
    file: 'workflows/digest/schedule.ts',
    text: '    trace: telemetry?.here(),\n',
    instead: '',
    test: 'test/telemetry/origin.test.ts',
    only: 'are linked to the span',
  },
  {
    harm: 'a scheduled publish’s steps lead to nothing: nobody sees when it came due',
    file: 'workflows/schedule/schedule.ts',
    text: '    trace: telemetry?.here(),\n',
    instead: '',
    test: 'test/telemetry/origin.test.ts',
    only: 'are linked to the span',
  },
  {
    harm: 'an alert on throttling names the wrong quota',
    file: 'services/azure/operation.ts',
    text: "if (what.startsWith('Microsoft.ResourceGraph/')) return 'resource-graph';",
    instead: '',
    test: 'test/telemetry/throttles.test.ts',
    only: 'is counted as its own',
  },
  {
    harm: 'each answer of Azure counts as a request to slow down',
    file: 'services/azure/pipeline.ts',
    text: 'const throttled = status === 429 || (status === 503 && retryAfterMs(headers) !== undefined);',
    instead: 'const throttled = status === 429 || status >= 500;',
    test: 'test/telemetry/throttles.test.ts',
  },
  {
    harm: 'behind a proxy that refuses, the log does not say that it is the proxy',
    file: 'services/azure/pipeline.ts',
    text: "const why = code === 'EPROXY' ? message : undefined;",
    instead: 'const why = undefined as string | undefined;',
    test: 'test/telemetry/runbook.test.ts',
    only: 'has the words about the proxy',
  },
  {
    harm: 'a line of the log leads to no trace',
    file: 'app/telemetry.ts',
    text: 'trace === undefined ? fields : { ...fields, trace }',
    instead: 'fields',
    test: 'test/app/log.test.ts',
    only: 'within which trace',
  },
];

const trying: readonly Mutant[] = [
  {
    harm: 'a trial may change what is called like its own definition',
    file: 'core/trials/place.ts',
    text: 'return sameId(id, definition) ||',
    instead: 'return id.startsWith(definition) ||',
    test: 'test/core/trials.test.ts',
    only: 'one of a similar name',
  },
  {
    harm: 'trials take over a definition that somebody else has made, and delete it',
    file: 'workflows/change/trials.ts',
    text: 'if (isForeign(state))',
    instead: 'if (isForeign({}))',
    test: 'test/workflows/trials-steps.test.ts',
    only: 'somebody else has made',
  },
  {
    harm: 'trials that cannot go on leave their version behind',
    file: 'workflows/change/trials.ts',
    text: "definition === undefined ? ['AZ_FORBIDDEN'] : [];",
    instead: "['AZ_FORBIDDEN'];",
    test: 'test/workflows/trials-steps.test.ts',
    only: 'cannot be made',
  },
  {
    harm: 'anybody answers for the person whom a trial mentions',
    file: 'dialogs/commands/try.ts',
    text: 'if (mention.oid !== person.oid)',
    instead: 'if (!mention)',
    test: 'test/dialogs/try.test.ts',
    only: 'nobody else',
  },
  {
    harm: 'the file for an issue names the subscription',
    file: 'services/compute/trials.ts',
    text: ".replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<id>')",
    instead: '',
    test: 'test/workflows/trials.test.ts',
    only: 'asks each question',
  },
];

export const mutants: readonly Mutant[] = [
  ...trying,
  ...engine,
  ...figures,
  ...publishing,
  ...turning,
  ...channelling,
  ...changing,
  ...telling,
  ...teams,
  ...looking,
  ...seeing,
];
