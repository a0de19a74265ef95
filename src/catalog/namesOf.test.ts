import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cloud } from '../model/cloud.ts'
import { clouds } from '../model/cloud.ts'
import type { FlowRow } from './flowRow.ts'
import { flowRows } from './flows.ts'
import type { NameFeature } from './nameRow.ts'
import { nameRows } from './names.ts'
import { documentedNameFor, documentedPortsOf, namesOf } from './namesOf.ts'
import { matchesPattern, parsePattern } from './pattern.ts'

function rowOf(id: string): FlowRow {
  const row = flowRows.find((candidate) => candidate.id === id)
  assert.ok(row)
  return row
}
const patternsOf = (id: string, cloud: Cloud): string[] => namesOf(rowOf(id), cloud).map(({ pattern }) => pattern)

test('worldwide, a row has its own names first and then the rest of its list', () => {
  assert.deepEqual(patternsOf('t2-https-sync', 'worldwide'), [
    'login.microsoftonline.com',
    'login.windows.net',
    'adminwebservice.microsoftonline.com',
    'provisioningapi.microsoftonline.com',
    '*.microsoftonline.com',
    '*.management.core.windows.net',
    '*.graph.windows.net',
    'secure.aadcdn.microsoftonline-p.com',
    'dc.services.visualstudio.com',
  ])
})

test('in another cloud a row has the names of that cloud only', () => {
  assert.deepEqual(patternsOf('sso-client-cloud', 'usgov-dod'), ['autologon.microsoft.us'])
  assert.deepEqual(patternsOf('app-graph', 'usgov-gcchigh'), ['graph.microsoft.us'])
  assert.deepEqual(patternsOf('app-graph', 'usgov-dod'), ['dod-graph.microsoft.us'])
  assert.deepEqual(patternsOf('app-oidc', 'china'), ['login.partner.microsoftonline.cn'])
  assert.deepEqual(patternsOf('t6a-https', 'china'), [])
})

test('a client is not sent to the names that only the set-up needs, nor the set-up to those of the client', () => {
  assert.deepEqual(patternsOf('sso-client-cloud', 'worldwide'), ['autologon.microsoftazuread-sso.com'])
  assert.deepEqual(patternsOf('t6b-https', 'worldwide'), ['*.msappproxy.net', '{tenantId}.registration.msappproxy.net'])
})

test('a list is cut to the ports and the scheme that the row speaks', () => {
  assert.deepEqual(patternsOf('cs-http', 'worldwide'), [
    'mscrl.microsoft.com',
    'crl.microsoft.com',
    'ocsp.msocsp.com',
    'www.microsoft.com',
  ])
  assert.deepEqual(namesOf(rowOf('cs-status-8080'), 'worldwide'), [
    {
      pattern: '*.msappproxy.net',
      ports: [8080],
      required: false,
      source: 'MicrosoftDocs/entra-docs: docs/identity/hybrid/cloud-sync/how-to-prerequisites.md',
      asOf: '2025-04-09',
    },
  ])
  // The Chinese list opens 80 and 443 for https: that is no place for revocation lists.
  assert.deepEqual(patternsOf('t2-http-crl', 'china'), [])
})

test('the list decides whether a name of the row is required', () => {
  const required = new Map(namesOf(rowOf('hj-https'), 'worldwide').map((name) => [name.pattern, name.required]))
  assert.equal(required.get('enterpriseregistration.windows.net'), true)
  assert.equal(required.get('autologon.microsoftazuread-sso.com'), false)
})

test('each pattern comes once, on ports of the row, and every row towards Microsoft has a name worldwide', () => {
  for (const row of flowRows) {
    for (const cloud of clouds) {
      const names = namesOf(row, cloud)
      assert.equal(new Set(names.map(({ pattern }) => pattern)).size, names.length)
      for (const { ports } of names) {
        assert.ok(ports.length > 0)
        for (const port of ports) assert.ok(row.pairs.some((pair) => pair.port === port))
      }
    }
  }
  const cloudRoles = ['entra-id', 'entra-connect-health', 'azure-service-bus', 'crl-ocsp']
  const nameless = flowRows.filter((row) => cloudRoles.includes(row.to) && namesOf(row, 'worldwide').length === 0)
  assert.deepEqual(
    nameless.map(({ id }) => id),
    ['pta-legacy-ports', 'neg-8443-entra'],
  )
})

const documented: readonly { pattern: string; port: number; feature?: NameFeature; name: string | undefined }[] = [
  { pattern: '*.servicebus.windows.net', port: 443, name: 'ssprdedicatedsbprodscu.servicebus.windows.net' },
  { pattern: '*.msappproxy.net', port: 443, name: 'autoupdate.msappproxy.net' },
  { pattern: '*.microsoftonline.com', port: 443, name: 'adminwebservice.microsoftonline.com' },
  { pattern: '*.microsoftonline.com', port: 443, feature: 'hybrid-join', name: 'device.login.microsoftonline.com' },
  { pattern: '*.crl3.digicert.com', port: 80, name: 'crl3.digicert.com' },
  { pattern: '*.msappproxy.net', port: 8080, name: undefined },
  { pattern: '*.phonefactor.net', port: 443, name: undefined },
]

for (const { pattern, port, feature, name } of documented) {
  test(`${pattern} on ${port} is tried by ${name ?? 'no name'}${feature ? ` in the list ${feature}` : ''}`, () => {
    assert.equal(documentedNameFor(pattern, 'worldwide', port, feature), name)
  })
}

test('a documented name is one exact name under the pattern, in a list of the cloud, on the port', () => {
  for (const { pattern } of nameRows.filter((row) => parsePattern(row.pattern).kind === 'wildcard')) {
    for (const cloud of clouds) {
      const name = documentedNameFor(pattern, cloud, 443)
      if (name === undefined) continue
      assert.ok(matchesPattern(pattern, name))
      assert.ok(nameRows.some((row) => row.pattern.split('/')[0] === name && row.clouds.includes(cloud)))
    }
  }
})

test('the ports on which names are documented under a wildcard are those of the cloud’s own lists', () => {
  assert.deepEqual(documentedPortsOf('*.msappproxy.net', 'worldwide'), [443])
  assert.deepEqual(documentedPortsOf('*.digicert.com', 'worldwide'), [80])
  assert.deepEqual(documentedPortsOf('*.msappproxy.net', 'china'), [])
  assert.deepEqual(documentedPortsOf('*.verisign.com', 'worldwide'), [])
})
