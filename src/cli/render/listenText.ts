import type { ListenDoor, ListenFlow, ListenReport, ListenState } from '../../model/listenReport.ts'
import { formatPortRange } from '../../model/ports.ts'
import { asTyped } from '../asTyped.ts'
import { countOf, durationOf, timeOf } from './flowWords.ts'
import type { Page } from './page.ts'
import { widthOf } from './page.ts'
import type { Style } from './paint.ts'
import { paint } from './paint.ts'
import { plain } from './plain.ts'
import type { Row } from './textTable.ts'
import { textTable } from './textTable.ts'
import { wrapText } from './wrapText.ts'

/** What is known when a listener begins: the rest comes. */
export type ListenBeginning = Pick<ListenReport, 'site' | 'as' | 'doors' | 'flows' | 'seesHalfOpen'>

/** More names than this help nobody in one cell. */
const mostNamed = 4

/** What stands open, what does not and why, and what to do now. */
export function listenBeginning(
  { as, site, doors, flows, seesHalfOpen }: ListenBeginning,
  reasons: readonly string[],
  page: Page,
): string {
  const open = doors.filter((door) => door.open.length > 0)
  const rows = open.map((door): Row => {
    const going = flows.filter((flow) => flow.expect === 'open' && isAt(flow, door))
    const range = door.range === undefined ? '' : ` (of ${formatPortRange(door.range)})`
    return [
      { text: `${door.port}/${door.transport}` },
      { text: addressesOf(door.open) },
      { text: plain(named(going.map(({ flow, from }) => `${flow} from ${from}`))) + range },
    ]
  })
  const unopened = flows.filter(({ seen, why }) => seen === 'not-listened' && why !== undefined)
  const left = [
    ...reasons,
    ...[...new Set(unopened.map(({ why }) => why ?? ''))].map(
      (why) =>
        `${named(unopened.filter((flow) => flow.why === why).map(({ flow, from }) => `${flow} from ${from}`))}: ${why}`,
    ),
  ]
  const ranged = open.find((door) => flows.some((flow) => flow.service === 'rpc' && isAt(flow, door)))
  const openers = [...new Set(flows.filter(({ expect }) => expect === 'open').map(({ from }) => from))]
  const sentences = [
    `On the near side now: postern check --from ${openers[0] ?? 'HOST'}`,
    ...(ranged === undefined
      ? []
      : [
          `That asks no port of ${ranged.range === undefined ? 'RPC' : formatPortRange(ranged.range)} before the endpoint mapper names it; this does: postern check tcp://ADDRESS:${ranged.port}`,
        ]),
    'A line here and a time-out there: the way back is cut. No line here: the way there is cut, or nobody asked.',
    ...(seesHalfOpen
      ? []
      : [
          'Connections whose answer nobody hears are not seen on this machine: of TCP, no line here can mean either way.',
        ]),
  ]
  const heading = `${plain(as)} of ${plain(site)}: answers on ${countOf(open.length, 'planned port')}, in words of its own`
  return text([
    wrapText(heading, widthOf(page)).map((line) => paint(line, 'strong', page.colour)),
    textTable([{}, { least: 12 }, { prose: true }], rows, { width: widthOf(page), indent: 2, colour: page.colour }),
    ...(left.length > 0 ? [['Not open:', ...left.flatMap((line) => bullet(line, page))]] : []),
    sentences.flatMap((line) => wrapText(plain(asTyped(line, page.program)), widthOf(page))),
  ])
}

/** Which doors could not be opened, by reason, and what would open them. */
export function listenReasons(doors: readonly ListenDoor[], platform: string): readonly string[] {
  const codes = [...new Set(doors.flatMap(({ left }) => left.map(({ code }) => code)))].toSorted()
  return codes.map((code) => {
    const places = doors.flatMap((door) => {
      const addresses = door.left.filter((one) => one.code === code).map(({ address }) => address)
      if (addresses.length === 0) return []
      return [`${door.port}/${door.transport}${door.open.length > 0 ? ` on ${addressesOf(addresses)}` : ''}`]
    })
    return `${places.join(', ')}: ${reasonOf(code, platform)}`
  })
}

function reasonOf(code: string, platform: string): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'another program has it and keeps it; a check that gets there is answered by that one'
    case 'EACCES':
    case 'EPERM':
      if (platform === 'win32') {
        return 'another program keeps it for itself, or Windows has reserved it (netsh int ipv4 show excludedportrange tcp)'
      }
      return platform === 'linux'
        ? 'ports under 1024 need a right that this user does not have: start it with sudo, or allow them to everybody with sudo sysctl -w net.ipv4.ip_unprivileged_port_start=53'
        : 'ports under 1024 need a right that this user does not have: start it with sudo'
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return 'this machine does not have that address'
    case 'EMFILE':
      return 'this process may have no more files open: ulimit -n 4096 before it is started raises the limit, where the hard one allows it (ulimit -Hn)'
    default:
      return `the platform says ${code}`
  }
}

