import type { Permit } from '../firewall/permit.ts'

/** As long as an id may be. */
const longest = 60

/**
 * Gives each permit an id of letters, digits and hyphens that says its ends and first port, and that stays the same while
 * they do: `connect01-to-login-microsoftonline-com-tcp-443`.
 */
export function permitIds(permits: readonly Omit<Permit, 'id'>[], prefix: string): readonly Permit[] {
  const taken = new Set<string>()
  return permits.map((permit) => {
    const wanted = shortened(prefix + wordsOf(permit))
    let id = wanted
    for (let next = 2; taken.has(id); next += 1) id = `${wanted.slice(0, longest - 4)}-${next}`
    taken.add(id)
    return { id, ...permit }
  })
}

function wordsOf({ from, to, transport, ports }: Omit<Permit, 'id'>): string {
  const [first] = ports
  const port = first === undefined ? '' : `-${first.first}`
  return `${slug(from.label)}-to-${slug((to.name ?? to.label).replaceAll('*', 'any'))}-${transport}${port}`
}

/** Letters and digits of a text, with single hyphens for the rest. */
function slug(text: string): string {
  const letters = text.normalize('NFKD').replace(/[^A-Za-z0-9]+/g, '-')
  return letters.replace(/^-+|-+$/g, '') || 'x'
}

/** What is too long keeps its beginning, and a number of its whole text, so that two of them differ. */
function shortened(text: string): string {
  if (text.length <= longest) return text
  let sum = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193) >>> 0
  return `${text.slice(0, longest - 9).replace(/-+$/, '')}-${sum.toString(16).padStart(8, '0')}`
}
