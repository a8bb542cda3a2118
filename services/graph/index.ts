/**
 * Microsoft Graph: who is in the catalogue's groups. services/index.ts turns it into the Directory port; rights and
 * approvals ask it. A room of one file, which is its own index. It needs one permission, `GroupMember.Read.All`, and so
 * reads the members of groups: asking for the groups of a person would also take the right to read everybody's profile.
 */
import { type Directory, type EntraGroup, type GroupSize, mostDeciders } from '../../core/azure';
import { call } from '../../core/command-call';
import type { ConsentRead } from '../../core/doctor';
import { isUserError, UserError, type UserErrorOptions } from '../../core/errors';
import { minutes, seconds, within } from '../../core/time';
import { type AzureLog, forPeople, limited, type PlainResponse, type ReadContext } from '../azure';

/** People are waiting: a click counts only once this is answered. */
const longestMs = seconds(2);
/** A large group takes a page for each 999 members; nobody waits for it in the background. */
const longestReadMs = minutes(2);
const groupsAtOnce = 4;
/** The most that Graph takes. */
const pageSize = 999;
/** Members as known are used for so long; then they are read again in the background. */
const refreshMs = minutes(1);
/** Members known for longer are not used at all. */
const staleMs = minutes(5);

const permission = 'GroupMember.Read.All';
const personType = '#microsoft.graph.user';
/** Ids that `deciders` gives: with more people than that, some of them can always decide. */
const mostShown = 50;

interface Members {
  /** Object ids in lower case, nested membership included. */
  readonly ids: ReadonlySet<string>;
  /** Those of them that are people. */
  readonly people: ReadonlySet<string>;
  readonly size: GroupSize;
  /** Machine time, monotonic, at which the question was sent. */
  readonly askedMs: number;
}

export interface DirectoryOptions {
  readonly log?: AzureLog | undefined;
  /** Machine time, monotonic, in milliseconds. */
  readonly nowMs?: () => number;
}

/**
 * Microsoft Graph as the source of who is in which group. No answer in time is an error, never a "no".
 *
 * @see GET /v1.0/groups/{id}/transitiveMembers
 */
