/**
 * Microsoft Graph: which groups somebody is in. services/index.ts turns it into the Directory port; rights and
 * approvals ask it. A room of one file, which is its own index.
 */
import type { Directory } from '../../core/azure';
import { UserError } from '../../core/errors';
import { limited, type PlainResponse, type ReadContext } from '../azure';

/** The most groups that Microsoft Graph takes in one call. */
const groupsACall = 20;
/** People are waiting: a click counts only once this is answered. */
const longestMs = 2_000;
const scope = 'https://graph.microsoft.com/.default';

/** Microsoft Graph as the source of who is in which group. No answer in time is an error, never a "no". */
export function graphDirectory(azure: ReadContext): Directory {
  return {
    /**
     * Which of these groups the person is in, nested membership included; a person whom the directory does not know is
     * in none. Answers within two seconds.
     *
     * @throws UserError `DIRECTORY_SILENT` for whatever kept Graph from a full answer.
     * @see POST /v1.0/users/{id}/checkMemberGroups (permission GroupMember.Read.All)
     */
    async memberOf(person, groups) {
      const asked = [...new Set(groups)];
      if (asked.length === 0) return [];
      try {
        const answers = await limited(longestMs, () =>
          Promise.all(chunks(asked).map((some) => check(azure, person, some))),
        );
        const member = new Set(answers.flat().map((id) => id.toLowerCase()));
        return asked.filter((id) => member.has(id.toLowerCase()));
      } catch (error) {
        throw silent(error);
      }
    },
  };
}

async function check(azure: ReadContext, person: string, groupIds: readonly string[]): Promise<readonly string[]> {
  const url = `https://graph.microsoft.com/v1.0/users/${encodeURIComponent(person)}/checkMemberGroups`;
  const answer = await azure.request({ method: 'POST', url, scope, body: { groupIds } });
  if (answer.status === 404) return [];
  if (answer.status !== 200) throw refused(answer);
  const { value } = JSON.parse(answer.text) as { value?: unknown };
  if (!Array.isArray(value)) throw new Error('Microsoft Graph answered without a value');
  return value.map(String);
}

function refused({ status, headers, text }: PlainResponse): Error {
  const code = /"code"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '';
  const facts = { requestId: headers.get('request-id') };
  return Object.assign(new Error(`checkMemberGroups: ${status} ${code} ${facts.requestId ?? ''}`), { status });
}

function silent(cause: unknown): UserError {
  const status = (cause as { status?: number }).status;
  const forbidden = status === 401 || status === 403;
  const hint = forbidden
    ? "Give goldbot's identity the Microsoft Graph permission GroupMember.Read.All, then try again."
    : 'Nothing was done. Try again in a minute.';
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  return new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not say which groups you are in.', {
    hint,
    ...(status !== undefined && { facts: { status } }),
    cause: new Error(`asking Microsoft Graph: ${text}`),
  });
}

function chunks(groups: readonly string[]): string[][] {
  const count = Math.ceil(groups.length / groupsACall);
  return Array.from({ length: count }, (_, i) => groups.slice(i * groupsACall, (i + 1) * groupsACall));
}
