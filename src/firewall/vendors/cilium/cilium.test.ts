import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { readYaml } from '../yamlTree.ts'
import { read } from './index.ts'
import { canBeAsked, readNames } from './namePatterns.ts'

const folder = new URL('./cases/', import.meta.url)

firewallCases(read, folder, [
  {
    ...{ says: 'cilium: a name that a rule has is allowed by name', file: ['names.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > login.microsoftonline.com:443/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/connector egress[1]',
    },
  },
  {
    ...{ says: 'cilium: a star in front stands for one label', file: ['names.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > tenant.msappproxy.net:443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: a star in front does not stand for two labels', file: ['names.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > a.b.msappproxy.net:443/tcp', passage: 'output', expect: 'may' },
  },
  {
    ...{
      says: 'cilium: what Cilium learnt for a name nobody knows from the address',
      file: ['names.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.244.1.10 > 20.190.128.1:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /learnt for login\.microsoftonline\.com/,
    },
  },
  {
    ...{ says: 'cilium: names open no other port', file: ['names.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > login.microsoftonline.com:80/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'cilium: without a DNS rule names are never learnt', file: ['names-unlearnt.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > login.microsoftonline.com:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /learns addresses of names at all/,
    },
  },
  {
    ...{
      says: 'cilium: a DNS rule that refuses the question teaches nothing',
      file: ['names-not-asked.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.244.1.10 > login.microsoftonline.com:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /can ask for login\.microsoftonline\.com/,
    },
  },
  {
    ...{ says: 'cilium: a denial wins over an allow', file: ['deny.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 203.0.113.9:443/tcp',
      passage: 'output',
      expect: 'drop',
      by: 'no-metadata egressDeny[0]',
      line: 8,
    },
  },
  {
    ...{
      says: 'cilium: what a denial excepts, and ports it does not name, stay open',
      file: ['deny.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.244.1.10 > 198.51.100.200:8050/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/world egress[0]',
    },
  },
  {
    ...{ says: 'cilium: endPort of a denial', file: ['deny.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.20:8100/tcp',
      passage: 'output',
      expect: 'drop',
      by: 'no-metadata egressDeny[1]',
    },
  },
  {
    ...{ says: 'cilium: a policy without default deny leaves pods open', file: ['deny.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 192.0.2.1:25/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: the world is not the cluster', file: ['deny.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.244.1.20:443/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'cilium: an empty rule closes and allows nothing', file: ['empty.yaml', 'pods.yaml'] },
    ...{ flow: '10.9.9.9 > 10.244.1.10:443/tcp', passage: 'input', expect: 'drop' },
  },
  {
    ...{ says: 'cilium: an empty list of rules closes nothing', file: ['empty.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 198.51.100.1:443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: an empty selector of a peer is the own namespace', file: ['entities.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.20 > 10.244.1.10:8443/tcp',
      passage: 'input',
      expect: 'allow',
      by: 'identity/entities #1 ingress[0]',
    },
  },
  {
    ...{ says: 'cilium: the own node reaches its pods', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.1.4.10 > 10.244.1.10:22/tcp', passage: 'input', expect: 'allow', by: 'a pod and its own node' },
  },
  {
    ...{ says: 'cilium: ICMP by type, from the cluster', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 10.244.1.10/icmp', passage: 'input', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: where the API server is no file says', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.1.4.5:6443/tcp', passage: 'output', expect: 'may', dependsOn: /where the API server/ },
  },
  {
    ...{
      says: 'cilium: the user can say where the API server is',
      file: ['entities.yaml', 'pods.yaml'],
      places: { 'kube-apiserver': ['10.1.4.5'] },
    },
    ...{ flow: '10.244.1.10 > 10.1.4.5:6443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: a block does not stand for pods within it', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.244.1.20:389/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'cilium: a block stands for what is outside', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.1.0.5:389/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: where the cluster is not known a private block is doubtful', file: 'entities.yaml' },
    ...{ places: { 'identity/app=connector': ['10.244.1.10'], 'identity/app=portal': ['10.244.1.20'] } },
    ...{
      flow: '10.244.1.10 > 10.1.0.5:389/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /for which blocks do not stand/,
    },
  },
  {
    ...{ says: 'cilium: addresses behind a service are unknown', file: ['entities.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 10.1.0.5:88/udp',
      passage: 'output',
      expect: 'may',
      dependsOn: /stand behind the service dc/,
    },
  },
  {
    ...{ says: 'cilium: a port alone is for every peer', file: ['entities.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.20 > 203.0.113.7:443/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/entities #2 egress[0]',
    },
  },
  {
    ...{ says: 'cilium: HTTP rules condition requests', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 20.190.128.1:80/tcp', passage: 'output', expect: 'may', dependsOn: /HTTP request fits/ },
  },
  {
    ...{ says: 'cilium: two kinds of peers in one rule are refused', file: ['entities.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.20 > 20.190.128.1:5671/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /mixture of toCIDR and toEntities/,
    },
  },
  {
    ...{ says: 'cilium: a group of blocks that is not there', file: ['entities.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.20 > 192.0.2.1:9350/tcp',
      passage: 'output',
      expect: 'unknown-ref',
      dependsOn: /CiliumCIDRGroup nowhere/,
    },
  },
  {
    ...{ says: 'cilium: a group of blocks that is there', file: ['entities.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.20 > 192.0.2.1:9351/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: policies of Kubernetes and of Cilium add up', file: ['both.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 20.190.128.1:80/tcp',
      passage: 'output',
      expect: 'allow',
      by: 'identity/extra egress[0]',
    },
  },
  {
    ...{ says: 'cilium: an ipBlock does not stand for pods either', file: ['both.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 10.244.1.20:443/tcp', passage: 'output', expect: 'drop' },
  },
  {
    ...{ says: 'cilium, realistic: the connector reaches Service Bus by name', file: 'realistic.yaml' },
    ...{
      flow: '10.244.1.10 > ns1.servicebus.windows.net:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /where the API server/,
    },
  },
  {
    ...{
      says: 'cilium, realistic: with the API server placed, the denial does not touch Entra',
      file: 'realistic.yaml',
      places: { 'kube-apiserver': ['10.1.4.5'] },
    },
    ...{
      flow: '10.244.1.10 > 198.51.100.44:443/tcp',
      name: 'login.microsoftonline.com',
      passage: 'output',
      expect: 'allow',
      by: 'identity/connector-to-entra egress[0]',
    },
  },
  {
    ...{
      says: 'cilium, realistic: an OCSP responder that is not listed may share an address with one that is',
      file: 'realistic.yaml',
      places: { 'kube-apiserver': ['10.1.4.5'] },
    },
    ...{
      flow: '10.244.1.10 > 198.51.100.45:80/tcp',
      name: 'oneocsp.microsoft.com',
      passage: 'output',
      expect: 'may',
      dependsOn: /learnt for crl\.microsoft\.com/,
    },
  },
  {
    ...{
      says: 'cilium, realistic: Kerberos to the domain controller',
      file: 'realistic.yaml',
      places: { 'kube-apiserver': ['10.1.4.5'] },
    },
    ...{ flow: '10.244.1.10 > 10.1.0.5:88/udp', passage: 'output', expect: 'allow' },
  },
  {
    ...{ says: 'cilium, realistic: the own application from the connector alone', file: 'realistic.yaml' },
    ...{ flow: '10.244.1.10 > 10.244.1.20:8443/tcp', passage: 'input', expect: 'allow' },
  },
  {
    ...{ says: 'cilium: ports that are no list are doubtful', file: ['wrong-shapes.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 20.190.128.1:25/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /"toPorts", which is no list/,
    },
  },
  {
    ...{ says: 'cilium: a policy without spec makes everything doubtful', file: ['no-spec.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 20.190.128.1:443/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /policy closed/,
    },
  },
  {
    ...{ says: 'cilium: an empty list of names is doubtful', file: ['wrong-shapes.yaml', 'pods.yaml'] },
    ...{
      flow: '10.244.1.10 > 198.51.100.1:80/tcp',
      passage: 'output',
      expect: 'may',
      dependsOn: /"toFQDNs", which is empty/,
    },
  },
  {
    ...{
      says: 'cilium: layer 7 holds requests back where the direction stays open',
      file: ['open-layer7.yaml', 'pods.yaml'],
    },
    ...{ flow: '10.244.1.10 > 198.51.100.1:80/tcp', passage: 'output', expect: 'may', dependsOn: /HTTP request fits/ },
  },
  {
    ...{ says: 'cilium: what layer 7 does not speak of stays open', file: ['open-layer7.yaml', 'pods.yaml'] },
    ...{ flow: '10.244.1.10 > 198.51.100.1:443/tcp', passage: 'output', expect: 'allow' },
  },
  {
    ...{
      says: 'cilium: policies of nodes bear on nodes that nobody chose by label here',
      file: ['open-layer7.yaml', 'pods.yaml'],
    },
    ...{
      flow: '10.1.4.10 > 203.0.113.1/icmp',
      passage: 'output',
      expect: 'may',
      dependsOn: /which nodes nodes selects/,
    },
  },
  {
    ...{
      says: 'cilium, realistic: metadata of the cloud is denied to a placed application',
      file: 'realistic.yaml',
      places: { 'hr-portal/app=hr-portal': ['10.244.1.50'], 'kube-apiserver': ['10.1.4.5'] },
    },
    ...{
      flow: '10.244.1.50 > 169.254.169.254:80/tcp',
      passage: 'output',
      expect: 'drop',
      by: 'hr-portal/hr-portal egressDeny[0]',
    },
  },
])

test('cilium: which names a DNS rule lets be asked for', () => {
  const names = (text: string) => readNames(readYaml({ name: 'a', text }).documents[0]?.elements() ?? []).patterns
  const rows: readonly (readonly [wanted: string, asked: string, isAsked: boolean])[] = [
    ['[{matchName: a.example}]', '[{matchName: A.example.}]', true],
    ['[{matchName: a.b.example}]', '[{matchPattern: "*.example"}]', false],
    ['[{matchName: b.example}]', '[{matchPattern: "*.example"}]', true],
    ['[{matchName: a.b.example}]', '[{matchPattern: "**.example"}]', true],
    ['[{matchPattern: "*.b.example"}]', '[{matchPattern: "**.example"}]', true],
    ['[{matchPattern: "*.example"}]', '[{matchPattern: "*"}]', true],
    ['[{matchName: example}]', '[{matchPattern: "*.example"}]', false],
  ]
  for (const [wanted, asked, isAsked] of rows) {
    const [name] = names(wanted)
    assert.ok(name !== undefined)
    assert.equal(canBeAsked(name, names(asked)), isAsked, `${wanted} by ${asked}`)
  }
})

const texts = ['names.yaml', 'deny.yaml', 'entities.yaml', 'both.yaml', 'realistic.yaml'].map((name) =>
  readFileSync(new URL(name, folder), 'utf8'),
)

test('cilium: any text is accounted for, and so is any mutilated one', () => {
  readsAny(read, fc.string())
  readsAny(read, splicedTexts(texts))
})

test('cilium: names that every object has are names like others', () => {
  for (const name of ['constructor', 'valueOf', 'toString', '__proto__', 'hasOwnProperty']) {
    const rule = {
      [`to${name}`]: [name],
      [name]: [name],
      toPorts: [{ ports: [{ port: name, protocol: name }], rules: { [name]: [] } }],
      icmps: [{ fields: [{ type: name }] }],
    }
    const policy = {
      ...{ kind: 'CiliumNetworkPolicy', apiVersion: 'cilium.io/v2', metadata: { name, namespace: name } },
      spec: { endpointSelector: { matchLabels: { [name]: name } }, [name]: {}, egress: [rule, { toEntities: [name] }] },
    }
    const { coverage } = read([{ name: 'a.json', text: JSON.stringify(policy) }], { places: {} })
    assert.ok(coverage.unread.length > 0, name)
  }
})
