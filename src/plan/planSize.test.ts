import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSite } from '../config/parseSite.ts'
import { planFlows } from './planFlows.ts'
import { planSize } from './planSize.ts'

function siteOf(hosts: number) {
  const lines = Array.from(
    { length: hosts },
    (_, at) =>
      `  h${at}: { roles: [${at % 2 === 0 ? 'entra-connect' : 'domain-controller'}], addresses: [10.0.${at >> 8}.${at & 255}] }`,
  )
  const parsed = parseSite(`site: s\ndomain: corp.example\nhosts:\n${lines.join('\n')}\n`, 's.yaml')
  assert.ok('site' in parsed, JSON.stringify(parsed))
  return parsed.site
}

test('the size of a plan that hosts make among each other is known before it is made, within a factor of two', () => {
  for (const hosts of [40, 80]) {
    const site = siteOf(hosts)
    const [size, flows] = [planSize(site), planFlows(site).length]
    assert.ok(size > flows / 2 && size < flows * 2, `${size} for ${flows} flows of ${hosts} hosts`)
  }
})

test('a site of thousands that all talk with each other is seen to be too large without planning it', () => {
  assert.ok(planSize(siteOf(4000)) > 10_000_000)
})
