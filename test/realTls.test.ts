/**
 * The lab's rows of certificates, TLS, inspection, revocation lists and pages, played by nginx and haproxy with an
 * authority of openssl and unbound as the resolver: each comes out as its row in the lab demands, and accuses nothing
 * else.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import type { FaultId, OddityId } from '../src/lab/index.ts'
import { registration as appRegistration } from '../src/lab/servers/signIn.ts'
import { tenant } from '../src/lab/servers/tenant.ts'
import type { LabPorts } from '../src/lab/site.ts'
import { labSite } from '../src/lab/site.ts'
import type { Confidence } from '../src/model/cause.ts'
import type { CheckReport } from '../src/model/report.ts'
import { planFlows } from '../src/plan/planFlows.ts'
import { assertAccusesNobody, assertTells } from './faultTold.ts'
import { installed, needs } from './needs.ts'
import { makeAuthority, registration } from './realAuthority.ts'
import type { NginxServer } from './realFronts.ts'
import { both, page, says, startHaproxy, startNginx } from './realFronts.ts'
import type { RealGround } from './realGround.ts'
import { checkGround, labPortsAt, openGround } from './realGround.ts'
import { startUnbound } from './realNames.ts'
import { faultNamed, oddityNamed } from './realRow.ts'

const programs = ['openssl', 'nginx', 'haproxy', 'unbound'] as const

const app = page('Expenses')
/** Where the list, the issuer and the state of a certificate are published; other paths have nothing. */
const published = ({ crl = 'alias issuing.crl;', answer = 'good' } = {}): string =>
  `location = /issuing.crl { ${crl} } location = /issuing.crt { alias issuing.crt; }
   location /ocsp { rewrite ^ /${answer}.ocsp last; } location ~ [.]ocsp$ { root .; default_type application/ocsp-response; }
   location / { return 404; }`
const listed = (list: string): string => published({ crl: `alias ${list}.crl;` })

/** The app behind its sign-in: the start page leads to a page of its own, and that one to the identity provider. */
const signsIn = (
  redirectUri: string,
  elsewhere: { readonly at?: string; readonly client?: string; readonly from?: string } = {},
): string => {
  const { at = tenant.id, client = appRegistration.client } = elsewhere
  const { from = `https://login.microsoftonline.com/${at}/oauth2/v2.0/authorize` } = elsewhere
  return leadsTo(`return 302 "${from}?client_id=${client}&response_type=code&state=once&redirect_uri=${redirectUri}";`)
}
const leadsTo = (answer: string): string =>
  `location = / { return 302 /account/sign-in; } location = /account/sign-in { ${answer} } location / { return 404; }`
const callback = 'https://app01.corp.example:8443/signin-oidc'
const formOff = `<form method='post' action='https://login.microsoftonline.com/${tenant.id}/oauth2/v2.0/authorize'><input name='client_id' value='${appRegistration.client}'><input name='redirect_uri' value='${callback}'></form>`

