import { faults } from '../../src/lab/index.ts'
import { page, table } from './markdown.ts'

/** `docs/reference/faults.md`: what the small network can break, and the verdict that it must lead to. */
export function faultsPage(): string {
  const rows = faults.map(({ id, breaks, expect }) => [
    `\`${id}\``,
    breaks,
    `${expect.verdict}: ${expect.cause}, ${expect.confidence}`,
    expect.owner,
  ])
  return page(
    'Faults of the small network',
    '`postern lab fault NAME` plays one. The tests hold every row to its verdict, and to accusing nothing else.',
    table(['fault', 'what is broken', 'verdict', 'owner'], rows),
  )
}
