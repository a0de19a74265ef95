import assert from 'node:assert/strict'
import { test } from 'node:test'
import { auditFindingRows } from '../../src/firewall/findingRows.ts'
import { findingsPage } from './findings.ts'

const [, ofAudit = '', ofCheck = ''] = findingsPage().split('\n## ')

test('every finding of an audit has its section, in the order of the table, and stands apart from those of a check', () => {
  assert.match(ofAudit, /^Of an audit\n/)
  assert.match(ofCheck, /^Of a check\n/)
  assert.deepEqual(
    [...ofAudit.matchAll(/^### (\S+)$/gm)].map(([, code]) => code),
    Object.keys(auditFindingRows),
  )
  for (const { meaning, why, fix } of Object.values(auditFindingRows)) {
    for (const part of [meaning, why, fix]) assert.ok(ofAudit.includes(part), part)
  }
})
