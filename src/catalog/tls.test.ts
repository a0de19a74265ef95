import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { inspectionForbidden } from './inspection.ts'
import { isMicrosoftName, namesCovering } from './isMicrosoftName.ts'
import { isMicrosoftIssuer, isMicrosoftRoot } from './microsoftChain.ts'
import { nameRows } from './names.ts'
import { consoleProductOf, inspectionVendorOf, inspectionVendors } from './products.ts'
import { issuingCaRows, observedChains, revocationHosts, rootRows } from './tls.ts'

test('there are 11 roots, and thumbprints are upper-case hexadecimal of the right length', () => {
  assert.equal(rootRows.length, 11)
  for (const { name, serial, sha1, sha256, source } of rootRows) {
    assert.match(serial ?? '00', /^[0-9a-f]+$/, name)
    assert.match(sha1 ?? 'A'.repeat(40), /^[0-9A-F]{40}$/, name)
    assert.match(sha256 ?? 'A'.repeat(64), /^[0-9A-F]{64}$/, name)
    assert.ok(source.length > 10, name)
  }
})

test('there are 63 issuing CAs, no thumbprint comes twice, and each leads to a root of the table', () => {
  assert.equal(issuingCaRows.length, 63)
  const roots = new Set(rootRows.map(({ name }) => name))
  for (const { name, root, through, sha1 } of issuingCaRows) {
    assert.ok(roots.has(root), name)
    assert.ok(through === undefined || roots.has(through), name)
    assert.match(sha1 ?? 'A'.repeat(40), /^[0-9A-F]{40}$/, name)
  }
  const thumbprints = issuingCaRows.flatMap(({ sha1 }) => sha1 ?? [])
  assert.equal(new Set(thumbprints).size, thumbprints.length)
})

test('a root is known by either thumbprint, in any notation, and never by its name', () => {
  const nothing = '0'.repeat(40)
  assert.ok(isMicrosoftRoot({ sha1: 'DF3C24F9BFD666761B268073FE06D1CC8D4F82A4', sha256: '' }))
  assert.ok(isMicrosoftRoot({ sha1: 'df:3c:24:f9:bf:d6:66:76:1b:26:80:73:fe:06:d1:cc:8d:4f:82:a4', sha256: '' }))
  assert.ok(
    isMicrosoftRoot({ sha1: nothing, sha256: '6A170583DB584151E1C454EECA2A64CC5D8E484A5BD1156E720B4458654EE9E5' }),
  )
  assert.ok(!isMicrosoftRoot({ sha1: nothing, sha256: 'F'.repeat(64) }))
  // One root of the table has no thumbprint at all: that must not make an empty one match.
  assert.ok(!isMicrosoftRoot({ sha1: '', sha256: '' }))
})

const issuers: readonly { name: string; is: boolean }[] = [
  { name: 'Microsoft TLS G2 RSA CA OCSP 04', is: true },
  { name: 'CN=Microsoft TLS G2 RSA CA OCSP 18,O=Microsoft Corporation,C=US', is: true },
  { name: 'C=US\nO=DigiCert Inc\nCN=DigiCert Global G2 TLS RSA SHA256 2020 CA1', is: true },
  { name: 'CN=GeoTrust TLS DV RSA Mixed SHA256 2020 CA-1,O=DigiCert Inc,C=US', is: true },
  { name: 'Microsoft TLS G2 RSA CA OCSP 04 (Corp)', is: false },
  { name: 'CN=Corp Inspection CA,O=Microsoft TLS G2 RSA CA OCSP 04', is: false },
  { name: 'O=Corp\\,CN=Microsoft TLS G2 RSA CA OCSP 04', is: false },
  { name: '', is: false },
]

for (const { name, is } of issuers) {
  test(`"${name.replaceAll('\n', ' ')}" is ${is ? '' : 'not '}named like a CA of Microsoft’s services`, () => {
    assert.equal(isMicrosoftIssuer(name), is)
  })
}

test('the issuers of all chains seen in public are named like CAs of Microsoft’s services', () => {
  for (const { issuerCN } of observedChains) {
    const [first = ''] = issuerCN.split(' / ')
    assert.ok(isMicrosoftIssuer(first), issuerCN)
  }
})

const vendors: readonly { dn: string; vendor: string | undefined }[] = [
  { dn: 'CN=Zscaler Intermediate Root CA (zscaler.net),OU=Zscaler Inc.,O=Zscaler Inc.,C=US', vendor: 'Zscaler' },
  { dn: 'CN=FGT60E0000000000,O=Fortinet,C=US', vendor: 'Fortinet' },
  { dn: 'CN=fortinet_ca_ssl', vendor: 'Fortinet' },
  { dn: 'O=Cisco,CN=Cisco Umbrella Secondary SubCA', vendor: 'Cisco Umbrella / Secure Access' },
  { dn: 'CN=proxy,O=Cisco', vendor: 'Cisco Secure Web Appliance (WSA)' },
  { dn: 'CN=OWASP ZAP Root CA', vendor: 'Debug proxies' },
  { dn: 'CN=Zapata Root CA,O=Burpham Ltd', vendor: undefined },
  { dn: 'CN=Heavysquid CA', vendor: undefined },
  { dn: 'CN=Corp Inspection CA,O=Contoso', vendor: undefined },
  { dn: 'CN=Microsoft Azure RSA TLS Issuing CA 04,O=Microsoft Corporation,C=US', vendor: undefined },
]