export function graphDirectory(azure: ReadContext, options: DirectoryOptions = {}): Directory {
  const { log, nowMs = () => performance.now() } = options;
  const slot = slots(groupsAtOnce);
  const known = new KnownMembers(
    (group) => slot(() => limited(longestReadMs, () => readMembers(azure, group, { nowMs }))),
    nowMs,
    log,
  );
  const readFew = (group: string) => readMembers(azure, group.toLowerCase(), { nowMs, most: mostDeciders });

  return {
    async memberOf(person, groups, atMostMs = staleMs) {
      const oid = person.toLowerCase();
      const asked = [...new Set(groups)];
      const answers = await waited(Promise.all(asked.map((group) => known.of(group.toLowerCase(), atMostMs))));
      return asked.filter((_, i) => answers[i]?.ids.has(oid));
    },

    async membersNow(group, people) {
      const { ids, size } = await waited(limited(longestMs, () => readFew(group)));
      if (size !== 'fits') throw unfit(size);
      return new Set([...people].filter((person) => ids.has(person.toLowerCase())));
    },

    async sizeOf(group) {
      const { size } = await slot(() => limited(longestReadMs, () => readFew(group))).catch(refuse);
      return size;
    },

    async deciders(group) {
      const { people, size } = await slot(() => limited(longestReadMs, () => readFew(group))).catch(refuse);
      return { size, count: people.size, ids: [...people].slice(0, mostShown) };
    },

    groups: (nameOrId) => waited(limited(longestMs, () => forPeople(() => findGroups(azure, nameOrId)))),
  };
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const shownOfGroups = '$select=id,displayName,securityEnabled';

/**
 * @see GET /v1.0/groups/{id}, GET /v1.0/groups?$filter=displayName eq '…'
 */
async function findGroups(azure: ReadContext, nameOrId: string): Promise<readonly EntraGroup[]> {
  const { graph } = azure.cloud;
  const filter = encodeURIComponent(`displayName eq '${nameOrId.replaceAll("'", "''")}'`);
  const which = guid.test(nameOrId) ? `/${nameOrId}?${shownOfGroups}` : `?$filter=${filter}&${shownOfGroups}`;
  const answer = await azure.request({
    method: 'GET',
    url: `${graph}/v1.0/groups${which}`,
    scope: `${graph}/.default`,
  });
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw refused(answer, 'groups');
  const found = guid.test(nameOrId) ? [JSON.parse(answer.text) as Item] : pageOf(answer, graph).value;
  return found.map(({ id, displayName, securityEnabled }) => ({
    id: String(id).toLowerCase(),
    name: typeof displayName === 'string' ? displayName : String(id),
    security: securityEnabled === true,
  }));
}

/**
 * What an identity may do in Microsoft Graph, for a person who looks before goldbot does: goldbot itself may not ask, and
 * never does.
 *
 * @see GET /v1.0/servicePrincipals/{id}/appRoleAssignments
 */
export function consentRead(azure: ReadContext): ConsentRead {
  return {
    consentsOf: (identity) => limited(longestReadMs, () => readConsents(azure, identity)).catch(refuseConsents),
  };
}

async function readConsents(azure: ReadContext, identity: string): Promise<readonly string[] | undefined> {
  const { graph } = azure.cloud;
  const held: string[] = [];
  let url: string | undefined = `${graph}/v1.0/servicePrincipals/${encodeURIComponent(identity)}/appRoleAssignments`;
  while (url !== undefined) {
    const answer = await azure.request({ method: 'GET', url, scope: `${graph}/.default` });
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer, 'appRoleAssignments');
    const { value, next }: Page = pageOf(answer, graph);
    held.push(...value.map(({ appRoleId }) => String(appRoleId).toLowerCase()));
    url = next;
  }
  return held;
}

/** What this process knows of groups, each read once for everybody who asks at the same time. */
class KnownMembers {
  private readonly known = new Map<string, Members>();
  private readonly reading = new Map<string, Promise<Members>>();

  constructor(
    private readonly read: (group: string) => Promise<Members>,
    private readonly nowMs: () => number,
    private readonly log: AzureLog | undefined,
  ) {}

  /** What is known of the group, if it is recent enough; otherwise the answer of a new question. */
  async of(group: string, atMostMs: number): Promise<Members> {
    const have = this.known.get(group);
    const ageMs = have ? this.nowMs() - have.askedMs : Number.POSITIVE_INFINITY;
    if (have && ageMs < Math.min(refreshMs, atMostMs)) return have;
    const read = this.readOnce(group);
    if (!have || ageMs >= Math.min(staleMs, atMostMs)) return read;
    read.catch((err) => this.log?.warn({ group, err }, 'the members of a group were not read again'));
    return have;
  }

  private readOnce(group: string): Promise<Members> {
    const begun = this.reading.get(group);
    if (begun) return begun;
    const read = this.read(group)
      .then((members) => {
        this.known.set(group, members);
        return members;
      })
      .finally(() => this.reading.delete(group));
    this.reading.set(group, read);
    return read;
  }
}

/** @throws UserError `DIRECTORY_SILENT` for whatever kept Graph from a full answer within two seconds. */
function waited<T>(answer: Promise<T>): Promise<T> {
  return within(longestMs, answer, () => {
    throw Object.assign(new Error('no answer within two seconds'), { name: 'TimeoutError' });
  }).catch(refuse);
}

