/** What people type for something that has another name here. */
export interface AliasRow {
  /** In lower case, words apart by one space. */
  readonly asked: readonly string[]
  /** Words that have an answer of their own, the nearest in meaning first. */
  readonly means: readonly string[]
}

export const aliasRows: readonly AliasRow[] = [
  { asked: ['pta', 'passthrough authentication', 'passthrough auth'], means: ['pass-through-auth'] },
  { asked: ['phs', 'hash sync', 'password hash synchronization'], means: ['password-hash-sync'] },
  { asked: ['sspr', 'self-service password reset', 'password reset'], means: ['password-writeback'] },
  { asked: ['sso', 'desktop sso'], means: ['seamless-sso'] },
  { asked: ['dc', 'dcs', 'domain controllers', 'addc'], means: ['domain-controller'] },
  { asked: ['adfs', 'federation', 'federation service'], means: ['ad-fs'] },
  { asked: ['web application proxy'], means: ['wap'] },
  {
    asked: [
      'aadc',
      'aad connect',
      'ad connect',
      'azure ad connect',
      'microsoft entra connect',
      'entra connect sync',
      'entra connect server',
      'dirsync',
      'adsync',
    ],
    means: ['entra-connect'],
  },
  {
    asked: ['haadj', 'hybrid azure ad join', 'microsoft entra hybrid join', 'entra hybrid join', 'device registration'],
    means: ['hybrid-join'],
  },
  { asked: ['cba', 'certauth', 'certificate based authentication'], means: ['certificate-auth', 'certauth-on-443'] },
  { asked: ['app proxy', 'appproxy', 'azure ad application proxy'], means: ['application-proxy'] },
  { asked: ['connector', 'private network connectors'], means: ['private-network-connector'] },
  { asked: ['azure ad connect health', 'aad connect health'], means: ['connect-health'] },
  { asked: ['mfa', 'multifactor authentication'], means: ['connect-mfa', 'installer-has-mfa'] },
  { asked: ['crl', 'ocsp', 'certificate revocation'], means: ['crl-ocsp', 'revocation-unreachable', 'crl-stale'] },
  {
    asked: ['tls 1.0', 'tls 1.1', 'tls1.0', 'tls1.1', 'tlsv1.0', 'tlsv1.1', 'ssl 3.0'],
    means: ['tls-version', 'old-tls'],
  },
  { asked: ['tls 1.2', 'tls 1.3', 'tls1.2', 'tls1.3', 'tlsv1.2', 'tlsv1.3'], means: ['tls-version'] },
  {
    asked: ['tls inspection', 'ssl inspection', 'tls interception', 'break and inspect', 'mitm'],
    means: ['interception-trusted', 'interception-untrusted', 'interception-partial'],
  },
  { asked: ['sni'], means: ['sni-filter'] },
  { asked: ['mtu', 'pmtu', 'path mtu'], means: ['pmtu-black-hole'] },
  {
    asked: ['etimedout', 'timeout', 'timed out', 'connection timed out'],
    means: ['filtered-silently', 'silent-service'],
  },
  { asked: ['econnreset', 'connection reset', 'connection reset by peer'], means: ['sni-filter', 'idle-cut'] },
  { asked: ['enotfound', 'eai_again', 'host not found'], means: ['name-missing', 'resolver-unreachable'] },
  { asked: ['servfail', 'forwarder', 'forwarders', 'dns forwarder'], means: ['forwarding-fails', 'resolver-filters'] },
  { asked: ['tier', 'tiers', 'privilege', 'privileges'], means: ['rights'] },
  { asked: ['time skew', 'clock drift'], means: ['clock-skew', 'clock-wrong'] },
]

const spaced = (term: string): string => term.trim().toLowerCase().replace(/\s+/g, ' ')

/** The words that a term is another name for; none for most. */
export function meantBy(term: string): readonly string[] {
  const wanted = spaced(term)
  return aliasRows.filter(({ asked }) => asked.includes(wanted)).flatMap(({ means }) => means)
}

/** Words that say little of what is meant: they stand in the names of half of all things here. */
const common = new Set([
  'ad',
  'aad',
  'azure',
  'entra',
  'microsoft',
  'connect',
  'sync',
  'server',
  'service',
  'and',
  'by',
])

/**
 * What somebody may have meant who used a telling word of another name, the one that has most of them first: `reset my
 * password` means password writeback.
 */
export function nearInMeaning(term: string): readonly string[] {
  const words = new Set(spaced(term.slice(0, 200)).split(' '))
  const sharedBy = (name: string): number =>
    name.split(' ').filter((word) => word.length > 2 && !common.has(word) && words.has(word)).length
  const near = aliasRows
    .map(({ asked, means }) => ({ means, shared: Math.max(...asked.map(sharedBy)) }))
    .filter(({ shared }) => shared > 0)
    .toSorted((one, other) => other.shared - one.shared)
  return [...new Set(near.flatMap(({ means }) => means))]
}
