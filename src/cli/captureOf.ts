import { networkInterfaces } from 'node:os'
import type { StartCapture } from '../check/capture.ts'
import { findCaptureTools, isElevated } from '../machine/index.ts'
import type { CaptureTool, SniffFailure, Sniffing } from '../net/sniff.ts'
import { sniff } from '../net/sniff.ts'
import { findProgram, runProgram } from './machineMeans.ts'
import type { Shell } from './shell.ts'

/**
 * The capture of a check with the tools of this machine. Whether a tool may be used is not guessed from rights: each is
 * tried, since dumpcap has rights of its own on many systems, and what the last one says is the reason why there is none.
 *
 * @param onInterface default: all of them at once
 * @param say hears in one line why there is no capture
 * @param user who would capture
 */
export function captureOf(
  shell: Pick<Shell, 'env'>,
  onInterface: string | undefined,
  say: (says: string) => void,
  user: User = { platform: process.platform, isRoot: process.getuid?.() === 0 },
): StartCapture {
  return async (addresses, lives, limits) => {
    const found = await findCaptureTools({ findProgram: (name) => findProgram(name, shell.env) })
    const usable = usableOf(found, user, onInterface)
    let sniffing: Sniffing = {
      kind: 'no-tool',
      why: `no capture tool is on the PATH that this version can use (${user.platform === 'win32' ? 'pktmon, dumpcap' : 'tcpdump, dumpcap'})${found.length === 0 ? '' : `, only ${found.map(({ tool }) => tool).join(', ')}`}`,
    }
    let tried: CaptureTool | undefined
    for (const tool of usable) {
      tried = tool
      const question = { tool, addresses, ...(onInterface !== undefined && { interface: onInterface }) }
      const isBarred = tool.name === 'pktmon' && (await isElevated({ run: runProgram(shell) }, limits)) === false
      sniffing = isBarred ? notElevated : await sniff(question, lives, limits)
      if (sniffing.kind === 'capturing' || sniffing.kind === 'aborted') break
    }
    if (sniffing.kind === 'capturing') return onInterface === undefined ? sniffing : { ...sniffing, isPartial: true }
    // After Ctrl-C nothing goes on, and there is nothing to settle.
    if (sniffing.kind === 'aborted' || lives.aborted || limits.signal.aborted) return sniffing
    const why = said(sniffing)
    const remedy = remedyOf(sniffing.kind, tried, user)
    say(`no packets are captured, the check goes on without: ${why}; ${remedy}`)
    return { ...sniffing, why, remedy }
  }
}

/**
 * libpcap says some things twice, the second time in brackets and in the system's words: no more than the first, where that
 * is known.
 */
function said({ kind, why }: SniffFailure): string {
  const isKnown = kind === 'no-rights' || kind === 'no-interface'
  return why.replace(/; \((.+)\)$/, (all, again: string) =>
    isKnown || why.indexOf(again) < why.indexOf(all) ? '' : all,
  )
}

const notElevated = { kind: 'no-rights', why: 'pktmon captures for an administrator alone' } as const

/**
 * What to try, in this order; what the last one says is told. Windows' own tool captures on all cards at once and not on
 * one, the others there on one and not on all.
 */
function usableOf(
  found: Awaited<ReturnType<typeof findCaptureTools>>,
  { platform }: User,
  onInterface: string | undefined,
): readonly CaptureTool[] {
  const tools = found.flatMap(({ tool, place }): readonly CaptureTool[] =>
    tool === 'tcpdump' || tool === 'dumpcap' || tool === 'pktmon' ? [{ name: tool, place }] : [],
  )
  const piped = tools.filter(({ name }) => name !== 'pktmon')
  if (platform !== 'win32') return piped
  const own = tools.filter(({ name }) => name === 'pktmon')
  return own.length > 0 && onInterface === undefined ? own : [...own, ...piped]
}

/** What the right to capture depends on. */
interface User {
  readonly platform: NodeJS.Platform
  readonly isRoot: boolean
}

function remedyOf(
  kind: Exclude<SniffFailure['kind'], 'aborted'>,
  tool: CaptureTool | undefined,
  { platform, isRoot }: User,
): string {
  switch (kind) {
    case 'no-tool':
      return platform === 'win32'
        ? 'pktmon comes with Windows 10 2004, Windows Server 2022 and later; or install Wireshark with Npcap, and name an interface for its dumpcap with --interface'
        : 'install tcpdump (apt, dnf, apk and brew have it under this name)'
    case 'no-rights':
      if (platform === 'win32') return 'run the check as administrator'
      // Root that may not is one of a container or of a unit that has given the right away.
      if (isRoot) return 'give this root CAP_NET_RAW (docker run --cap-add NET_RAW)'
      return platform === 'linux' && tool !== undefined
        ? `run the check with sudo, or give the tool the right: sudo setcap cap_net_raw+ep ${tool.place}`
        : 'run the check with sudo'
    case 'no-interface':
      return `name an interface that is here with --interface, or leave it out: ${Object.keys(networkInterfaces()).join(', ') || 'none has an address'}`
    case 'timeout':
      return 'check again: the tool took too long to begin'
    case 'no-means':
      return 'settle what the tool says'
    default:
      return kind satisfies never
  }
}
