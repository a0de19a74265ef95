import type { Passage } from '../firewall/judged.ts'
import type { Site } from '../model/site.ts'
import type { PathEnd } from './pathOf.ts'
import { isOutside, isWithin } from './pathOf.ts'
import type { ReadDevice } from './readDevices.ts'
import { standingOf } from './readDevices.ts'

/** How a flow meets each device of its way, in order; a device that guards both ends is met twice. */
export type Passages =
  | { readonly ok: readonly { readonly device: ReadDevice; readonly passage: Passage }[] }
  /** What is not known, and what the user would add. */
  | { readonly why: string; readonly add: string }

/**
 * How a flow meets the devices between its ends. What the site file says in `protects` counts. Else what stands between
 * networks is passed, and the firewall of one machine or network card is that of an end, where only one reading is
 * possible: the other end is outside, or it stands at an end of a way that has something between networks on it.
 */
export function passagesOf(
  devices: readonly ReadDevice[],
  { site, from, to }: { readonly site: Pick<Site, 'hosts' | 'networks'>; readonly from: PathEnd; readonly to: PathEnd },
): Passages {
  const met: { readonly device: ReadDevice; readonly passage: Passage }[] = []
  const isBetween = devices.map((device) => device.protects === undefined && standingOf(device) !== 'host')
  const isGuarded = (device: ReadDevice, end: PathEnd): boolean =>
    device.protects?.some((name) => name === end.name || isWithin(site, end.name, name)) === true
  for (const [at, device] of devices.entries()) {
    if (device.protects !== undefined) {
      const guards: readonly Passage[] = [
        ...(isGuarded(device, from) ? (['output'] as const) : []),
        ...(isGuarded(device, to) ? (['input'] as const) : []),
      ]
      if (guards.length === 0) {
        return {
          why: `${device.name} protects neither ${from.name} nor ${to.name}, and stands on the path between them`,
          add: `the end that it guards to protects: of ${device.name}; or take it out of the path`,
        }
      }
      met.push(...guards.map((passage) => ({ device, passage })))
    } else if (isBetween[at] === true) {
      met.push({ device, passage: standingOf(device) === 'routes' && at === 0 ? 'output' : 'forward' })
    } else {
      const passage = onlyReading(at, isBetween, isOutside(site, from), isOutside(site, to))
      if (passage === undefined) {
        return {
          why: `${device.name} is the firewall of one machine, and nothing says whether of ${from.name} or of ${to.name}`,
          add: `protects: [${from.name}] or [${to.name}] to ${device.name} under devices:`,
        }
      }
      met.push({ device, passage })
    }
  }
  return { ok: met }
}

function onlyReading(
  at: number,
  isBetween: readonly boolean[],
  fromOutside: boolean,
  toOutside: boolean,
): Passage | undefined {
  if (toOutside !== fromOutside) return toOutside ? 'output' : 'input'
  const [first, last] = [isBetween.indexOf(true), isBetween.lastIndexOf(true)]
  if (first !== -1) return at < first ? 'output' : at > last ? 'input' : undefined
  if (isBetween.length !== 2) return undefined
  return at === 0 ? 'output' : 'input'
}
