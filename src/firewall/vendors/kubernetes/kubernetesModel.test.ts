import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judge, noKnowledge } from '../../judge.ts'
import { parseAskedFlow } from '../../parseAskedFlow.ts'
import { read as readCilium } from '../cilium/index.ts'
import { read } from './index.ts'

interface Pod {
  readonly namespace: string
  readonly app: string
  readonly ip: string
}
const pods: readonly Pod[] = ['n0', 'n1'].flatMap((namespace, n) =>
  ['a', 'b'].map((app, at) => ({ namespace, app, ip: `10.244.${n}.${at + 1}` })),
)
const outside = '198.51.100.7'

const app = fc.option(fc.constantFrom('a', 'b'), { nil: undefined })
const peer = fc.oneof(
  fc.record({ own: app }),
  fc.record({ namespace: fc.option(fc.constantFrom('n0', 'n1'), { nil: undefined }), app }),
  fc.record({ cidr: fc.constantFrom('198.51.100.0/24', '203.0.113.0/24') }),
)
const rule = fc.record({
  peers: fc.array(peer, { maxLength: 2 }),
  ports: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 2 }),
})
const policy = fc.record({
  namespace: fc.constantFrom('n0', 'n1'),
  app,
  types: fc.option(fc.subarray(['Ingress', 'Egress']), { nil: undefined }),
  ingress: fc.array(rule, { maxLength: 2 }),
  egress: fc.array(rule, { maxLength: 2 }),
})
type Drawn<T> = T extends fc.Arbitrary<infer U> ? U : never
type Policy = Drawn<typeof policy>

function isOpen(policies: readonly Policy[], own: Pod, far: Pod | string, port: number, isEgress: boolean): boolean {
  const bearing = policies.filter(({ namespace, app: wanted, types, egress }) => {
    const bears =
      types === undefined || types.length === 0
        ? !isEgress || egress.length > 0
        : types.includes(isEgress ? 'Egress' : 'Ingress')
    return bears && namespace === own.namespace && (wanted === undefined || wanted === own.app)
  })
  if (bearing.length === 0) return true
  const fits = (one: Drawn<typeof peer>, namespace: string): boolean => {
    if ('cidr' in one) return typeof far === 'string' && one.cidr.startsWith('198.51.100.')
    if (typeof far === 'string') return false
    if ('own' in one) return far.namespace === namespace && (one.own === undefined || one.own === far.app)
    return (
      (one.namespace === undefined || one.namespace === far.namespace) && (one.app === undefined || one.app === far.app)
    )
  }
  return bearing.some(({ namespace, ingress, egress }) =>
    (isEgress ? egress : ingress).some(
      ({ peers, ports }) =>
        (peers.length === 0 || peers.some((one) => fits(one, namespace))) &&
        (ports.length === 0 || ports.includes(port)),
    ),
  )
}

const labels = (value: string | undefined) => (value === undefined ? {} : { matchLabels: { app: value } })
const peerOf = (one: Drawn<typeof peer>) => {
  if ('cidr' in one) return { ipBlock: { cidr: one.cidr } }
  if ('own' in one) return { podSelector: labels(one.own) }
  const name = one.namespace
  const namespaceSelector = name === undefined ? {} : { matchLabels: { 'kubernetes.io/metadata.name': name } }
  return { namespaceSelector, podSelector: labels(one.app) }
}
const ruleOf = (way: 'from' | 'to') => (one: Drawn<typeof rule>) => ({
  ...(one.peers.length > 0 && { [way]: one.peers.map(peerOf) }),
  ...(one.ports.length > 0 && { ports: one.ports.map((port) => ({ port })) }),
})

function textOf(policies: readonly Policy[]): string {
  const namespaces = ['n0', 'n1', 'default', 'kube-system'].map((name) => ({
    kind: 'Namespace',
    apiVersion: 'v1',
    metadata: { name },
  }))
  const system: Pod = { namespace: 'kube-system', app: 'dns', ip: '10.244.9.1' }
  const others = [...pods, system, { ...system, namespace: 'default', ip: '10.244.9.2' }]
  const items = [
    ...namespaces,
    ...others.map(({ namespace, app: label, ip }) => ({
      ...{ kind: 'Pod', apiVersion: 'v1', metadata: { name: ip, namespace, labels: { app: label } } },
      ...{ spec: { containers: [] }, status: { podIP: ip, phase: 'Running' } },
    })),
    ...policies.map(({ namespace, app: label, types, ingress, egress }, at) => ({
      ...{ kind: 'NetworkPolicy', apiVersion: 'networking.k8s.io/v1', metadata: { name: `p${at}`, namespace } },
      spec: {
        ...{ podSelector: labels(label), ingress: ingress.map(ruleOf('from')), egress: egress.map(ruleOf('to')) },
        ...(types !== undefined && { policyTypes: types }),
      },
    })),
  ]
  return JSON.stringify({ kind: 'List', apiVersion: 'v1', items })
}

for (const [title, reader] of [
  ['kubernetes', read],
  ['cilium', readCilium],
] as const) {
  test(`${title}: judged flows are those that a plain walk over the policies of a pod lets through`, () => {
    fc.assert(
      fc.property(
        fc.array(policy, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...pods),
        fc.constantFrom(...pods, outside),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        (policies, own, far, port, isEgress) => {
          const farIp = typeof far === 'string' ? far : far.ip
          if (farIp === own.ip) return
          const [ruleSet] = reader([{ name: 'all.json', text: textOf(policies) }], { places: {} }).ruleSets
          const asked = parseAskedFlow(`${isEgress ? own.ip : farIp}:50000 > ${isEgress ? farIp : own.ip}:${port}/tcp`)
          assert.ok(ruleSet !== undefined && 'ok' in asked)
          const { verdict } = judge(ruleSet, asked.ok, isEgress ? 'output' : 'input', noKnowledge)
          assert.equal(verdict, isOpen(policies, own, far, port, isEgress) ? 'allow' : 'deny')
        },
      ),
      { numRuns: 300 },
    )
  })
}
