import type { FindingRow } from '../model/finding.ts'

type Code =
  | 'old-connect-build'
  | 'same-server'
  | 'controller-not-planned'
  | 'zone-behind'
  | 'forbidden-flow-open'
  | 'weak-key'
  | 'weak-signature'
  | 'old-tls'

/** Findings of a check besides the causes, which tell those that carry their code; the key is the code. */
export const findingRows: Readonly<Record<Code, FindingRow>> = Object.freeze({
  'old-connect-build': {
    severity: 'high',
    meaning:
      'The build of Microsoft Entra Connect that is installed on the machine of the check (read on Windows), or that the site file gives (versions: entra-connect), is older than 2.5.79.0, the oldest one that synchronises after 2026-09-30; critical from that day on.',
    why: 'From that day all synchronisation of older builds fails until they are upgraded; no opening in a firewall changes it.',
    fix: 'Upgrade to the latest build, which is to be had in the Microsoft Entra admin center only; it wants .NET Framework 4.7.2 and TLS 1.2.',
  },
  'same-server': {
    severity: 'medium',
    meaning: 'Two hosts of the site file, at two addresses, are one domain controller by its own word.',
    why: 'What was planned as two fails as one, and the one that was meant is not asked at all.',
    fix: 'Write one host with both addresses if it is meant so; else correct the address or the translation that leads to the wrong machine.',
  },
  'controller-not-planned': {
    severity: 'low',
    meaning: 'The service records of the domain lead to domain controllers that the site file does not have.',
    why: 'Clients draw any controller that the records name, and nobody has looked at the way to these.',
    fix: 'Add them to the site file with the role domain-controller; or delete the records of a controller that is gone.',
  },
  'zone-behind': {
    severity: 'low',
    meaning: 'Name servers that name one primary for the zone of the domain have different serials of it.',
    why: 'Clients that ask the older copy are given records of an earlier day; a transfer that goes on to fail ends with no zone at all when it expires.',
    fix: 'Run this again after the refresh time of the zone; if it stays, see that transfers (tcp 53 to the primary) are allowed and not refused.',
  },
  'forbidden-flow-open': {
    severity: 'high',
    meaning: 'A flow that must be closed is open: a negative row of the catalog, or one that the site file forbids.',
    why: 'Nothing needs the opening, so whatever passes there is unwanted; 8443 towards Entra ID is the usual one.',
    fix: 'Remove the rule that opens it, then run the check again.',
  },
  'weak-key': {
    severity: 'medium',
    meaning: 'A certificate that a server shows has an RSA key of fewer than 2048 bits.',
    why: 'Windows and browsers refuse such keys one after the other, and the flow breaks on the day that its client does.',
    fix: 'Issue the certificate anew with RSA of at least 2048 bits, or with P-256.',
  },
  'weak-signature': {
    severity: 'medium',
    meaning: 'A certificate that a server shows, and that is no root, is signed with SHA-1 or MD5.',
    why: 'Such signatures can be forged; clients stop accepting them, and from a private CA often as the last ones.',
    fix: 'Let the CA issue it anew with SHA-256; an issuing CA that still signs with SHA-1 is the one to change.',
  },
  'old-tls': {
    severity: 'low',
    meaning: 'A server takes TLS 1.0 or 1.1 beside newer versions; asked with --posture only.',
    why: 'Nothing that this check asks for needs them, and policies forbid them (RFC 8996).',
    fix: 'Turn them off on the server once no client is left that speaks nothing newer.',
  },
})

export type FindingCode = keyof typeof findingRows