/** Every door of nginx: the app in each of its states, the web with each of its lists. */
const doors = {
  genuine: { certificate: 'genuine', lines: app },
  expired: { certificate: 'expired', lines: app },
  'not-yet-valid': { certificate: 'not-yet-valid', lines: app },
  'wrong-name': { certificate: 'wrong-name', lines: app },
  'private-root': { certificate: 'private-root', lines: app },
  'self-signed': { certificate: 'self-signed', lines: app },
  'of-a-client': { certificate: 'of-a-client', lines: app },
  incomplete: { certificate: 'incomplete', lines: app },
  asking: { certificate: 'asking', lines: app },
  orphaned: { certificate: 'orphaned', lines: app },
  revoked: { certificate: 'revoked', lines: app },
  console: { certificate: 'console', lines: page('FortiGate Login') },
  plain: { lines: app },
  old: { certificate: 'genuine', lines: `ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; ${app}` },
  every: {
    certificate: 'genuine',
    lines: `ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers ALL:@SECLEVEL=0; ${app}`,
  },
  two: { certificate: 'genuine', lines: `ssl_protocols TLSv1.2; ${app}` },
  three: { certificate: 'genuine', lines: `ssl_protocols TLSv1.3; ${app}` },
  // What OpenSSL 3.0 has besides the groups of Windows; it knows nothing of X25519MLKEM768.
  group: { certificate: 'genuine', lines: `ssl_protocols TLSv1.3; ssl_ecdh_curve secp521r1; ${app}` },
  'wants-certificate': {
    certificate: 'genuine',
    lines: `ssl_verify_client on; ssl_client_certificate root.pem; ${app}`,
  },
  unavailable: { certificate: 'genuine', lines: page('Service Unavailable', 503) },
  namesake: { certificate: 'namesake-app', lines: app },
  'weak-key': { certificate: 'weak-key', lines: `ssl_ciphers DEFAULT:@SECLEVEL=0; ${app}` },
  'start-page': { certificate: 'live', lines: page('Dashboard') },
  'wants-sign-in': { certificate: 'live', lines: page('Unauthorized', 401) },
  web: { lines: listed('issuing') },
  stale: { lines: listed('stale') },
  forged: { lines: listed('forged') },
  other: { lines: listed('other') },
  busy: { lines: page('Service Unavailable', 503) },
  filtered: { lines: published({ crl: says('Web Page Blocked') }) },
  gone: { lines: published({ crl: 'return 404;' }) },
  'forged-answer': { lines: published({ answer: 'forged' }) },
  'other-answer': { lines: published({ answer: 'other' }) },
  // $host is the name without its port, which is how most ports are lost; $http_host is all that the client wrote.
  'port-lost': { certificate: 'genuine', lines: signsIn('https://$host/signin-oidc') },
  'tls-lost': { certificate: 'genuine', lines: signsIn('http://$host:8443/signin-oidc') },
  'host-lost': { certificate: 'genuine', lines: signsIn('https://web-7f:8443/signin-oidc') },
  'other-letters': { certificate: 'genuine', lines: signsIn('https://$host:8443/SignIn-OIDC') },
  'slash-added': { certificate: 'genuine', lines: signsIn(`${callback}/`) },
  'other-tenant': { certificate: 'genuine', lines: signsIn(callback, { at: 'a0c51e27-4b0d-4f8e-8a7c-6e2d93f1b548' }) },
  'other-client': {
    certificate: 'genuine',
    lines: signsIn(callback, { client: '7c1f0a94-2e6b-4c58-9d03-5ab4e8d27f16' }),
  },
  registered: { certificate: 'genuine', lines: signsIn('https://$http_host/signin-oidc') },
  'second-uri': { certificate: 'genuine', lines: signsIn('https://EXPENSES.CORP.EXAMPLE:443/signin-oidc') },
  'by-form': { certificate: 'genuine', lines: leadsTo(`default_type text/html; return 200 "${formOff}";`) },
  'many-tenants': { certificate: 'genuine', lines: signsIn(callback, { at: 'common' }) },
  elsewhere: {
    certificate: 'genuine',
    lines: signsIn('http://$host/callback', { from: 'https://idp.corp.example/realms/corp/auth' }),
  },
  'wants-token': { certificate: 'genuine', lines: page('Unauthorized', 401) },
  'to-itself': {
    certificate: 'genuine',
    lines: 'add_header Set-Cookie kept=1 always; location / { return 302 https://$http_host$request_uri; }',
  },
  'looks-for-cookies': {
    certificate: 'genuine',
    lines: `add_header Set-Cookie kept=1 always; location / { if ($cookie_kept = "") { return 302 $request_uri; } ${says('Expenses')} }`,
  },
  portal: { lines: 'location / { return 302 http://login.hotspot.example/welcome; }' },
} as const satisfies Record<string, Omit<NginxServer, 'port'>>

/** Clouds of nginx in which the sign-in service alone is other than usual. */
const signIns = {
  'block-page': page('Web Page Blocked'),
  forbidden: page('Forbidden', 403),
  'not-found': page('Not Found', 404),
  failing: page('Internal Server Error', 500),
  circle: 'location / { return 302 https://$http_host$request_uri; }',
} as const

