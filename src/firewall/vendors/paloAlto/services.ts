import { mergedNumbers, one } from '../../numberRanges.ts'
import type { Match, NumberRange } from '../../ruleset.ts'
import type { XmlTree } from '../../text/xmlTree.ts'
import type { Unknown } from '../../unknown.ts'
import type { Notes } from './notes.ts'
import { membersOf } from './notes.ts'
import type { Scopes } from './objects.ts'
import { entriesIn } from './objects.ts'

/** One way in which a packet can be of a list of services, and on what that depends. */
export interface ServiceRow {
  readonly match: Pick<Match, 'protocols' | 'destinationPorts' | 'sourcePorts'>
  readonly unknowns: readonly Unknown[]
}

const deepest = 64
/** Rows of one rule at most; a rule with more is one that may match. */
const mostRows = 64
const understood = new Set(['protocol', 'description', 'tag', 'disable-override'])
const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const

/** Services that a device has from the beginning. */
const predefined: Readonly<Record<string, readonly NumberRange[]>> = {
  'service-http': [
    { first: 80, last: 80 },
    { first: 8080, last: 8080 },
  ],
  'service-https': [{ first: 443, last: 443 }],
}

/** Services and groups by the names that rules list; `any` is every protocol. */
export function serviceObjects(scopes: Scopes, notes: Notes): (names: readonly string[]) => readonly ServiceRow[] {
  const services = entriesIn(scopes, 'service')
  const groups = entriesIn(scopes, 'service-group')
  const known = new Map<string, readonly ServiceRow[]>()
  const open = new Set<string>()

  const lookUp = (name: string, from: number): readonly ServiceRow[] => {
    const id = `${from} ${name}`
    const before = known.get(id)
    if (before !== undefined) return before
    if (open.has(id)) return [unknownRow({ kind: 'other', what: `the service group "${name}", which holds itself` })]
    if (open.size >= deepest) {
      return [unknownRow({ kind: 'other', what: `the service group "${name}", nested more than ${deepest} deep` })]
    }
    open.add(id)
    const found = resolve(name, from)
    open.delete(id)
    known.set(id, found)
    return found
  }

  const resolve = (name: string, from: number): readonly ServiceRow[] => {
    for (let at = from; at < scopes.length; at += 1) {
      const service = services[at]?.get(name)
      if (service !== undefined) return serviceRows(service, notes)
      const group = groups[at]?.get(name)
      if (group !== undefined) return together(membersOf(group.child('members')).map((member) => lookUp(member, at)))
    }
    const ports = Object.hasOwn(predefined, name) ? predefined[name] : undefined
    if (ports !== undefined) return [{ match: { protocols: [one(6)], destinationPorts: ports }, unknowns: [] }]
    return [unknownRow({ kind: 'reference', what: `the service "${name}", which the files do not define` })]
  }

  return (names) =>
    names.includes('any') ? [{ match: {}, unknowns: [] }] : together(names.map((name) => lookUp(name, 0)))
}

function unknownRow(because: Unknown): ServiceRow {
  return { match: {}, unknowns: [because] }
}

/** Any of several services: rows that ask the same of source ports become one; those that depend on nothing first. */
function together(parts: readonly (readonly ServiceRow[])[]): readonly ServiceRow[] {
  const merged = new Map<string, { row: ServiceRow; ports: NumberRange[] }>()
  for (const row of parts.flat()) {
    const { protocols, sourcePorts, destinationPorts } = row.match
    const id = JSON.stringify([protocols, sourcePorts, destinationPorts === undefined, row.unknowns])
    const alike = merged.get(id)
    if (alike === undefined) merged.set(id, { row, ports: [...(destinationPorts ?? [])] })
    else for (const ports of destinationPorts ?? []) alike.ports.push(ports)
  }
  if (merged.size > mostRows) {
    return [unknownRow({ kind: 'other', what: `services of more than ${mostRows} kinds, which are not written out` })]
  }
  return [...merged.values()]
    .map(({ row, ports }) =>
      row.match.destinationPorts === undefined
        ? row
        : { ...row, match: { ...row.match, destinationPorts: mergedNumbers(ports) } },
    )
    .toSorted((a, b) => Number(a.unknowns.length > 0) - Number(b.unknowns.length > 0))
}

function serviceRows(service: XmlTree, notes: Notes): readonly ServiceRow[] {
  const unknowns = [...notes.strangers(service, understood)]
  const rows = (['tcp', 'udp', 'sctp'] as const).flatMap((protocol): ServiceRow[] => {
    const found = service.child('protocol', protocol)
    if (found === undefined) return []
    const ports = portsOf(found.child('port')?.text() ?? '')
    const sources = found.child('source-port')
    const sourcePorts = sources === undefined ? undefined : portsOf(sources.text())
    if (ports === undefined || (sources !== undefined && sourcePorts === undefined)) {
      return [unknownRow(notes.unread(service, 'its ports are not understood'))]
    }
    const match = {
      protocols: [one(protocolNumbers[protocol])],
      destinationPorts: ports,
      ...(sourcePorts !== undefined && { sourcePorts }),
    }
    return [{ match, unknowns }]
  })
  return rows.length > 0 ? rows : [unknownRow(notes.unread(service, 'it has no protocol that is understood'))]
}

/** `80,443,8000-8100` */
export function portsOf(text: string): readonly NumberRange[] | undefined {
  const ranges: NumberRange[] = []
  for (const part of text.split(',')) {
    const found = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part)
    if (found === null) return undefined
    const first = Number(found[1])
    const last = found[2] === undefined ? first : Number(found[2])
    if (first > last || last > 65535) return undefined
    ranges.push({ first, last })
  }
  return mergedNumbers(ranges)
}
