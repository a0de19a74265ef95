import type { Hook, Match, Stage } from '../../ruleset.ts'
import { hooks } from '../../ruleset.ts'
import type { Unknown } from '../../unknown.ts'
import type { Document } from './document.ts'
import { parsePriorityText } from './priority.ts'
import { chainKey, reachFrom } from './reach.ts'
import type { ChainNode, TableNode } from './syntax.ts'

/** A chain that packets meet by themselves, and when. */
export interface BaseChain {
  readonly table: TableNode
  readonly node: ChainNode
  readonly key: string
  readonly hook: Hook
  readonly kind: Stage['kind']
  readonly priority: number
  readonly policy: Stage['otherwise']['action']
  /** Before connection tracking. */
  readonly isUntracked: boolean
  /** Keys of the chains that it leads to, and its own. */
  readonly reach: ReadonlySet<string>
  /** Which packets come to it at all, where those are not all of its family. */
  readonly only?: { readonly match: Match; readonly unknowns: readonly Unknown[] }
}

/** Where netfilter translates, whatever the priority of the chains that say so. */
const destinationTime = -100
const sourceTime = 100
/** Where connection tracking looks at packets, in `prerouting` and `output`. */
const trackingTime = -200

/**
 * Base chains in the order in which a packet meets them within each hook. Of chains with one priority no documentation
 * says which comes first; Linux asks the one that was added last (`nf_hook_entries_grow`).
 */
export function baseChains(document: Document): readonly BaseChain[] {
  const found: (BaseChain & { readonly time: number })[] = []
  for (const table of document.tables.values()) {
    if (table.family === 'arp' || table.dormant === true) continue
    for (const node of table.chains.values()) {
      const base = baseOf(document, table, node)
      if (base !== undefined) found.push(base)
    }
  }
  return found
    .toReversed()
    .toSorted((a, b) => hooks.indexOf(a.hook) - hooks.indexOf(b.hook) || a.time - b.time || a.priority - b.priority)
}

/** Whether nothing says which of two chains comes first. */
export function sameTime(a: BaseChain, b: BaseChain): boolean {
  const meet = a.table.family === 'inet' || b.table.family === 'inet' || a.table.family === b.table.family
  return a.hook === b.hook && a.kind === b.kind && a.priority === b.priority && meet
}

function baseOf(document: Document, table: TableNode, node: ChainNode): (BaseChain & { time: number }) | undefined {
  const { base } = node
  if (base === undefined) return undefined
  const isLink = table.family === 'netdev' || base.hook === 'ingress' || base.hook === 'egress'
  const hook = hookOf(table, base.hook)
  const written = base.priority
  const priority = typeof written === 'number' ? written : parsePriorityText(written, table.family)
  if (hook === undefined || priority === undefined) {
    document.statements.unread(
      node.span,
      hook === undefined ? `the hook "${base.hook}" is not known` : `the priority "${written}" is not known`,
    )
    document.doubts.push({
      kind: 'unread',
      what: `when packets come to the chain ${node.name} of ${table.family} ${table.name}`,
    })
    if (hook === undefined) return undefined
  } else document.statements.understood()
  const kind =
    base.type !== 'nat' ? 'filter' : hook === 'prerouting' || hook === 'output' ? 'destination-nat' : 'source-nat'
  const at = priority ?? 0
  const own = kind === 'filter' ? at : kind === 'destination-nat' ? destinationTime : sourceTime
  const far = isLink ? 2_000_000 : table.family === 'bridge' ? 1_000_000 : 0
  const isOutward = hook === 'postrouting' || hook === 'forward'
  const action = node.policy?.action ?? 'accept'
  const policy = action === 'accept' ? 'allow' : action === 'drop' ? 'drop' : 'unknown'
  if (policy === 'unknown') {
    document.statements.unread(node.policy?.span ?? node.span, `the policy "${action}" is not known`)
  }
  const only = onlyOf(table, base.devices, base.hook, isLink)
  return {
    table,
    node,
    key: chainKey(table, node.name),
    hook,
    kind,
    priority: at,
    // Bridges and links see a packet before its routing on the way in, and after it on the way out.
    time: own + (isOutward ? far : -far),
    policy,
    isUntracked:
      isLink || ((hook === 'prerouting' || hook === 'output') && own < trackingTime && table.family !== 'bridge'),
    reach: reachFrom(table, node.name),
    ...(only !== undefined && { only }),
  }
}

function hookOf(table: TableNode, hook: string): Hook | undefined {
  if (hook === 'ingress') return 'prerouting'
  if (hook === 'egress') return 'postrouting'
  const known = hooks.find((one) => one === hook)
  if (table.family !== 'bridge' || known === undefined) return known
  // What is routed comes to the machine through a bridge's input, and leaves by its output.
  return known === 'input' ? 'prerouting' : known === 'output' ? 'postrouting' : known
}

function onlyOf(table: TableNode, devices: readonly string[], hook: string, isLink: boolean): BaseChain['only'] {
  if (table.family === 'bridge') {
    return { match: {}, unknowns: [{ kind: 'place', what: 'whether it crosses a bridge of the machine' }] }
  }
  if (table.dormant === 'unknown') {
    return { match: {}, unknowns: [{ kind: 'other', what: `whether the table ${table.name} is dormant` }] }
  }
  if (!isLink) return undefined
  if (devices.length === 0) {
    // `nft -j` of some versions does not say them.
    return { match: {}, unknowns: [{ kind: 'place', what: `the devices of a chain of the table ${table.name}` }] }
  }
  const places = { names: devices }
  return { match: hook === 'egress' ? { out: places } : { in: places }, unknowns: [] }
}
