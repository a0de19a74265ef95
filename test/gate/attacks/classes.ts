/** A kind of hole that gateways had, and the tests that show that this one has it not. */
export interface AttackClass {
  readonly hole: string
  /** Where it was found, as it was published; absent: in many. */
  readonly knownFrom?: string
  /** Names of tests, by file: one without a slash is beside this one, another is from the top of the tree. */
  readonly shownBy: Readonly<Record<string, readonly string[]>>
}

const hole = (text: string, knownFrom: string, shownBy: AttackClass['shownBy']): AttackClass => ({
  hole: text,
  ...(knownFrom !== '' && { knownFrom }),
  shownBy,
})

/** The classes of published advisories, two tests or more for each. */
export const classes: readonly AttackClass[] = [
  hole('a field that tells another path decides who may pass', 'oauth2-proxy CVE-2026-40575', {
    'headers.test.ts': [
      'an open path that the client tells',
      'another path that a gateway would judge',
      'another path',
    ],
  }),
  hole('the user agent of a health check passes', 'oauth2-proxy GHSA-5hvv-m4w4-gf6v', {
    'headers.test.ts': ['the user agent of a health check', 'the user agent of another health check'],
  }),
  hole('a fragment or the query decides which route it is', 'oauth2-proxy GHSA-pxq7-h93f-9jrg, GHSA-7rh7-c77v-6434', {
    'paths.test.ts': [
      'a fragment',
      'a fragment behind what is closed',
      'a name in the query that is open',
      'what is closed, with what is open in the query',
    ],
  }),
  hole('an e-mail with several at signs', 'oauth2-proxy GHSA-c5c4-8r6x-56w3', {
    'tokens.test.ts': ['an e-mail with several at signs', 'an e-mail of an administrator'],
  }),
  hole('a session that was there before the sign-in', 'oauth2-proxy GHSA-f24x-5g9q-753f, mod_auth_openidc 2026-08-11', {
    'signIn.test.ts': [
      'fixation: a session that somebody has planted is not the one of who signs in',
      'fixation: an id that somebody made up is not taken over',
    ],
  }),
  hole('fields whose names differ by an underscore', 'oauth2-proxy CVE-2025-64484, Traefik CVE-2026-39858', {
    'headers.test.ts': [
      'the field of an identity with underscores',
      'the field of an identity with one underscore',
      'the user of a web server with an underscore',
    ],
    'framing.test.ts': ['a coding with an underscore in its name frames nothing, and goes no further'],
    'http2.test.ts': ['a name with an underscore frames nothing, and goes no further'],
  }),
  hole('what is judged is not what is sent on', 'Traefik GHSA-6384-m2mw-rf54, GHSA-6jwx-7vp4-9847', {
    'paths.test.ts': [
      'letters in percent signs where it is open',
      'small letters of an encoding',
      'dots in percent signs',
    ],
    'headers.test.ts': ['another prefix'],
  }),
  hole('Connection takes fields of the gate away', 'Fabio CVE-2025-48865', {
    'headers.test.ts': [
      'a list of fields that are of the connection takes none of the gate’s own away',
      'an identity that is of the connection',
    ],
  }),
  hole('a host in another case, or with another end', 'Authelia CVE-2026-48794', {
    'paths.test.ts': ['our host in capitals', 'a host with a dot at its end', 'a host with another port'],
  }),
  hole('a host that is ours in part', 'http-proxy-middleware CVE-2026-55602', {
    'paths.test.ts': ['a host that ends like ours', 'a host that begins like ours', 'a host of two'],
  }),
  hole('any token is accepted', 'Envoy CVE-2022-29226', {
    'tokens.test.ts': [
      'a token whose claims were changed',
      'a token without its signature',
      'a token for Graph',
      'an ID token',
    ],
  }),
  hole('claims that hold no more', 'Pomerium CVE-2021-41230', {
    'sessions.test.ts': ['an administrator revokes the person', 'the person signs in anew'],
    'src/gate/signIn/revalidation.test.ts': [
      'roles and groups are taken over as they are now',
      'a session that is ended while it is asked about stays ended',
    ],
  }),
  hole('audience, issuer or end of a token is not looked at', 'mod_auth_openidc GHSA-wcvh-g65p-v576', {
    'tokens.test.ts': [
      'a token for another app',
      'a token of another issuer',
      'a token that is over',
      'a token without an end',
      'a token whose end is a word',
    ],
    'signIn.test.ts': ['an ID token for another app', 'an ID token of another issuer', 'an ID token that is over'],
  }),
  hole('the token says how it is to be verified', 'mod_auth_openidc 2026-05-20', {
    'tokens.test.ts': [
      'a token that nobody has signed',
      'a token that is signed by the public key',
      'a token that says where its key is',
      'a token with a chain of its own',
    ],
    'signIn.test.ts': ['an ID token that nobody has signed', 'an ID token that brings its key along'],
  }),
  hole('open redirect', 'mod_auth_openidc CVE-2022-23527', {
    'signIn.test.ts': ['//evil.example/', '/\\\\evil.example', '/%09/evil.example', 'javascript:alert(1)'],
  }),
  hole('an identity is forged where nobody needs to sign in', 'mod_auth_openidc 2026-08-11', {
    'headers.test.ts': [
      'the field of an identity',
      'the user of another gateway',
      'a preflight of a page',
      'a token that nobody has looked at',
    ],
  }),
  hole('parameters of the protocol that come twice', 'mod_auth_openidc 2026-08-12', {
    'signIn.test.ts': ['a parameter twice: the code', 'a parameter twice: the state'],
    'sessions.test.ts': ['signing out with two ids'],
  }),
  hole('keys are fetched for every key id that nobody has', 'mod_auth_openidc 2026-08-12', {
    'tokens.test.ts': [
      'keys are fetched once for a hundred tokens that name keys which nobody has',
      'a token by a key that nobody publishes',
    ],
  }),
  hole('cookies that are none', 'mod_auth_openidc CVE-2024-24814, CVE-2023-28625', {
    'headers.test.ts': ['cookies that are none', 'two thousand cookies', 'a cookie of sixty thousand letters'],
    'sessions.test.ts': ['a session behind a thousand cookies'],
  }),
  hole('tokens that are small and become large', 'mod_auth_openidc 2026-05-20', {
    'tokens.test.ts': ['a bomb of a token', 'a token that is encrypted', 'a token of forty thousand letters'],
    'signIn.test.ts': ['a token endpoint that answers ten megabytes'],
  }),
  hole('a name that ends like another', 'mod_auth_openidc 2026-05-20', {
    'paths.test.ts': ['a host that ends like ours', 'a name that begins like one that is open'],
    'sessions.test.ts': ['CSRF: a form of an origin that begins like ours'],
    'tokens.test.ts': ['a token whose issuer begins like ours'],
  }),
  hole('pages of the gate show what was sent; the record keeps it', 'mod_auth_openidc 2026', {
    'signIn.test.ts': ['words of the answer are not shown', 'a name that is a script is shown as text'],
    'headers.test.ts': ['two thousand fields'],
  }),
  hole('an e-mail says who it is (nOAuth)', 'Descope 2023', {
    'signIn.test.ts': ['a foreign tenant with the same e-mail'],
    'tokens.test.ts': ['a foreign tenant with the same e-mail in a token', 'an e-mail of an administrator'],
  }),
  hole('smuggling', 'Node CVE-2020-8287, CVE-2021-22959, CVE-2024-27982, undici CVE-2026-1525', {
    'framing.test.ts': [
      'a length and chunks',
      'two lengths that differ',
      'one field that ends in LF alone',
      'a blank before the colon of the coding',
      'two requests in a body of a length are a body',
    ],
    'http2.test.ts': ['a value with line ends and a request', 'more data than the length'],
    'backends.test.ts': ['a second answer behind the first', 'two lengths that differ'],
  }),
  hole('smuggling behind a WebSocket that is none', '', {
    'upgrades.test.ts': [
      'a backend that knows another version',
      'a switch with the proof of another request',
      'a version that nobody speaks',
    ],
    'framing.test.ts': ['a WebSocket with a body, behind which it would begin'],
  }),
  hole('fields and targets that Node reads in its own way', 'Node CVE-2026-21710', {
    'headers.test.ts': ['a field that is called like what every object has'],
    'framing.test.ts': ['a blank in the target', 'the absolute form of elsewhere'],
    'http2.test.ts': ['a path with line ends and a request'],
  }),
  hole('floods', 'Node CVE-2024-22019, CVE-2023-44487', {
    'http2.test.ts': ['requests that are taken back at once', 'a head that goes on in thousands of frames', 'pings'],
    'framing.test.ts': ['a head that does not end', 'an extension of a chunk goes no further'],
    'src/net/listener/serveHttp1.test.ts': [
      'a head that comes in drops gets 408 and is told once, while others are served',
    ],
  }),
  hole('caches keep what is for one person', '', {
    'sessions.test.ts': ['no cache keeps what says that all may keep it', 'no cache keeps what speaks to caches alone'],
  }),
  hole('the address that stands furthest left is believed', '', {
    'headers.test.ts': [
      'an address of inside that the client tells',
      'a proxy tells an address of outside behind one of inside that the client has written',
      'the client has written the other field',
    ],
  }),
  hole('mix-up, replay and login CSRF', 'RFC 9700', {
    'signIn.test.ts': [
      'mix-up: the answer of another issuer',
      'replay: the same answer again',
      'replay: the code of one sign-in with the state of another',
      'login CSRF: a browser is given the answer of an attacker',
    ],
  }),
  hole('changes and WebSockets by pages of others', '', {
    'sessions.test.ts': [
      'CSRF: a form of another site',
      'CSRF: a WebSocket of another site',
      'CSRF: a browser that says same-site',
    ],
  }),
  hole('who hangs, or answers without an end, keeps all others waiting', '', {
    'signIn.test.ts': ['while a sign-in hangs at the tenant, others are served'],
    'tokens.test.ts': ['while the tenant hangs, who needs no key of it is served'],
    'backends.test.ts': [
      'fifty backends that hang keep nobody else waiting',
      'answers that are not the last, without an end, end the request that they are for',
    ],
  }),
]
