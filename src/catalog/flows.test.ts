import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clouds } from '../model/cloud.ts'
import type { Feature } from '../model/feature.ts'
import { features } from '../model/feature.ts'
import { directions, necessities, phases, transports } from '../model/flow.ts'
import { isPort } from '../model/ports.ts'
import { siteRoles } from '../model/role.ts'
import { services } from '../model/service.ts'
import type { Fact } from '../model/site.ts'
import { facts } from '../model/site.ts'
import type { FlowRow, Pair } from './flowRow.ts'
import { flowRows } from './flows.ts'
import { nameFeatures } from './nameRow.ts'
import { nameRows } from './names.ts'
import { isHostName, parsePattern } from './pattern.ts'
import { roleRows } from './roles.ts'

const isoDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const idsWhere = (holds: (row: FlowRow) => boolean): string[] => flowRows.filter(holds).map(({ id }) => id)

function rowOf(id: string): FlowRow {
  const row = flowRows.find((candidate) => candidate.id === id)
  assert.ok(row, `no row ${id}`)
  return row
}

/** `service/transport port`, the way a person would write a pair down. */
function formatPair({ service, transport, port, range, sitePort }: Pair): string {
  const where = range ? `${range.first}-${range.last}` : (port ?? sitePort ?? '')
  return `${service}/${transport} ${where}`.trim()
}

test('there are 88 flow rows and no id comes twice', () => {
  assert.equal(flowRows.length, 88)
  assert.equal(new Set(flowRows.map(({ id }) => id)).size, 88)
})

test('every row says where it is from, whom it joins and why', () => {
  for (const row of flowRows) {
    assert.match(row.id, /^[a-z0-9]+(-[a-z0-9]+)+$/)
    assert.ok(row.source.length > 10, row.id)
    assert.match(row.asOf, isoDate, row.id)
    assert.ok(row.table !== '' && row.protocol !== '' && row.requiredWhen !== '' && row.purpose !== '', row.id)
    assert.ok(row.from in roleRows && row.to in roleRows, row.id)
    assert.ok(directions.includes(row.direction) && necessities.includes(row.necessity), row.id)
    assert.ok(row.phase === undefined || phases.includes(row.phase), row.id)
    assert.ok(
      row.notes.every(({ text }) => text !== ''),
      row.id,
    )
  }
})

test('every pair of a row names one port, one range or one port of the site, or is ICMP', () => {
  for (const { id, pairs } of flowRows) {
    assert.ok(pairs.length > 0, id)
    for (const pair of pairs) {
      const { service, transport, port, range, sitePort } = pair
      assert.ok(services.includes(service) && transports.includes(transport), id)
      const ways = [port !== null, range !== undefined, sitePort !== undefined, transport === 'icmp']
      assert.equal(ways.filter(Boolean).length, 1, `${id}: ${formatPair(pair)}`)
      assert.ok(port === null || isPort(port), id)
      if (range) assert.ok(isPort(range.first) && isPort(range.last) && range.first < range.last, id)
      assert.equal(transport === 'icmp', service === 'icmp-echo', id)
    }
    assert.equal(new Set(pairs.map(formatPair)).size, pairs.length, id)
  }
})

test('every condition is of known features, clouds and facts', () => {
  for (const { id, condition, runtimeFeatures, phase } of flowRows) {
    assert.ok(
      condition.features.every((group) => group.length > 0 && group.every((each) => features.includes(each))),
      id,
    )
    assert.equal(new Set(condition.features.flat()).size, condition.features.flat().length, id)
    assert.ok(
      condition.roles.every(({ role }) => siteRoles.includes(role)),
      id,
    )
    assert.ok(condition.clouds.length > 0 && condition.clouds.every((cloud) => clouds.includes(cloud)), id)
    assert.ok(
      condition.facts.every(({ fact }) => facts.includes(fact)),
      id,
    )
    if (runtimeFeatures === undefined) continue
    assert.ok(
      runtimeFeatures.every((feature) => features.includes(feature)),
      id,
    )
    assert.equal(phase, 'setup+runtime', id)
  }
})