/** Reads all pages; with `most`, no more than it takes to know that there are more members than that. */
async function readMembers(
  azure: ReadContext,
  group: string,
  { nowMs, most = Number.POSITIVE_INFINITY }: { readonly nowMs: () => number; readonly most?: number },
): Promise<Members> {
  const askedMs = nowMs();
  const [ids, people] = [new Set<string>(), new Set<string>()];
  const { graph } = azure.cloud;
  const path = `/v1.0/groups/${encodeURIComponent(group)}/transitiveMembers`;
  let url: string | undefined = `${graph}${path}?$select=id&$top=${pageSize}`;
  while (url !== undefined && ids.size <= most) {
    const answer = await azure.request({ method: 'GET', url, scope: `${graph}/.default` });
    if (answer.status === 404) return { ids, people, size: 'missing', askedMs };
    if (answer.status !== 200) throw refused(answer, 'transitiveMembers');
    const { value, next }: Page = pageOf(answer, graph);
    for (const { id, '@odata.type': type = personType } of value) {
      const member = String(id).toLowerCase();
      ids.add(member);
      if (type === personType) people.add(member);
    }
    url = next;
  }
  return { ids, people, size: ids.size > most ? 'too large' : 'fits', askedMs };
}

interface Page {
  readonly value: readonly Item[];
  readonly next: string | undefined;
}

/** Of a list of members, of groups, or of permissions that were given. */
interface Item {
  readonly id?: unknown;
  readonly displayName?: unknown;
  readonly securityEnabled?: unknown;
  readonly '@odata.type'?: unknown;
  readonly appRoleId?: unknown;
}

function pageOf({ text }: PlainResponse, graph: string): Page {
  const body = JSON.parse(text) as { readonly value?: unknown; readonly '@odata.nextLink'?: unknown };
  if (!Array.isArray(body.value)) throw new Error('Microsoft Graph answered without a value');
  const next = body['@odata.nextLink'];
  if (next !== undefined && !isAt(graph, next))
    throw new Error('Microsoft Graph named a next page that is not its own');
  return { value: body.value, next };
}

/** The token must go to Graph alone, whatever an answer says. */
const isAt = (graph: string, url: unknown): url is string =>
  typeof url === 'string' && URL.canParse(url) && new URL(url).origin === graph;

function refused({ status, headers, text }: PlainResponse, what: string): Error {
  const code = /"code"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '';
  const requestId = headers.get('request-id') ?? '';
  return Object.assign(new Error(`${what}: ${status} ${code} ${requestId}`), { status });
}

function refuse(cause: unknown): never {
  throw isUserError(cause) ? cause : silent(cause, 'Microsoft Graph did not say who is in the groups that this needs.');
}

function refuseConsents(cause: unknown): never {
  throw isUserError(cause) ? cause : silent(cause, 'Microsoft Graph did not say what an identity may do.');
}

function silent(cause: unknown, message: string): UserError {
  const status = (cause as { status?: number }).status;
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return directoryError(message, {
    hint:
      status === 401 || status === 403
        ? `Give goldbot's identity the Microsoft Graph application permission ${permission}, then try again.`
        : 'Nothing was done. Try again in a minute.',
    ...(status !== undefined && { facts: { status } }),
    cause: new Error(`asking Microsoft Graph: ${text}`),
  });
}

function unfit(size: Exclude<GroupSize, 'fits'>): UserError {
  if (size === 'missing') {
    return directoryError('Entra has no such group.', {
      hint: 'Ask an admin to correct the object id of the group in the catalogue.',
      next: [call('whoami')],
    });
  }
  return directoryError(`The group has more than ${mostDeciders.toLocaleString('en')} members.`, {
    hint: 'Ask an admin to name a smaller group in the catalogue.',
  });
}

const directoryError = (message: string, options: UserErrorOptions) =>
  new UserError('DIRECTORY_SILENT', message, options);

/** Runs at most `count` calls at once; the others wait in order. */
function slots(count: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (run) => {
    if (free === 0) await new Promise<void>((go) => waiting.push(go));
    else free -= 1;
    try {
      return await run();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
