import { setTimeout as sleep } from 'node:timers/promises'
import type { Machine } from '../check/vantageOf.ts'
import { vantageOf } from '../check/vantageOf.ts'
import { visible } from '../config/quoted.ts'
import { unknownWord } from '../config/unknownWord.ts'
import { isLoopback, parseAddress } from '../model/cidr.ts'
import type { ListenReport } from '../model/listenReport.ts'
import type { PortRange } from '../model/ports.ts'
import { formatPortRange } from '../model/ports.ts'
import type { Answering, AnswerPlace, Answers, Arrival } from '../net/answerAt.ts'

import { answerAt, usualAnswerLimits } from '../net/answerAt.ts'
import { startStamp, systemClock } from '../net/clock.ts'
import type { ChosenDoors, Door } from '../plan/doorsAt.ts'
import { doorsAt } from '../plan/doorsAt.ts'
import { planFlows } from '../plan/planFlows.ts'
import { isListenBanner, listenBanner, listenBannerWithin } from '../wire/listenBanner.ts'
import { halfOpenNow } from './halfOpenNow.ts'
import { ListenLedger, listenDoors } from './listenLedger.ts'
import { thisMachine } from './machineOf.ts'
import { openFiles } from './openFiles.ts'
import { pageFor } from './pageFor.ts'
import { listenFormats } from './render/index.ts'
import { listenBeginning, listenReasons } from './render/listenText.ts'
import { wrapText } from './render/wrapText.ts'
import type { Shell } from './shell.ts'
import { exitCodes, UsageError } from './shell.ts'
import { siteFrom } from './siteFrom.ts'
import type { SharedOptions } from './verbs/sharedOptions.ts'
import { formatOf } from './verbs/sharedOptions.ts'
import { version } from './version.ts'
import { expectResultAt, writeResult } from './writeResult.ts'

export interface ListenOptions extends SharedOptions {
  readonly site: string
  readonly as?: string
  readonly port?: readonly PortRange[]
  readonly ofRange: number
  /** Addresses to answer on, canonical. */
  readonly address?: readonly string[]
  /** Seconds after which it ends by itself. */
  readonly seconds?: number
}

/** What a listener needs of the machine; a test plays it. */
export interface ListenMeans {
  readonly machine: Machine
  readonly platform: string
  readonly answerAt: typeof answerAt
  readonly halfOpenNow: typeof halfOpenNow
  /** How many files this process may have open, and how many of them it has left; undefined where nobody says. */
  readonly openFiles: typeof openFiles
}

const usualMeans = (): ListenMeans => ({
  machine: thisMachine(),
  platform: process.platform,
  answerAt,
  halfOpenNow,
  openFiles,
})

/** Each is a socket, and an address multiplies them. */
const mostDoors = 512
/** The kernel keeps a connection that is not completed for a minute; it is looked for once in so many milliseconds. */
const halfOpenEveryMs = 1000
/** Who comes to the first port while the last one is being opened. */
const mostEarly = 1000

/**
 * Answers on the planned ports of a host until Ctrl-C, tells who comes, and sums up.
 *
 * @returns the exit code
 * @throws UsageError when there is nothing to answer on, with what would be right
 */
