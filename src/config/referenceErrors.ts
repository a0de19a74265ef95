import { featureRows, flowRows, impliedRoles, nearest, roleRows } from '../catalog/index.ts'
import { features as knownFeatures } from '../model/feature.ts'
import { unbracketed } from '../model/hostPort.ts'
import type { Role, SiteRole } from '../model/role.ts'
import { siteRoles } from '../model/role.ts'
import type { Remedy } from './configError.ts'
import type { Path } from './parseYaml.ts'
import { quoted } from './quoted.ts'
import type { Placed } from './siteForm.ts'
import { readLabel, readMappedName } from './siteTexts.ts'
import { unknownWord } from './unknownWord.ts'
import { watchErrors } from './watchErrors.ts'

/** What a site file has to which other parts of it can refer. */
interface Named {
  /** Hosts and networks. */
  readonly ends: ReadonlySet<string>
  /** Roles that a host or network plays, those included that a feature gives. */
  readonly played: ReadonlySet<Role>
  readonly devices: ReadonlySet<string>
}

/** Which of these lists may be short of something, since the part of the file that holds it is wrong itself. */
interface Doubts {
  readonly ends: boolean
  readonly roles: boolean
  readonly devices: boolean
}

/**
 * What no single value shows: names that lead nowhere, features without the role that they need, names given twice.
 * Reads as much of the value as has its form, and is quiet about what may only follow from an error in the form.
 *
 * @param formErrors what is wrong with the form of the same value, keys that stand in it twice among it
 */
export function referenceErrors(value: unknown, formErrors: readonly Placed[]): readonly Placed[] {
  const doubts = doubtsFrom(value, formErrors)
  const named = namesIn(value)
  return [
    ...badLabels(value),
    ...twins(value),
    ...lackingRoles(value, named, doubts),
    ...ownFlowErrors(value, named, doubts),
    ...devicePathErrors(value, named, doubts),
    ...proxyErrors(value, named, doubts),
    ...protectsErrors(value, named, doubts),
    ...appErrors(value, doubts),
    ...versionErrors(value),
    ...watchErrors(value),
  ]
}

function doubtsFrom(value: unknown, formErrors: readonly Placed[]): Doubts {
  const sections = ['hosts', 'networks', 'devices']
  const doubted = new Set<unknown>()
  let roles = false
  for (const { path, on } of formErrors) {
    const [section, , key] = path
    if (path.length === 1) {
      const isUnknown = on === 'key'
      const meant = isUnknown ? sections.filter((each) => nearest(String(section), [each], 1).length > 0) : [section]
      for (const each of meant) doubted.add(each)
    } else if (section === 'hosts' || section === 'networks') {
      const inRoles = path.length === 2 || key === 'roles' || (path.length === 3 && on === 'key')
      roles ||= inRoles
    }
  }
  const ends = doubted.has('hosts') || doubted.has('networks') || !isRecord(field(value, 'hosts'))
  return { ends, roles: ends || roles, devices: doubted.has('devices') }
}

function namesIn(value: unknown): Named {
  const machines = [...entriesOf(field(value, 'hosts')), ...entriesOf(field(value, 'networks'))]
  const written = new Set(machines.flatMap(([, machine]) => textsIn(field(machine, 'roles')).map(([, role]) => role)))
  const features = new Set(textsIn(field(value, 'features')).map(([, feature]) => feature))
  const played = new Set<Role>(siteRoles.filter((role) => written.has(role)))
  for (const { feature, role, playedBy } of impliedRoles) {
    if (features.has(feature) && written.has(playedBy)) played.add(role)
  }
  return {
    ends: new Set(machines.map(([name]) => name)),
    played,
    devices: new Set(entriesOf(field(value, 'devices')).map(([name]) => name)),
  }
}

function badLabels(value: unknown): Placed[] {
  return ['hosts', 'networks', 'proxies', 'devices', 'apps'].flatMap((section) =>
    entriesOf(field(value, section)).flatMap(([name]) => {
      const read = readLabel(name)
      // Of __proto__ the reader of YAML has told already: no map may have it as a key.
      return 'ok' in read || name === '__proto__' ? [] : [{ path: [section, name], on: 'key', ...read }]
    }),
  )
}

