/**
 * What has helped before. The first match wins, so special cases precede general ones. A key in backquotes is one of
 * the catalogue; a test looks each of them up, so that nobody is told to set what cannot be set.
 */
export const remedies: readonly (readonly [when: RegExp, remedy: string])[] = [
  [
    /: \d+: (?:set: Illegal option|(?:\[\[|source|shopt|declare|pushd|popd|let|function|local): not found|.*[Bb]ad substitution|.*Bad for loop variable)|: unexpected operator$|Syntax error: (?:"\("|"&"|redirection) unexpected|Illegal option -o pipefail/,
    "Azure runs the lines of a script under `/bin/sh`, which is not bash on this system. Put them between `bash -euo pipefail <<'EOF'` and `EOF`, or run a script file that begins with `#!/bin/bash`.",
  ],
  [
    /DeprovisioningScript\.ps1/i,
    'Image Builder generalizes the machine with `C:\\DeprovisioningScript.ps1`, and a step has removed or broken that file. Leave it alone in the recipe, then rebuild.',
  ],
  [
    /IMAGE_STATE_UNDEPLOYABLE/,
    'Sysprep could not generalize the machine. What it stumbled over is in `C:\\Windows\\System32\\Sysprep\\Panther\\setupact.log` of the build machine: mostly an update that is not finished (end the recipe with a WindowsRestart step) or software that refuses to be copied. Let a step print that file, then rebuild.',
  ],
  [
    /0x8024(?:0016|2014)\b/i,
    'Another installation was still running, or Windows is waiting for a restart. Put a WindowsRestart step before the updates, then rebuild.',
  ],
  [
    /0x8024(?:401[0-9A-F]|402[0-9A-F]|0438|4007)|0x80072(?:EE[0-9A-F]|EF[0-9A-F]|F8F)/i,
    'The build machine does not reach the server of its updates. Let the network of the build (`build.network`) and its proxy pass Windows Update, or name your own server in an earlier step; then rebuild.',
  ],
  [
    /0x800f(?:081f|0954|0906|0907)/i,
    'Windows does not find the files of that feature. Give the step their place (`-Source`), or let the machine fetch them from Windows Update; then rebuild.',
  ],
  [
    /Timeout waiting for machine to restart/i,
    'The machine was not back in time. Raise `restartTimeout` of that WindowsRestart step, such as to 30m: after updates Windows needs long.',
  ],
  [
    /Timeout waiting for WinRM/i,
    'Windows did not answer in time: the build machine is too small or too slow, or the network of the build keeps port 5986 closed. Choose a larger VM size (`build.vmSize`) or open the port in `build.network`, then rebuild.',
  ],
  [
    /:5986\/wsman|WinRMOperationTimeout|invalid content type|http response error: 401/i,
    'The step cut Image Builder off, which works through WinRM on port 5986. Leave WinRM, its certificate, its firewall rules and the user packer alone in the recipe; set them by policy once machines run.',
  ],
  [
    /exit status: (?:4294770688|-196608)\b|to the -File parameter does not exist/i,
    'The script of the step was gone before it ran: an earlier step has emptied `C:\\Windows\\Temp`. Leave that folder alone in the recipe, then rebuild.',
  ],
  [
    /ParserError|Missing closing '|is missing the terminator|Missing (?:statement|expression|argument|condition) |Unexpected token '.*' in expression/i,
    'PowerShell cannot read the script. Let it parse the lines (`[scriptblock]::Create(…)`), correct them in the recipe, then rebuild.',
  ],
  [
    /Container Instances provider (?:is not|isn't) registered/i,
    'Builds run in Azure Container Instances, for which the subscription that builds is not registered. Have an Azure administrator run `az provider register --namespace Microsoft.ContainerInstance`, then rebuild.',
  ],
  [
    /not registered to use namespace|MissingSubscriptionRegistration/i,
    'The subscription that builds is not registered for a service that Image Builder needs there. Have an Azure administrator run `az provider register --namespace` with the namespace that the message names, then rebuild.',
  ],
  [
    /Container Instances quota/i,
    'Other builds use up what the subscription may have of Azure Container Instances. Rebuild when they have ended, or ask for more quota (Azure portal, Quotas).',
  ],
  [
    /Too many Azure Container Instances/i,
    'Too many builds were started within minutes. Wait ten minutes, then rebuild.',
  ],
  [
    /Failed in distributing.*deadline exceeded/is,
    'The image was built, but copying it into the gallery took longer than a build may. Raise `buildTimeoutMinutes`, then rebuild.',
  ],
  [
    /proxyVmDiskWin/,
    'In a network and a staging group of yours Windows is built through a machine of Image Builder. Give the service principal of the application cf32a0cc-373c-47c9-9156-0db11f6a6dfc Contributor on `build.stagingResourceGroup`, or give the containers a subnet: `build.network.containerInstanceSubnetId`; then rebuild.',
  ],
  [
    /^Internal error occurred/,
    'Azure does not say why. It has been seen where two image templates name one `build.stagingResourceGroup`: give each image a group of its own, or none; then rebuild.',
  ],
  [
    /assigned managed identity cannot be used/i,
    'The identity of the build is gone, or is not the one that the template was made with. Make it again with its roles, or name another one as `identity`; then rebuild.',
  ],
  [
    /Error publishing VHD to .*AuthorizationPermissionMismatch/is,
    'Give the identity of the build Storage Blob Data Contributor on the container that azure.yaml names under `outputs` (storage hears of it minutes later), then rebuild.',
  ],
  [
    /Error publishing VHD to .*(?:AuthorizationFailure|PublicAccessNotPermitted|KeyBasedAuthenticationNotPermitted)/is,
    'The storage account that azure.yaml names under `outputs` keeps Image Builder out. Let its firewall admit Image Builder (Azure portal, the account, Networking), then rebuild.',
  ],
  [
    /Error publishing VHD to .*ContainerNotFound/is,
    'Create the container that azure.yaml names under `outputs` (`az storage container create`), then rebuild.',
  ],
  [
    /Error publishing VHD to .*no such host/is,
    'There is no storage account of the name that azure.yaml has under `outputs`. Make it, then rebuild; or cancel, correct the name, and publish the next version.',
  ],
  [
    /Not authorized to access the resource: \S+\/Microsoft\.Compute\/images\//i,
    'The identity of the build may not write managed images there. Give it a role with Microsoft.Compute/images/read, write and delete on the group that azure.yaml names as `outputs.resourceGroup`, then rebuild.',
  ],
  [
    /Microsoft\.Compute\/images\/delete/i,
    'The identity of the build may write managed images there and not delete them, which Image Builder asks for. Add Microsoft.Compute/images/delete to its role on `outputs.resourceGroup`, then rebuild.',
  ],
  [
    /The resource group '[^']+' of the image '[^']+' was not found/i,
    'Make the resource group that azure.yaml names as `outputs.resourceGroup`, then rebuild.',
  ],
  [
    /Not authorized to access the resource: https:/i,
    'The identity of the build must be able to read that file, even where everybody can. Give it Storage Blob Data Reader on the storage account, then rebuild.',
  ],
  [
    /Not authorized to access the resource: \S+\/subnets\//i,
    'The identity of the build may not join that subnet of `build.network`. Give it Network Contributor on the virtual network, or a role with Microsoft.Network/virtualNetworks/subnets/join/action; then rebuild.',
  ],
  [
    /The resource https?:\S+ is unavailable/i,
    'Image Builder fetches the files of a recipe itself, before it builds, and not from inside your network. Correct the address in the recipe, or put the file where Image Builder reaches it; then rebuild.',
  ],
  [
    /Platform Image was not found/i,
    'The region that builds does not offer this image (any more). Name another `source.sku`, or build in a region that has it: `location`; then rebuild.',
  ],
  [
    /\((?:Shared Image Version|Managed Image)\) step failed|Error getting (?:image version|Managed Image)/i,
    'What the image is built from is gone, has no copy in the region that builds, or the identity of the build may not read it. Give that identity Reader on the gallery or the image, or name another source (`source.imageVersion`, `source.managedImage`); then rebuild.',
  ],
  [
    /provided gallery image only supports creation of VMs/i,
    'The definition of the source demands a security type, and Image Builder makes its machines without one. Name a version of a definition that supports Trusted Launch without demanding it, as `source.imageVersion`; then rebuild.',
  ],
  [
    /Hyper-V version check|cross-generation|has (?:osType|architecture) \w+, the source image has/i,
    'The source does not fit the image definition. Name another `source.sku` or another `imageDefinition`.',
  ],
  [
    /PurchasePlanNotProvided|purchase plan was not provided|requires Plan information/i,
    'The source is sold with a purchase plan. Write it as `source.plan`, and accept its terms once in the subscription that builds.',
  ],
  [
    /MarketplacePurchaseEligibilityFailed|legal terms/i,
    'Somebody who may buy for the subscription that builds must accept the terms of the offer once (`az vm image terms accept`).',
  ],
  [/OS disk .*smaller|disk size .*smaller/i, 'A disk can only grow. Raise `build.osDiskSizeGiB`, or leave it out.'],
  [
    /staging resource group|BadStagingResourceGroup/i,
    'A group named as `build.stagingResourceGroup` must be empty, in the subscription and region that build, and the identity of the build needs Contributor on it. Mend what Azure names, or leave the setting out; then rebuild.',
  ],
  [
    /PrivateLinkService Network Policy/i,
    'Switch the policy off on that subnet (`az network vnet subnet update --disable-private-link-service-network-policies true …`), or give the containers a subnet of their own: `build.network.containerInstanceSubnetId`; then rebuild.',
  ],
  [
    /containerInstanceSubnetId|ContainerInstance\/containerGroups|The subnet '[^']+' (?:was not found|must be)/i,
    'Image Builder cannot use the subnets of `build.network`: both must exist in one virtual network, the one for containers delegated to Microsoft.ContainerInstance/containerGroups.',
  ],
  [
    /BadSharedImageDistribute|Not able to get the image definition|Not authorized to access the resource: \S+\/galleries\//i,
    'The identity of the build cannot use the image definition. Check `imageDefinition`, and give the identity its role on the gallery.',
  ],
  [
    /Could not get lock|dpkg frontend lock|lock-frontend|locked by another process|is another process using it/i,
    'Another package manager was still running. Begin the step with `sudo cloud-init status --wait` and pass `-o DPkg::Lock::Timeout=300` to apt-get.',
  ],
  [
    /There is not enough space on the disk|0x80070070/i,
    "The build machine's disk is full. Clean up in the step (`C:\\Windows\\SoftwareDistribution\\Download`, installers) or give the build a larger OS disk: `build.osDiskSizeGiB`.",
  ],
  [
    /No space left on device|not enough (?:free )?(?:disk )?space/i,
    "The build machine's disk is full. Clean up in the step (`sudo apt-get clean`, temporary files) or give the build a larger OS disk: `build.osDiskSizeGiB`.",
  ],
  [
    /EXPKEYSIG|KEYEXPIRED|NO_PUBKEY|signatures? couldn't be verified|is not signed/i,
    "The repository's signing key has expired or is missing. Fetch its current key into `/etc/apt/keyrings` before `apt-get update`.",
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
    'Packages conflict with each other. Pin their versions in the recipe, or run `sudo dpkg --configure -a` and `sudo apt-get -f install` first.',
  ],
  [
    /Temporary failure (?:in name resolution|resolving)|Could not resolve|could not be resolved|Name or service not known/i,
    'The build machine cannot resolve names. Names that only your own network knows need a build in that network: `build.network`. Otherwise check its DNS.',
  ],
  [
    /certificate (?:verify failed|has expired|problem)|unable to get local issuer certificate|SSL certificate/i,
    "The server's certificate was not accepted. Install the company's root certificate in an earlier step, or renew the server's.",
  ],
  [
    /bad interpreter|\^M|\\r': command not found/i,
    'The script has Windows line endings. Save it with LF, or run `sed -i "s/\\r$//"` on it first.',
  ],
  [
    /RequestDisallowedByPolicy|disallowed by policy|policy violation/i,
    'An Azure Policy forbids what the build needs. If it asks for tags, set them in `build.tags`; otherwise ask its owner to exempt the staging group of Image Builder.',
  ],
  [
    /quota|OperationNotAllowed|SkuNotAvailable|AllocationFailed/i,
    'The subscription has no room for the build machine. Ask for more quota, or choose another VM size: `build.vmSize`.',
  ],
  [
    /context deadline exceeded|Timeout waiting for SSH|build.*tim(?:ed out|eout)|buildTimeoutInMinutes/i,
    'The build ran out of time. Look for the step that waits, or raise `buildTimeoutMinutes`.',
  ],
  [
    /does not have (?:authorization|permission) to perform action|LinkedAuthorizationFailed/i,
    'An identity lacks a role in Azure. Give it the action that the message names, at the scope that it names; then rebuild.',
  ],
  [
    /Failed in distributing/i,
    'The image was built, but the gallery would not take it. Look in the activity log of the image definition (Azure portal) for the reason, and check its regions and the role of the identity of the build on it; then rebuild.',
  ],
  [
    /403\s+Forbidden|returned error: 40[13]\b|ERROR 40[13]:|AuthorizationPermissionMismatch|AuthenticationFailed|AuthorizationFailed|401 Unauthorized/i,
    'The download was refused. Give the build identity Storage Blob Data Reader where the file is, or sign in to the repository.',
  ],
  [
    /Connection (?:refused|timed out|reset)|Failed to connect|Network is unreachable|Operation timed out/i,
    'A server could not be reached. Check the address, and the firewall or proxy of the network of the build (`build.network`); then rebuild.',
  ],
  [
    /404\s+Not Found|returned error: 404|ERROR 404:|\(404\)/i,
    'The file that the step downloads no longer exists. Correct its address in the recipe.',
  ],
  [
    /returned error: 5\d\d|ERROR 5\d\d:|50[234] (?:Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
    'The server that the step downloads from had a fault of its own. Rebuild later, or copy the file to a store of yours.',
  ],
  [
    /ModuleNotFoundError|ImportError|No module named/,
    'The Python module is not on this system. Install it in an earlier step, or in the environment that the script runs in.',
  ],
  [
    /^Job for \S+ failed|^Failed to (?:start|restart|enable) \S+\.(?:service|socket|timer)|Unit \S+ (?:not found|could not be found)/,
    'A service did not start or does not exist. Let the step print `journalctl -n 50 --no-pager` when it fails, then rebuild.',
  ],
  [
    /exit status: 3010\b/,
    'The installer asks for a restart. Add 3010 to the `validExitCodes` of the step and a WindowsRestart step after it.',
  ],
  [
    /exit status: 1641\b/,
    'The installer has begun to restart the machine by itself. Forbid it that (`/norestart`), add 3010 to the `validExitCodes` of the step and a WindowsRestart step after it.',
  ],
  [
    /exit status: 1618\b/,
    'Another installation was still running. Wait for it in the step, or put a WindowsRestart step before it; then rebuild.',
  ],
  [
    /running scripts is disabled on this system|UnauthorizedAccess.*\.ps1|PSSecurityException/i,
    'A policy forbids scripts of PowerShell. Call them with `powershell -ExecutionPolicy Bypass -File`, or set the policy after the last step.',
  ],
  [
    /Access (?:is|to the path '[^']*' is) denied|Requested registry access is not allowed|PermissionDenied|elevated permissions|0x80070005/i,
    'The step lacks permission. On Windows set `runElevated: true` for it, and `runAsSystem: true` where administrators are refused as well.',
  ],
  [
    /Cannot find any service with service name/i,
    'The service does not exist on this system. Check its name, and that an earlier step installs what brings it.',
  ],
  [
    /not (?:yet )?registered|subscription-manager/i,
    'The system has no subscription for its packages. Register it in an earlier step, or start from an image that pays as it goes.',
  ],
  [
    /exit status: 137|^Killed$|Out of memory|Cannot allocate memory/im,
    'The build machine ran out of memory. Choose a larger VM size for the build: `build.vmSize`.',
  ],
  [
    /command not found|: not found$|exit status: 127|is not recognized as/im,
    'The command is not on this system. Install it in an earlier step, or give its full path.',
  ],
  [
    /Permission denied|are you root|exit status: 126|Operation not permitted/i,
    'The step lacks permission. Image Builder runs scripts as a plain user: use `sudo`, and make scripts executable.',
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

/** The known remedy for the error itself, else for what was said around it; undefined when there is none. */
export function remedyFor(error: string, around: readonly string[] = []): string | undefined {
  const of = (lines: readonly string[]) => remedies.find(([when]) => lines.some((line) => when.test(line)))?.[1];
  return of([error]) ?? of(around);
}