export async function runListen(
  options: ListenOptions,
  shell: Shell,
  means: ListenMeans = usualMeans(),
): Promise<number> {
  await expectResultAt(options.out, shell, { '--site': options.site })
  const { site, file } = await siteFrom(options.site, shell)
  const { host, because } = hostOf(site, file, options, means.machine)
  const chosen: ChosenDoors = { ofRange: options.ofRange, ...(options.port !== undefined && { ports: options.port }) }
  const { doors, doorless } = doorsAt(planFlows(site), host, chosen)
  refuseNothing(doors, host, file, options)
  const clock = systemClock
  const stamp = startStamp(clock)
  const books: { ledger?: ListenLedger; readonly early: Arrival[] } = { early: [] }
  const isPage = formatOf(options) === 'text' && (options.out === undefined || options.out === '-')
  const output = isPage ? shell.stdout : shell.stderr
  const say = (text: string): void => {
    if (isPage || options.quiet !== true) output.write(text)
  }
  const tell = (line: string | undefined): void => {
    if (line !== undefined) say(`${new Date(clock.now()).toISOString().slice(11, 19)}Z ${line}\n`)
  }
  let isLimitTold = false
  const take = (ledger: ListenLedger, arrival: Arrival): void => {
    tell(ledger.take(arrival))
    if (arrival.kind !== 'out-of-files' || isLimitTold) return
    isLimitTold = true
    tell(outOfFiles(means.openFiles()?.most))
  }
  const seesHalfOpen = (await means.halfOpenNow()) !== undefined
  const answering = await means.answerAt(
    doors.flatMap((door) => placesOf(door, options, means.machine)),
    answersFor(host),
    (arrival) => {
      if (books.ledger !== undefined) take(books.ledger, arrival)
      else if (books.early.length < mostEarly) books.early.push(arrival)
    },
    clock,
    usualAnswerLimits,
    () => means.openFiles()?.left,
  )
  try {
    const opened = listenDoors(doors, answering.opened, leftToTell(answering))
    const reasons = listenReasons(opened, means.platform)
    if (answering.opened.length === 0) {
      throw new UsageError(...reasons.map((reason) => `postern listen: nothing could be opened: ${reason}`))
    }
    const ledger = new ListenLedger(doors, doorless, ({ port, transport }) =>
      opened.some((one) => one.port === port && one.transport === transport && one.open.length > 0),
    )
    books.ledger = ledger
    const reportNow = (): ListenReport => {
      const { at, ms } = stamp()
      return {
        postern: version,
        kind: 'listen',
        site: site.site,
        as: host,
        startedAt: at,
        durationMs: ms,
        seesHalfOpen,
        doors: opened,
        ...ledger.report(),
      }
    }
    const page = pageFor(shell, options, false)
    const notOwn = doors.some(({ addresses }) => addresses.length > 0 && !addresses.some((one) => isOwn(one, means)))
    const notes =
      notOwn && options.address === undefined
        ? [`No planned address of ${visible(host)} is one of this machine: it answers on all that it has.`]
        : []
    const intro = [`Answers for ${visible(host)} (${because}); Ctrl-C ends it.`, ...notes]
    say(`${intro.flatMap((line) => wrapText(line, isPage ? page.width : Number.POSITIVE_INFINITY)).join('\n')}\n\n`)
    say(`${listenBeginning(reportNow(), reasons, isPage ? page : { ...page, colour: false })}\n`)
    for (const arrival of books.early) take(ledger, arrival)
    await waitAndLook(ledger, answering, tell, options, shell, seesHalfOpen ? means : undefined)
    await answering.close()
    if (isPage) say('\n')
    const render = await listenFormats[formatOf(options) as keyof typeof listenFormats].load()
    await writeResult(render(reportNow(), page), options.out, shell)
  } finally {
    await answering.close()
  }
  return shell.signal.aborted ? exitCodes.interrupted : exitCodes.well
}

/** Said once: whoever is turned away is told, and why is the same for all. */
function outOfFiles(most: number | undefined): string {
  const known = most === undefined ? '' : ` (ulimit -n: ${most})`
  const enough = Math.max(1024, (most ?? 0) * 2)
  return `no more connections at once: this process may have no more files open${known}; who comes now is turned away, and the others are answered. ulimit -n ${enough} before it is started raises the limit, where the hard one allows it (ulimit -Hn)`
}

/** Until Ctrl-C, or for as long as was asked, with a look at what no listener is shown. */
async function waitAndLook(
  ledger: ListenLedger,
  { opened }: Answering,
  tell: (line: string | undefined) => void,
  { seconds }: ListenOptions,
  { signal }: Shell,
  means: ListenMeans | undefined,
): Promise<void> {
  const ports = new Set(opened.filter(({ transport }) => transport === 'tcp').map(({ port }) => port))
  let known: ReadonlySet<string> = new Set()
  const look = async (): Promise<void> => {
    const found = await means?.halfOpenNow()
    if (found === undefined) return
    // Each is told once, for as long as the kernel keeps it: what came before must not hide what comes.
    const there = new Set<string>()
    for (const one of found) {
      const key = `${one.peer.address} ${one.peer.port} ${one.port}`
      if (!ports.has(one.port) || there.has(key)) continue
      there.add(key)
      if (!known.has(key)) tell(ledger.takeHalfOpen(one))
    }
    known = there
  }
  const untilMs = seconds === undefined ? Number.POSITIVE_INFINITY : systemClock.monotonicMs() + seconds * 1000
  try {
    for (;;) {
      const leftMs = untilMs - systemClock.monotonicMs()
      if (leftMs <= 0) break
      await sleep(Math.min(halfOpenEveryMs, leftMs), undefined, { signal })
      await look()
    }
  } catch (error) {
    // Ctrl-C is how it ends.
    if (!signal.aborted) throw error
  }
  await look()
}