/** What haproxy does. */
const fronts = [
  'inspects',
  'product',
  'partial',
  'rejects',
  'drops',
  'hotspot',
  'stands-in',
  'hangs-up',
  'silent',
  'ahead',
  'strips',
] as const

/** The cloud as it should be and by a namesake, what stands behind haproxy, and where nobody listens. */
const others = ['cloud', 'namesake-cloud', 'inner', 'apart', 'nobody', 'shut'] as const

type Place = keyof typeof doors | keyof typeof signIns | (typeof fronts)[number] | (typeof others)[number]

/** A row of the lab, by whom it is played, and which parts of the site are elsewhere for it. */
interface Play<Id extends string> {
  readonly id: Id
  readonly by: string
  readonly at: Partial<Record<keyof LabPorts, Place>>
  /** The authority whose root this machine has been given. */
  readonly trusts?: 'inspector'
  /** Where it differs from the row, and why: what the server lacks. */
  readonly otherwise?: { readonly says: string; readonly confidence: Confidence }
}

const app01 = (by: string, place: Place) => ({ by, at: { app: place } }) as const

const plays: readonly Play<FaultId>[] = [
  { id: 'expired', ...app01('nginx', 'expired') },
  { id: 'not-yet-valid', ...app01('nginx', 'not-yet-valid') },
  { id: 'wrong-name', ...app01('nginx', 'wrong-name') },
  { id: 'private-root', ...app01('nginx', 'private-root') },
  { id: 'self-signed', ...app01('nginx', 'self-signed') },
  { id: 'wrong-key-usage', ...app01('nginx', 'of-a-client') },
  { id: 'chain-incomplete', ...app01('nginx, which serves the issuer as well', 'incomplete') },
  { id: 'chain-orphaned', ...app01('nginx', 'orphaned') },
  { id: 'console', ...app01('nginx', 'console') },
  { id: 'plain-http', ...app01('nginx', 'plain') },
  { id: 'tls-old', ...app01('nginx', 'old') },
  {
    id: 'tls-groups',
    ...app01('nginx, which takes P-521 alone', 'group'),
    // OpenSSL 3.0 has no X25519MLKEM768, by which a second hello would make sure.
    otherwise: { says: 'alert 40', confidence: 'possible' },
  },
  { id: 'hangs-up', ...app01('haproxy', 'hangs-up') },
  { id: 'silent-service', ...app01('haproxy, which waits for more', 'silent') },
  { id: 'closed', ...app01('nobody', 'shut') },
  { id: 'revoked-in-list', ...app01('nginx and a list of openssl', 'revoked') },
  { id: 'crl-stale', by: 'nginx and a list of openssl', at: { web: 'stale' } },
  { id: 'revocation-page', by: 'nginx', at: { web: 'filtered' } },
  { id: 'revocation-forged', by: 'nginx and a list of openssl', at: { web: 'forged' } },
  { id: 'revocation-other', by: 'nginx and a list of openssl', at: { web: 'other' } },
  { id: 'revocation-busy', by: 'nginx', at: { web: 'busy' } },
  { id: 'revocation-closed', by: 'nobody', at: { web: 'shut' } },
  { id: 'http-page-on-api', by: 'nginx', at: { cloud: 'block-page' } },
  { id: 'captive-portal', by: 'nginx', at: { web: 'portal' } },
  { id: 'captive-portal-tls', by: 'haproxy', at: { cloud: 'hotspot' } },
  { id: 'inspector-untrusted', by: 'haproxy, which signs anew', at: { cloud: 'inspects' } },
  { id: 'inspector-trusted', by: 'haproxy, which signs anew', at: { cloud: 'inspects' }, trusts: 'inspector' },
  { id: 'inspector-named', by: 'haproxy, which signs anew', at: { cloud: 'product' } },
  { id: 'inspector-partial', by: 'haproxy by the name asked for', at: { cloud: 'partial' }, trusts: 'inspector' },
  { id: 'reset-after-clienthello', by: 'haproxy by the name asked for', at: { cloud: 'rejects' } },
  { id: 'reset-after-clienthello', by: 'haproxy in silence, by the name asked for', at: { cloud: 'drops' } },
  { id: 'reply-url-port', ...app01('nginx', 'port-lost') },
  { id: 'reply-url-http', ...app01('nginx', 'tls-lost') },
  { id: 'reply-url-host', ...app01('nginx', 'host-lost') },
  { id: 'reply-url-case', ...app01('nginx', 'other-letters') },
  { id: 'reply-url-slash', ...app01('nginx', 'slash-added') },
  { id: 'sign-in-other-tenant', ...app01('nginx', 'other-tenant') },
  { id: 'sign-in-other-client', ...app01('nginx', 'other-client') },
  { id: 'app-redirect-loop', ...app01('nginx', 'to-itself') },
  { id: 'upgrade-page', by: 'nginx', at: { live: 'start-page' } },
  { id: 'proxy-answers-itself', by: 'haproxy', at: { proxy: 'stands-in' } },
]

