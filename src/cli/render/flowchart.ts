import type { Flow } from '../../model/flow.ts'
import { cutMiddle } from './columns.ts'
import { countOf, groupBy, portOf } from './flowWords.ts'
import type { Zone } from './places.ts'
import { placeOf, zoneOf } from './places.ts'
import { plain } from './plain.ts'
import { wrapText } from './wrapText.ts'

/** How one line of a chart is drawn; lines of another look are never merged with it. */
export interface LineLook {
  readonly arrow: '-->' | '-.->' | '--x' | '-.-'
  /** Stands behind the ports; absent for what is usual. */
  readonly word?: string
  /** Colour of the line and of the place that it leads to; absent for what is usual. */
  readonly colour?: string
  /** A place to which such a line leads is merged with others last. */
  readonly stands: boolean
}

/** What a chart is made of: the flows, and their looks by a word, the one that colours a place first. */
export interface Chart<Look extends string, Drawn extends Flow> {
  readonly flows: readonly Drawn[]
  readonly lookOf: (flow: Drawn) => Look
  readonly looks: Readonly<Record<Look, LineLook>>
  /** What was dialled at a place that is called otherwise; stands beside its name where there is room. */
  readonly standInOf?: (flow: Drawn) => string | undefined
  /** Said below the chart, each in a line of its own. */
  readonly notes: readonly string[]
}

/** Above these a chart is no picture any more; Mermaid itself refuses 500 lines and 50,000 characters. */
const mostLines = 80
const mostPlaces = 60
const mostPorts = 8
const widestLabel = 60
const widestNote = 90
const mostNoteLines = 6

/** One end of a line: what it is in this chart, and what it is called. */
interface End {
  readonly key: string
  readonly label: string
  readonly zone: Zone | undefined
}

type Way = (flow: Flow, stands: boolean) => { readonly from: End; readonly to: End }

const host = (name: string, zone?: Zone): End => ({ key: `host ${name}`, label: name, zone })
const group = (name: string, zone?: Zone): End => ({ key: `group ${name}`, label: name, zone })
const proxy = (name: string): End => ({ key: `proxy ${name}`, label: `${name} (proxy)`, zone: undefined })

function place(flow: Flow): End {
  const zone = zoneOf(flow)
  if (zone === 'hosts of the site') return host(flow.to, zone)
  const name = placeOf(flow)
  return { key: `place ${name}`, label: name, zone }
}

const role = (flow: Flow): End => group(flow.toRole, zoneOf(flow))

/** Ways to merge, the finest first: the first that gives a picture is taken, and the chart says which. */
const ways: readonly { readonly merges?: string; readonly spares?: boolean; readonly way: Way }[] = [
  { way: (flow) => ({ from: host(flow.from), to: place(flow) }) },
  {
    merges: 'names of Microsoft and the public are merged by service',
    spares: true,
    way: (flow, stands) => ({
      from: host(flow.from),
      to: stands || zoneOf(flow) !== 'Microsoft and public services' ? place(flow) : role(flow),
    }),
  },
  {
    merges: 'places are merged by role',
    spares: true,
    way: (flow, stands) => ({ from: host(flow.from), to: stands ? place(flow) : role(flow) }),
  },
  { merges: 'places are merged by role', way: (flow) => ({ from: host(flow.from), to: role(flow) }) },
  { merges: 'hosts and places are merged by role', way: (flow) => ({ from: group(flow.fromRole), to: role(flow) }) },
  {
    merges: 'hosts are merged by role, places by where they lie',
    way: (flow) => ({ from: group(flow.fromRole), to: group(zoneOf(flow), zoneOf(flow)) }),
  },
  {
    merges: 'all hosts are merged, places by where they lie',
    way: (flow) => ({ from: group('all hosts'), to: group(zoneOf(flow), zoneOf(flow)) }),
  },
]

interface Line<Look> {
  readonly from: End
  readonly to: End
  readonly look: Look
  readonly ports: ReadonlySet<string>
  readonly flows: number
}

/**
 * Draws flows as a Mermaid flowchart: who opens what, one line for all ports of a pair that look alike; what goes through
 * a proxy begins there, and one line leads to it from each host that sends it. A large site is merged until it is a
 * picture, and a note in the chart says what was merged and how many lines it was. Names from
 * outside stand in quoted labels only, every mark in them as a character code; ids are numbers of ours.
 */
