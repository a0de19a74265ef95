import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { slapd } from '../../test/slapdReply.ts'
import type { LdapEntry } from './ldap.ts'
import { readLdapAnswer } from './ldap.ts'
import { dnsNameOfNamingContext, readRootDse, rootDseRequest } from './rootDse.ts'

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(/\s+/g, ''), 'hex'))
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The root entry of a domain controller and the end of the search: Samba 4.17, captured. */
const samba = octetsOf(`
  30820440020101648204390400308204333043041a636f6e66696775726174696f6e4e616d696e67436f6e7465787431250423434e3d436f
  6e66696775726174696f6e2c44433d636f72702c44433d6578616d706c65302c041464656661756c744e616d696e67436f6e746578743114
  041244433d636f72702c44433d6578616d706c65302f0417726f6f74446f6d61696e4e616d696e67436f6e746578743114041244433d636f
  72702c44433d6578616d706c653081950415737570706f727465644361706162696c6974696573317c0416312e322e3834302e3131333535
  362e312e342e3830300417312e322e3834302e3131333535362e312e342e313637300417312e322e3834302e3131333535362e312e342e31
  3739310417312e322e3834302e3131333535362e312e342e313933350417312e322e3834302e3131333535362e312e342e32303830301e04
  14737570706f727465644c44415056657273696f6e31060401320401333032040a76656e646f724e616d653124042253616d626120546561
  6d202868747470733a2f2f7777772e73616d62612e6f7267293018040e697353796e6368726f6e697a656431060404545255453069040a73
  65727665724e616d65315b0459434e3d4443312c434e3d536572766572732c434e3d44656661756c742d46697273742d536974652d4e616d
  652c434e3d53697465732c434e3d436f6e66696775726174696f6e2c44433d636f72702c44433d6578616d706c653021040b646e73486f73
  744e616d65311204106463312e636f72702e6578616d706c653033040f6c646170536572766963654e616d653120041e636f72702e657861
  6d706c653a6463312440434f52502e4558414d504c453022040b63757272656e7454696d653113041132303236313132313138333731392e
  305a3081c7040e6e616d696e67436f6e74657874733181b4041244433d636f72702c44433d6578616d706c650423434e3d436f6e66696775
  726174696f6e2c44433d636f72702c44433d6578616d706c65042d434e3d536368656d612c434e3d436f6e66696775726174696f6e2c4443
  3d636f72702c44433d6578616d706c65042444433d446f6d61696e446e735a6f6e65732c44433d636f72702c44433d6578616d706c650424
  44433d466f72657374446e735a6f6e65732c44433d636f72702c44433d6578616d706c6530350417737570706f727465645341534c4d6563
  68616e69736d73311a040a4753532d53504e45474f040647535341504904044e544c4d3021040d76656e646f7256657273696f6e3110040e
  342e31372e31322d44656269616e301a0413646f6d61696e46756e6374696f6e616c6974793103040134301a0413666f7265737446756e63
  74696f6e616c69747931030401343024041d646f6d61696e436f6e74726f6c6c657246756e6374696f6e616c6974793103040134301e0414
  6973476c6f62616c436174616c6f6752656164793106040454525545300c02010165070a010004000400
`)

function entryOf(octets: Uint8Array): LdapEntry {
  const answer = readLdapAnswer(octets, 1)
  assert.ok(answer.kind === 'search' && answer.entry !== undefined)
  return answer.entry
}

const entry = (attributes: Readonly<Record<string, readonly string[]>>): LdapEntry => ({
  name: '',
  attributes: new Map(
    Object.entries(attributes).map(([name, values]) => [name.toLowerCase(), values.map((value) => ascii(value))]),
  ),
})