const odd: readonly Play<OddityId>[] = [
  { id: 'tls-two-only', ...app01('nginx', 'two') },
  { id: 'tls-three-only', ...app01('nginx', 'three') },
  { id: 'old-tls-too', ...app01('nginx', 'every') },
  { id: 'client-certificate', ...app01('nginx', 'wants-certificate') },
  { id: 'app-busy', ...app01('nginx', 'unavailable') },
  { id: 'sign-in-registered', ...app01('nginx', 'registered') },
  { id: 'sign-in-second-uri', ...app01('nginx', 'second-uri') },
  { id: 'sign-in-by-form', ...app01('nginx', 'by-form') },
  { id: 'sign-in-many-tenants', ...app01('nginx', 'many-tenants') },
  { id: 'sign-in-elsewhere', ...app01('nginx', 'elsewhere') },
  { id: 'app-wants-token', ...app01('nginx', 'wants-token') },
  { id: 'app-looks-for-cookies', ...app01('nginx', 'looks-for-cookies') },
  { id: 'one-clock-off', ...app01('haproxy', 'ahead') },
  { id: 'weak-key', ...app01('nginx', 'weak-key') },
  // Nothing that this authority signs names a purpose, but for the one that is a client's.
  { id: 'any-key-usage', ...app01('nginx', 'genuine') },
  { id: 'product-name-in-own-ca', by: 'nginx', at: { app: 'namesake', cloud: 'namesake-cloud' } },
  { id: 'socket-wants-sign-in', by: 'nginx', at: { live: 'wants-sign-in' } },
  { id: 'responder-forged', by: 'nginx and answers of openssl', at: { app: 'asking', web: 'forged-answer' } },
  { id: 'responder-other', by: 'nginx and answers of openssl', at: { app: 'asking', web: 'other-answer' } },
  { id: 'list-missing', by: 'nginx and answers of openssl', at: { app: 'asking', web: 'gone' } },
  { id: 'metadata-forbidden', by: 'nginx', at: { cloud: 'forbidden' } },
  { id: 'metadata-missing', by: 'nginx', at: { cloud: 'not-found' } },
  { id: 'metadata-failing', by: 'nginx', at: { cloud: 'failing' } },
  { id: 'metadata-circle', by: 'nginx', at: { cloud: 'circle' } },
]

/** Every name that is dialled, at this machine, and no other: nobody is asked outside. */
const names = planFlows(labSite(labPortsAt(1), 'root.pem')).flatMap(({ target: { name } }) => name ?? [])
const zones = `  local-zone: "." static
${[...new Set(names)]
  .map((name) => `  local-zone: "${name}." redirect\n  local-data: "${name}. 60 IN A 127.0.0.1"`)
  .join('\n')}`

interface Standing {
  readonly ground: RealGround
  readonly portOf: (place: Place) => number
  readonly usual: LabPorts
}

let standing: Standing | undefined