for (const { dn, vendor } of vendors) {
  test(`the issuer "${dn}" carries the sign of ${vendor ?? 'no product'}`, () => {
    assert.equal(inspectionVendorOf(dn)?.vendor, vendor)
  })
}

test('no CA that issues for Microsoft carries the sign of an inspection product', () => {
  for (const { name } of [...issuingCaRows, ...rootRows])
    assert.equal(inspectionVendorOf(`CN=${name}`), undefined, name)
})

test('every vendor has a source, and every rule against inspection a list with names', () => {
  assert.equal(inspectionVendors.length, 22)
  for (const { source } of inspectionVendors) assert.ok(source.length > 10)
  assert.equal(inspectionForbidden.length, 7)
  for (const { feature, name, asOf } of inspectionForbidden) {
    const list = nameRows.filter((row) => row.feature === feature)
    assert.ok(list.length > 0)
    assert.ok(name === undefined || list.some(({ pattern }) => pattern === name))
    assert.match(asOf, /^\d{4}-\d{2}-\d{2}$/)
  }
})

const names: readonly { name: string; cloud: 'worldwide' | 'usgov-dod' | 'china'; is: boolean; why: string }[] = [
  { name: 'login.microsoftonline.com', cloud: 'worldwide', is: true, why: 'an exact name' },
  { name: 'Tenant.Registration.MsAppProxy.net', cloud: 'worldwide', is: true, why: 'under a wildcard' },
  { name: 'graph.microsoft.us', cloud: 'usgov-dod', is: true, why: 'under *.microsoft.us' },
  { name: 'autologon.microsoftazuread-sso.com', cloud: 'china', is: false, why: 'the list of another cloud' },
  { name: 'crl3.digicert.com', cloud: 'worldwide', is: false, why: 'plain HTTP, and another company’s' },
  { name: 'sts.contoso.com', cloud: 'worldwide', is: false, why: 'the customer’s own' },
  { name: 'certauth.sts.contoso.com', cloud: 'worldwide', is: false, why: 'the customer’s own' },
  { name: 'login.microsoftonline.de', cloud: 'worldwide', is: false, why: 'a closed cloud' },
  { name: 'login.microsoftonline.com.contoso.com', cloud: 'worldwide', is: false, why: 'only looks like it' },
]

for (const { name, cloud, is, why } of names) {
  test(`${name} is ${is ? '' : 'not '}a Microsoft name in the cloud ${cloud}: ${why}`, () => {
    assert.equal(isMicrosoftName(name, cloud), is)
  })
}

test('revocation hosts are all in the list of that name', () => {
  const listed = new Set(nameRows.filter(({ feature }) => feature === 'revocation').map(({ pattern }) => pattern))
  for (const host of [...revocationHosts.aia, ...revocationHosts.crl, ...revocationHosts.ocsp]) {
    assert.ok(listed.has(host), host)
  }
})

test('any text can be asked about as issuer or name', () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom('C', 'N', '=', ',', '\\', '+', '\n', ' ', 'a', '.') }),
  )
  fc.assert(
    fc.property(text, (asked) => {
      assert.equal(typeof isMicrosoftIssuer(asked), 'boolean')
      inspectionVendorOf(asked)
      assert.ok(Array.isArray(namesCovering(asked, 'worldwide')))
    }),
  )
})

for (const { shown, text, product } of [
  { shown: 'certificate', text: 'CN=FGT60F-CONSOLE,O=x', product: 'FortiGate' },
  { shown: 'certificate', text: 'CN=FG100FTK00000000', product: 'FortiGate' },
  { shown: 'certificate', text: 'CN=OWN,O=Palo Alto Networks', product: 'Palo Alto Networks firewall' },
  { shown: 'certificate', text: 'CN=ILOCZ1234567A', product: 'HPE iLO' },
  { shown: 'certificate', text: 'CN=Ciscoville Town Hall', product: undefined },
  { shown: 'certificate', text: 'CN=app01.corp.example,O=Contoso', product: undefined },
  { shown: 'page', text: 'FortiGate Login\nxxxxxxxx-xxxxx', product: 'FortiGate' },
  { shown: 'page', text: 'iLO 5', product: 'HPE iLO' },
  { shown: 'page', text: 'Payroll\nApache', product: undefined },
] as const) {
  test(`a ${shown} of "${text.split('\n')[0]}" shows the console of ${product ?? 'nothing known'}`, () => {
    assert.equal(consoleProductOf(shown, text), product)
  })
}
