/**
 * The texts that read what a machine has inside. The first collects it into one compressed file on the machine and prints
 * the file's size and SHA-256 and its beginning; the others print the rest, a piece each, because Azure keeps the last
 * 4,096 bytes of what a command prints.
 */

type Os = 'Linux' | 'Windows';

/** Letters of base64 in one piece; the first has a line before it. */
export const pieceLength = 3_800;

/** The list of 4,000 packages takes 16. A machine with a list that needs more has something else wrong with it. */
export const mostPieces = 60;

/** What the first line of the first piece begins with; the format's number follows. */
export const listingMark = 'goldbot-contents 1';

/** Security settings of the kernel, as hardening guides name them; most of the others change from boot to boot. */
const kernelParameters = [
  'fs.protected_fifos',
  'fs.protected_hardlinks',
  'fs.protected_regular',
  'fs.protected_symlinks',
  'fs.suid_dumpable',
  'kernel.dmesg_restrict',
  'kernel.kexec_load_disabled',
  'kernel.kptr_restrict',
  'kernel.modules_disabled',
  'kernel.perf_event_paranoid',
  'kernel.randomize_va_space',
  'kernel.sysrq',
  'kernel.unprivileged_bpf_disabled',
  'kernel.yama.ptrace_scope',
  'net.core.bpf_jit_harden',
  'net.ipv4.conf.all.accept_redirects',
  'net.ipv4.conf.all.accept_source_route',
  'net.ipv4.conf.all.log_martians',
  'net.ipv4.conf.all.rp_filter',
  'net.ipv4.conf.all.secure_redirects',
  'net.ipv4.conf.all.send_redirects',
  'net.ipv4.conf.default.accept_redirects',
  'net.ipv4.conf.default.accept_source_route',
  'net.ipv4.conf.default.log_martians',
  'net.ipv4.conf.default.rp_filter',
  'net.ipv4.icmp_echo_ignore_broadcasts',
  'net.ipv4.icmp_ignore_bogus_error_responses',
  'net.ipv4.ip_forward',
  'net.ipv4.tcp_syncookies',
  'net.ipv6.conf.all.accept_ra',
  'net.ipv6.conf.all.accept_redirects',
  'net.ipv6.conf.all.disable_ipv6',
  'net.ipv6.conf.default.accept_ra',
  'net.ipv6.conf.default.accept_redirects',
  'vm.swappiness',
];

const linuxFile = '/run/goldbot-contents';

/**
 * Every line has what it is of before a tab; `known` follows a part that was read to its end, so that what a machine
 * cannot tell is told apart from nothing.
 */
const linuxCollector = `export LC_ALL=C
part() {
  name=$1
  shift
  if "$@" > ${linuxFile}.part; then
    sed "s/^/$name\t/" ${linuxFile}.part
    printf 'known\\t%s\\n' "$name"
  fi
}
packages() {
  if command -v dpkg-query > /dev/null; then
    dpkg-query -W -f='deb\\t\${Package}\\t\${Version}\\t\${Architecture}\\t\${db:Status-Status}\\t\${source:Package}\\t\${source:Version}\\n' || return 1
  fi
  if command -v rpm > /dev/null; then
    rpm -qa --qf 'rpm\\t%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\tinstalled\\n'
  fi
}
{
  part os cat /etc/os-release
  part kernel uname -r
  part package packages
  part service systemctl list-unit-files --type=service --state=enabled --no-legend --no-pager
  part port ss -H -l -t -n -p
  part user cut -d: -f1,3,7 /etc/passwd
  part parameter sysctl -e ${kernelParameters.join(' ')}
} 2> /dev/null | gzip -9 | base64 | tr -d '\\n' > ${linuxFile}
rm -f ${linuxFile}.part
printf '${listingMark} %s %s\\n' "$(wc -c < ${linuxFile})" "$(sha256sum < ${linuxFile} | cut -d' ' -f1)"
head -c ${pieceLength} ${linuxFile}
`;

const windowsFile = "(Join-Path $env:SystemRoot 'Temp\\goldbot-contents')";
const uninstall = 'Microsoft\\Windows\\CurrentVersion\\Uninstall';

