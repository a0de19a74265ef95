import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAllDocuments } from 'yaml'
import {
  hostileTexts,
  poisonedPermits,
  sampleDenials,
  sampleOptions,
  samplePermits,
} from '../../../../test/samplePermits.ts'
import { writerCases } from '../../../../test/writerCases.ts'
import type { Permit } from '../../permit.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'kubernetes', read, write })

const options = { ...sampleOptions, passage: 'output' } as const
const [signIn] = samplePermits
assert.ok(signIn !== undefined)

function parts(permits: readonly Permit[], denials: readonly Permit[] = [], more: object = {}) {
  const written = write(permits, denials, { ...options, ...more })
  const [file] = written.files
  assert.ok(file !== undefined)
  const documents = parseAllDocuments(file.text)
  const policies = documents.map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS()
  })
  return { ...written, text: file.text, policies: policies.filter((policy) => policy !== null) }
}

test('kubernetes: a policy chooses pods by a label of its machine, and closes the direction that it has rules for', () => {
  const { policies, duties, places } = parts([signIn])
  const [policy] = policies
  assert.deepEqual([policy.apiVersion, policy.kind], ['networking.k8s.io/v1', 'NetworkPolicy'])
  assert.equal(policy.metadata.name, 'postern-hq-sync01')
  assert.deepEqual(policy.spec.podSelector, { matchLabels: { 'postern/sync01': 'true' } })
  assert.deepEqual(policy.spec.policyTypes, ['Egress'])
  assert.deepEqual(places, { '/postern/sync01=true': signIn.from.ranges })
  assert.match(duties.join('\n'), /label the pods .* \(postern\/sync01: true\)/)
  assert.match(duties.join('\n'), /change number 375 \(as of 2025-11-06\)/)
})

test('kubernetes: reason and flows stand before each rule and in an annotation, which outlives kubectl apply', () => {
  const { text, policies } = parts([signIn])
  assert.match(
    text,
    /\n {4}# \(aadc-login, aadc-graph\) Entra Connect signs in and sends what it has collected\n {4}- to:/,
  )
  assert.equal(
    policies[0].metadata.annotations['postern/egress-1'],
    '(aadc-login, aadc-graph) Entra Connect signs in and sends what it has collected',
  )
})

test('kubernetes: pods that go to names may ask the resolver of the cluster, others may not', () => {
  const isResolver = (rule: { to: { podSelector?: { matchLabels?: Record<string, string> } }[] }): boolean =>
    rule.to.some(({ podSelector }) => podSelector?.matchLabels?.['k8s-app'] === 'kube-dns')
  assert.equal(parts([signIn]).policies[0].spec.egress.filter(isResolver).length, 1)
  const unnamed = { ...signIn, to: { label: 'dc01', ranges: rangesOfPrefix('192.0.2.5') } }
  assert.equal(parts([unnamed]).policies[0].spec.egress.filter(isResolver).length, 0)
})

test('kubernetes: names, ICMP, and denials of pods without a policy are not said', () => {
  const { notSaid } = parts(samplePermits, sampleDenials)
  const told = new Map(notSaid.map(({ permit, why, instead }) => [permit, `${why}; ${instead}`]))
  assert.match(told.get('pta01-to-any-msappproxy-net-tcp-443') ?? '', /takes no names; write it for cilium/)
  assert.match(told.get('sync01-to-dc01-icmp') ?? '', /TCP, UDP and SCTP alone/)
  assert.match(told.get('deny-clients-to-sync01-tcp') ?? '', /cannot deny/)
  assert.equal(told.has('deny-pta01-to-dc02-tcp-3389'), false)
})

test('kubernetes: a far end that has pods of its own is named by their label as well', () => {
  const back: Permit = { ...signIn, id: 'back', from: { label: 'dc01', ranges: rangesOfPrefix('192.0.2.5') } }
  const there: Permit = { ...signIn, id: 'there', to: back.from }
  const [policy] = parts([there, back]).policies
  assert.deepEqual(policy.spec.egress[0].to, [
    { ipBlock: { cidr: '192.0.2.5/32' } },
    { podSelector: { matchLabels: { 'postern/dc01': 'true' } } },
  ])
})

test('kubernetes: an accepting machine gets ingress rules, and both directions where it does both', () => {
  const accepting: Permit = {
    ...signIn,
    id: 'in',
    to: signIn.from,
    from: { label: 'web', ranges: rangesOfPrefix('192.0.2.0/24') },
    passage: 'input',
  }
  assert.deepEqual(parts([accepting]).policies[0].spec.policyTypes, ['Ingress'])
  assert.deepEqual(parts([accepting, signIn]).policies[0].spec.policyTypes, ['Egress', 'Ingress'])
  assert.deepEqual(parts([accepting]).policies[0].spec.ingress[0].from, [{ ipBlock: { cidr: '192.0.2.0/24' } }])
})

test('kubernetes: a range of ports ends where it was asked to, and port 0 is none', () => {
  const ports = [
    { first: 0, last: 9 },
    { first: 443, last: 443 },
    { first: 1000, last: 2000 },
  ]
  assert.deepEqual(parts([{ ...signIn, ports }]).policies[0].spec.egress[0].ports, [
    { protocol: 'TCP', port: 1, endPort: 9 },
    { protocol: 'TCP', port: 443 },
    { protocol: 'TCP', port: 1000, endPort: 2000 },
  ])
})

test('kubernetes: names, labels and annotations are of the letters and the length that the API takes', () => {
  for (const text of ['hq', 'x'.repeat(300), ...hostileTexts]) {
    const { policies } = parts(poisonedPermits(samplePermits, text), sampleDenials, { site: text, on: text })
    assert.equal(new Set(policies.map(({ metadata }) => metadata.name)).size, policies.length)
    for (const { metadata, spec } of policies) {
      assert.match(metadata.name, /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
      for (const label of Object.keys(spec.podSelector.matchLabels)) {
        assert.match(label, /^postern\/[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/)
      }
      for (const value of Object.values(metadata.annotations))
        assert.ok(typeof value === 'string' && value.length <= 250)
      for (const { ports } of spec.egress) {
        for (const { port, endPort = port } of ports) assert.ok(1 <= port && port <= endPort && endPort <= 65535)
      }
    }
  }
})
