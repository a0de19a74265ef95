import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { linesFor } from '../../test/linesFor.ts'
import { clouds } from '../model/cloud.ts'
import type { Site } from '../model/site.ts'
import { facts } from '../model/site.ts'
import { formatConfigErrors } from './configError.ts'
import { parseSite } from './parseSite.ts'

const sample = `
site: hq
cloud: worldwide                 # worldwide | usgov-gcchigh | usgov-dod | china
tenant: contoso.onmicrosoft.com  # or the tenant id
domain: corp.example             # the AD domain; forest: when it differs
features: [password-hash-sync, seamless-sso, pass-through-auth, password-writeback, connect-health]   # further: ad-fs
hosts:
  connect01: { roles: [entra-connect, health-agent], addresses: [10.1.0.10] }
  dc01:      { roles: [domain-controller, dns-server], name: dc01.corp.example, addresses: [10.1.0.5] }
  app01:     { roles: [app-8443], addresses: [10.1.0.30] }
networks:
  staff:     { roles: [user-client], prefixes: [10.2.0.0/16] }
resolvers:   { internal: [10.1.0.5], control: [9.9.9.9] }
proxies:
  egress:    { url: http://proxy.corp.example:3128, used-by: [connect01], credentials: env:PROXY_AUTH }
trust:       { certificates: [enterprise-ca.pem] }
names:
  login.microsoftonline.com: 127.0.0.1:9443
devices:
  edge: { vendor: nftables, files: [edge.nft], interfaces: { lan0: [10.0.0.0/8], wan0: [0.0.0.0/0] } }
paths:
  - { from: connect01, to: internet, through: [edge] }
flows:
  - { id: payroll, from: staff, to: app01, ports: [8443], transport: [tcp], service: https }
`

test('the documented sample is read with all that it says', () => {
  assert.deepEqual(siteIn(sample), {
    site: 'hq',
    cloud: 'worldwide',
    tenant: 'contoso.onmicrosoft.com',
    domain: 'corp.example',
    features: ['password-hash-sync', 'seamless-sso', 'pass-through-auth', 'password-writeback', 'connect-health'],
    facts: {},
    hosts: {
      connect01: { roles: ['entra-connect', 'health-agent'], addresses: ['10.1.0.10'] },
      dc01: { roles: ['domain-controller', 'dns-server'], name: 'dc01.corp.example', addresses: ['10.1.0.5'] },
      app01: { roles: ['app-8443'], addresses: ['10.1.0.30'] },
    },
    networks: { staff: { roles: ['user-client'], prefixes: ['10.2.0.0/16'] } },
    resolvers: { internal: ['10.1.0.5'], control: ['9.9.9.9'] },
    proxies: {
      egress: { url: 'http://proxy.corp.example:3128', usedBy: ['connect01'], credentials: 'env:PROXY_AUTH' },
    },
    trust: { certificates: ['enterprise-ca.pem'] },
    names: { 'login.microsoftonline.com': '127.0.0.1:9443' },
    devices: {
      edge: { vendor: 'nftables', files: ['edge.nft'], interfaces: { lan0: ['10.0.0.0/8'], wan0: ['0.0.0.0/0'] } },
    },
    paths: [{ from: 'connect01', to: 'internet', through: ['edge'] }],
    flows: [
      {
        id: 'payroll',
        from: 'staff',
        to: 'app01',
        ports: [8443],
        transport: ['tcp'],
        service: 'https',
        forbid: false,
      },
    ],
  } satisfies Site)
})

test('what may be left out is filled in', () => {
  const { cloud, features, networks, resolvers, trust, flows } = siteIn(
    'site: a\nhosts: { x: { roles: [adfs] } }\nflows: [{ id: f, from: any, to: internet, ports: [22, 2222] }]\n',
  )
  assert.deepEqual(
    { cloud, features, networks, resolvers, trust },
    {
      cloud: 'worldwide',
      features: [],
      networks: {},
      resolvers: { internal: [], control: [] },
      trust: { certificates: [] },
    },
  )
  assert.deepEqual(flows, [
    { id: 'f', from: 'any', to: 'internet', ports: [22, 2222], transport: ['tcp'], forbid: false },
  ])
})

