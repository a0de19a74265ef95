import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { splicedTexts } from '../../../../test/firewall/anyTexts.ts'
import { readsAny } from '../../../../test/firewall/readsAny.ts'
import { firewallCases } from '../../../../test/firewallCases.ts'
import { read } from './index.ts'

const folder = new URL('./cases/', import.meta.url)
const output = { passage: 'output' } as const
const input = { passage: 'input' } as const
const targets = { file: ['targets.json', 'instances.json'] } as const

firewallCases(read, folder, [
  {
    ...{ says: 'gcp: the smaller number decides, whatever the order', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'entra-out', line: 24 },
  },
  {
    ...{ says: 'gcp: a range of ports', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:8010/tcp', expect: 'allow', by: 'entra-out' },
  },
  {
    ...{ says: 'gcp: what the rule does not have falls to the denial behind it', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:80/tcp', expect: 'drop', by: 'deny-all-out' },
  },
  {
    ...{ says: 'gcp: of equal priority the denial wins', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 10.1.0.6:636/tcp', expect: 'drop', by: 'tied-deny' },
  },
  {
    ...{ says: 'gcp: beside it the allow of equal priority holds', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 10.1.0.5:636/tcp', expect: 'allow', by: 'tied-allow' },
  },
  {
    ...{ says: 'gcp: priority 0 is the first', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 9.9.9.9:53/udp', expect: 'drop', by: 'zero' },
  },
  {
    ...{ says: 'gcp: a rule for IPv4 leaves the implied allow of IPv6', file: 'priorities.json', ...output },
    ...{ flow: '2001:db8::10 > [2603:1006:2000::1]:443/tcp', expect: 'allow', by: 'implied allow egress' },
  },
  {
    ...{ says: 'gcp: the metadata server is never held back', file: 'priorities.json', ...output },
    ...{ flow: '10.60.0.10 > 169.254.169.254:80/tcp', expect: 'allow', by: 'metadata server' },
  },
  {
    ...{ says: 'gcp: port 25 to the outside is up to Google', file: 'targets.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:25/tcp', expect: 'may', dependsOn: /send to port 25/ },
  },
  {
    ...{ says: 'gcp: ingress is closed without a rule', ...targets, ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.20:80/tcp', expect: 'drop', by: 'implied deny ingress' },
  },
  {
    ...{ says: 'gcp: a target tag chooses instances', ...targets, ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.10:443/tcp', expect: 'allow', by: 'web-in' },
  },
  {
    ...{ says: 'gcp: an instance without the tag', ...targets, ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.20:443/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'gcp: an instance that no file shows may have the tag', ...targets, ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.99:443/tcp', expect: 'may', dependsOn: /network tag web/ },
  },
  {
    ...{ says: 'gcp: the user can say who has a tag', file: 'targets.json', ...input, places: { web: ['10.60.0.99'] } },
    ...{ flow: '10.9.9.9 > 10.60.0.99:443/tcp', expect: 'allow' },
  },
  {
    ...{ says: 'gcp: a source tag and a service account as target', ...targets, ...input },
    ...{ flow: '10.60.0.10 > 10.60.0.20:8443/tcp', expect: 'allow', by: 'from-web' },
  },
  {
    ...{ says: 'gcp: source ranges and source tags are either-or', ...targets, ...input },
    ...{ flow: '192.0.2.9 > 10.60.0.20:8443/tcp', expect: 'allow', by: 'from-web' },
  },
  {
    ...{ says: 'gcp: a source tag never means a public address', ...targets, ...input },
    ...{ flow: '203.0.113.60 > 10.60.0.20:8443/tcp', expect: 'drop' },
  },
  {
    ...{ says: 'gcp: a protocol by number, over IPv6 alone', ...targets, ...input },
    ...{ flow: '2001:db8::9 > 2001:db8::10/icmp', expect: 'allow', by: 'ping6' },
  },
  {
    ...{ says: 'gcp: a rule of the last priority ties with the implied denial', ...targets, ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.10:22/tcp', expect: 'may', dependsOn: /priority 65535/ },
  },
  {
    ...{ says: 'gcp: a firewall policy that is not read makes everything doubtful', file: 'effective.json', ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.10:443/tcp', expect: 'may', dependsOn: /firewall policies/ },
  },
  {
    ...{ says: 'gcp: each network is a device', file: 'two-networks.json', ruleSet: 'lab', ...input },
    ...{ flow: '10.9.9.9 > 10.60.0.10:443/tcp', expect: 'allow', by: 'other-in' },
  },
  {
    ...{ says: 'gcp: a port that is none', file: 'strange.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:443/tcp', expect: 'may', dependsOn: /the ports/ },
  },
  {
    ...{ says: 'gcp: a member that nobody knows', file: 'strange.json', ...output },
    ...{ flow: '10.60.0.10 > 9.9.9.9:53/udp', expect: 'may', dependsOn: /destinationFqdns/ },
  },
  {
    ...{ says: 'gcp: a rule that neither allows nor denies', file: 'strange.json', ...output },
    ...{ flow: '10.60.0.10 > 192.0.2.1:123/udp', expect: 'may', dependsOn: /whether it allows or denies/ },
  },
  {
    ...{ says: 'gcp: a Terraform plan', file: 'plan.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:443/tcp', expect: 'allow', by: 'entra' },
  },
  {
    ...{ says: 'gcp: a Terraform plan that closes', file: 'plan.json', ...output },
    ...{ flow: '10.60.0.10 > 20.190.128.1:80/tcp', expect: 'drop', by: 'closed' },
  },
  {
    ...{ says: 'gcp: what a plan knows only after apply', file: 'plan.json', ...output },
    ...{ flow: '10.60.0.10 > 192.0.2.1:5671/tcp', expect: 'may', dependsOn: /known only after apply/ },
  },
  {
    ...{ says: 'gcp, realistic: the connector reaches Entra', file: 'realistic.json', ...output },
    ...{ flow: '10.132.0.10 > 40.126.1.1:443/tcp', expect: 'allow', by: 'out-entra' },
  },
  {
    ...{ says: 'gcp, realistic: a machine without the tag does not', file: 'realistic.json', ...output },
    ...{ flow: '10.132.0.40 > 40.126.1.1:443/tcp', expect: 'drop', by: 'out-closed' },
  },
  {
    ...{ says: 'gcp, realistic: another resolver than the named one is closed', file: 'realistic.json', ...output },
    ...{ flow: '10.132.0.10 > 10.1.0.6:53/udp', expect: 'drop' },
  },
  {
    ...{ says: 'gcp, realistic: the connector reaches the own application', file: 'realistic.json', ...input },
    ...{ flow: '10.132.0.11 > 10.132.0.30:8443/tcp', expect: 'allow', by: 'connector-to-app' },
  },
  {
    ...{ says: 'gcp, realistic: a rule that is switched off opens nothing', file: 'realistic.json', ...input },
    ...{ flow: '198.51.100.200 > 10.132.0.30:22/tcp', expect: 'drop', by: 'implied deny ingress' },
  },
])

const texts = ['priorities.json', 'targets.json', 'instances.json', 'plan.json', 'strange.json', 'realistic.json'].map(
  (name) => readFileSync(new URL(name, folder), 'utf8'),
)

test('gcp: any text is accounted for, and so is any mutilated one', () => {
  readsAny(read, fc.string())
  readsAny(read, splicedTexts(texts))
  readsAny(
    read,
    fc.array(fc.jsonValue({ maxDepth: 3 })).map((list) => JSON.stringify(list)),
  )
})

test('gcp: names that every object has are names like others', () => {
  const rules = ['constructor', 'valueOf', 'toString', '__proto__'].map((name) => ({
    ...{
      name,
      network: name,
      direction: 'INGRESS',
      priority: 1,
      allowed: [{ IPProtocol: name }],
      sourceTags: [name],
      targetTags: [name],
    },
  }))
  const { coverage, ruleSets } = read([{ name: 'a.json', text: JSON.stringify(rules) }], { places: {} })
  assert.equal(coverage.unread.length, rules.length)
  assert.equal(ruleSets.length, rules.length)
})

test('gcp: an instance may have more cards and addresses than a call takes arguments', () => {
  const addresses = Array.from({ length: 150_000 }, () => ({ natIP: '198.51.100.7' }))
  const cards = Array.from({ length: 150_000 }, () => ({ networkIP: '10.1.0.10' }))
  for (const networkInterfaces of [cards, [{ accessConfigs: addresses }]]) {
    const text = JSON.stringify([{ kind: 'compute#instance', networkInterfaces }])
    assert.equal(read([{ name: 'a', text }], { places: {} }).coverage.understood, 1)
  }
})
