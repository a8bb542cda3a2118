/** Software that people ask about by name: never a slip of the thumb for another word, and preferred to a word that nobody knows. */
const names = new Set(
  `openssl libssl libssl3 openssh ssh sshd curl libcurl wget bash sudo xz xz-utils liblzma log4j log4shell glibc libc6
  kernel nginx apache apache2 httpd python python3 java openjdk jdk jre node nodejs dotnet php perl ruby git docker
  containerd runc kubelet systemd zlib libxml2 expat postgresql mysql redis tomcat iis powershell pwsh vim tar gzip
  bzip2 krb5 samba snapd polkit pkexec rsyslog auditd walinuxagent waagent defender`.split(/\s+/),
);

/** A package, an update (`KB5034441`) or a vulnerability by its number. */
export function isPackage(word: string): boolean {
  return names.has(word) || /^(kb\d{6,}|cve-\d{4}-\d+|lib[a-z]+\d*(-[\w-]+)?)$/.test(word);
}
