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
import { judge, noKnowledge } from '../../judge.ts'
import type { Permit } from '../../permit.ts'
import { rangesOfPrefix } from '../../rangesOfPrefix.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'cilium', read, write })

const options = { ...sampleOptions, passage: 'output' } as const
const [signIn] = samplePermits
assert.ok(signIn !== undefined)

function parts(permits: readonly Permit[], denials: readonly Permit[] = [], more: object = {}) {
  const written = write(permits, denials, { ...options, ...more })
  const [file] = written.files
  assert.ok(file !== undefined)
  const policies = parseAllDocuments(file.text).map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS()
  })
  return { ...written, text: file.text, policies: policies.filter((policy) => policy !== null) }
}

test('cilium: names are toFQDNs with the DNS rule that teaches them; a star of Microsoft is any number of labels', () => {
  const { policies, duties } = parts(samplePermits)
  const pta = policies.find(({ metadata }) => metadata.name === 'postern-hq-pta01')
  const names = pta.spec.egress.flatMap(({ toFQDNs = [] }) => toFQDNs)
  assert.deepEqual(names, [
    { matchPattern: '**.servicebus.windows.net' },
    { matchPattern: '**.msappproxy.net' },
    { matchName: 'crl.microsoft.com' },
  ])
  const dns = pta.spec.egress.at(-1)
  assert.deepEqual(dns.toEndpoints[0].matchLabels, {
    'k8s:io.kubernetes.pod.namespace': 'kube-system',
    'k8s:k8s-app': 'kube-dns',
  })
  assert.deepEqual(dns.toPorts, [{ ports: [{ port: '53', protocol: 'ANY' }], rules: { dns: [{ matchPattern: '*' }] } }])
  assert.match(duties.join('\n'), /DNS proxy/)
  assert.match(duties.join('\n'), /one label/)
})

test('cilium: pods that go to no name get no rule for the resolver', () => {
  const plain = { ...signIn, to: { label: 'dc01', ranges: rangesOfPrefix('192.0.2.5') } }
  assert.equal(parts([plain]).policies[0].spec.egress.length, 1)
})

test('cilium: questions to a resolver of the site teach names as well', () => {
  const dns: Permit = {
    ...signIn,
    id: 'dns',
    to: { label: 'dc01', ranges: rangesOfPrefix('192.0.2.5') },
    transport: 'udp',
    ports: [53, 88].map((port) => ({ first: port, last: port })),
  }
  const [, rule] = parts([signIn, dns]).policies[0].spec.egress
  assert.deepEqual(rule.toPorts, [
    { ports: [{ port: '88', protocol: 'UDP' }] },
    { ports: [{ port: '53', protocol: 'UDP' }], rules: { dns: [{ matchPattern: '*' }] } },
  ])
  assert.equal(parts([dns]).policies[0].spec.egress[0].toPorts.length, 1)
})

test('cilium: echo requests are a rule of each family', () => {
  const echo = samplePermits.find(({ transport }) => transport === 'icmp')
  assert.ok(echo !== undefined)
  assert.deepEqual(parts([echo]).policies[0].spec.egress, [
    { toCIDRSet: [{ cidr: '10.1.0.5/32' }], icmps: [{ fields: [{ family: 'IPv4', type: 8 }] }] },
    { toCIDRSet: [{ cidr: '2001:db8:1::5/128' }], icmps: [{ fields: [{ family: 'IPv6', type: 128 }] }] },
  ])
})