before(async () => {
  const [openssl, nginx, haproxy, unbound] = programs.map((program) => installed(program))
  if (openssl === undefined || nginx === undefined || haproxy === undefined || unbound === undefined) return
  const places = [...Object.keys(doors), ...Object.keys(signIns), ...fronts, ...others]
  const ground = await openGround(places.length + 1)
  const ports = new Map(places.map((name) => [name, ground.port()]))
  const portOf = (place: string): number => {
    const port = ports.get(place)
    if (port === undefined) throw new TypeError(`nothing here is called ${place}`)
    return port
  }
  const usual = {
    ...labPortsAt(portOf('nobody')),
    app: portOf('genuine'),
    web: portOf('web'),
    cloud: portOf('cloud'),
  }
  try {
    const [tenant] = await Promise.all([ground.openTenant(), makeAuthority(openssl, ground.folder)])
    const resolver = await startUnbound(ground, unbound, zones)
    const pass = `location / { proxy_pass http://127.0.0.1:${tenant}; proxy_set_header Host $host; }`
    await startNginx(ground, nginx, [
      ...Object.entries(doors).map(([name, door]) => ({ ...door, port: portOf(name) })),
      ...['cloud', ...Object.keys(signIns)].map((name) => ({
        port: portOf(name),
        certificate: 'cloud' as const,
        lines: pass,
      })),
      ...Object.entries(signIns).map(([name, lines]) => ({
        port: portOf(name),
        certificate: 'cloud' as const,
        lines: `server_name login.microsoftonline.com; ${lines}`,
      })),
      { port: portOf('namesake-cloud'), certificate: 'namesake-cloud', lines: pass },
      // A certificate for each: one that covers both would say more than the lab's.
      { port: portOf('apart'), certificate: 'others', lines: pass },
      { port: portOf('apart'), certificate: 'registration', lines: `server_name ${registration}; ${pass}` },
    ])
    await startHaproxy(ground, haproxy, await haproxyParts(ground, portOf, tenant), portOf('strips'))
    standing = { ground, portOf, usual: { ...usual, internalDns: resolver.port, controlDns: resolver.port } }
  } catch (error) {
    await ground.close()
    throw error
  }
})

after(() => standing?.ground.close())

async function haproxyParts(ground: RealGround, portOf: (place: string) => number, tenant: number): Promise<string> {
  const crt = await both(ground, 'cloud')
  const appCrt = await both(ground, 'genuine')
  const [signer, product] = [await both(ground, 'inspector'), await both(ground, 'gateway')]
  const welcome = await ground.write(
    'portal.http',
    'HTTP/1.1 302 Found\r\nLocation: http://login.hotspot.example/welcome\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
  )
  const behind = `server tenant 127.0.0.1:${tenant}`
  const inspects = (name: string, by: string): string => `listen ${name}
  mode http
  bind 127.0.0.1:${portOf(name)} ssl crt ${appCrt} generate-certificates ca-sign-file ${by}
  ${behind}
`
  const byName = (name: string, behindIt: 'cloud' | 'apart', rules: string): string => `frontend ${name}
  mode tcp
  bind 127.0.0.1:${portOf(name)}
  tcp-request inspect-delay 5s
  ${rules}
  tcp-request content accept if { req.ssl_hello_type 1 }
  default_backend ${behindIt}
`
  const filtered = `{ req.ssl_sni -i ${registration} }`
  return `${inspects('inspects', signer)}${inspects('product', product)}
listen inner
  mode http
  bind 127.0.0.1:${portOf('inner')} ssl crt ${appCrt} generate-certificates ca-sign-file ${signer}
  ${behind}
backend cloud
  mode tcp
  server cloud 127.0.0.1:${portOf('cloud')}
backend apart
  mode tcp
  server apart 127.0.0.1:${portOf('apart')}
backend inspected
  mode tcp
  server inner 127.0.0.1:${portOf('inner')}
${byName('partial', 'cloud', 'use_backend inspected if { req.ssl_sni -i graph.microsoft.com }')}
${byName('rejects', 'apart', `tcp-request content reject if ${filtered}`)}
${byName('drops', 'apart', `tcp-request content silent-drop if ${filtered}`)}
listen hangs-up
  mode tcp
  bind 127.0.0.1:${portOf('hangs-up')}
  tcp-request connection reject
listen silent
  mode tcp
  bind 127.0.0.1:${portOf('silent')}
  tcp-request inspect-delay 1m
  tcp-request content reject if WAIT_END
listen hotspot
  mode http
  bind 127.0.0.1:${portOf('hotspot')}
  errorfile 400 ${welcome}
  http-request redirect location http://login.hotspot.example/welcome
listen stands-in
  mode http
  bind 127.0.0.1:${portOf('stands-in')}
  http-request return status 200 content-type text/html string "<title>Welcome to Corp Example</title>"
listen ahead
  mode http
  bind 127.0.0.1:${portOf('ahead')} ssl crt ${appCrt}
  http-response set-header Date %[date(3600),http_date]
  server app 127.0.0.1:${portOf('plain')}
listen strips
  mode http
  bind 127.0.0.1:${portOf('strips')} ssl crt ${crt}
  http-response del-header Server
  http-response del-header Date
  http-response del-header x-ms- -m beg
  ${behind}
`
}