test('every row names hosts, patterns, lists and other rows that exist', () => {
  for (const { id, endpoints, names, namesPart, fallbackFor } of flowRows) {
    for (const endpoint of endpoints) {
      const pattern = parsePattern(endpoint)
      assert.ok(pattern.kind !== 'exact' || isHostName(pattern.name), `${id}: ${endpoint}`)
      assert.notEqual(pattern.kind, 'tag', id)
    }
    assert.equal(new Set(endpoints).size, endpoints.length, id)
    assert.ok(names === undefined || nameFeatures.includes(names), id)
    assert.ok(
      namesPart === undefined || nameRows.some(({ feature, part }) => feature === names && part === namesPart),
      id,
    )
    assert.ok(fallbackFor === undefined || (fallbackFor !== id && rowOf(fallbackFor)), id)
  }
})

test('a row that never has to be open is marked not-required, and only such a row has no condition but "never"', () => {
  const negative = idsWhere(({ id }) => id.startsWith('neg-'))
  assert.deepEqual(negative, ['neg-8443-entra', 'neg-inbound-connect'])
  assert.deepEqual(
    idsWhere(({ necessity }) => necessity === 'not-required'),
    negative,
  )
  assert.deepEqual(
    idsWhere(({ requiredWhen }) => requiredWhen === 'never'),
    negative,
  )
})

test('only negative rows and the ports of old builds have no phase', () => {
  assert.deepEqual(
    idsWhere(({ phase }) => phase === undefined),
    ['pta-legacy-ports', 'neg-8443-entra', 'neg-inbound-connect'],
  )
})

test('local rows stay on one machine', () => {
  assert.deepEqual(
    idsWhere(({ direction }) => direction === 'local'),
    ['adfs-nettcp-2012r2', 'adfs-nettcp-2016', 'ecma-host'],
  )
})

/** Written from the prose of the rows, not from their conditions: an accidental change of a condition goes red here. */
const reviewedFeatures: Readonly<Record<Feature, readonly string[]>> = {
  'password-hash-sync': ['t6b-https', 't6b-direct-ip'],
  'seamless-sso': ['t1-smb', 't1-gc', 't6b-https', 't6b-direct-ip', 'sso-client-cloud', 'sso-client-dc'],
  'pass-through-auth': [
    't6a-http',
    't6a-https',
    't6a-direct-ip',
    'pta-status-8080',
    'pta-autologon',
    'pta-crl',
    'pta-ad',
    'pta-legacy-ports',
  ],
  'password-writeback': ['t1-smb', 'pwb-https', 'pwb-smb', 'pwb-kpasswd'],
  'connect-health': ['t7a-amqps', 't7a-https', 't7b-endpoints', 't7b-http'],
  'ad-fs': [
    't1-winrm',
    't1-adws',
    't3-http',
    't3-https',
    't3-winrm',
    't4-https',
    't5-https',
    'adfs-clients',
    'adfs-probe',
    'adfs-farm-sync',
    'adfs-nettcp-2012r2',
    'adfs-nettcp-2016',
    'adfs-sql',
    'adfs-metadata',
    'adfs-wstrust-windows',
    'adfs-dc',
    'adfs-crl',
  ],
  'certificate-auth': ['t5-certauth', 'adfs-certauth-443', 'adfs-crl'],
  'cloud-sync': ['cs-https', 'cs-http', 'cs-status-8080', 'cs-ldap'],
  'application-proxy': [
    'pnc-https',
    'pnc-http',
    'pnc-proxy-connect',
    'pnc-sb-direct',
    'pnc-wpad',
    'pnc-backend',
    'pnc-kcd',
  ],
  'password-protection': ['pp-rpc-epm', 'pp-rpc-dynamic', 'pp-https'],
  'hybrid-join': ['adfs-wstrust-windows', 'hj-https'],
  'group-writeback': [],
  ldaps: ['t1-ldaps', 'ad-gc-ssl', 'ad-ldaps'],
  'remote-sql': ['connect-sql'],
  ecma: ['ecma-host'],
  scim: ['scim-in', 'scim-agent'],
  'own-app': ['app-user', 'app-oidc', 'app-graph', 'app-user-signin'],
}

for (const feature of features) {
  test(`the rows whose condition names ${feature} are those whose prose does`, () => {
    assert.deepEqual(
      idsWhere(({ condition }) => condition.features.flat().includes(feature)),
      reviewedFeatures[feature],
    )
  })
}

