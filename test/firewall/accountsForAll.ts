import assert from 'node:assert/strict'
import type { Reading } from '../../src/firewall/reader.ts'
import { mostUnread } from '../../src/firewall/text/statements.ts'

/**
 * What has to hold of every reading, whatever was read: the count of statements is that of the understood and the
 * unread; stages and jumps lead to chains that are there; ranges have an order; nothing unknown is an empty set.
 */
export function accountsForAll({ ruleSets, coverage }: Reading): void {
  const unread = coverage.statements - coverage.understood
  assert.ok(unread >= 0)
  assert.equal(Math.min(unread, mostUnread), coverage.unread.length)
  for (const { span } of coverage.unread) assert.ok(span.line >= 1)
  for (const { stages, chains, routes, places } of ruleSets) {
    for (const { chain } of stages) assert.ok(Object.hasOwn(chains, chain), `no chain ${chain}`)
    for (const rule of Object.values(chains).flat()) {
      if (rule.action.kind === 'jump' || rule.action.kind === 'goto') {
        assert.ok(Object.hasOwn(chains, rule.action.chain), `no chain ${rule.action.chain}`)
      }
      for (const set of [rule.match.source, rule.match.destination]) {
        for (const { first, last } of [
          ...(set?.sure ?? []),
          ...(set?.possible.flatMap(({ within }) => within) ?? []),
        ]) {
          assert.ok(first <= last)
        }
      }
      for (const list of [rule.match.protocols, rule.match.sourcePorts, rule.match.destinationPorts]) {
        assert.notEqual(list?.length, 0, 'an empty list of numbers matches nothing')
        for (const { first, last } of list ?? []) assert.ok(first <= last && first >= 0 && last <= 65535)
      }
    }
    for (const { to } of routes ?? []) assert.ok(to.first <= to.last)
    for (const { networks } of places) for (const { first, last } of networks ?? []) assert.ok(first <= last)
  }
}
