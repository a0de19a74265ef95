import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSite } from '../../config/parseSite.ts'
import { readHostName, readLabel, readProxyUrl, readResolver, readTenant } from '../../config/siteTexts.ts'
import { formatAddress } from '../../model/cidr.ts'
import { clouds } from '../../model/cloud.ts'
import { features } from '../../model/feature.ts'
import { siteRoles } from '../../model/role.ts'
import { planFlows } from '../../plan/planFlows.ts'
import type { HostAnswer } from './machineFacts.ts'
import type { Answers } from './siteFile.ts'
import { lackingRoles, siteFile } from './siteFile.ts'

/** Whatever a reader of the site file takes, so that what is written is what was meant. */
const readable = (read: (text: string) => { readonly ok: string } | object, texts: fc.Arbitrary<string>) =>
  texts
    .map(read)
    .filter((one): one is { readonly ok: string } => 'ok' in one)
    .map(({ ok }) => ok)

const words = fc.constantFrom(
  'true',
  'null',
  'no',
  'on',
  '1.5',
  '0x1f',
  '12',
  '1e3',
  '~',
  'y',
  'NaN',
  'é',
  '数据',
  'a_b',
  '_x',
  'a.b',
  'Dc01',
  '2001',
  '1_000',
  'null-',
  '.inf',
)
const anyLabel = readable(
  readLabel,
  fc.oneof(
    words,
    fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }),
    fc.stringMatching(/^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,20}$/u),
  ),
)
const anyName = readable(readHostName, fc.oneof(fc.domain(), words))
const anyAddress = fc.oneof(
  fc.nat(0xffffffff).map((value) => formatAddress({ family: 4, value: BigInt(value) })),
  fc.bigInt(0n, 2n ** 128n - 1n).map((value) => formatAddress({ family: 6, value })),
)
const anyResolver = readable(
  readResolver,
  fc
    .tuple(anyAddress, fc.option(fc.integer({ min: 1, max: 65_535 })))
    .map(([address, port]) =>
      port === null ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`,
    ),
)
const anyProxyUrl = readable(
  readProxyUrl,
  fc
    .tuple(
      fc.constantFrom('http', 'https'),
      fc.oneof(
        anyName,
        anyAddress.map((address) => (address.includes(':') ? `[${address}]` : address)),
      ),
      fc.integer({ min: 1, max: 65_535 }),
    )
    .map(([scheme, host, port]) => `${scheme}://${host}:${port}`),
)

const anyHost: fc.Arbitrary<HostAnswer> = fc
  .record({
    key: anyLabel,
    name: fc.option(anyName),
    addresses: fc.uniqueArray(anyAddress, { maxLength: 3 }),
    roles: fc.subarray([...siteRoles], { maxLength: 5 }),
  })
  .map(({ name, ...host }) => ({ ...host, ...(name !== null && { name }) }))

const anyAnswers: fc.Arbitrary<Answers> = fc
  .record({
    site: anyLabel,
    cloud: fc.option(fc.constantFrom(...clouds)),
    tenant: fc.option(readable(readTenant, fc.oneof(fc.domain(), fc.uuid()))),
    domain: fc.option(anyName),
    domainDoubt: fc.option(fc.string({ unit: 'binary' })),
    features: fc.subarray([...features]),
    hosts: fc.uniqueArray(anyHost, { minLength: 1, maxLength: 4, selector: ({ key }) => key.toLowerCase() }),
    resolvers: fc.uniqueArray(anyResolver, { maxLength: 3 }),
    proxy: fc.option(fc.record({ url: anyProxyUrl, from: fc.string({ unit: 'binary' }), asksWho: fc.boolean() })),
    notKnown: fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 }),
  })
  .map(({ cloud, tenant, domain, domainDoubt, proxy, hosts: [self, ...others], ...rest }) => ({
    ...rest,
    hosts: [self ?? { key: 'x', addresses: [], roles: [] }, ...others],
    ...(cloud !== null && { cloud }),
    ...(tenant !== null && { tenant }),
    ...(domain !== null && { domain }),
    ...(domainDoubt !== null && { domainDoubt }),
    ...(proxy !== null && { proxy }),
  }))

test('whatever was answered, the file is read by every verb, says what was meant, and has a plan', () => {
  fc.assert(
    fc.property(anyAnswers, (answers) => {
      const { text } = siteFile(answers, '0.1.0')
      const parsed = parseSite(text, 'postern.yaml')
      assert.ok('site' in parsed, `${JSON.stringify('errors' in parsed && parsed.errors)}\n${text}`)
      const { site } = parsed
      const on = answers.features.filter((feature) => lackingRoles(feature, answers.hosts).length === 0)
      assert.deepEqual(
        [site.site, site.cloud, site.tenant, site.domain, site.features, site.resolvers.internal],
        [answers.site, answers.cloud ?? 'worldwide', answers.tenant, answers.domain, on, answers.resolvers],
      )
      assert.deepEqual(
        Object.entries(site.hosts)
          .map(([key, host]) => ({ key, ...host }))
          .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
        [...answers.hosts].toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      )
      assert.equal(site.proxies['egress']?.url, answers.proxy?.url)
      assert.equal(site.proxies['egress']?.credentials, answers.proxy?.asksWho === true ? 'env:PROXY_AUTH' : undefined)
      assert.ok(Array.isArray(planFlows(site)))
    }),
  )
})

const self: HostAnswer = { key: 'connect01', addresses: ['10.1.0.10'], roles: ['entra-connect'] }
const bare: Answers = { site: 'hq', features: [], hosts: [self], resolvers: [], notKnown: [] }

test('what is not known is a comment at its place, and told to the caller', () => {
  const { text, notKnown } = siteFile(bare, '0.1.0')
  assert.equal(text.match(/^ *# not known: /gm)?.length, notKnown.length)
  for (const what of [
    /^the cloud/,
    /^the tenant/,
    /^the AD domain/,
    /^what is switched on/,
    /^the domain controllers/,
    /^the name servers/,
  ]) {
    assert.ok(
      notKnown.some((line) => what.test(line)),
      String(what),
    )
  }
})

test('a feature whose host is not known stays off, and the file says what it waits for', () => {
  const { text } = siteFile({ ...bare, features: ['password-hash-sync', 'password-writeback'] }, '0.1.0')
  assert.match(text, /^features: \[password-writeback\]$/m)
  assert.match(text, /# not known: a host with the role domain-controller; then add password-hash-sync to features/)
})

test('pass-through authentication needs no agent of its own beside Entra Connect', () => {
  assert.deepEqual(lackingRoles('pass-through-auth', [self]), [])
  assert.deepEqual(lackingRoles('pass-through-auth', [{ ...self, roles: [] }]), [['pta-agent', 'entra-connect']])
})
