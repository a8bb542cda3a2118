/** What has helped before. The first that fits wins, so the special stand before the general. */
const remedies: readonly (readonly [when: RegExp, remedy: string])[] = [
  [
    /Could not get lock|dpkg frontend lock|lock-frontend|is another process using it/i,
    'Another package manager was still at work. Begin the step with `sudo cloud-init status --wait` and pass `-o DPkg::Lock::Timeout=300` to apt-get.',
  ],
  [
    /No space left on device|not enough (?:free )?(?:disk )?space/i,
    "The build machine's disk is full. Clean up in the step (`sudo apt-get clean`, temporary files) or give the build a larger OS disk.",
  ],
  [
    /EXPKEYSIG|KEYEXPIRED|NO_PUBKEY|signatures? couldn't be verified|is not signed/i,
    "The repository's signing key has expired or is missing. Fetch its present key into `/etc/apt/keyrings` before `apt-get update`.",
  ],
  [
    /(?:Failed to fetch|Err:\d+).*404|404\s+Not Found.*(?:ubuntu|debian|\.deb)|Some index files failed to download|Could not open file \/var\/lib\/apt\/lists/i,
    'The package lists are not those of the mirror. Run `sudo cloud-init status --wait` and `sudo apt-get update` in the same step before installing.',
  ],
  [
    /Unable to locate package|has no installation candidate|No package \S+ available|Unable to find a match/i,
    'No repository of this system has the package. Check its name, or add its repository and run `apt-get update` before installing.',
  ],
  [
    /unmet dependencies|held broken packages|dpkg was interrupted/i,
    'Packages contradict each other. Pin their versions in the recipe, or run `sudo dpkg --configure -a` and `sudo apt-get -f install` first.',
  ],
  [
    /Temporary failure (?:in name resolution|resolving)|Could not resolve|could not be resolved|Name or service not known/i,
    'The build machine cannot resolve names. Check the DNS and the network rules of the build subnet.',
  ],
  [
    /certificate (?:verify failed|has expired|problem)|unable to get local issuer certificate|SSL certificate/i,
    "The server's certificate was not accepted. Install the company's root certificate in an earlier step, or renew the server's.",
  ],
  [
    /bad interpreter|\^M|\\r': command not found/i,
    'The script has Windows line ends. Save it with LF, or run `sed -i "s/\\r$//"` on it first.',
  ],
  [
    /RequestDisallowedByPolicy|disallowed by policy|policy violation/i,
    'An Azure Policy forbids what the build needs. Ask the owner of the policy to exempt the staging group of Image Builder.',
  ],
  [
    /quota|OperationNotAllowed|SkuNotAvailable|AllocationFailed/i,
    'The subscription has no room for the build machine. Ask for more quota, or choose another VM size in the catalogue.',
  ],
  [
    /context deadline exceeded|Timeout waiting for (?:SSH|WinRM)|build.*tim(?:ed out|eout)|buildTimeoutInMinutes/i,
    'The build ran out of time. Look for the step that waits, or raise the time-out of the build in the catalogue.',
  ],
  [
    /does not have (?:authorization|permission) to perform action|LinkedAuthorizationFailed/i,
    'An identity lacks a role in Azure. Give it the action that the message names, at the scope that it names; then rebuild.',
  ],
  [
    /403\s+Forbidden|AuthorizationPermissionMismatch|AuthenticationFailed|AuthorizationFailed|401 Unauthorized/i,
    'The download was refused. Give the build identity Storage Blob Data Reader where the file is, or sign in to the repository.',
  ],
  [
    /Connection (?:refused|timed out|reset)|Failed to connect|Network is unreachable|Operation timed out/i,
    'A server could not be reached. Check the address, and the firewall or proxy of the build subnet; then rebuild.',
  ],
  [
    /404\s+Not Found|returned error: 404/i,
    'What the step downloads is not there any more. Correct its address in the recipe.',
  ],
  [
    /exit status: 137|^Killed$|Out of memory|Cannot allocate memory/im,
    'The build machine ran out of memory. Choose a larger VM size for the build in the catalogue.',
  ],
  [
    /command not found|: not found$|exit status: 127|is not recognized as/im,
    'The command is not on this system. Install it in an earlier step, or give its whole path.',
  ],
  [
    /Permission denied|are you root|exit status: 126|Operation not permitted|Access is denied/i,
    'The step may not do this. Image Builder runs scripts as a plain user: use `sudo`, and make scripts executable.',
  ],
  [
    /No such file or directory|Cannot find path/i,
    'A file is missing. Check the path, and that an earlier step creates it.',
  ],
  [
    /syntax error|unexpected token|unexpected end of file/i,
    'The script has a mistake. Run `bash -n` on it, correct it in the recipe and rebuild.',
  ],
];

/** The known remedy for what these lines say; undefined when there is none. */
export function remedyFor(lines: readonly string[]): string | undefined {
  return remedies.find(([when]) => lines.some((line) => when.test(line)))?.[1];
}
