import { starredBareHosts } from './starredBareHosts.ts'

/**
 * A name as Microsoft's pages and lists write it. Names are in lower case.
 *
 * `exact`: one host, with the path where the page gives one (`www.microsoft.com/pkiops`). `template`: the customer
 * fills in `{placeholders}`; `fixed` is the text before, between and after them, one piece more than placeholders.
 * `wildcard`: `labels` as written, with stars; `depth` says whether a leading `*` or `**` label stands before them for
 * one label or more; `coversBare` that the page stars a host which it also means without the star. `tag`: an Azure
 * service tag, which is a set of addresses and no name.
 */
export type Pattern =
  | { readonly kind: 'exact'; readonly name: string; readonly path?: string }
  | { readonly kind: 'template'; readonly fixed: readonly string[]; readonly placeholders: readonly string[] }
  | {
      readonly kind: 'wildcard'
      readonly labels: readonly string[]
      readonly depth: 'as-written' | 'any'
      readonly coversBare: boolean
      readonly path?: string
    }
  | { readonly kind: 'tag'; readonly tag: string }

/**
 * Whether text can be a host name in DNS: labels of 1 to 63 letters, digits, hyphens and underscores, 253 octets in
 * all, one trailing dot allowed (RFC 1035 §2.3.4, RFC 1123 §2.1; underscores as in service records, RFC 8552).
 */
export function isHostName(text: string): boolean {
  return text.length <= (text.endsWith('.') ? 254 : 253) && hostName.test(text)
}

const hostName = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i

/**
 * Reads one pattern. Any text is one: what holds neither star, placeholder nor tag is an exact name, and text that can
 * be no host name simply matches none.
 */
export function parsePattern(text: string): Pattern {
  const trimmed = text.trim()
  if (trimmed.startsWith('tag:')) return { kind: 'tag', tag: trimmed.slice('tag:'.length) }
  // Splitting by a group keeps what it caught: fixed text at even places, placeholders at odd ones.
  const parts = trimmed.split(/\{([^{}]*)\}/)
  if (parts.length > 1) {
    return {
      kind: 'template',
      fixed: parts.filter((_, at) => at % 2 === 0).map((part) => part.toLowerCase()),
      placeholders: parts.filter((_, at) => at % 2 === 1),
    }
  }
  const slash = trimmed.indexOf('/')
  const host = normalName(slash < 0 ? trimmed : trimmed.slice(0, slash))
  const path = slash < 0 ? {} : { path: trimmed.slice(slash) }
  if (!host.includes('*')) return { kind: 'exact', name: host, ...path }
  const [first = '', ...rest] = host.split('.')
  const leading = (first === '*' || first === '**') && rest.length > 0
  return {
    kind: 'wildcard',
    labels: leading ? rest : [first, ...rest],
    depth: leading ? 'any' : 'as-written',
    coversBare: leading && starredBareHosts.has(rest.join('.')),
    ...path,
  }
}

/**
 * Whether a host name is meant by a pattern; letter case and one trailing dot do not matter.
 *
 * A leading `*.` or `**.` stands for one label or more: Microsoft's own lists put names several labels deep under `*.x`.
 * A star inside a label stands for any characters of that one label, none included. A template matches a name that it
 * could be filled to, unless it is nothing but a placeholder: that would match whatever there is.
 */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = normalHostName(name)
  return wanted !== undefined && isMeantBy(parsePattern(pattern), wanted)
}

/** The form in which {@link isMeantBy} wants a host name; undefined for text that is none. */
export function normalHostName(text: string): string | undefined {
  return isHostName(text) ? normalName(text) : undefined
}

/**
 * {@link matchesPattern} for patterns and names that are held against each other in numbers: both are read once.
 *
 * @param wanted as {@link normalHostName} gives it
 */
export function isMeantBy(pattern: Pattern, wanted: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return pattern.name === wanted
    case 'wildcard':
      return matchesWildcard(pattern, wanted)
    case 'template':
      return matchesTemplate(pattern.fixed, wanted)
    case 'tag':
      return false
    default:
      return pattern satisfies never
  }
}

/**
 * Fills the placeholders of a template from what the site says.
 *
 * @param values placeholder to host name or label, such as `{ tenantId: '…' }`
 * @returns the host name; of an exact pattern its name; undefined when a value is missing, when the result is no host
 *   name, and for wildcards and tags, which nothing can fill
 */
export function fillPattern(pattern: string, values: Readonly<Record<string, string>>): string | undefined {
  const parsed = parsePattern(pattern)
  switch (parsed.kind) {
    case 'exact':
      return isHostName(parsed.name) ? parsed.name : undefined
    case 'template': {
      if (!parsed.placeholders.every((key) => Object.hasOwn(values, key) && values[key] !== '')) return undefined
      const name = normalName(
        parsed.fixed.map((text, at) => text + (values[parsed.placeholders[at] ?? ''] ?? '')).join(''),
      )
      return isHostName(name) ? name : undefined
    }
    case 'wildcard':
    case 'tag':
      return undefined
    default:
      return parsed satisfies never
  }
}

function normalName(text: string): string {
  const lower = text.toLowerCase()
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

function matchesWildcard(pattern: Pattern & { kind: 'wildcard' }, name: string): boolean {
  const labels = name.split('.')
  const { labels: wanted } = pattern
  const extra = labels.length - wanted.length
  if (pattern.depth === 'as-written' ? extra !== 0 : extra < (pattern.coversBare ? 0 : 1)) return false
  return wanted.every((label, at) => matchesLabel(label, labels[at + extra] ?? ''))
}

/** One label with stars, each for any run of characters; the usual walk with one place to return to. */
function matchesLabel(glob: string, label: string): boolean {
  let at = 0
  let from = 0
  let star = -1
  let resume = 0
  while (at < label.length) {
    if (from < glob.length && glob[from] === '*') {
      star = from
      resume = at
      from += 1
    } else if (from < glob.length && glob[from] === label[at]) {
      from += 1
      at += 1
    } else if (star >= 0) {
      from = star + 1
      resume += 1
      at = resume
    } else {
      return false
    }
  }
  while (from < glob.length && glob[from] === '*') from += 1
  return from === glob.length
}

/** The fixed pieces must stand in order, the outer ones at the ends, with one character or more for each placeholder. */
function matchesTemplate(fixed: readonly string[], name: string): boolean {
  const first = fixed[0] ?? ''
  const last = fixed.at(-1) ?? ''
  // Most names fail here, and a check holds every name that it meets against every template.
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  if (!fixed.some((text) => /[a-z0-9]/.test(text))) return false
  const others = fixed.slice(1, -1)
  let at = first.length
  for (const text of others) {
    const found = name.indexOf(text, at + 1)
    if (found < 0) return false
    at = found + text.length
  }
  return name.length - last.length > at
}