/** Hosts and networks share their names, in which case does not count: this machine is recognised by them. */
function twins(value: unknown): Placed[] {
  const errors: Placed[] = []
  for (const sections of [['hosts', 'networks'], ['names']] as const) {
    const first = new Map<string, string>()
    for (const section of sections) {
      for (const [name] of entriesOf(field(value, section))) {
        const key = section === 'names' ? canonicalName(name) : name.toLowerCase()
        const other = first.get(key)
        if (other === undefined) {
          first.set(key, `${quoted(name)} in ${section}`)
        } else {
          const what = `${quoted(name)} stands for ${other} already`
          errors.push({ path: [section, name], on: 'key', what, right: 'give each a name of its own' })
        }
      }
    }
  }
  return errors
}

/** `app.example` and `app.example.` are one name, and so are `*:80` and `*:080`. */
function canonicalName(name: string): string {
  const read = readMappedName(name)
  return 'ok' in read ? read.ok : name.toLowerCase()
}

function lackingRoles(value: unknown, { played }: Named, doubts: Doubts): Placed[] {
  if (doubts.roles) return []
  const listed = textsIn(field(value, 'features'))
  return knownFeatures.flatMap((feature) => {
    const index = listed.find(([, text]) => text === feature)?.[0]
    if (index === undefined) return []
    const lacking = featureRows[feature].needs.filter((group) => !group.some((role) => played.has(role)))
    return lacking.map((group) => ({
      path: ['features', index],
      on: 'value',
      what: `the feature ${feature} needs a host or network with the role ${anyOf(group)}, and there is none`,
      right: `give the role ${group.length > 1 ? 'that fits' : group[0]} to one, or take the feature out`,
    }))
  })
}

function anyOf(roles: readonly SiteRole[]): string {
  return roles.length < 2 ? roles.join() : `${roles.slice(0, -1).join(', ')} or ${roles.at(-1)}`
}

function ownFlowErrors(value: unknown, named: Named, doubts: Doubts): Placed[] {
  const catalog = new Set(flowRows.map(({ id }) => id))
  const taken = new Set<string>()
  return itemsOf(field(value, 'flows')).flatMap(([index, flow]) => {
    const path = ['flows', index]
    const errors = endErrors(path, flow, named, doubts)
    const id = field(flow, 'id')
    if (typeof id !== 'string') return errors
    const place = { path: [...path, 'id'], on: 'value' } as const
    if (taken.has(id)) {
      errors.push({ ...place, what: `${quoted(id)} is the id of a flow above`, right: 'give each flow its own id' })
    } else if (catalog.has(id)) {
      const right = 'choose another, such as with the name of the site in front'
      errors.push({ ...place, what: `${quoted(id)} is the id of a flow of the catalog`, right })
    }
    taken.add(id)
    return errors
  })
}

function devicePathErrors(value: unknown, named: Named, doubts: Doubts): Placed[] {
  return itemsOf(field(value, 'paths')).flatMap(([index, devicePath]) => {
    const path = ['paths', index]
    const errors = endErrors(path, devicePath, named, doubts)
    if (doubts.devices) return errors
    for (const [at, device] of textsIn(field(devicePath, 'through'))) {
      if (named.devices.has(device)) continue
      errors.push({ path: [...path, 'through', at], on: 'value', ...unknownWord('device', device, [...named.devices]) })
    }
    return errors
  })
}

function proxyErrors(value: unknown, { ends }: Named, doubts: Doubts): Placed[] {
  if (doubts.ends) return []
  return entriesOf(field(value, 'proxies')).flatMap(([name, proxy]) =>
    textsIn(field(proxy, 'used-by'))
      .filter(([, user]) => !ends.has(user))
      .map(([at, user]) => ({
        path: ['proxies', name, 'used-by', at],
        on: 'value',
        ...unknownWord('host or network', user, [...ends]),
      })),
  )
}

