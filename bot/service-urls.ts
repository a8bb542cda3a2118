/**
 * Where Teams' connector lives, by cloud: worldwide, GCC, GCC High, DoD, 21Vianet. Exact hosts: anybody can register
 * a name below `trafficmanager.net`, and whatever is sent there carries the bot's token.
 */
const teamsHosts: ReadonlySet<string> = new Set([
  'smba.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
  'smba.infra.gov.teams.microsoft.us',
  'smba.infra.dod.teams.microsoft.us',
  'frontend.botapi.msg.infra.teams.microsoftonline.cn',
]);

/** Tells whether goldbot may send its token to a service URL. */
export type ServiceUrlRule = (serviceUrl: string) => boolean;

/** `sandboxUrl` is the one more place that is allowed, by scheme, host and port; absent outside of the sandbox. */
export function serviceUrlRule(sandboxUrl?: string): ServiceUrlRule {
  const sandboxOrigin = sandboxUrl === undefined ? undefined : new URL(sandboxUrl).origin;
  return (serviceUrl) => {
    const url = read(serviceUrl);
    if (url === undefined || url.username + url.password !== '') return false;
    if (sandboxOrigin !== undefined && url.origin === sandboxOrigin) return true;
    return url.protocol === 'https:' && url.port === '' && teamsHosts.has(url.hostname);
  };
}

/** Undefined for whatever two parsers could read in two ways: anything but the form that a URL is written back in. */
function read(serviceUrl: string): URL | undefined {
  const url = URL.canParse(serviceUrl) ? new URL(serviceUrl) : undefined;
  return url && (url.href === serviceUrl || url.href === `${serviceUrl}/`) ? url : undefined;
}
