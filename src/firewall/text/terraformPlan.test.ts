import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJson } from './jsonTree.ts'
import { readTerraformPlan } from './terraformPlan.ts'

function plan(value: unknown) {
  const read = readJson({ name: 'plan.json', text: JSON.stringify(value) })
  assert.ok('ok' in read)
  return readTerraformPlan(read.ok)
}

const subnet = (key: string) => ({
  address: `azurerm_subnet.net["${key}"]`,
  mode: 'managed',
  type: 'azurerm_subnet',
  name: 'net',
  index: key,
  values: { name: key },
})

test('what is not known before apply is pointed at by the configuration', () => {
  const read = plan({
    format_version: '1.2',
    planned_values: {
      root_module: {
        resources: [subnet('a'), subnet('b')],
        child_modules: [
          {
            address: 'module.guard["a"]',
            resources: [
              {
                address: 'module.guard["a"].azurerm_link.it',
                mode: 'managed',
                type: 'azurerm_link',
                name: 'it',
                values: { group: 'g' },
              },
            ],
          },
        ],
      },
    },
    resource_changes: [
      { address: 'module.guard["a"].azurerm_link.it', change: { after_unknown: { subnet_id: true, list: [{}] } } },
    ],
    configuration: {
      root_module: {
        module_calls: {
          guard: {
            expressions: { subnet_id: { references: ['azurerm_subnet.net["a"].id', 'azurerm_subnet.net["a"]'] } },
            module: {
              resources: [
                {
                  mode: 'managed',
                  type: 'azurerm_link',
                  name: 'it',
                  expressions: { subnet_id: { references: ['var.subnet_id'] }, block: [{ id: { references: [] } }] },
                },
              ],
            },
          },
        },
      },
    },
  })
  const link = read?.resources.find(({ type }) => type === 'azurerm_link')
  assert.equal(link?.isUnknown('subnet_id'), true)
  assert.equal(link?.isUnknown('list'), false)
  assert.deepEqual(
    link?.referents('subnet_id').map(({ address }) => address),
    ['azurerm_subnet.net["a"]'],
  )
  assert.deepEqual(link?.referents('block.id'), [])
})

test('of a block that repeats, instances of one key belong together', () => {
  const link = (key: string) => ({
    address: `azurerm_link.it["${key}"]`,
    mode: 'managed',
    type: 'azurerm_link',
    name: 'it',
    index: key,
    values: {},
  })
  const read = plan({
    planned_values: { root_module: { resources: [subnet('a'), subnet('b'), link('a'), link('b')] } },
    configuration: {
      root_module: {
        resources: [
          {
            mode: 'managed',
            type: 'azurerm_link',
            name: 'it',
            expressions: { subnet_id: { references: ['azurerm_subnet.net', 'each.key'] } },
          },
        ],
      },
    },
  })
  for (const resource of read?.resources.filter(({ type }) => type === 'azurerm_link') ?? []) {
    assert.deepEqual(
      resource.referents('subnet_id').map(({ key }) => key),
      [resource.key],
    )
  }
})

test('data sources come from the prior state, and what is managed there does not come back', () => {
  const at = (address: string, mode: string) => ({ address, mode, type: 'x_y', name: 'z', values: {} })
  const read = plan({
    planned_values: { root_module: { resources: [at('x_y.z', 'managed')] } },
    prior_state: { values: { root_module: { resources: [at('x_y.old', 'managed'), at('data.x_y.z', 'data')] } } },
  })
  assert.deepEqual(
    read?.resources.map(({ address }) => address),
    ['x_y.z', 'data.x_y.z'],
  )
  assert.equal(plan({ values: { root_module: { resources: [at('x_y.z', 'managed')] } } })?.kind, 'state')
  assert.equal(plan({ value: [] }), undefined)
})

test('variables that lead back to themselves end', () => {
  const read = plan({
    planned_values: {
      root_module: {
        child_modules: [
          { address: 'module.m', resources: [{ address: 'module.m.a_b.c', type: 'a_b', name: 'c', values: {} }] },
        ],
      },
    },
    configuration: {
      root_module: {
        module_calls: {
          m: {
            expressions: { v: { references: ['module.m.o'] } },
            module: {
              outputs: { o: { expression: { references: ['var.v'] } } },
              resources: [{ type: 'a_b', name: 'c', expressions: { x: { references: ['var.v'] } } }],
            },
          },
        },
      },
    },
  })
  assert.deepEqual(read?.resources[0]?.referents('x'), [])
})

test('any JSON is read or refused, and never throws', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (values, configuration) => {
      const resources = [{ type: 'a_b', name: 'c', values: {} }, values]
      const read = plan({
        planned_values: { root_module: { resources, child_modules: [values] } },
        configuration: { root_module: configuration },
      })
      for (const resource of read?.resources ?? []) {
        resource.isUnknown('a')
        resource.referents('a.b')
      }
    }),
  )
})
