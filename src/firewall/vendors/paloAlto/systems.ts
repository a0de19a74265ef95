import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import type { Notes } from './notes.ts'
import { nameOf } from './notes.ts'
import type { System } from './ruleSets.ts'
import { templateOf } from './ruleSets.ts'
import { rulebaseWords, systemWords } from './setSchema.ts'

/** The systems that some configurations describe, and what makes every verdict doubtful. */
export interface Systems {
  readonly systems: readonly System[]
  readonly doubts: readonly Unknown[]
}

/** @param roots of one configuration each · @param title where no host name is given */
export function systemsOf(roots: readonly XmlTree[], title: string, notes: Notes): Systems {
  const doubts: Unknown[] = []
  const systems = roots.flatMap((root) => {
    const config = configurationIn(root)
    if (config === undefined) {
      doubts.push(notes.unread(root, `<${root.name}> is no part of a configuration that is known`))
      return []
    }
    if ('rules' in config) return [pieceOf(config.rules, title)]
    return [...firewallSystems(config.whole, title), ...groupSystems(config.whole)]
  })
  const scopes = new Set(systems.flatMap((system) => system.scopes))
  // What is no rulebase filters nothing by itself; a rulebase that is not known may forbid anything.
  for (const scope of scopes) if (scope.name === 'entry' || scope.name === 'shared') notes.strangers(scope, systemWords)
  const rulebases = new Set(systems.flatMap((system) => system.rulebases))
  for (const rulebase of rulebases) doubts.push(...notes.strangers(rulebase, rulebaseWords))
  return { systems, doubts }
}

type Found = { readonly whole: XmlTree } | { readonly rules: XmlTree }

/** Unwraps answers of the XML API, of a whole configuration or of a rulebase. */
function configurationIn(root: XmlTree): Found | undefined {
  let element = root
  for (let depth = 0; depth < 4; depth += 1) {
    if (element.name === 'config') return { whole: element }
    if (isRulebase(element)) return { rules: element }
    const [next, ...more] = element.elements()
    if (
      next === undefined ||
      more.length > 0 ||
      !['response', 'result', 'devices', 'vsys', 'entry'].includes(element.name)
    )
      return undefined
    element = next
  }
  return undefined
}

function isRulebase({ name }: XmlTree): boolean {
  return name === 'rulebase' || name === 'pre-rulebase' || name === 'post-rulebase'
}

function pieceOf(rulebase: XmlTree, title: string): System {
  return {
    title,
    scopes: [],
    rulebases: [rulebase],
    defaults: [rulebase],
    network: undefined,
    zoned: [],
    element: rulebase,
  }
}

function present(elements: readonly (XmlTree | undefined)[]): readonly XmlTree[] {
  return elements.filter((element) => element !== undefined)
}

/** Each virtual system of a firewall; rules that Panorama pushed stand before and after its own. */
function firewallSystems(config: XmlTree, title: string): readonly System[] {
  const shared = config.child('shared')
  const pushed = config.child('panorama')
  const devices = config.child('devices')?.elements('entry') ?? []
  return devices.flatMap((device) => {
    const host = device.child('deviceconfig', 'system', 'hostname')?.text()
    const all = device.child('vsys')?.elements('entry') ?? []
    const systems = all.filter((vsys) => vsys.elements().some(({ name }) => name !== 'import'))
    return systems.map((vsys): System => {
      const name = host === undefined || host === '' ? title : host
      const twin = pushed
        ?.child('vsys')
        ?.elements('entry')
        .find((entry) => nameOf(entry) === nameOf(vsys))
      const parts = [vsys, ...present([twin]), ...present([pushed?.child('shared'), pushed, shared])]
      const before = parts.toReversed().map((part) => part.child('pre-rulebase'))
      const after = parts.map((part) => part.child('post-rulebase'))
      const own = vsys.child('rulebase')
      return {
        title: systems.length === 1 ? name : `${name}/${nameOf(vsys)}`,
        scopes: parts,
        rulebases: present([...before, own, ...after]),
        defaults: present([own, ...after, shared?.child('rulebase')]),
        network: device.child('network'),
        zoned: present([vsys, twin]),
        element: vsys,
      }
    })
  })
}

/** Each device group of a Panorama that has rules, its own or those of the groups above. */
function groupSystems(config: XmlTree): readonly System[] {
  const shared = config.child('shared')
  const devices = config.child('devices')?.elements('entry') ?? []
  const groups = new Map(
    devices
      .flatMap((device) => device.child('device-group')?.elements('entry') ?? [])
      .map((group) => [nameOf(group), group]),
  )
  const parents = new Map(
    (config.child('readonly', 'devices')?.elements('entry') ?? [])
      .flatMap((device) => device.child('device-group')?.elements('entry') ?? [])
      .map((entry) => [nameOf(entry), entry.child('parent-dg')?.text()]),
  )
  const templates = devices.flatMap((device) => device.child('template')?.elements('entry') ?? [])
  const stacks = devices.flatMap((device) => device.child('template-stack')?.elements('entry') ?? [])
  return [...groups.values()].map((group): System => {
    const line = lineOf(group, groups, parents)
    const above = present([...line, shared])
    const before = present(above.toReversed().map((part) => part.child('pre-rulebase')))
    const after = present(above.map((part) => part.child('post-rulebase')))
    const { network, zoned } = templateOf(templates, stacks, group)
    return {
      title: nameOf(group),
      scopes: above,
      rulebases: [...before, ...after],
      unknownAfter: before.length,
      defaults: after,
      network,
      zoned,
      element: group,
    }
  })
}

/** A group and those above it; one that is above itself ends there. */
function lineOf(
  group: XmlTree,
  groups: ReadonlyMap<string, XmlTree>,
  parents: ReadonlyMap<string, string | undefined>,
): readonly XmlTree[] {
  const line = [group]
  for (let name = parents.get(nameOf(group)); name !== undefined; name = parents.get(name)) {
    const parent = groups.get(name)
    if (parent === undefined || line.includes(parent)) break
    line.push(parent)
  }
  return line
}
