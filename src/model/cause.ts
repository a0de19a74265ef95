/** The closed vocabulary of causes, by layer, lowest first: what `postern explain` knows and reports carry. */
export const causesByLayer = {
  host: ['no-local-network', 'tool-limit', 'clock-wrong'],
  name: [
    'name-missing',
    'resolver-unreachable',
    'forwarding-fails',
    'dns-tcp-blocked',
    'split-brain-override',
    'dns-tampered',
    'srv-incomplete',
    'stale-record',
    'resolver-filters',
    'resolver-slow',
  ],
  route: ['no-route', 'split-tunnel-excludes', 'asymmetric-path'],
  transport: [
    'filtered-silently',
    'refused-by-host',
    'refused-by-firewall',
    'refused',
    'admin-prohibited',
    'udp-only-filtered',
    'wrong-target-dnat',
    'pmtu-black-hole',
    'connection-limit',
    'idle-cut',
    'payload-dropped',
  ],
  proxy: [
    'proxy-required',
    'proxy-auth',
    'proxy-name-denied',
    'proxy-port-denied',
    'proxy-dns',
    'proxy-dead',
    'proxy-unreachable-target',
    'upgrade-stripped',
    'captive-portal',
  ],
  tls: [
    'interception-trusted',
    'interception-untrusted',
    'interception-partial',
    'sni-filter',
    'big-clienthello',
    'tls-version',
    'tls-parameters',
    'cert-expired',
    'cert-not-yet-valid',
    'name-mismatch',
    'chain-incomplete',
    'root-missing',
    'wrong-key-usage',
    'revoked',
    'revocation-unreachable',
    'crl-stale',
    'mtls-terminated',
  ],
  protocol: [
    'not-the-service',
    'silent-service',
    'rpc-dynamic-blocked',
    'epm-restricted',
    'http-page-on-api',
    'redirect-loop',
  ],
  identity: [
    'wrong-domain',
    'clock-skew',
    'clock-unsynchronised',
    'time-refused',
    'dc-not-ready',
    'not-a-gc',
    'wrong-site',
    'signing-required',
    'reply-url-mismatch',
    'wrong-registration',
    'consent-missing',
    'conditional-access',
  ],
  time: [
    'high-latency',
    'one-bad-node',
    'lossy-path',
    'periodic-spike',
    'level-shift',
    'saturation',
    'sync-lag',
    'cloud-side',
  ],
} as const

export type CauseLayer = keyof typeof causesByLayer
export type CauseCode = (typeof causesByLayer)[CauseLayer][number] | 'undetermined'

/** Every code, the lowest layer first. */
export const causeCodes: readonly CauseCode[] = [...Object.values(causesByLayer).flat(), 'undetermined']

/** Whose turn it is. */
export const owners = [
  'network',
  'firewall',
  'proxy',
  'dns',
  'directory',
  'pki',
  'host',
  'cloud',
  'app',
  'tool',
] as const
export type Owner = (typeof owners)[number]

/** How sure a verdict is, surest first; what earns each is written in `docs/reference/causes.md`. */
export const confidences = ['certain', 'likely', 'possible', 'undetermined'] as const
export type Confidence = (typeof confidences)[number]