test('addresses, networks and names come in their one canonical text', () => {
  const site = siteIn(`site: a
tenant: 11111111-AAAA-3333-4444-555555555555
federation-service: STS.Contoso.com.
hosts:
  x: { roles: [adfs], name: ADFS01.corp.example, addresses: ['2001:DB8:0:0::1'] }
networks:
  n: { roles: [user-client], prefixes: ['2001:DB8::/32'] }
resolvers: { internal: ['[2001:DB8::0:5]:53', 10.0.0.1:5353] }
proxies: { p: { url: 'HTTP://Proxy:3128/', used-by: [x, n] } }
names: { Login.Windows.net:443: '[0:0::1]:9443', graph.windows.net: :9443, '*:80': ':08080' }
flows: [{ id: f, from: n, to: x, ports: [636] }]
gate: { origin: https://payroll.corp.example:8443 }
`)
  assert.equal(site.tenant, '11111111-aaaa-3333-4444-555555555555')
  assert.equal(site.federationService, 'sts.contoso.com')
  assert.deepEqual(site.hosts['x'], { roles: ['adfs'], name: 'adfs01.corp.example', addresses: ['2001:db8::1'] })
  assert.deepEqual(site.networks['n']?.prefixes, ['2001:db8::/32'])
  assert.deepEqual(site.resolvers.internal, ['[2001:db8::5]:53', '10.0.0.1:5353'])
  assert.equal(site.proxies['p']?.url, 'http://proxy:3128')
  assert.deepEqual(site.names, {
    'login.windows.net:443': '[::1]:9443',
    'graph.windows.net': ':9443',
    '*:80': ':8080',
  })
  assert.equal(site.gate?.origin, 'https://payroll.corp.example:8443')
})

test('a role that a feature gives to a host is a role of the site', () => {
  const text = `site: a
features: [pass-through-auth]
hosts: { connect01: { roles: [entra-connect] }, dc01: { roles: [domain-controller] } }
flows: [{ id: own, from: pta-agent, to: dc01, ports: [1] }]
`
  assert.equal(siteIn(text).flows.length, 1)
  assert.deepEqual(linesFor(text.replace('features: [pass-through-auth]', '')), [
    'site.yaml:4:26: no host or network has the role pta-agent, give the role to one, or name a host or network',
  ])
})

test('a byte order mark and Windows line ends change nothing', () => {
  assert.deepEqual(siteIn(`\uFEFF${sample.replaceAll('\n', '\r\n')}`), siteIn(sample))
  assert.deepEqual(
    linesFor('\uFEFFsitte: a\r\nhosts: {}\r\ncloud: x\r\n').map((line) => line.split(' ')[0]),
    ['site.yaml:1:1:', 'site.yaml:3:8:'],
  )
})

test('a place in the file can be asked for later', () => {
  const parsed = parseSite(sample, 'site.yaml')
  assert.ok('site' in parsed)
  const error = parsed.errorAt(['trust', 'certificates', 0], { what: 'a', right: 'b' })
  assert.deepEqual(error, { file: 'site.yaml', line: 16, column: 31, what: 'a', right: 'b' })
})

const yamlLike = fc.string({
  unit: fc.constantFrom(
    ...'[]{}:,-?&*!|>\'"%@`#~ \n\t\r\\ab1é\u2028',
    ': ',
    '- ',
    '\n  ',
    'site',
    'hosts',
    '__proto__',
    '<<',
  ),
  maxLength: 60,
})
const names = ['site', 'hosts', 'networks', 'features', 'flows', 'roles', 'adfs', 'from', 'to', 'ports', 'internet']
const word = fc.oneof(fc.constantFrom(...names, '__proto__', 'toString'), fc.string({ maxLength: 6 }))
const { anything } = fc.letrec((tie) => ({
  anything: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('anything'), { maxLength: 3 }),
    fc.dictionary(word, tie('anything'), { maxKeys: 4 }),
  ),
}))
const siteLike = fc.dictionary(fc.constantFrom(...names, 'paths', 'proxies', 'names', 'devices'), anything)

