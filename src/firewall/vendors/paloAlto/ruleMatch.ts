import type { Addresses } from '../../addresses.ts'
import { outsideOf } from '../../addresses.ts'
import type { NamePattern } from '../../namePattern.ts'
import type { Match, Places } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import type { Notes } from './notes.ts'
import { isYes, membersOf } from './notes.ts'
import type { Scopes } from './objects.ts'
import { addressObjects, entriesIn } from './objects.ts'
import type { ServiceRow } from './services.ts'
import { serviceObjects } from './services.ts'

/** What rules of one rulebase refer to. */
export interface RuleScope {
  readonly addresses: (names: readonly string[]) => Addresses
  readonly services: (names: readonly string[]) => readonly ServiceRow[]
  /** Names of a category that the files list; undefined where nobody knows what is in it. */
  readonly category: (name: string) => readonly NamePattern[] | undefined
  /** What the URL filter of a rule blocks, as far as a file shows it. */
  readonly filter: (rule: XmlTree) => readonly Unknown[]
  readonly notes: Notes
}

export function ruleScope(scopes: Scopes, notes: Notes): RuleScope {
  const categories = entriesIn(scopes, 'profiles', 'custom-url-category')
  const filters = entriesIn(scopes, 'profiles', 'url-filtering')
  const groups = entriesIn(scopes, 'profile-group')
  const find = (tables: readonly ReadonlyMap<string, XmlTree>[], name: string): XmlTree | undefined => {
    for (const table of tables) {
      const found = table.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    addresses: addressObjects(scopes, notes),
    services: serviceObjects(scopes, notes),
    category(name) {
      const entry = find(categories, name)
      const type = entry?.child('type')?.text() ?? 'URL List'
      if (entry === undefined || type !== 'URL List') return undefined
      return membersOf(entry.child('list')).map(urlPatternOf)
    },
    filter(rule) {
      const group = membersOf(rule.child('profile-setting', 'group'))[0]
      const profiles = group === undefined ? rule.child('profile-setting', 'profiles') : find(groups, group)
      if (group !== undefined && profiles === undefined) {
        return [{ kind: 'reference', what: `the profile group "${group}", which the files do not define` }]
      }
      return membersOf(profiles?.child('url-filtering')).flatMap((name): Unknown[] => {
        const profile = find(filters, name)
        if (
          profile !== undefined &&
          ['block', 'continue', 'override'].every((key) => membersOf(profile.child(key)).length === 0)
        )
          return []
        return [{ kind: 'application', what: `what the URL filter "${name}" blocks` }]
      })
    },
    notes,
  }
}

/** `login.example.com/`, `*.example.com/`: a star stands for one label or more, a caret for one (PAN-OS, URL category exceptions). */
function urlPatternOf(text: string): NamePattern {
  const host = text
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/[/:].*$/, '')
  if (/^\*\.[^*^]+$/.test(host)) return { text, name: host.slice(2), covers: 'below' }
  if (/^\^\.[^*^]+$/.test(host)) return { text, name: host.slice(2), covers: 'one-label-below' }
  if (/[*^]/.test(host)) return { text: host.replaceAll('^', '*'), name: host.replace(/[*^]/g, ''), covers: 'glob' }
  return { text, name: host, covers: 'exactly' }
}

/** Zones that a rule lists; undefined where it is any. */
export function zonesOf(rule: XmlTree, side: 'from' | 'to'): Places | undefined {
  const names = membersOf(rule.child(side))
  return names.length === 0 || names.includes('any') ? undefined : { names }
}

/** The ends of a rule: where it comes from and goes to, objects that are negated with them. */
export function endsOf(rule: XmlTree, scope: RuleScope): Match {
  const side = (key: 'source' | 'destination'): Pick<Match, 'source' | 'destination'> => {
    const names = membersOf(rule.child(key))
    if (names.length === 0 || names.includes('any')) return {}
    const set = scope.addresses(names)
    return { [key]: isYes(rule.child(`negate-${key}`)) ? outsideOf(set) : set }
  }
  const [from, to] = [zonesOf(rule, 'from'), zonesOf(rule, 'to')]
  return {
    ...side('source'),
    ...side('destination'),
    ...(from !== undefined && { in: from }),
    ...(to !== undefined && { out: to }),
  }
}

const conditions = [
  ['source-user', 'user', 'who is signed in at the source'],
  ['hip-profiles', 'user', 'the state of the host'],
  ['source-hip', 'user', 'the state of the host'],
  ['destination-hip', 'user', 'the state of the host'],
  ['source-device', 'user', 'which device it comes from'],
  ['destination-device', 'user', 'which device it goes to'],
] as const

/** What no packet tells: people, time, the device that a rule of Panorama is for. */
export function conditionsOf(rule: XmlTree): readonly Unknown[] {
  const unknowns: Unknown[] = []
  for (const [key, kind, what] of conditions) {
    const names = membersOf(rule.child(key))
    if (names.length > 0 && !names.includes('any'))
      unknowns.push({ kind, what: `${what} (${names.slice(0, 5).join(', ')})` })
  }
  const schedule = rule.child('schedule')?.text()
  if (schedule !== undefined && schedule !== '')
    unknowns.push({ kind: 'time', what: `the time: the schedule "${schedule}"` })
  const target = rule.child('target')
  const isForSome =
    (target?.child('devices')?.elements().length ?? 0) > 0 || membersOf(target?.child('tags')).length > 0
  if (isForSome || isYes(target?.child('negate'))) {
    unknowns.push({ kind: 'place', what: 'which firewall it is: the rule is for some alone' })
  }
  return unknowns
}

/** Names that the categories of a rule list, or that nobody knows what they hold. */
export function categoriesOf(
  rule: XmlTree,
  scope: RuleScope,
): { readonly names?: readonly NamePattern[]; readonly unknowns: readonly Unknown[] } {
  const categories = membersOf(rule.child('category')).filter((name) => name !== 'any')
  if (categories.length === 0) return { unknowns: [] }
  const lists = categories.map((name) => scope.category(name))
  if (lists.every((list) => list !== undefined)) return { names: lists.flatMap((list) => list ?? []), unknowns: [] }
  return {
    unknowns: [
      {
        kind: 'application',
        what: `whether what is asked for is in the category ${categories.slice(0, 5).join(', ')}`,
      },
    ],
  }
}