test('the root entry is asked for with the names of what is wanted', () => {
  const text = Buffer.from(rootDseRequest(1)).toString('latin1')
  assert.ok(
    text.includes('\x04\0\x0a\x01\0\x0a\x01\0\x02\x01\0\x02\x01\0\x01\x01\0\x87\x0bobjectClass\x30'),
    'a search of the base',
  )
  for (const name of ['dnsHostName', 'currentTime', 'supportedCapabilities', 'structuralObjectClass']) {
    assert.ok(text.includes(name), name)
  }
})

test('a domain controller tells who it is', () => {
  assert.deepEqual(readRootDse(entryOf(samba)), {
    directory: 'active-directory',
    product: 'Samba Team (https://www.samba.org) 4.17.12-Debian',
    dnsHostName: 'dc1.corp.example',
    serverName: 'CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration,DC=corp,DC=example',
    site: 'Default-First-Site-Name',
    namingContexts: [
      'DC=corp,DC=example',
      'CN=Configuration,DC=corp,DC=example',
      'CN=Schema,CN=Configuration,DC=corp,DC=example',
      'DC=DomainDnsZones,DC=corp,DC=example',
      'DC=ForestDnsZones,DC=corp,DC=example',
    ],
    defaultNamingContext: 'DC=corp,DC=example',
    rootDomainNamingContext: 'DC=corp,DC=example',
    configurationNamingContext: 'CN=Configuration,DC=corp,DC=example',
    domain: 'corp.example',
    forest: 'corp.example',
    ldapServiceName: 'corp.example:dc1$@CORP.EXAMPLE',
    realm: 'CORP.EXAMPLE',
    currentTime: Date.UTC(2026, 10, 21, 18, 37, 19),
    isSynchronized: true,
    isGlobalCatalogReady: true,
    domainFunctionality: 4,
    forestFunctionality: 4,
    domainControllerFunctionality: 4,
    saslMechanisms: ['GSS-SPNEGO', 'GSSAPI', 'NTLM'],
    ldapVersions: [2, 3],
    capabilities: [
      '1.2.840.113556.1.4.800',
      '1.2.840.113556.1.4.1670',
      '1.2.840.113556.1.4.1791',
      '1.2.840.113556.1.4.1935',
      '1.2.840.113556.1.4.2080',
    ],
    startTls: false,
  })
})

