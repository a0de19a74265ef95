import type { TableFamily } from './syntax.ts'

/** Priorities by name, in families of IP (`nft` of netfilter: enum nf_ip_hook_priorities). */
const ofIp: ReadonlyMap<string, number> = new Map([
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100],
])

/** Those of bridges are others (enum nf_br_hook_priorities). */
const ofBridge: ReadonlyMap<string, number> = new Map([
  ['dstnat', -300],
  ['filter', -200],
  ['out', 100],
  ['srcnat', 300],
])

/** The number of `filter + 10`, `dstnat`, `-150`; undefined where the words are none. */
export function parsePriorityText(text: string, family: TableFamily): number | undefined {
  const found = /^([a-z]+)?\s*([+-]?\s*\d+)?$/.exec(text.trim())
  if (found === null || text.trim() === '') return undefined
  const named = found[1]
  const base = named === undefined ? 0 : (family === 'bridge' ? ofBridge : ofIp).get(named)
  return base === undefined ? undefined : base + Number((found[2] ?? '0').replace(/\s/g, ''))
}
