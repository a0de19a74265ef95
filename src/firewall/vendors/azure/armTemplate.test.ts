import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isArmExpression, parseArmExpression } from './armExpression.ts'
import { isSame, resourceIndex } from './azureResource.ts'
import { readAzureResources } from './azureResources.ts'

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#'

/** What an expression gives, in a template with some variables. */
function worked(expression: string, variables: Record<string, unknown> = {}) {
  const text = JSON.stringify({
    $schema: schema,
    contentVersion: '1.0.0.0',
    variables,
    resources: [{ type: 'Microsoft.Network/ipGroups', name: 'x', properties: { it: `[${expression}]` } }],
  })
  const [resource] = readAzureResources([{ name: 'a.json', text }]).resources
  const value = resource?.value.member('it')
  return value?.kind === 'array' ? value.elements().map((element) => element.text()) : (value?.scalar ?? value?.because)
}

const rows: readonly (readonly [expression: string, gives: unknown])[] = [
  ["concat('a', 'b''c', 1)", "ab'c1"],
  ["format('{0}/{1}/{0}', 'a', 2)", 'a/2/a'],
  ["if(equals(variables('n'), 3), 'three', variables('none'))", 'three'],
  ["variables('o').List[1].name", 'second'],
  ["union(createArray('a', 'b'), createArray('b', 'c'))", ['a', 'b', 'c']],
  ["take(skip(variables('all'), 1), 1)", ['10.0.0.2']],
  ["join(split('a;b', ';'), ',')", 'a,b'],
  ["toLower(replace('AxB', 'x', '-'))", 'a-b'],
  ['length(range(5, 3))', 3],
  ["contains(variables('all'), '10.0.0.2')", true],
  ["coalesce(null(), 'second')", 'second'],
  ['div(7, 2)', 3],
  [
    "resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')",
    '/subscriptions/*/resourceGroups/*/providers/Microsoft.Network/virtualNetworks/v/subnets/s',
  ],
  [
    "resourceId('g', 'Microsoft.Network/ipGroups', 'i')",
    '/subscriptions/*/resourceGroups/g/providers/Microsoft.Network/ipGroups/i',
  ],
  ["reference('elsewhere').x", 'what the template\'s function "reference" gives'],
  ["cidrSubnet('10.0.0.0/16', 24, 0)", 'what the template\'s function "cidrSubnet" gives'.toLowerCase()],
  ["variables('missing')", 'the variable "missing" of the template'],
  ['concat(', 'the expression [concat(]'],
]

for (const [expression, gives] of rows) {
  test(`an expression is worked out: ${expression}`, () => {
    const given = worked(expression, { n: 3, o: { list: [{}, { name: 'second' }] }, all: ['10.0.0.1', '10.0.0.2'] })
    assert.deepEqual(
      typeof given === 'string' && typeof gives === 'string' && gives.startsWith('what') ? given.toLowerCase() : given,
      typeof gives === 'string' && gives.startsWith('what') ? gives.toLowerCase() : gives,
    )
  })
}

test('two brackets stand for one, and are no expression', () => {
  assert.equal(isArmExpression('[[a]'), false)
  assert.equal(worked('x'), 'the expression [x]')
})

test('names that lead back to themselves end', () => {
  assert.match(String(worked("variables('a')", { a: "[variables('b')]", b: "[variables('a')]" })), /back to themselves/)
})

test('texts that double end', () => {
  const variables = Object.fromEntries(
    Array.from({ length: 64 }, (_, at) => [
      `v${at}`,
      at === 0 ? 'abc' : `[concat(variables('v${at - 1}'), variables('v${at - 1}'))]`,
    ]),
  )
  assert.match(String(worked("variables('v63')", variables)), /concat/)
})

test('any expression is read or refused', () => {
  const pieces = fc.array(fc.constantFrom('concat', '(', ')', "'", "''", '[', ']', '.', ',', '1', 'x', ' ', '-'))
  fc.assert(fc.property(pieces, (parts) => void parseArmExpression(parts.join(''))))
  fc.assert(fc.property(fc.string(), (text) => void parseArmExpression(text)))
})

test('ids are compared without regard to case, and by scope where both tell it', () => {
  const id = (group: string) => `/subscriptions/S/resourceGroups/${group}/providers/Microsoft.Network/ipGroups/a`
  assert.ok(isSame(id('One'), id('ONE').toLowerCase()))
  assert.ok(isSame(id('*'), id('two')))
  assert.ok(!isSame(id('one'), id('two')))
  const span = () => ({ file: 'a', line: 1, text: '' })
  const [value] = readAzureResources([{ name: 'a', text: JSON.stringify({ id: id('one') }) }]).resources
  assert.ok(value)
  assert.equal(resourceIndex([{ ...value, span }]).find(id('ONE'))?.name, 'a')
})
