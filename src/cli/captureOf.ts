import { networkInterfaces } from 'node:os'
import type { StartCapture } from '../check/capture.ts'
import { findCaptureTools } from '../machine/index.ts'
import type { CaptureTool, Sniffing } from '../net/sniff.ts'
import { sniff } from '../net/sniff.ts'
import { findProgram } from './machineMeans.ts'
import type { Shell } from './shell.ts'

/**
 * The capture of a check with the tools of this machine. Whether a tool may be used is not guessed from rights: each is
 * tried, since dumpcap has rights of its own on many systems, and what the last one says is the reason why there is none.
 *
 * @param onInterface default: all of them at once
 * @param say hears in one line why there is no capture
 */
export function captureOf(
  shell: Pick<Shell, 'env'>,
  onInterface: string | undefined,
  say: (says: string) => void,
): StartCapture {
  return async (addresses, lives, limits) => {
    const found = await findCaptureTools({ findProgram: (name) => findProgram(name, shell.env) })
    const usable = found.flatMap(({ tool, place }): readonly CaptureTool[] =>
      tool === 'tcpdump' || tool === 'dumpcap' ? [{ name: tool, place }] : [],
    )
    let sniffing: Sniffing = {
      kind: 'no-tool',
      why: `no capture tool is on the PATH that this version can use (tcpdump, dumpcap)${found.length === 0 ? '' : `, only ${found.map(({ tool }) => tool).join(', ')}`}`,
    }
    for (const tool of usable) {
      const question = { tool, addresses, ...(onInterface !== undefined && { interface: onInterface }) }
      sniffing = await sniff(question, lives, limits)
      if (sniffing.kind === 'capturing' || sniffing.kind === 'aborted') break
    }
    if (sniffing.kind === 'capturing' || sniffing.kind === 'aborted') return sniffing
    const why = `${said(sniffing.why)}${remedyOf(sniffing.kind)}`
    say(`no packets are captured, the check goes on without: ${why}`)
    return { ...sniffing, why }
  }
}

/** libpcap says some things twice, the second time in brackets. */
function said(why: string): string {
  return why.replace(/; \((.+)\)$/, (all, again: string) => (why.indexOf(again) < why.indexOf(all) ? '' : all))
}

function remedyOf(kind: Sniffing['kind']): string {
  switch (kind) {
    case 'no-rights':
      return '; run the check with sudo, or give the tool cap_net_raw (postern doctor tells more)'
    case 'no-interface':
      return `; interfaces with an address here: ${Object.keys(networkInterfaces()).join(', ') || 'none'}`
    default:
      return ''
  }
}