test('cilium: a machine of which only denials are known stays open otherwise', () => {
  const [, , denial] = [...sampleDenials, ...sampleDenials]
  assert.ok(denial !== undefined)
  const { policies, files, places = {} } = parts([], [denial])
  const [policy] = policies
  assert.deepEqual(policy.spec.enableDefaultDeny, { egress: false })
  assert.equal(policy.spec.egress, undefined)
  const [ruleSet] = read(files, { places }).ruleSets
  assert.ok(ruleSet !== undefined)
  const to = (port: number) =>
    judge(
      ruleSet,
      {
        source: denial.from.ranges,
        destination: denial.to.ranges,
        transport: 'tcp',
        ports: [{ first: port, last: port }],
        request: 'connect',
      },
      'output',
      noKnowledge,
    ).verdict
  assert.deepEqual([to(3389), to(3390)], ['deny', 'allow'])
})

test('cilium: a denial is not written by name, nor where it would shut what must pass by its addresses', () => {
  const byName = { ...signIn, id: 'deny-name', to: { label: 'x.example', name: 'x.example', ranges: [] } }
  assert.match(parts([], [byName]).notSaid[0]?.why ?? '', /takes no names/)
  const byAddress = { ...signIn, id: 'deny-address', to: { label: 'cloud', ranges: signIn.to.ranges } }
  assert.match(parts([signIn], [byAddress]).notSaid[0]?.why ?? '', /would shut sync01-to-login/)
})

test('cilium: a far end that has pods of its own is named by their label too, in a rule of its own', () => {
  const back: Permit = { ...signIn, id: 'back', from: { label: 'dc01', ranges: rangesOfPrefix('192.0.2.5') } }
  const there: Permit = { ...signIn, id: 'there', to: back.from }
  const [policy] = parts([there, back]).policies
  assert.deepEqual(
    policy.spec.egress.map((rule: object) => Object.keys(rule)[0]),
    ['toCIDRSet', 'toEndpoints'],
  )
  assert.deepEqual(policy.spec.egress[1].toEndpoints, [{ matchLabels: { 'postern/dc01': 'true' } }])
})

test('cilium: no entry has more ports than the API takes, and ranges are told to take a late version', () => {
  const many = Array.from({ length: 90 }, (_, at) => ({ first: 1000 + at * 2, last: 1000 + at * 2 }))
  const { policies, duties } = parts([{ ...signIn, ports: many }])
  const [rule] = policies[0].spec.egress
  assert.deepEqual(
    rule.toPorts.map(({ ports }: { ports: readonly object[] }) => ports.length),
    [40, 40, 10],
  )
  assert.doesNotMatch(duties.join('\n'), /endPort/)
  assert.match(parts([{ ...signIn, ports: [{ first: 5, last: 9 }] }]).duties.join('\n'), /endPort\) take Cilium 1\.16/)
})

test('cilium: an accepting machine gets ingress rules and denials from blocks', () => {
  const accepting = {
    ...signIn,
    to: signIn.from,
    from: { label: 'web', ranges: rangesOfPrefix('192.0.2.0/24') },
    passage: 'input',
  } as const
  const denial = { ...accepting, id: 'deny', ports: [{ first: 8443, last: 8443 }] }
  const [policy] = parts([accepting], [denial]).policies
  assert.deepEqual(policy.spec.ingress, [
    { fromCIDRSet: [{ cidr: '192.0.2.0/24' }], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] },
  ])
  assert.equal(policy.spec.ingressDeny.length, 1)
  assert.equal(policy.spec.egress, undefined)
})

test('cilium: names and labels are of the letters that the API takes, whatever the texts are', () => {
  for (const text of ['hq', 'x'.repeat(300), ...hostileTexts]) {
    const { policies } = parts(poisonedPermits(samplePermits, text), sampleDenials, { site: text, on: text })
    for (const { metadata, spec } of policies) {
      assert.match(metadata.name, /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/)
      for (const label of Object.keys(spec.endpointSelector.matchLabels)) {
        assert.match(label, /^postern\/[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/)
      }
    }
  }
  for (const name of ['a"b.example', 'a b.example', `\${x}.example`, 'adhs*.example']) {
    assert.equal(parts([{ ...signIn, to: { label: 'x', name, ranges: [] } }]).notSaid.length, signIn.flows.length)
  }
})