/** Everything is there; else the test is left out with the reason, or fails where nothing may be missing. */
function ready(t: TestContext): Standing | undefined {
  for (const program of programs) if (needs(t, program) === undefined) return undefined
  assert.ok(standing)
  return standing
}

async function checked(
  t: TestContext,
  { ground, portOf, usual }: Standing,
  play: Pick<Play<string>, 'at' | 'trusts'>,
  { from, asks }: { readonly from?: string; readonly asks?: 'posture' } = {},
): Promise<CheckReport> {
  const placed = Object.fromEntries(Object.entries(play.at).map(([part, place]) => [part, portOf(place)]))
  const machineRoots =
    play.trusts === undefined ? [] : [await readFile(join(ground.folder, `${play.trusts}.pem`), 'utf8')]
  return checkGround(
    ground,
    {
      ports: { ...usual, ...placed },
      root: 'root.pem',
      machineRoots,
      // No server here tells the time, has the zone of the site or, but for its own rows, a WebSocket.
      without: ['lab-time', 'lab-dns', ...(play.at.live === undefined ? ['lab-ws'] : [])],
      posture: asks === 'posture',
      ...(from !== undefined && { from }),
    },
    t.signal,
  )
}

// Rows mostly wait.
describe('servers that are not ours', { concurrency: 3 }, () => {
  test('the site of the lab in the hands of nginx and unbound: nothing is accused', async (t) => {
    const stands = ready(t)
    if (stands === undefined) return
    const report = await checked(t, stands, { at: {} })
    assertAccusesNobody(report)
    assert.ok(report.summary.open >= 20, `only ${report.summary.open} flows were open`)
  })

  for (const play of plays) {
    const row = faultNamed(play.id)
    test(`${row.id} by ${play.by}: ${row.breaks}`, async (t) => {
      const stands = ready(t)
      if (stands === undefined) return
      const { from } = row.expect
      const report = await checked(t, stands, play, { ...(from && { from }), ...(row.asks && { asks: row.asks }) })
      assertTells(report, { ...row, expect: { ...row.expect, ...play.otherwise } })
    })
  }

  for (const play of odd) {
    const row = oddityNamed(play.id)
    test(`${row.id} by ${play.by} accuses nobody: ${row.breaks}`, async (t) => {
      const stands = ready(t)
      if (stands === undefined) return
      const { from, asks } = row
      const report = await checked(t, stands, play, { ...(from && { from }), ...(asks && { asks }) })
      assertAccusesNobody(report, row.finds)
    })
  }

  test('haproxy that takes Server, Date and Microsoft’s own fields out of every answer accuses nobody', async (t) => {
    const stands = ready(t)
    if (stands === undefined) return
    const report = await checked(t, stands, { at: { cloud: 'strips' } })
    assertAccusesNobody(report)
  })
})