test('a directory that is none of Active Directory is told as such', () => {
  const { directory, product, namingContexts, ldapVersions, ...rest } = readRootDse(entryOf(slapd))
  assert.deepEqual(
    [directory, product, namingContexts, ldapVersions],
    ['other', 'OpenLDAP', ['dc=corp,dc=example'], [3]],
  )
  assert.deepEqual([rest.domain, rest.dnsHostName, rest.capabilities], [undefined, undefined, []])
  const vendor = entry({ vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.4'] })
  assert.equal(readRootDse(vendor).product, '389 Project 389-Directory/2.4')
})

for (const { what, attributes, facts } of [
  {
    what: 'AD LDS is no domain controller',
    attributes: { supportedCapabilities: ['1.2.840.113556.1.4.1851', '1.2.840.113556.1.4.1670'] },
    facts: { directory: 'ad-lds' },
  },
  {
    what: 'a controller that has not replicated yet says so',
    attributes: { isSynchronized: ['FALSE'], isGlobalCatalogReady: ['FALSE'] },
    facts: { isSynchronized: false, isGlobalCatalogReady: false },
  },
  {
    what: 'what is neither true nor false, no number and no date is not told',
    attributes: {
      isSynchronized: ['true'],
      domainFunctionality: ['-1'],
      forestFunctionality: ['99999'],
      currentTime: ['20261321000000.0Z'],
      supportedLDAPVersion: ['three', '3'],
    },
    facts: {
      isSynchronized: undefined,
      domainFunctionality: undefined,
      forestFunctionality: undefined,
      currentTime: undefined,
      ldapVersions: [3],
    },
  },
  {
    what: 'attributes without a value, or with an empty one, are not told',
    attributes: { dnsHostName: [], serverName: [''], vendorName: [], ldapServiceName: ['corp.example:dc1$@'] },
    facts: { dnsHostName: undefined, serverName: undefined, product: undefined, realm: undefined },
  },
  {
    what: 'a fraction of a second is read',
    attributes: { currentTime: ['20260102030405.25Z'] },
    facts: { currentTime: Date.UTC(2026, 0, 2, 3, 4, 5, 250) },
  },
  {
    what: 'StartTLS that is named is known',
    attributes: { supportedExtension: ['1.3.6.1.4.1.1466.20037'] },
    facts: { startTls: true },
  },
  {
    what: 'a site is read without the escapes of its name',
    attributes: {
      serverName: ['CN=DC2,CN=Servers,CN=Zürich\\, \\C3\\96st,CN=Sites,CN=Configuration,DC=corp,DC=example'],
      configurationNamingContext: ['cn=configuration,dc=corp,dc=example'],
    },
    facts: { site: 'Zürich, Öst' },
  },
  ...[
    'CN=Sites,CN=Configuration,DC=corp,DC=example',
    'CN=DC2,CN=Servers,CN=Bern,CN=Sites,CN=Configuration,DC=demo,DC=example',
    'CN=DC2,CN=Servers,CN=Bern,CN=West,CN=Sites,CN=Configuration,DC=corp,DC=example',
    'CN=DC2,CN=Subnets,CN=Bern,CN=Sites,CN=Configuration,DC=corp,DC=example',
  ].map((serverName) => ({
    what: `${serverName} lies in no site`,
    attributes: { serverName: [serverName], configurationNamingContext: ['CN=Configuration,DC=corp,DC=example'] },
    facts: { serverName, site: undefined },
  })),
  {
    what: 'of many naming contexts the first eight are told',
    attributes: { namingContexts: [...'abcdefghij'].map((letter) => `DC=${letter}`) },
    facts: { namingContexts: [...'abcdefgh'].map((letter) => `DC=${letter}`) },
  },
  {
    what: 'a name that would act on a terminal is written as its octets',
    attributes: { dnsHostName: ['dc1\u001b]0;x\u0007', 'dc2'] },
    facts: { dnsHostName: 'dc1\\x1B]0;x\\x07' },
  },
]) {
  test(what, () => {
    const read: Readonly<Record<string, unknown>> = { ...readRootDse(entry(attributes)) }
    for (const [fact, value] of Object.entries(facts)) assert.deepEqual(read[fact], value, fact)
  })
}

for (const [name, dns] of [
  ['DC=corp,DC=example', 'corp.example'],
  ['dc=Corp, dc=example', 'Corp.example'],
  ['DC=DomainDnsZones,DC=corp,DC=example', 'DomainDnsZones.corp.example'],
  ['CN=Configuration,DC=corp,DC=example', undefined],
  ['O=corp', undefined],
  ['corp.example', undefined],
  ['', undefined],
] as const) {
  test(`the naming context "${name}" is ${dns ?? 'that of no domain'}`, () => {
    assert.equal(dnsNameOfNamingContext(name), dns)
  })
}

test('any values give facts that are printable and bounded', () => {
  const names = [...entryOf(samba).attributes.keys(), 'structuralobjectclass']
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }).map(ascii),
    fc.constant(ascii(`CN=${'\\C3'.repeat(20_000)},CN=Servers,CN=a,CN=Sites,CN=Configuration`)),
    fc.constantFrom(...[...entryOf(samba).attributes.values()].flat()),
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.array(value, { maxLength: 70 })), (attributes) => {
      const facts = readRootDse({ name: '', attributes: new Map(Object.entries(attributes)) })
      for (const fact of Object.values(facts).flat()) {
        if (typeof fact === 'number') assert.ok(Number.isInteger(fact))
        if (typeof fact !== 'string') continue
        assert.ok(fact.length <= 4 * 1024)
        assert.doesNotMatch(fact, /\p{C}/u)
      }
    }),
  )
})
