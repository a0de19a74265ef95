import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { LoadedSite } from '../config/index.ts'
import type { Flow } from '../model/flow.ts'
import type { PlaceOf } from './render/page.ts'

/**
 * Where the site file speaks of a flow: the user's own flow, else the host or network that accepts it, the proxy that it
 * goes through, or the end that opens it, whichever the file knows first; the file's beginning for what none of it names.
 *
 * @param cwd files below it are named relative to it, as a pipeline has them in its checkout
 * @returns undefined where the site came by the input, which is no file
 */
export function sitePlaces({ site, file, placeOf }: LoadedSite, cwd: string): PlaceOf | undefined {
  if (file === '-') return undefined
  const absolute = resolve(cwd, file)
  const below = relative(cwd, absolute)
  const named = below.split(sep)[0] === '..' || isAbsolute(below) ? absolute : below
  const end = (name: string): readonly string[] | undefined => {
    if (Object.hasOwn(site.hosts, name)) return ['hosts', name]
    return Object.hasOwn(site.networks, name) ? ['networks', name] : undefined
  }
  const pathOf = ({ flow: id, to, from, via }: Flow): readonly PropertyKey[] => {
    const own = site.flows.findIndex((flow) => flow.id === id)
    if (own !== -1) return ['flows', own]
    return end(to) ?? (via === undefined ? undefined : ['proxies', via]) ?? end(from) ?? []
  }
  return (flow) => ({ file: named, ...(flow === undefined ? { line: 1, column: 1 } : placeOf(pathOf(flow))) })
}