/** Rows that ask for several features: `+` for all of them, `|` for any. Every other row asks for one or none. */
const reviewedCombinations: Readonly<Record<string, string>> = {
  't1-smb': 'seamless-sso | password-writeback',
  't6b-https': 'seamless-sso + password-hash-sync',
  't6b-direct-ip': 'seamless-sso + password-hash-sync',
  'adfs-wstrust-windows': 'hybrid-join + ad-fs',
  'adfs-crl': 'ad-fs | certificate-auth',
}

test('the rows that ask for several features ask for all or for any as their prose does', () => {
  const several = flowRows.filter(({ condition }) => condition.features.flat().length > 1)
  assert.deepEqual(
    Object.fromEntries(
      several.map(({ id, condition }) => [id, condition.features.map((group) => group.join(' | ')).join(' + ')]),
    ),
    reviewedCombinations,
  )
})

test('the rows that ask for a role besides their ends, or for its absence, are those whose prose does', () => {
  assert.deepEqual(
    Object.fromEntries(
      flowRows
        .filter(({ condition }) => condition.roles.length > 0)
        .map(({ id, condition }) => [id, condition.roles.map(({ role, is }) => `${role} ${is}`).join()]),
    ),
    {
      't5-https': 'wap played',
      't5-certauth': 'wap played',
      'adfs-certauth-443': 'wap played',
      'adfs-metadata': 'wap played',
      'scim-in': 'provisioning-agent absent',
    },
  )
})

test('the rows that no feature decides are those that the roles alone call for', () => {
  assert.deepEqual(
    idsWhere(({ condition }) => condition.features.length === 0),
    [
      't1-dns',
      't1-kerberos',
      't1-rpc-epm',
      't1-ldap',
      't1-rpc-dynamic',
      't2-http-crl',
      't2-https-sync',
      'connect-proxy',
      'connect-mfa',
      'ad-ntp',
      'ad-kpasswd',
      'ad-epm',
      'ad-rpc',
      'ad-ldap',
      'ad-gc',
      'ad-dns',
      'ad-kerberos',
      'ad-smb',
      'ad-icmp',
      'ad-adws',
      'neg-8443-entra',
      'neg-inbound-connect',
    ],
  )
})

/** As above: ids of the rows that ask for a fact, those that want it false with a `!`. */
const reviewedFacts: Readonly<Record<Fact, readonly string[]>> = {
  'wizard-manages-ad-fs': ['t1-winrm', 't1-adws', 't3-http', 't3-https', 't3-winrm'],
  'filter-by-address-only': ['t6a-direct-ip', 't6b-direct-ip'],
  'outbound-proxy': ['pta-autologon', 'pnc-proxy-connect', 'connect-proxy'],
  wpad: ['pnc-wpad'],
  'static-rpc-port': ['!pp-rpc-dynamic'],
  'multi-domain-forest': ['ad-gc'],
  'time-from-ad': ['ad-ntp'],
  'password-change-from-members': ['ad-kpasswd'],
  'ad-powershell': ['ad-adws'],
  'ad-fs-farm': ['adfs-farm-sync'],
  'ad-fs-on-sql': ['adfs-sql'],
  'ad-fs-2012r2': ['adfs-nettcp-2012r2', '!adfs-nettcp-2016'],
  'certauth-on-443': ['!t5-certauth', 'adfs-certauth-443'],
  'constrained-delegation': ['pnc-kcd'],
  'installer-has-mfa': ['connect-mfa'],
  'groups-overage': ['app-graph'],
  'old-health-agent': ['t7a-amqps'],
  'old-connector-build': ['pta-legacy-ports'],
}

for (const fact of facts) {
  test(`the rows that ask for ${fact} are those whose prose does`, () => {
    const asking = flowRows.flatMap(({ id, condition }) =>
      condition.facts.filter((asked) => asked.fact === fact).map(({ is }) => (is ? id : `!${id}`)),
    )
    assert.deepEqual(asking, reviewedFacts[fact])
  })
}

test('only Connect Health is missing in a cloud, and that cloud is China', () => {
  const partial = flowRows.filter(({ condition }) => condition.clouds.length < clouds.length)
  assert.deepEqual(
    partial.map(({ id }) => id),
    reviewedFeatures['connect-health'],
  )
  for (const { condition } of partial) assert.deepEqual(condition.clouds, ['worldwide', 'usgov-gcchigh', 'usgov-dod'])
})