export function flowchart<Look extends string, Drawn extends Flow>(chart: Chart<Look, Drawn>): string {
  const { lines, hops, says, finest } = drawn(chart)
  const merged = says === undefined ? [] : [`${finest} lines merged to ${lines.length}: ${says}`]
  const nodes = new Map<string, { id: string; end: End; look?: Look }>()
  const order = Object.keys(chart.looks)
  const rank = (look: Look | undefined) => (look === undefined ? order.length : order.indexOf(look))
  for (const { from, to } of [...hops, ...lines]) {
    for (const end of [from, to]) {
      const known = nodes.get(end.key)
      if (known === undefined) nodes.set(end.key, { id: `n${nodes.size}`, end })
      // An opening host may be an accepting one, too: then it lies where that does.
      else if (known.end.zone === undefined) nodes.set(end.key, { ...known, end })
    }
  }
  for (const { to, look } of lines) {
    const node = nodes.get(to.key)
    if (node !== undefined && rank(look) < rank(node.look)) nodes.set(to.key, { ...node, look })
  }
  const standIns = standInsOf(chart)
  const written = [...nodes.values()].map(({ id, end, look }) => ({
    zone: end.zone,
    text: `${id}["${label(besideIt(end, standIns))}"]${classOf(chart, look)}`,
  }))
  const zones = groupBy(
    written.filter(({ zone }) => zone !== undefined),
    ({ zone }) => zone ?? '',
  )
  const notes = [...chart.notes, ...merged]
  return `${[
    'flowchart LR',
    ...written.filter(({ zone }) => zone === undefined).map(({ text }) => `  ${text}`),
    ...[...zones].flatMap(([zone, inside], at) => [
      `  subgraph z${at}["${label(zone)}"]`,
      ...inside.map(({ text }) => `    ${text}`),
      '  end',
    ]),
    ...lines.map(
      (line) =>
        `  ${nodes.get(line.from.key)?.id} ${chart.looks[line.look].arrow}|"${lineLabel(line, chart)}"| ${nodes.get(line.to.key)?.id}`,
    ),
    // Behind the others: styles call lines by their number.
    ...hops.map(
      ({ from, to, flows }) =>
        `  ${nodes.get(from.key)?.id} -->|"${label(countOf(flows, 'flow'))}"| ${nodes.get(to.key)?.id}`,
    ),
    ...(notes.length === 0 ? [] : [`  note["${notes.flatMap(noteLines).join('<br/>')}"]:::note`]),
    ...order.flatMap((look, at) => styleOf(chart, lines, look, at)),
    '  classDef note fill:none,stroke:none',
  ].join('\n')}\n`
}

/** The names that were dialled, by the key of the place that they stand for. */
function standInsOf<Look extends string, Drawn extends Flow>({
  flows,
  standInOf = () => undefined,
}: Chart<Look, Drawn>): ReadonlyMap<string, readonly string[]> {
  const named = flows.flatMap((flow) => {
    const name = standInOf(flow)
    return name === undefined ? [] : [{ key: place(flow).key, name }]
  })
  return new Map([...groupBy(named, ({ key }) => key)].map(([key, own]) => [key, own.map(({ name }) => name)]))
}

function besideIt({ key, label: name }: End, standIns: ReadonlyMap<string, readonly string[]>): string {
  const dialled = [...new Set(standIns.get(key))]
  const both = `${name} (as ${dialled.join(', ')})`
  return dialled.length > 0 && both.length <= widestLabel ? both : name
}

/** The lines of the finest way that gives a picture; of the coarsest, which is always one, when none does. */
function drawn<Look extends string, Drawn extends Flow>(
  chart: Chart<Look, Drawn>,
): Lines<Look> & { readonly says: string | undefined; readonly finest: number } {
  const standing = new Set(
    chart.flows.filter((flow) => chart.looks[chart.lookOf(flow)].stands).map((flow) => place(flow).key),
  )
  const drawings = ways.map(({ merges, spares, way }) => ({
    ...linesOf(chart, (flow) => way(flow, standing.has(place(flow).key))),
    says: merges === undefined || !spares || standing.size === 0 ? merges : `${merges}, but for those that need an eye`,
  }))
  const finest = drawings[0] ?? { lines: [], hops: [], says: undefined }
  const chosen = drawings.find(({ lines }) => isPicture(lines)) ?? drawings.at(-1) ?? finest
  return { ...chosen, finest: finest.lines.length }
}

