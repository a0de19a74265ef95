import { flowRows } from '../catalog/index.ts'
import type { Path } from './parseYaml.ts'
import type { Placed } from './siteForm.ts'
import { readLabel } from './siteTexts.ts'
import { unknownWord } from './unknownWord.ts'

/** The parts of a site file that settings of the watcher refer to; whatever has another form is told by its schema. */
interface Written {
  readonly hosts?: unknown
  readonly networks?: unknown
  readonly flows?: unknown
  readonly watch?: {
    readonly flows?: unknown
    readonly maintenance?: unknown
    readonly 'sign-ins'?: unknown
    readonly outlets?: unknown
  }
}

/**
 * What no single value of `watch:` shows: flows, hosts and networks that are not there.
 *
 * @param value the site file; of any form
 */
export function watchErrors(value: unknown): readonly Placed[] {
  if (typeof value !== 'object' || value === null) return []
  const { hosts, networks, flows, watch }: Written = value
  if (typeof watch !== 'object' || watch === null) return []
  const own = listOf(flows).flatMap(({ id }) => (typeof id === 'string' ? [id] : []))
  const ids = [...flowRows.map(({ id }) => id), ...own]
  const ends = [...keysOf(hosts), ...keysOf(networks)]
  return [
    ...keysOf(watch.flows)
      .filter((id) => !ids.includes(id))
      .map((id) => at(['watch', 'flows', id], 'key', unknownWord('flow', id, ids))),
    ...listOf(watch.maintenance).flatMap(({ of }, index) =>
      (Array.isArray(of) ? of : []).flatMap((word: unknown, place) =>
        typeof word !== 'string' || ids.includes(word) || ends.includes(word)
          ? []
          : [
              at(
                ['watch', 'maintenance', index, 'of', place],
                'value',
                unknownWord('host, network or flow', word, [...ends, ...own]),
              ),
            ],
      ),
    ),
    ...(['sign-ins', 'outlets'] as const).flatMap((section) =>
      keysOf(watch[section]).flatMap((name) => {
        const read = readLabel(name)
        return 'ok' in read || name === '__proto__' ? [] : [at(['watch', section, name], 'key', read)]
      }),
    ),
  ]
}

function at(path: Path, on: Placed['on'], remedy: Pick<Placed, 'what' | 'right'>): Placed {
  return { path, on, ...remedy }
}

function keysOf(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((one) => (typeof one === 'object' && one !== null ? one : {})) : []
}
