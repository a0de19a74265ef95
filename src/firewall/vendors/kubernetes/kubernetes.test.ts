import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)

firewallCases(read, folder, [
  {
    ...{ says: 'kubernetes: a block of addresses and a port allow', file: ['egress.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 20.190.128.1:443/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/connector egress[0]',
      line: 12,
    },
  },
  {
    ...{ says: 'kubernetes: what is excepted from a block is dropped', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 20.190.190.1:443/tcp', passage: 'output', expect: 'drop', by: 'no policy allows it' },
  },
  {
    ...{ says: 'kubernetes: a port without protocol is TCP alone', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 20.190.128.1:443/udp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: endPort is in the range', file: ['egress.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 10.244.1.20:8010/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/connector egress[1]',
    },
  },
  {
    ...{ says: 'kubernetes: a range of ports is of its own protocol', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.244.1.20:5000/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: a policy for egress says nothing about ingress', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.9.9.9 > 10.244.1.10:22/tcp', passage: 'input', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes: a pod that no policy selects is open', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 198.51.100.1:25/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes: a pod that has ended has no address', file: ['egress.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.99 > 198.51.100.1:25/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes: on the network of the node the plugin decides', file: ['egress.yaml', 'pods.yaml'] },
    ...{
      flow: '10.1.4.10 > 198.51.100.1:25/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /network plugin holds pods on their node/,
    },
  },
  {
    ...{ says: 'kubernetes: without pods nobody knows whom a policy selects', file: 'egress.yaml' },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:25/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /where the pods app=connector of the namespace identity are/,
    },
  },
  {
    ...{ says: 'kubernetes: what an unplaced policy allows is allowed either way', file: 'egress.yaml' },
    ...{ flow: '10.244.1.10 > 20.190.128.1:443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{
      says: 'kubernetes: the user can say where pods are',
      file: 'egress.yaml',
      places: { 'identity/app=connector': ['10.244.1.0/24'] },
    },
    ...{ flow: '10.244.1.10 > 198.51.100.1:25/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: policies add up', file: ['union.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:443/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/web-out egress[0]',
    },
  },
  {
    ...{ says: 'kubernetes: a policy without rules closes', file: ['union.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 198.51.100.1:443/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{
      says: 'kubernetes: a policy with egress rules and no types closes ingress too',
      file: ['union.yaml', 'pods.yaml'],
    },
    ...{ flow: '10.9.9.9 > 10.244.1.10:443/tcp', passage: 'input', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: a pod and its node are never kept apart', file: ['union.yaml', 'pods.yaml'] },
    ...{ flow: '10.1.4.10 > 10.244.1.20:8080/tcp', passage: 'input', expect: 'allow', by: 'a pod and its own node' },
  },
  {
    ...{ says: 'kubernetes: ICMP is up to the network plugin', file: ['union.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.20 > 198.51.100.1/icmp',
      passage: 'output',
      expect: 'may',
      dependsOn: /other than TCP, UDP and SCTP/,
    },
  },
  {
    ...{
      says: 'kubernetes: an empty list of egress rules without types leaves egress open',
      file: ['types.yaml', 'pods.yaml'],
    },
    ...{ flow: '10.244.1.10 > 198.51.100.1:25/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes: without types ingress is closed', file: ['types.yaml', 'pods.yaml'] },
    ...{ flow: '10.9.9.9 > 10.244.1.10:443/tcp', passage: 'input', expect: 'drop' },
  },
  {
    ...{
      says: 'kubernetes: two selectors in one peer must both hold, and a named port is what the pod gives it',
      file: ['and-or.yaml', 'pods.yaml'],
    },
    ...{ flow: '10.244.1.20 > 10.244.1.10:8443/tcp', passage: 'input', expect: 'allow', by: 'identity/or ingress[0]' },
  },
  {
    ...{ says: 'kubernetes: a named port is no other port', file: ['and-or.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 10.244.1.10:443/tcp', passage: 'input', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: an empty list of peers is everybody', file: ['and-or.yaml', 'pods.yaml'] },
    ...{ flow: '198.51.100.7 > 10.244.1.10:9000/tcp', passage: 'input', expect: 'allow', by: 'identity/or ingress[1]' },
  },
  {
    ...{ says: 'kubernetes: the number of a named port is unknown without pods', file: 'and-or.yaml' },
    ...{ places: { 'identity/app=connector': ['10.244.1.10'], 'identity/app=portal': ['10.244.1.20'] } },
    ...{
      flow: '10.244.1.20 > 10.244.1.10:8443/tcp',
      passage: 'input',
      expect: 'may',
      dependsOn: /number of the port "admin"/,
    },
  },
  {
    ...{ says: 'kubernetes: NotIn leaves out, SCTP does not open TCP', file: ['exists.json', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 198.51.100.1:2905/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: a protocol without port is all its ports', file: ['exists.json', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:3478/udp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/labelled egress[0]',
    },
  },
  {
    ...{ says: 'kubernetes: a block that is none may be any', file: ['unknown-parts.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /20\.190\.128\.0\/99/,
    },
  },
  {
    ...{
      says: 'kubernetes: pods of a namespace that no file shows are in the range of pods',
      file: ['unknown-parts.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.244.1.10 > 10.244.7.7:389/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /metadata\.name=directory/,
    },
  },
  {
    ...{
      says: 'kubernetes: a policy of another maker makes everything doubtful',
      file: ['unknown-parts.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.244.1.20 > 198.51.100.1:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /GlobalNetworkPolicy/,
    },
  },
  {
    ...{ says: 'kubernetes: endpoints have the labels that their service selects by', file: 'services.yaml' },
    ...{ flow: '10.244.1.10 > 10.244.9.9:8080/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes: the address of a service is not that of its pods', file: 'services.yaml' },
    ...{
      flow: '10.244.1.10 > 10.96.0.20:80/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /stands behind the service identity\/web/,
    },
  },
  {
    ...{ says: 'kubernetes, realistic: the agent reaches Entra', file: 'realistic.yaml' },
    ...{
      flow: '10.244.1.31 > 40.126.1.130:443/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/agent-to-entra egress[0]',
    },
  },
  {
    ...{ says: 'kubernetes, realistic: revocation lists on port 80 are forgotten', file: 'realistic.yaml' },
    ...{ flow: '10.244.1.31 > 152.199.19.160:80/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes, realistic: 445 to the domain controller is closed', file: 'realistic.yaml' },
    ...{ flow: '10.244.1.31 > 10.1.0.5:445/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes, realistic: LDAPS to the domain controller is open', file: 'realistic.yaml' },
    ...{ flow: '10.244.1.31 > 10.1.0.5:636/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'kubernetes, realistic: where kube-dns is no file says', file: 'realistic.yaml' },
    ...{ flow: '10.244.1.31 > 10.244.1.2:53/udp', passage: 'output', expect: 'may', dependsOn: /k8s-app=kube-dns/ },
  },
  {
    ...{ says: 'kubernetes, realistic: the agent reaches the own application on 8443', file: 'realistic.yaml' },
    ...{
      flow: '10.244.1.31 > 10.244.2.17:8443/tcp',
      passage: 'input',
      expect: 'allow',
      by: 'identity/own-app-in ingress[1]',
    },
  },
  {
    ...{ says: 'kubernetes: a manifest without namespace may be for any', file: ['no-namespace.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /namespace that the policy is applied to/,
    },
  },
  {
    ...{
      says: 'kubernetes: who has its label in no namespace at all is not meant',
      file: ['no-namespace.yaml', 'pods.yaml'],
    },
    ...{ flow: '10.244.1.20 > 198.51.100.1:443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{
      says: 'kubernetes: the user places pods of a manifest without namespace',
      file: 'no-namespace.yaml',
      places: { '/app=connector': ['10.244.1.10'] },
    },
    ...{ flow: '10.244.1.10 > 20.190.128.1:443/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'kubernetes: rules that are no list are doubtful', file: ['wrong-shapes.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 198.51.100.1:443/tcp', passage: 'output', expect: 'may', dependsOn: /which is no list/ },
  },
  {
    ...{ says: 'kubernetes: a policy without spec may select anything', file: ['wrong-shapes.yaml', 'pods.yaml'] },
    ...{ flow: '10.9.9.9 > 10.244.1.20:443/tcp', passage: 'input', expect: 'may' },
  },
  {
    ...{
      says: 'kubernetes, realistic: a placed application reaches its database',
      file: 'realistic.yaml',
      places: { 'hr-portal/': ['10.244.3.0/28'], 'hr-portal/app.kubernetes.io/name=hr-portal': ['10.244.3.5'] },
    },
    ...{
      flow: '10.244.3.5 > 10.1.8.21:1433/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'hr-portal/hr-portal egress[0]',
    },
  },
  {
    ...{
      says: 'kubernetes, realistic: another pod of its namespace does not',
      file: 'realistic.yaml',
      places: { 'hr-portal/': ['10.244.3.0/28'], 'hr-portal/app.kubernetes.io/name=hr-portal': ['10.244.3.5'] },
    },
    ...{ flow: '10.244.3.6 > 10.1.8.21:1433/tcp', passage: 'output', expect: 'drop' },
  },
])

const texts = ['egress.yaml', 'and-or.yaml', 'exists.json', 'services.yaml', 'pods.yaml', 'realistic.yaml'].map(
  (name) => readFileSync(new URL(name, folder), 'utf8'),
)

test('kubernetes: any text is accounted for, and so is any mutilated one', () => {
  readsAny(read, fc.string())
  readsAny(read, splicedTexts(texts))
})

test('kubernetes: a byte order mark and other line ends change nothing', () => {
  const text = texts[0] ?? ''
  const plain = read([{ name: 'a', text }], { places: {} })
  for (const other of [`\uFEFF${text}`, text.replaceAll('\n', '\r\n'), text.replaceAll('\n', '\r')]) {
    const { coverage, ruleSets } = read([{ name: 'a', text: other }], { places: {} })
    assert.deepEqual([coverage, ruleSets[0]?.stages.length], [plain.coverage, plain.ruleSets[0]?.stages.length])
  }
})

test('kubernetes: a list that goes on, and a hundred thousand lists within each other, are doubts', () => {
  const list = {
    kind: 'NetworkPolicyList',
    apiVersion: 'networking.k8s.io/v1',
    metadata: { continue: 'abc' },
    items: [],
  }
  const { coverage } = read([{ name: 'a', text: JSON.stringify(list) }], { places: {} })
  assert.match(coverage.unread[0]?.why ?? '', /goes on/)
  const deep = read([{ name: 'a', text: '- '.repeat(100_000) }], { places: {} })
  assert.match(deep.coverage.unread[0]?.why ?? '', /nested more than 256 deep/)
})