test('any text is a site or has errors, each with a place in the text and on one line', () => {
  const text = fc.oneof(
    fc.string(),
    yamlLike,
    siteLike.map((value) => JSON.stringify(value, null, 1)),
    // The sample with a piece cut out and another put in.
    fc.tuple(fc.nat(sample.length), fc.nat(20), yamlLike).map(([at, cut, put]) => {
      return `${sample.slice(0, at)}${put}${sample.slice(at + cut)}`
    }),
  )
  fc.assert(
    fc.property(text, (given) => {
      const parsed = parseSite(given, 'f')
      if ('site' in parsed) return
      const lines = given.split('\n')
      assert.ok(parsed.errors.length > 0)
      for (const { line, column } of parsed.errors) {
        assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`)
        assert.ok(column >= 1 && column <= (lines[line - 1]?.length ?? 0) + 1, `column ${column} of line ${line}`)
      }
      const ordered = parsed.errors.toSorted((a, b) => a.line - b.line || a.column - b.column)
      assert.deepEqual(parsed.errors, ordered)
      for (const said of formatConfigErrors(parsed.errors)) assert.doesNotMatch(said, /[\p{Cc}\u2028\u2029]/u)
    }),
    { numRuns: 1000 },
  )
})

test('a secret that is written in the file stands in no error', () => {
  const secret = fc.string({ unit: fc.constantFrom(...'QXZ789!$%&:/\\#?[]{} '), minLength: 4, maxLength: 12 })
  const places: readonly ((secret: string) => object)[] = [
    (text) => ({ proxies: { p: { url: `http://svc:${text}@proxy:3128`, 'used-by': ['a'] } } }),
    (text) => ({ proxies: { p: { url: 'http://proxy', 'used-by': ['a'], credentials: text } } }),
    (text) => ({ proxies: { p: { url: 'http://proxy', 'used-by': ['a'], password: text } } }),
    (text) => ({ proxies: { p: text } }),
    (text) => ({ hosts: text }),
    (text) => ({ password: text }),
  ]
  fc.assert(
    fc.property(secret, fc.constantFrom(...places), (text, place) => {
      const parsed = parseSite(JSON.stringify({ site: 'a', hosts: { a: { roles: [] } }, ...place(text) }), 'f')
      if ('site' in parsed) return
      assert.ok(!formatConfigErrors(parsed.errors).join('\n').includes(text))
    }),
  )
})

test('a site that is written out again reads as the same site', () => {
  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((text) => text !== 'any' && text !== 'internet')
  const address = fc.oneof(fc.ipV4(), fc.ipV6())
  const hosts = fc.dictionary(
    label,
    fc.record(
      {
        roles: fc.uniqueArray(fc.constantFrom('adfs', 'wap', 'domain-controller', 'user-client')),
        name: fc.domain(),
        addresses: fc.uniqueArray(address, { maxLength: 1 }),
      },
      { requiredKeys: ['roles'] },
    ),
    { minKeys: 1 },
  )
  const written = fc.record(
    {
      site: label,
      cloud: fc.constantFrom(...clouds),
      domain: fc.domain(),
      facts: fc.dictionary(fc.constantFrom(...facts), fc.boolean()),
      hosts,
      resolvers: fc.record({ internal: fc.uniqueArray(fc.ipV4()) }),
    },
    { requiredKeys: ['site', 'hosts'] },
  )
  fc.assert(
    fc.property(written, (value) => {
      const site = siteIn(JSON.stringify(value))
      assert.deepEqual(Object.keys(site.hosts), Object.keys(value.hosts))
      const { federationService, proxies, ...rest } = site
      assert.deepEqual([federationService, proxies], [undefined, {}])
      assert.deepEqual(siteIn(JSON.stringify(rest)), site)
    }),
  )
})

function siteIn(text: string): Site {
  const parsed = parseSite(text, 'site.yaml')
  assert.ok('site' in parsed, 'errors' in parsed ? formatConfigErrors(parsed.errors).join('\n') : '')
  return parsed.site
}

test('own apps keep their redirect URIs letter by letter, and the rest comes in its one text', () => {
  const site = siteIn(`site: a
hosts: { app01: { roles: [app-8443], name: app01.corp.example, addresses: ['2001:db8::1'] } }
apps:
  payroll:
    url: HTTPS://App01.corp.example:8443/Pay/
    redirect-uris: [https://App01.corp.example:8443/Signin-OIDC/, 'http://localhost:5001/cb']
    client: 00001111-AAAA-2222-BBBB-3333CCCC4444
    issuer: http://sts.contoso.com/adfs/services/trust
  bare: { url: 'https://[2001:DB8::1]' }
`)
  assert.deepEqual(site.apps, {
    payroll: {
      url: 'https://app01.corp.example:8443/Pay/',
      redirectUris: ['https://App01.corp.example:8443/Signin-OIDC/', 'http://localhost:5001/cb'],
      client: '00001111-aaaa-2222-bbbb-3333cccc4444',
      issuer: 'http://sts.contoso.com/adfs/services/trust',
    },
    bare: { url: 'https://[2001:db8::1]', redirectUris: [] },
  })
})