/** What a device is to protect has to be there. */
function protectsErrors(value: unknown, { ends }: Named, doubts: Doubts): Placed[] {
  if (doubts.ends) return []
  return entriesOf(field(value, 'devices')).flatMap(([name, device]) =>
    textsIn(field(device, 'protects'))
      .filter(([, end]) => !ends.has(end))
      .map(([at, end]) => ({
        path: ['devices', name, 'protects', at],
        on: 'value',
        ...unknownWord('host or network', end, [...ends]),
      })),
  )
}

/** An app that no flow can lead to would never be compared with anything. */
function appErrors(value: unknown, doubts: Doubts): Placed[] {
  if (doubts.ends) return []
  const known = entriesOf(field(value, 'hosts')).flatMap(([key, host]) => [
    typeof field(host, 'name') === 'string' ? String(field(host, 'name')) : key,
    ...textsIn(field(host, 'addresses')).map(([, address]) => address),
  ])
  const names = known.map((name) => name.toLowerCase().replace(/\.$/, ''))
  return entriesOf(field(value, 'apps')).flatMap(([name, app]) => {
    const url = field(app, 'url')
    if (typeof url !== 'string' || !URL.canParse(url)) return []
    const host = unbracketed(new URL(url).hostname)
    if (host === '' || names.includes(host)) return []
    return [{ path: ['apps', name, 'url'], on: 'value', ...unknownWord('host', host, names) }]
  })
}

/** The two ends of a flow or path: each leads somewhere, and not both to the same machine. */
function endErrors(path: Path, value: unknown, named: Named, doubts: Doubts): Placed[] {
  const [from, to] = [field(value, 'from'), field(value, 'to')]
  const errors: Placed[] = []
  for (const [key, end] of [
    ['from', from],
    ['to', to],
  ] as const) {
    const remedy = typeof end === 'string' ? endRemedy(end, named, doubts) : undefined
    if (remedy !== undefined) errors.push({ path: [...path, key], on: 'value', ...remedy })
  }
  if (typeof from === 'string' && from === to && named.ends.has(from)) {
    const what = `from and to are both ${quoted(from)}`
    errors.push({ path: [...path, 'to'], on: 'value', what, right: 'name two different ends' })
  }
  return errors
}

function endRemedy(name: string, { ends, played }: Named, doubts: Doubts): Remedy | undefined {
  if (ends.has(name)) return undefined
  if (!Object.hasOwn(roleRows, name)) {
    if (doubts.ends) return undefined
    const elsewhere = Object.entries(roleRows).flatMap(([role, { side }]) => (side === 'cloud' ? [role] : []))
    return unknownWord('host, network or role', name, [...ends, ...played, 'internet', ...elsewhere])
  }
  const row = roleRows[name as Role]
  const members: readonly Role[] = row.side === 'site' ? [name as Role] : (row.members ?? [])
  if (doubts.roles || members.length === 0 || members.some((role) => played.has(role))) return undefined
  return {
    what: `no host or network has the role ${members.join(' or ')}`,
    right: 'give the role to one, or name a host or network',
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function field(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

function entriesOf(value: unknown): readonly [string, unknown][] {
  return isRecord(value) ? Object.entries(value) : []
}

function itemsOf(value: unknown): readonly [number, unknown][] {
  return Array.isArray(value) ? [...value.entries()] : []
}

function textsIn(value: unknown): readonly [number, string][] {
  return itemsOf(value).filter((entry): entry is [number, string] => typeof entry[1] === 'string')
}

/** The build of what does not run on a host would decide nothing. */
function versionErrors(value: unknown): Placed[] {
  return entriesOf(field(value, 'hosts')).flatMap(([name, host]) => {
    const roles = textsIn(field(host, 'roles')).map(([, role]) => role)
    if (field(field(host, 'versions'), connect) === undefined || roles.length === 0 || roles.includes(connect))
      return []
    return [
      {
        path: ['hosts', name, 'versions', connect],
        on: 'key' as const,
        what: `${quoted(name)} has a build of Entra Connect and not its role`,
        right: `add ${connect} to its roles, or take the build out`,
      },
    ]
  })
}

const connect = 'entra-connect'
