import type { AddressRange } from '../firewall/addresses.ts'
import { everyAddress } from '../firewall/addresses.ts'
import type { AskedFlow, PathDevice } from '../firewall/judged.ts'
import { publicRanges, rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'
import { rangeTexts } from '../firewall/rangeText.ts'
import { isLoopback, isPrivate } from '../model/cidr.ts'
import type { Flow } from '../model/flow.ts'
import { commandLine } from '../model/flow.ts'
import type { Service } from '../model/service.ts'
import type { Ground } from './askedOf.ts'
import { auditedFlow } from './auditedFlow.ts'
import type { FlowOutcome } from './auditFlows.ts'
import { auditedOf } from './auditFlows.ts'
import { judgeChosen } from './judgeChosen.ts'
import type { JudgePath } from './judgeWay.ts'
import { passagesOf } from './passagesOf.ts'
import type { PathEnd } from './pathOf.ts'
import { pathOf } from './pathOf.ts'
import type { ReadDevice } from './readDevices.ts'
import { standingOf } from './readDevices.ts'
import type { ChosenWay, MetDevices } from './wayByScript.ts'
import { wayByScript, wayOfScript } from './wayByScript.ts'
import { pathDevice } from './wayOf.ts'

/** A question of the command line as a flow of the report, with the words that were typed as its id. */
function questionFlow(text: string, asked: AskedFlow): Flow {
  const [range] = asked.ports
  const isOne = range !== undefined && range.first === range.last
  const [destination] = asked.destination ?? []
  const isHost = destination !== undefined && asked.destination?.length === 1 && destination.first === destination.last
  const to = asked.name ?? rangeTexts(asked.destination ?? []).join(', ')
  return {
    flow: text,
    from: rangeTexts(asked.source).join(', '),
    fromRole: 'any',
    fromAddresses: rangeTexts(asked.source),
    to,
    toRole: 'any',
    target: {
      ...(isHost ? { address: to } : { name: to }),
      port: isOne ? range.first : null,
      ...(range !== undefined && !isOne && { range }),
      transport: asked.transport,
      service: serviceOf(asked),
    },
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: 'own',
    purpose: 'asked for on the command line',
    requiredWhen: 'the command line says so',
    features: [],
    unsettled: [],
    notes: [],
    source: commandLine,
  }
}

/** What is spoken does not matter to the answer; a report of a flow names it all the same. */
function serviceOf({ transport, request }: AskedFlow): Service {
  if (transport === 'icmp') return 'icmp-echo'
  return transport === 'tcp' && request === 'plain' ? 'http' : 'tcp'
}

/**
 * Asks a question of the command line: along the path of the site file that has its ends, else of each device by itself.
 */
export function auditQuestion(
  text: string,
  typed: AskedFlow,
  ground: Ground,
  judgePath: JudgePath,
  as?: MeetsAs,
): readonly FlowOutcome[] {
  const asked = withAddresses(typed, ground)
  const flow = questionFlow(text, asked)
  const outcome = (met: MetDevices): FlowOutcome => {
    // Where it is to arrive nobody said: a published address that leads to a machine behind it is no going astray.
    const judgedWay = judgeChosen(met, asked, ground.knowledge, judgePath, everyAddress().sure)
    if ('why' in judgedWay) return { flow, ...judgedWay }
    const { devices, judged } = judgedWay
    if (judged.parts.length === 0) {
      return { flow, why: 'no packet can be as the question says', add: 'addresses of one family at both ends' }
    }
    const meaning = { asked, devices, judged }
    return { report: auditedFlow(flow, meaning), audited: auditedOf(flow, asked, devices, judged) }
  }
  const way = as === undefined ? wayOfQuestion(flow, asked, ground) : undefined
  if (way !== undefined) return ['why' in way ? { flow, ...way } : outcome(way)]
  return [...ground.devices.values()].map((device) => {
    if (device.vendor === 'pac') return outcome(wayOfScript(device, flow, asked, ground))
    const met = askedDevice(device, asked, as)
    return met === undefined
      ? {
          flow,
          why: `${device.name} is the firewall of one machine, and both ends could be it`,
          add: '--as out where it is the machine that opens the connection, --as in where it accepts it',
        }
      : outcome({ devices: [met] })
  })
}

/** The addresses of a name, where a table has them. */
function withAddresses(asked: AskedFlow, { knowledge }: Ground): AskedFlow {
  if (asked.name === undefined || asked.destination !== undefined) return asked
  const known = knowledge.name(asked.name)
  return known === undefined
    ? asked
    : { ...asked, destination: known.addresses, ...(known.asOf !== '' && { destinationAsOf: known.asOf }) }
}

/** The devices between the machines or networks of the site that have the addresses of a question. */
function wayOfQuestion(flow: Flow, asked: AskedFlow, ground: Ground): ChosenWay | undefined {
  const { site, devices } = ground
  const from = endOf(asked.source, site)
  const to = endOf(asked.destination ?? publicRanges(), site)
  if (from === undefined || to === undefined) return undefined
  const through = (pathOf(site, from, to) ?? []).flatMap((name) => devices.get(name) ?? [])
  if (through.length === 0) return undefined
  if (through.some(({ vendor }) => vendor === 'pac')) return wayByScript(flow, asked, from, to, ground)
  const met = passagesOf(through, { site, from, to })
  if ('why' in met) return undefined
  const ways = { ...(asked.in !== undefined && { in: asked.in }), ...(asked.out !== undefined && { out: asked.out }) }
  return { devices: met.ok.map(({ device, passage }) => ({ ...pathDevice(device, passage), ...ways })) }
}

/** The host or network of the site that has all of some addresses, or what is outside where they are public. */
function endOf(ranges: readonly AddressRange[], site: Ground['site']): PathEnd | undefined {
  const isIn = (blocks: readonly AddressRange[]): boolean =>
    ranges.every(({ family, first, last }) =>
      blocks.some((block) => block.family === family && block.first <= first && last <= block.last),
    )
  for (const [name, { addresses }] of Object.entries(site.hosts)) {
    if (isIn(addresses.flatMap(rangesOfPrefix))) return { name, role: 'any' }
  }
  for (const [name, { prefixes }] of Object.entries(site.networks)) {
    if (isIn(prefixes.flatMap(rangesOfPrefix))) return { name, role: 'any' }
  }
  return ranges.every(isPublicRange) ? { name: 'internet', role: 'internet' } : undefined
}

function isPublicRange({ family, first }: AddressRange): boolean {
  return !isPrivate({ family, value: first }) && !isLoopback({ family, value: first })
}

/** How the user says that a question meets a device. */
export type MeetsAs = 'in' | 'out' | 'through'

/**
 * A device as a question of the command line meets it: what stands between networks is passed; the firewall of one
 * machine is that of the end that is not on the internet.
 *
 * @param as what the user says, which counts
 * @returns undefined where neither says it
 */
function askedDevice(
  device: ReadDevice,
  { source, destination, in: comesBy, out }: AskedFlow,
  as?: MeetsAs,
): PathDevice | undefined {
  const ways = { ...(comesBy !== undefined && { in: comesBy }), ...(out !== undefined && { out }) }
  const met = (passage: PathDevice['passage']): PathDevice => ({ ...pathDevice(device, passage), ...ways })
  if (as !== undefined) return met(as === 'in' ? 'input' : as === 'out' ? 'output' : 'forward')
  if (standingOf(device) !== 'host') return met('forward')
  const fromOutside = source.every(isPublicRange)
  const toOutside = destination === undefined || destination.every(isPublicRange)
  if (fromOutside === toOutside) return undefined
  return met(toOutside ? 'output' : 'input')
}
