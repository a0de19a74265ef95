/** Which rows of the lab a server that is not ours plays, and where; what no such server plays, with the reason. */
import type { FaultId, OddityId } from '../src/lab/index.ts'

/** Test files in which servers that are not ours play rows. */
const files = {
  tls: 'realTls.test.ts',
  names: 'realResolvers.test.ts',
  servers: 'realServers.test.ts',
  proxies: 'proxies.test.ts',
  revocation: 'revocation.test.ts',
  proxiedPki: 'proxiedPki.test.ts',
  time: 'timeAndSockets.test.ts',
  clients: 'clientCertificate.test.ts',
} as const

/** Why none plays a row. */
const reasons = {
  clock: 'the clock of the machine or of the server would have to be moved',
  kernel: 'packets would have to be led elsewhere on the way: a firewall of its own with a lying resolver behind it',
  forger: 'a second answer has to be forged under the same id',
  own: 'no server of the field can be brought to do exactly that: ours alone can',
  directory: 'a domain controller has to say where the machine is: that of the routed network does',
} as const

export type Played = { readonly in: (typeof files)[keyof typeof files] } | { readonly not: keyof typeof reasons }

const by = (file: keyof typeof files): Played => ({ in: files[file] })
const not = (reason: keyof typeof reasons): Played => ({ not: reason })

/** The compiler asks for a row of the lab that is missing here. */
export const played: Readonly<Record<FaultId | OddityId, Played>> = {
  'split-brain': by('names'),
  nxdomain: by('names'),
  'resolver-filters': by('names'),
  'resolver-refuses': by('names'),
  'resolver-fails': by('names'),
  'name-fails-everywhere': by('names'),
  'resolver-slow': by('names'),
  'resolver-dead': by('names'),
  'forwarders-dead': by('names'),
  'first-resolver-dead': by('names'),
  'dns-tcp-closed': by('names'),
  // Unbound and bind answer SERVFAIL for a circle, which is another row.
  'alias-circle': not('own'),
  'resolver-blanks': by('names'),
  'resolver-block-page': by('names'),
  'dns-intercepted': not('kernel'),
  'srv-missing': by('names'),
  'srv-dangling': by('names'),
  'dns-forestalled': not('forger'),
  'site-without-records': not('directory'),
  'site-record-dangling': not('directory'),
  'site-covered': not('directory'),

  closed: by('tls'),
  silent: by('servers'),
  'reset-after-clienthello': by('tls'),
  'long-hello-lost': by('servers'),
  'one-address-closed': by('names'),
  'one-address-cuts': by('names'),

  'proxy-auth': by('proxies'),
  'proxy-name-denied': by('proxies'),
  'proxy-port-denied': by('proxies'),
  'proxy-dns': by('proxies'),
  'proxy-kept-in': by('proxies'),
  'proxy-answers-itself': by('tls'),
  'proxy-dead': by('proxies'),
  'proxy-silent': not('kernel'),
  'proxy-bumps': by('proxies'),
  'proxy-required': by('proxies'),

  expired: by('tls'),
  'not-yet-valid': by('tls'),
  'wrong-name': by('tls'),
  'private-root': by('tls'),
  'self-signed': by('tls'),
  'wrong-key-usage': by('tls'),
  'chain-incomplete': by('tls'),
  'chain-orphaned': by('tls'),
  'chain-incomplete-beyond-proxy': by('proxiedPki'),
  'issuer-denied-by-proxy': by('proxiedPki'),

  'revoked-in-list': by('tls'),
  'revoked-at-responder': by('revocation'),
  'crl-stale': by('tls'),
  'revocation-page': by('tls'),
  'revocation-forged': by('tls'),
  'revocation-other': by('tls'),
  'revocation-busy': by('tls'),
  'revocation-closed': by('tls'),

  'inspector-trusted': by('tls'),
  'inspector-untrusted': by('tls'),
  'inspector-named': by('tls'),
  'inspector-partial': by('tls'),

  'plain-http': by('tls'),
  console: by('tls'),
  'tls-old': by('tls'),
  'tls-groups': by('tls'),
  'silent-service': by('tls'),
  'http-page-on-api': by('tls'),
  garbage: not('own'),
  'hangs-up': by('tls'),
  'captive-portal': by('tls'),
  'captive-portal-tls': by('tls'),

  'upgrade-stripped': by('time'),
  'upgrade-page': by('tls'),
  'upgrade-hangs': by('time'),

  'reply-url-port': by('tls'),
  'reply-url-http': by('tls'),
  'reply-url-host': by('tls'),
  'reply-url-case': by('tls'),
  'reply-url-slash': by('tls'),
  'sign-in-other-tenant': by('tls'),
  'sign-in-other-client': by('tls'),
  'app-redirect-loop': by('tls'),

  'time-silent': by('time'),
  'time-unsynchronised': by('time'),
  'time-skewed': not('clock'),
  // Chrony drops what it does not allow, and says nothing.
  'time-denied': not('own'),

  'stale-record': by('names'),
  'mtls-terminated': by('clients'),
  'clock-ahead': not('clock'),

  'resolver-truncates': by('names'),
  'two-addresses': by('names'),
  'tls-two-only': by('tls'),
  'tls-three-only': by('tls'),
  'product-name-in-own-ca': by('tls'),
  'service-records-differ': by('names'),
  'one-clock-off': by('tls'),
  'smart-card-insisted': by('clients'),
  'metadata-circle': by('tls'),
  'client-certificate': by('tls'),
  'app-busy': by('tls'),
  'responder-forged': by('tls'),
  'responder-other': by('tls'),
  'list-missing': by('tls'),
  'published-behind-proxy': by('proxiedPki'),
  'time-asks-to-slow-down': not('own'),
  'socket-wants-sign-in': by('tls'),
  'other-address-outside': by('names'),
  'dns-led-elsewhere': by('names'),
  'metadata-forbidden': by('tls'),
  'metadata-missing': by('tls'),
  'metadata-failing': by('tls'),
  'weak-key': by('tls'),
  'any-key-usage': by('tls'),
  'old-tls-too': by('tls'),
  'sign-in-registered': by('tls'),
  'sign-in-second-uri': by('tls'),
  'sign-in-by-form': by('tls'),
  'sign-in-many-tenants': by('tls'),
  'sign-in-elsewhere': by('tls'),
  'app-wants-token': by('tls'),
  'app-looks-for-cookies': by('tls'),
}
