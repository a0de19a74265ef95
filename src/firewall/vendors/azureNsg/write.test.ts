import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from '@cdktf/hcl2json'
import { bicepValue } from '../../../../test/bicepValue.ts'
import { sampleWriting, writerCases } from '../../../../test/writerCases.ts'
import { membersOf } from '../../../model/membersOf.ts'
import { read, write } from './index.ts'

writerCases({ vendor: 'azure-nsg', read, write })

interface ArmRule {
  readonly name: string
  readonly properties: Readonly<Record<string, unknown>>
}

function armRules(text: string): readonly ArmRule[] {
  const template = JSON.parse(text) as { resources: { properties: { securityRules: ArmRule[] } }[] }
  return template.resources.flatMap(({ properties }) => properties.securityRules)
}

const filesFor = async (example: string): Promise<readonly string[]> => {
  const { asked, options } = await sampleWriting(example, 'azure-nsg')
  return write(asked.permits, asked.denials, options).files.map(({ text }) => text)
}

for (const example of ['hq', 'everything']) {
  test(`Bicep and Terraform have the rows of the proven template of ${example}, field by field`, async () => {
    const [arm = '', bicep = '', terraform = ''] = await filesFor(example)
    const rules = armRules(arm)
    assert.ok(rules.length > 5)

    const resource = membersOf(bicepValue(bicep.slice(bicep.indexOf("' = {") + 4)))
    assert.deepEqual(membersOf(resource['properties'])['securityRules'], rules)
    assert.equal(resource['location'], '$location')

    const parsed = await parse('main.tf', terraform)
    const groups = Object.values(membersOf(membersOf(parsed['resource'])['azurerm_network_security_group']))
    const rows = groups
      .flatMap((group) => (Array.isArray(group) ? group : []))
      .flatMap((group) => membersOf(group)['security_rule'])
    assert.deepEqual(
      rows,
      rules.map(({ name, properties }) => ({ name, ...snakeCased(properties) })),
    )
  })
}

function snakeCased(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(properties)
  return Object.fromEntries(
    entries.map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  )
}

test('what Azure limits is kept: names, descriptions, priorities with gaps, one family in a rule', async () => {
  const [arm = ''] = await filesFor('everything')
  const rules = armRules(arm)
  const priorities = rules.map(({ properties }) => Number(properties['priority']))
  assert.ok(
    priorities.every((priority, at) => priority >= 100 && priority <= 4096 && priority > (priorities[at - 1] ?? 0)),
  )
  assert.equal(new Set(rules.map(({ name }) => name.toLowerCase())).size, rules.length)
  for (const { name, properties } of rules) {
    assert.match(name, /^[A-Za-z0-9](?:[\w.-]{0,78}\w)?$/)
    assert.ok(String(properties['description']).length <= 140)
    const ends = ['sourceAddressPrefix', 'destinationAddressPrefix'].flatMap(
      (key) => properties[key] ?? properties[`${key}es`],
    )
    const families = new Set(ends.map(String).flatMap((end) => (end.includes(':') ? [6] : /^\d/.test(end) ? [4] : [])))
    assert.ok(families.size <= 1, `${name} has both families`)
  }
})

test('thousands of rules leave no gap between them, and stay before the last one', async () => {
  const { asked, options } = await sampleWriting('hq', 'azure-nsg')
  const [first] = asked.permits
  if (first === undefined) assert.fail()
  const permits = Array.from({ length: 3000 }, (_, at) => ({
    ...first,
    id: `p-${at}`,
    ports: [{ first: at + 1, last: at + 1 }],
  }))
  const { files, duties } = write(permits, [], options)
  const priorities = armRules(files[0]?.text ?? '').map(({ properties }) => Number(properties['priority']))
  assert.equal(new Set(priorities).size, priorities.length)
  assert.ok(Math.max(...priorities) === 4096 && Math.min(...priorities) >= 100)
  assert.ok(duties.some((duty) => duty.startsWith('Ask Azure for more than 1000 rules')))
})

test('a tag of Microsoft stands where there is one, and what it allows beyond is said', async () => {
  const [arm = ''] = await filesFor('hq')
  const tags = armRules(arm).map(({ properties }) => properties['destinationAddressPrefix'])
  assert.ok(tags.includes('AzureActiveDirectory'))
})

test('a machine that accepts gets inbound rules, and the rest of that direction is denied', async () => {
  const { asked, options } = await sampleWriting('hq', 'azure-nsg')
  const [first] = asked.permits
  if (first === undefined) assert.fail()
  const rules = armRules(write([{ ...first, passage: 'input' }], [], options).files[0]?.text ?? '')
  assert.deepEqual(
    rules.map(({ properties: { direction, access } }) => [direction, access]),
    [
      ['Inbound', 'Allow'],
      ['Inbound', 'Deny'],
    ],
  )
})