const stateWords: Readonly<Record<ListenState, string>> = {
  connected: 'both ways',
  arrived: 'came here',
  'half-open': 'one way',
  'not-seen': 'not seen',
  'not-listened': 'not open',
}
const stateStyles: Readonly<Record<ListenState, Style>> = {
  connected: 'good',
  arrived: 'good',
  'half-open': 'bad',
  'not-seen': 'doubtful',
  'not-listened': 'quiet',
}
const stateOrder: readonly ListenState[] = ['half-open', 'not-seen', 'arrived', 'connected']

/** What came, flow by flow, what did not, and who else was there. */
export function listenText(report: ListenReport, page: Page): string {
  const { as, site, startedAt, durationMs, summary, flows, others, furtherOthers } = report
  const counts = [
    `${summary.connected} both ways`,
    ...(summary.arrived > 0 ? [`${summary.arrived} came here`] : []),
    ...(summary.halfOpen > 0 ? [`${summary.halfOpen} one way only`] : []),
    `${summary.notSeen} not seen`,
    ...(summary.notListened > 0 ? [`${summary.notListened} not open here`] : []),
  ]
  const rows = stateOrder.flatMap((state) =>
    flows
      .filter(({ seen, expect }) => seen === state && (expect === 'open' || seen !== 'not-seen'))
      .map(
        (flow): Row => [
          { text: stateWords[state], style: flow.expect === 'closed' ? 'bad' : stateStyles[state] },
          { text: portOf(flow) },
          { text: plain(flow.from) },
          { text: proseOf(flow, report.seesHalfOpen) },
        ],
      ),
  )
  const strangers = others.map(
    ({ address, port, transport, times }) =>
      `${address === '' ? 'gone again' : address} ${port}/${transport}, ${timesOf(times)}`,
  )
  return text([
    [
      ...wrapText(`${plain(as)} of ${plain(site)}; ${timeOf(startedAt)}, ${durationOf(durationMs)}`, widthOf(page)),
      ...wrapText(counts.join(', '), widthOf(page)).map((line) => paint(line, 'strong', page.colour)),
    ],
    textTable([{}, {}, { least: 10 }, { prose: true }], rows, { width: widthOf(page), indent: 2, colour: page.colour }),
    ...(strangers.length > 0
      ? [
          [
            ...wrapText(
              'From addresses of no planned opener (a translation on the way, or somebody else):',
              widthOf(page),
            ),
            ...strangers.flatMap((line) => bullet(line, page)),
            ...(furtherOthers > 0 ? bullet(`${timesOf(furtherOthers)} by further ones`, page) : []),
          ],
        ]
      : []),
  ])
}

function proseOf(
  { flow, expect, seen, spoke, transport, peers, furtherTimes }: ListenFlow,
  seesHalfOpen: boolean,
): string {
  const who = peers.map(({ address, times }) => `${address === '' ? 'gone again' : address} ${timesOf(times)}`)
  const by =
    who.length === 0 ? '' : `: ${named(who)}${furtherTimes > 0 ? ` and ${timesOf(furtherTimes)} by others` : ''}`
  const must = expect === 'closed' ? '; must be closed' : ''
  return plain(`${flow}${by}${must}${meaning()}`)

  function meaning(): string {
    switch (seen) {
      case 'connected':
        return spoke ? '' : '; connected, and no octets came'
      case 'arrived':
        return '; that the answer gets back is known on the near side'
      case 'half-open':
        return '; what goes back does not arrive'
      case 'not-seen':
        return transport === 'tcp' && !seesHalfOpen
          ? '; nobody asked, or one of the ways is cut'
          : '; nobody asked, or the way there is cut'
      case 'not-listened':
        return ''
      default:
        return seen satisfies never
    }
  }
}

function isAt(flow: ListenFlow, { port, transport, range }: ListenDoor): boolean {
  if (flow.transport !== transport) return false
  return flow.port === null ? range !== undefined && flow.range?.first === range.first : flow.port === port
}

function portOf({ port, range, transport }: ListenFlow): string {
  return `${port ?? (range === undefined ? '*' : formatPortRange(range))}/${transport}`
}

function addressesOf(addresses: readonly string[]): string {
  const all = addresses.every((address) => address === '0.0.0.0' || address === '::')
  return all ? 'all addresses' : named(addresses)
}

function named(names: readonly string[]): string {
  const rest = names.length - mostNamed
  return `${names.slice(0, mostNamed).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function timesOf(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}

function bullet(line: string, page: Page): readonly string[] {
  return wrapText(plain(line), widthOf(page) - 4).map((part, at) => `${at === 0 ? '  ' : '    '}${part}`)
}

function text(sections: readonly (readonly string[])[]): string {
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}