function hostOf(
  site: Parameters<typeof vantageOf>[0],
  file: string,
  { as }: ListenOptions,
  machine: Machine,
): { readonly host: string; readonly because: string } {
  const hosts = Object.keys(site.hosts)
  if (as !== undefined) {
    if (Object.hasOwn(site.hosts, as)) return { host: as, because: 'given by --as' }
    const { what, right } = unknownWord('host', as, hosts)
    throw new UsageError(`--as: ${what} of the site ${file}, ${right}`)
  }
  const vantage = vantageOf(site, machine)
  const named = visible(hosts.slice(0, 24).join(', '))
  if (!('host' in vantage)) throw new UsageError(`${file}:1:1: ${vantage.unknown}, give one with --as: ${named}`)
  if (vantage.others !== undefined) {
    const fitting = visible([vantage.host, ...vantage.others].slice(0, 24).join(', '))
    throw new UsageError(`postern listen: several hosts of the site are this machine, choose with --as: ${fitting}`)
  }
  return { host: vantage.host, because: `this machine ${vantage.because}` }
}

function refuseNothing(doors: readonly Door[], host: string, file: string, { as, port }: ListenOptions): void {
  const asked = (port ?? []).find(({ first, last }) => !doors.some((door) => door.port >= first && door.port <= last))
  if (asked !== undefined) {
    throw new UsageError(
      `--port: no planned flow comes to ${formatPortRange(asked)} of ${visible(host)}; postern plan --site ${file} shows the ports, and a flow of your own adds one (flows:)`,
    )
  }
  if (doors.length === 0) {
    const chosen = as === undefined ? ' (this machine; --as names another host)' : ''
    throw new UsageError(
      `${file}:1:1: no planned flow comes to ${visible(host)}${chosen} from elsewhere, so there is nothing to answer`,
    )
  }
  if (doors.length > mostDoors) {
    throw new UsageError(`--port: that is ${doors.length} ports, at most ${mostDoors} are opened at once`)
  }
}

function isOwn(address: string, { machine }: Pick<ListenMeans, 'machine'>): boolean {
  const parsed = parseAddress(address)
  return machine.addresses.includes(address) || (parsed !== undefined && isLoopback(parsed))
}

/** More addresses than this are answered on by one socket a family. */
const mostAddresses = 32

function placesOf(
  { port, transport, addresses }: Door,
  options: ListenOptions,
  machine: Machine,
): readonly AnswerPlace[] {
  const own = options.address ?? addresses.filter((address) => isOwn(address, { machine }))
  const chosen = own.length > 0 ? own : everywhere(transport, machine)
  return chosen.map((address) => ({ address, port, transport }))
}

/**
 * All addresses of this machine. A datagram is answered from the address that it came to, which takes a socket for each: an
 * answer from another one is none to who asked.
 */
function everywhere(transport: AnswerPlace['transport'], { addresses }: Machine): readonly string[] {
  const dialled = addresses.filter((address) => !address.startsWith('fe80:'))
  if (transport === 'udp' && dialled.length > 0 && dialled.length <= mostAddresses) return [...new Set(dialled)]
  return addresses.some((address) => address.includes(':')) ? ['0.0.0.0', '::'] : ['0.0.0.0']
}

/** That a machine has no IPv6 is nothing to tell where nobody asked for it. */
function leftToTell({ opened, left }: Answering): Answering['left'] {
  const absent = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL'])
  return left.filter(
    (one) =>
      one.address !== '::' ||
      !absent.has(one.code) ||
      !opened.some(({ port, transport }) => port === one.port && transport === one.transport),
  )
}

function answersFor(host: string): Answers {
  const said = ({ port, transport }: AnswerPlace, peer: string) => ({ version, host, port, transport, peer })
  return {
    banner: (at, peer) => listenBanner(said(at, peer)),
    bannerWithin: (at, peer, length) => listenBannerWithin(said(at, peer), length),
    isBanner: isListenBanner,
  }
}
