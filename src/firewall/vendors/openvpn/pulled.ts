import type { Unknown } from '../../unknown.ts'
import type { Directive } from './directives.ts'

/** What a server can push about routes. */
const pushable = [
  'route',
  'route-ipv6',
  'redirect-gateway',
  'redirect-private',
  'block-ipv6',
  'block-outside-dns',
  'ifconfig',
  'ifconfig-ipv6',
  'client-nat',
] as const
/** Those of them that `route-nopull` refuses (openvpn(8)). */
const refusedByNopull = new Set<string>([
  'route',
  'route-ipv6',
  'redirect-gateway',
  'redirect-private',
  'block-ipv6',
  'client-nat',
  'block-outside-dns',
])

/** Whether a pushed line is accepted: `pull-filter` lines are asked in order, by how the pushed text begins. */
export function isAccepted(pushed: string, client: readonly Directive[]): boolean {
  const [name = ''] = pushed.split(/\s/)
  if (client.some((directive) => directive.name === 'route-nopull') && refusedByNopull.has(name)) return false
  for (const { words } of filtersOf(client)) {
    const [action, text = ''] = words
    if (pushed.startsWith(text)) return action === 'accept'
  }
  return true
}

/** What a server that nobody shows could push and the client would take; undefined where it takes nothing about routes. */
export function openPushes(client: readonly Directive[]): Unknown | undefined {
  const pulls = client.some(({ name }) => name === 'client' || name === 'pull')
  if (!pulls) return undefined
  const open = pushable.filter((name) => name !== 'ifconfig' && name !== 'ifconfig-ipv6' && couldAccept(name, client))
  if (open.length === 0) return undefined
  return { kind: 'dynamic-set', what: `what the server pushes (${open.join(', ')}), which its own configuration tells` }
}

/** A filter whose text is the name or less settles all lines of that name; a longer one settles some. */
function couldAccept(name: string, client: readonly Directive[]): boolean {
  if (client.some((directive) => directive.name === 'route-nopull') && refusedByNopull.has(name)) return false
  for (const { words } of filtersOf(client)) {
    const [action, text = ''] = words
    if (`${name} `.startsWith(text)) return action === 'accept'
    if (text.startsWith(`${name} `) && action === 'accept') return true
  }
  return true
}

function filtersOf(client: readonly Directive[]): readonly Directive[] {
  return client.filter(({ name }) => name === 'pull-filter')
}
