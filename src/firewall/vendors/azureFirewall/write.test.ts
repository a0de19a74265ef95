import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@cdktf/hcl2json'
import { bicepValue } from '../../../../test/bicepValue.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import { membersOf } from '../../../model/membersOf.ts'
import type { Permit } from '../../permit.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'azure-firewall', read, write })

type Members = Readonly<Record<string, unknown>>

/** The properties of the policy and of its group of rules, in the proven template. */
function armProperties(text: string): readonly Members[] {
  const template = JSON.parse(text) as { resources: { properties: Members }[] }
  return template.resources.map(({ properties }) => properties)
}

function listIn(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.map(membersOf) : []
}

function armRules(text: string): readonly Members[] {
  const [, group = {}] = armProperties(text)
  return listIn(group['ruleCollections']).flatMap(({ rules }) => listIn(rules))
}

for (const example of ['hq', 'everything']) {
  test(`Bicep and Terraform have the rules of the proven template of ${example}, field by field`, async () => {
    const { asked, options } = await sampleWriting(example, 'azure-firewall')
    const [arm = '', bicep = '', terraform = ''] = write(asked.permits, asked.denials, options).files.map(
      ({ text }) => text,
    )
    const properties = armProperties(arm)

    const values = bicep
      .split(/^resource .*' = /m)
      .slice(1)
      .map(bicepValue)
    assert.deepEqual(
      values.map((value) => membersOf(value)['properties']),
      properties,
    )

    const parsed = await parse('main.tf', terraform)
    const resources = membersOf(parsed['resource'])
    const [policy] = Object.values(membersOf(resources['azurerm_firewall_policy'])).flatMap(listIn)
    const [group] = Object.values(membersOf(resources['azurerm_firewall_policy_rule_collection_group'])).flatMap(listIn)
    assert.deepEqual(policyOf(policy ?? {}), properties[0])
    assert.deepEqual(collectionsOf(group ?? {}), byPriority(listIn(properties[1]?.['ruleCollections'])))
  })
}

function policyOf(terraform: Members): Members {
  const [dns] = listIn(terraform['dns'])
  return {
    threatIntelMode: terraform['threat_intelligence_mode'],
    ...(dns !== undefined && { dnsSettings: { enableProxy: dns['proxy_enabled'] } }),
  }
}

/** The collections of Terraform in the words of ARM. */
function collectionsOf(group: Members): readonly Members[] {
  return byPriority(
    (['network', 'application'] as const).flatMap((kind) =>
      listIn(group[`${kind}_rule_collection`]).map(({ name, priority, action, rule }) => ({
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
        name,
        priority,
        action: { type: action },
        rules: listIn(rule).map((one) => ruleOf(one, kind)),
      })),
    ),
  )
}

function byPriority(collections: readonly Members[]): readonly Members[] {
  return collections.toSorted((a, b) => Number(a['priority']) - Number(b['priority']))
}

function ruleOf(rule: Members, kind: 'network' | 'application'): Members {
  const told = { name: rule['name'], description: rule['description'], sourceAddresses: rule['source_addresses'] }
  if (kind === 'application') {
    return {
      ruleType: 'ApplicationRule',
      ...told,
      protocols: listIn(rule['protocols']).map(({ type, port }) => ({ protocolType: type, port })),
      targetFqdns: rule['destination_fqdns'],
    }
  }
  return {
    ruleType: 'NetworkRule',
    ...told,
    ipProtocols: rule['protocols'],
    ...('destination_fqdns' in rule
      ? { destinationFqdns: rule['destination_fqdns'] }
      : { destinationAddresses: rule['destination_addresses'] }),
    destinationPorts: rule['destination_ports'],
  }
}

async function permitTo(
  name: string,
  port: number,
  more: Partial<Permit['to']> = {},
): Promise<{ readonly permit: Permit; readonly text: string; readonly written: ReturnType<typeof write> }> {
  const { asked, options } = await sampleWriting('hq', 'azure-firewall')
  const [first] = asked.permits
  if (first === undefined) assert.fail()
  const permit: Permit = {
    ...first,
    to: { label: name, name, ranges: [], ...more },
    ports: [{ first: port, last: port }],
  }
  const written = write([permit], [], options)
  return { permit, written, text: written.files[0]?.text ?? '' }
}

test('a name at 443 is an application rule, with its star', async () => {
  const { text, written } = await permitTo('*.msappproxy.net', 443)
  const [rule] = armRules(text)
  assert.deepEqual([rule?.['ruleType'], rule?.['targetFqdns']], ['ApplicationRule', ['*.msappproxy.net']])
  assert.deepEqual(written.duties, [])
})

test('a name at another port is a network rule, which needs the DNS proxy: the policy turns it on, and a duty says it', async () => {
  const { text, written } = await permitTo('sts.contoso.com', 49443)
  const [rule] = armRules(text)
  assert.deepEqual([rule?.['ruleType'], rule?.['destinationFqdns']], ['NetworkRule', ['sts.contoso.com']])
  assert.deepEqual(armProperties(text)[0]?.['dnsSettings'], { enableProxy: true })
  assert.match(written.duties.join(), /DNS servers of the virtual networks.*1 network rule has names/)
})

test('a pattern at a port that is not read has its tag, and without one nothing is written', async () => {
  const ranges = [{ family: 4 as const, first: 1n << 28n, last: (1n << 28n) + 255n }]
  const tagged = await permitTo('*.servicebus.windows.net', 5671, { ranges, tag: 'ServiceBus', asOf: '2025-11-06' })
  assert.deepEqual(armRules(tagged.text)[0]?.['destinationAddresses'], ['ServiceBus'])
  const { written, permit } = await permitTo('*.msappproxy.net', 8080)
  assert.deepEqual(
    written.notSaid.map((one) => one.permit),
    permit.flows.map(() => permit.id),
  )
})

test('the last collection closes names that the platform would let out by itself', async () => {
  const { asked, options } = await sampleWriting('hq', 'azure-firewall')
  const [, group = {}] = armProperties(write(asked.permits, asked.denials, options).files[0]?.text ?? '')
  const last = listIn(group['ruleCollections']).at(-1)
  assert.deepEqual([last?.['priority'], last?.['action']], [65_000, { type: 'Deny' }])
})

test('of a source with both families the IPv6 part is told, and its rule has IPv4 alone', async () => {
  const { asked, options } = await sampleWriting('everything', 'azure-firewall')
  const { files, notSaid } = write(asked.permits, asked.denials, options)
  assert.doesNotMatch(files[0]?.text ?? '', /"2001:db8/)
  assert.ok(notSaid.some(({ why }) => /filters IPv4 alone, and staff/.test(why)))
})
