import assert from 'node:assert/strict'
import { test } from 'node:test'
import { vendorRows } from '../../src/firewall/vendors/index.ts'
import { vendorsPage } from './vendors.ts'

const sections = vendorsPage().split('\n## ').slice(1)

test('every vendor with a reader has a section, with each form that can be given', () => {
  assert.deepEqual(
    sections.map((section) => section.slice(0, section.indexOf('\n'))),
    vendorRows.map(({ vendor }) => vendor),
  )
  for (const [at, { title, forms }] of vendorRows.entries()) {
    const section = sections[at] ?? ''
    assert.ok(section.includes(title))
    for (const form of forms) assert.ok(section.includes(`- ${form}\n`), form)
  }
})

test('rules are promised for those vendors alone whose module writes them', async () => {
  for (const [at, { vendor, says, load }] of vendorRows.entries()) {
    const { write } = await load()
    assert.equal(says !== undefined, write !== undefined, vendor)
    assert.equal((sections[at] ?? '').includes(`postern plan --for ${vendor}`), write !== undefined, vendor)
  }
})