test('rows that are needed daily for some features only say so', () => {
  assert.deepEqual(
    flowRows.flatMap(({ id, runtimeFeatures }) => (runtimeFeatures ? [[id, runtimeFeatures]] : [])),
    [
      ['t1-rpc-epm', ['password-hash-sync']],
      ['t1-smb', ['password-writeback']],
      ['t1-rpc-dynamic', ['password-hash-sync']],
    ],
  )
})

const splits: readonly { row: string; pairs: readonly string[] }[] = [
  { row: 't1-dns', pairs: ['dns/tcp 53', 'dns/udp 53'] },
  { row: 't1-ldap', pairs: ['ldap/tcp 389', 'cldap/udp 389'] },
  { row: 't1-ldaps', pairs: ['ldaps/tcp 636'] },
  { row: 't1-rpc-dynamic', pairs: ['rpc/tcp 49152-65535'] },
  { row: 't5-certauth', pairs: ['tls/tcp 49443'] },
  { row: 't6a-direct-ip', pairs: ['any/tcp 80', 'any/tcp 443'] },
  { row: 't7a-amqps', pairs: ['amqps/tcp 5671'] },
  {
    row: 'pta-ad',
    pairs: [
      'dns/tcp 53',
      'dns/udp 53',
      'kerberos/tcp 88',
      'kerberos/udp 88',
      'epm/tcp 135',
      'ldap/tcp 389',
      'cldap/udp 389',
      'smb/tcp 445',
      'kpasswd/tcp 464',
      'kpasswd/udp 464',
      'gc/tcp 3268',
      'rpc/tcp 49152-65535',
    ],
  },
  {
    row: 'pta-legacy-ports',
    pairs: [
      'tcp/tcp 5671',
      'tcp/tcp 8080',
      'tcp/tcp 9090',
      'tcp/tcp 9091',
      'tcp/tcp 9350',
      'tcp/tcp 9352',
      'tcp/tcp 10100-10120',
    ],
  },
  {
    row: 'cs-ldap',
    pairs: [
      'dns/tcp 53',
      'dns/udp 53',
      'kerberos/tcp 88',
      'kerberos/udp 88',
      'epm/tcp 135',
      'ldap/tcp 389',
      'cldap/udp 389',
      'smb/tcp 445',
      'ldaps/tcp 636',
      'gc/tcp 3268',
      'rpc/tcp 49152-65535',
    ],
  },
  { row: 'connect-proxy', pairs: ['http-connect/tcp proxy'] },
  { row: 'pnc-backend', pairs: ['any/tcp published-app'] },
  { row: 'scim-in', pairs: ['https/tcp scim'] },
  { row: 'adfs-nettcp-2012r2', pairs: ['net-tcp/tcp 808'] },
  { row: 'ad-ntp', pairs: ['ntp/udp 123'] },
  { row: 'ad-icmp', pairs: ['icmp-echo/icmp'] },
  { row: 'neg-inbound-connect', pairs: ['any/tcp any'] },
]

for (const { row, pairs } of splits) {
  test(`row ${row} is split into the pairs that are real`, () => {
    assert.deepEqual(rowOf(row).pairs.map(formatPair), pairs)
  })
}

test('rows say where Microsoft’s own pages disagree', () => {
  assert.deepEqual(
    idsWhere(({ notes }) => notes.some(({ kind }) => kind === 'disagreement')),
    [
      't1-ldaps',
      't2-https-sync',
      't3-http',
      't3-https',
      't4-https',
      't5-https',
      't6a-http',
      't6a-direct-ip',
      't6b-direct-ip',
      't7a-amqps',
      't7b-endpoints',
      'cs-https',
      'pnc-https',
      'pp-https',
      'pwb-kpasswd',
      'adfs-wstrust-windows',
      'adfs-crl',
      'ad-smb',
    ],
  )
})

test('port sets that no page gives are marked as inferred', () => {
  for (const id of ['pta-ad', 'cs-ldap', 'adfs-dc', 'adfs-sql', 'connect-sql', 'pnc-sb-direct', 'pta-legacy-ports']) {
    assert.ok(
      rowOf(id).notes.some(({ kind }) => kind === 'inferred'),
      id,
    )
  }
})

test('no row speaks of a file that only its reader had', () => {
  assert.ok(!/\.json\b/.test(JSON.stringify(flowRows)))
})
