import { roleRows } from '../catalog/index.ts'
import { cidrContains, parseAddress, parseCidr } from '../model/cidr.ts'
import type { Role } from '../model/role.ts'
import type { DevicePath, Site } from '../model/site.ts'
import { endsNamed } from '../plan/endsOf.ts'

/** One end of a way: a host or network of the site by its name, or what is outside by its role. */
export interface PathEnd {
  readonly name: string
  readonly role: Role
}

/**
 * The devices between two ends, the one nearest to `from` first: those of the path of the site file that names the ends
 * most closely (a host before the network that it is in, that before a role, a role before `internet`), whichever way
 * round the file has it. Undefined where no path does.
 */
export function pathOf(site: Site, from: PathEnd, to: PathEnd): readonly string[] | undefined {
  let best: { readonly through: readonly string[]; readonly closeness: number } | undefined
  for (const path of site.paths) {
    for (const way of bothWays(path)) {
      const [near, far] = [closeness(site, way.from, from), closeness(site, way.to, to)]
      if (near === undefined || far === undefined) continue
      const sum = near + far
      if (best === undefined || sum > best.closeness) best = { through: way.through, closeness: sum }
    }
  }
  return best?.through
}

function bothWays(path: DevicePath): readonly DevicePath[] {
  return [path, { from: path.to, to: path.from, through: path.through.toReversed() }]
}

/** Whether an end is outside of the site: Microsoft's, or whatever else is on the internet. */
export function isOutside(site: Pick<Site, 'hosts' | 'networks'>, { name, role }: PathEnd): boolean {
  if (Object.hasOwn(site.hosts, name) || Object.hasOwn(site.networks, name)) return false
  return role === 'internet' || roleRows[role].side === 'cloud'
}

/** How closely a word of a path names an end; undefined where it does not. */
function closeness(site: Site, word: string, end: PathEnd): number | undefined {
  if (word === end.name) return 4
  if (isOutside(site, end)) return word === end.role ? 3 : word === 'internet' ? 0 : undefined
  if (Object.hasOwn(site.networks, word)) return isWithin(site, end.name, word) ? 3 : undefined
  if (Object.hasOwn(site.hosts, word) || word === 'internet') return undefined
  const played = endsNamed(site, word).some(({ name }) => name === end.name)
  return played ? (word === 'any' ? 1 : 2) : undefined
}

/** Whether all addresses of a host, or all of a network, are in another network. */
export function isWithin(site: Pick<Site, 'hosts' | 'networks'>, name: string, network: string): boolean {
  const blocks = (site.networks[network]?.prefixes ?? []).flatMap((text) => {
    const parsed = parseCidr(text)
    return 'ok' in parsed ? [parsed.ok] : []
  })
  const inner = [
    ...(site.hosts[name]?.addresses ?? []).map((text) => {
      const address = parseAddress(text)
      return address === undefined ? undefined : { ...address, length: address.family === 4 ? 32 : 128 }
    }),
    ...(name === network ? [] : (site.networks[name]?.prefixes ?? [])).map((text) => {
      const parsed = parseCidr(text)
      if (!('ok' in parsed)) return undefined
      return { family: parsed.ok.family, value: parsed.ok.first, length: parsed.ok.prefixLength }
    }),
  ]
  return (
    inner.length > 0 &&
    inner.every((one) =>
      blocks.some((block) => one !== undefined && one.length >= block.prefixLength && cidrContains(block, one)),
    )
  )
}