function isPicture(lines: readonly Line<string>[]): boolean {
  return lines.length <= mostLines && new Set(lines.flatMap(({ from, to }) => [from.key, to.key])).size <= mostPlaces
}

interface Lines<Look> {
  readonly lines: readonly Line<Look>[]
  /** From hosts to the proxies that they send flows through. */
  readonly hops: readonly Hop[]
}

interface Hop {
  readonly from: End
  readonly to: End
  readonly flows: number
}

function linesOf<Look extends string, Drawn extends Flow>(
  { flows, lookOf }: Chart<Look, Drawn>,
  endsOf: (flow: Flow) => { readonly from: End; readonly to: End },
): Lines<Look> {
  const lines = new Map<string, { from: End; to: End; look: Look; ports: Set<string>; flows: number }>()
  const hops = new Map<string, { from: End; to: End; flows: number }>()
  for (const flow of flows) {
    const { from: opener, to } = endsOf(flow)
    const from = flow.via === undefined ? opener : proxy(flow.via)
    if (from !== opener) {
      const key = JSON.stringify([opener.key, from.key])
      const hop = hops.get(key) ?? { from: opener, to: from, flows: 0 }
      hop.flows += 1
      hops.set(key, hop)
    }
    const look = lookOf(flow)
    const key = JSON.stringify([from.key, to.key, look])
    const line = lines.get(key) ?? { from, to, look, ports: new Set(), flows: 0 }
    line.ports.add(portOf(flow.target))
    line.flows += 1
    lines.set(key, line)
  }
  return { lines: [...lines.values()], hops: [...hops.values()] }
}

function lineLabel<Look extends string, Drawn extends Flow>(
  { ports, look, flows }: Line<Look>,
  { looks }: Chart<Look, Drawn>,
): string {
  const shown = [...ports].slice(0, mostPorts)
  const more = ports.size - shown.length
  const { word } = looks[look]
  return label(
    [
      ...(word === undefined ? [] : [`${word}: `]),
      shown.join(', '),
      ...(more > 0 ? [` and ${countOf(more, 'more port')}`] : []),
      ...(flows > ports.size ? [` (${countOf(flows, 'flow')})`] : []),
    ].join(''),
    200,
  )
}

function classOf<Look extends string, Drawn extends Flow>(
  { looks }: Chart<Look, Drawn>,
  look: Look | undefined,
): string {
  return look === undefined || looks[look].colour === undefined ? '' : `:::c${Object.keys(looks).indexOf(look)}`
}

function styleOf<Look extends string, Drawn extends Flow>(
  { looks }: Chart<Look, Drawn>,
  lines: readonly Line<Look>[],
  look: string,
  at: number,
): readonly string[] {
  const own = lines.flatMap((line, number) => (line.look === look ? [number] : []))
  const colour = Object.entries<LineLook>(looks).find(([name]) => name === look)?.[1].colour
  if (own.length === 0 || colour === undefined) return []
  return [`  classDef c${at} stroke:${colour},stroke-width:2px`, `  linkStyle ${own.join(',')} stroke:${colour}`]
}

/** A note of several lines, as wide as a place or two; what is longer than that is cut, not lost in the report itself. */
function noteLines(note: string): readonly string[] {
  return wrapText(plain(note), widestNote)
    .slice(0, mostNoteLines)
    .map((line) => label(line, widestNote))
}

/**
 * Text as a quoted label: letters, digits, spaces and a few harmless marks stay, all others are written as the codes
 * that Mermaid turns into entities after it has parsed. So no name ends its label, and none is read as markup or a link.
 * A label without a mark is none to Mermaid: what has no name is a dash.
 */
function label(text: string, width = widestLabel): string {
  const short = cutMiddle(plain(text), width).trim() || '-'
  return short.replace(
    /[^\p{L}\p{M}\p{N} ,.:/()-]|:(?=\/\/)|^[-.]|(?<=^\d+)[.)](?= |$)|(?<=www)\./giu,
    (mark) => `#${mark.codePointAt(0)};`,
  )
}