const windowsCollector = `$ErrorActionPreference = 'Stop'
$lines = New-Object 'System.Collections.Generic.List[string]'
function Add-Part([string] $name, [scriptblock] $read) {
  try {
    foreach ($found in @(& $read)) { $lines.Add("$name\`t" + ([string] $found -replace '[\\r\\n]+', ' ')) }
    $lines.Add("known\`t$name")
  } catch { }
}
Add-Part 'os' {
  $system = Get-CimInstance -ClassName Win32_OperatingSystem
  'ID=windows'
  'PRETTY_NAME=' + $system.Caption.Trim()
  'VERSION_ID=' + $system.Version
}
Add-Part 'kernel' {
  $key = Get-ItemProperty -Path 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion'
  '10.0.{0}.{1}' -f $key.CurrentBuildNumber, $key.UBR
}
Add-Part 'package' {
  foreach ($root in 'HKLM:\\SOFTWARE\\${uninstall}', 'HKLM:\\SOFTWARE\\WOW6432Node\\${uninstall}') {
    if (Test-Path $root) {
      foreach ($key in Get-ChildItem -Path $root) {
        $program = Get-ItemProperty -Path $key.PSPath
        if ($program.DisplayName -and $program.SystemComponent -ne 1) {
          $bits = if ($root -like '*WOW6432Node*') { 'x86' } else { 'x64' }
          "windows\`t{0}\`t{1}\`t{2}\`tinstalled" -f $program.DisplayName, $program.DisplayVersion, $bits
        }
      }
    }
  }
}
Add-Part 'update' { Get-HotFix | ForEach-Object { $_.HotFixID } }
Add-Part 'feature' { Get-WindowsFeature | Where-Object { $_.Installed } | ForEach-Object { $_.Name } }
Add-Part 'service' { Get-Service | Where-Object { $_.StartType -eq 'Automatic' } | ForEach-Object { $_.Name } }
Add-Part 'port' { Get-NetTCPConnection -State Listen | ForEach-Object { 'LISTEN 0 0 {0}:{1}' -f $_.LocalAddress, $_.LocalPort } }
Add-Part 'user' { Get-LocalUser | ForEach-Object { if ($_.Enabled) { $_.Name } else { $_.Name + '::disabled' } } }
$bytes = [System.Text.Encoding]::UTF8.GetBytes(($lines -join "\`n") + "\`n")
$memory = New-Object System.IO.MemoryStream
$gzip = New-Object System.IO.Compression.GZipStream -ArgumentList $memory, ([System.IO.Compression.CompressionMode]::Compress)
$gzip.Write($bytes, 0, $bytes.Length)
$gzip.Dispose()
$text = [System.Convert]::ToBase64String($memory.ToArray())
[System.IO.File]::WriteAllText(${windowsFile}, $text)
$hash = [System.Security.Cryptography.SHA256]::Create().ComputeHash([System.Text.Encoding]::ASCII.GetBytes($text))
'${listingMark} {0} {1}' -f $text.Length, ([System.BitConverter]::ToString($hash) -replace '-', '').ToLower()
$text.Substring(0, [System.Math]::Min(${pieceLength}, $text.Length))
`;

const collector: Readonly<Record<Os, string>> = { Linux: linuxCollector, Windows: windowsCollector };

function rest(os: Os, piece: number): string {
  const from = piece * pieceLength;
  if (os === 'Linux') return `tail -c +${from + 1} ${linuxFile} | head -c ${pieceLength}\n`;
  return `$text = [System.IO.File]::ReadAllText(${windowsFile})
$text.Substring(${from}, [System.Math]::Min(${pieceLength}, $text.Length - ${from}))
`;
}

/** The command that prints one piece, from 0; the first also collects. Names are the same in every machine. */
export function pieceCommand(os: Os, piece: number) {
  const script = piece === 0 ? collector[os] : rest(os, piece);
  return { name: `goldbot-contents-${piece}`, script, timeoutSeconds: 600 };
}
