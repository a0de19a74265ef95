import type { SocketPlace } from './socketPlace.ts'
import { readSocketPlace } from './socketPlace.ts'

/** A connection that was asked for, and whose answer (SYN-ACK) nobody acknowledges. */
export interface HalfOpen {
  /** Port of this machine. */
  readonly port: number
  /** Who asks. */
  readonly peer: SocketPlace
}

/** TCP_SYN_RECV of the Linux kernel (include/net/tcp_states.h), as the table writes it. */
const synReceived = '03'
/** No table has more of them that somebody wants to know: the kernel bounds them as well (tcp_max_syn_backlog). */
const mostEntries = 4096

/**
 * Reads from `/proc/net/tcp` or `/proc/net/tcp6` who asks for a connection and does not hear the answer: those to whom the
 * kernel has sent it again. One that was only just asked for is on its way, and is left out.
 *
 * @param text the table, with or without its heading; a line that is none is passed over
 * @param littleEndian how the kernel's machine keeps numbers: an address stands there as such numbers
 */
export function readHalfOpen(text: string, littleEndian: boolean): readonly HalfOpen[] {
  const found: HalfOpen[] = []
  for (const [, local, peer, , retransmits] of text.matchAll(line)) {
    if (found.length === mostEntries) break
    if (Number.parseInt(retransmits ?? '', 16) === 0) continue
    const here = readSocketPlace(local ?? '', littleEndian)
    const there = readSocketPlace(peer ?? '', littleEndian)
    if (here !== undefined && there !== undefined) found.push({ port: here.port, peer: there })
  }
  return found
}

/** `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt`: numbers in hexadecimal (proc_pid_net(5)). */
const line = new RegExp(
  `^ *\\d+: ([0-9A-F]{8,32}:[0-9A-F]{4}) ([0-9A-F]{8,32}:[0-9A-F]{4}) (${synReceived}) ` +
    '[0-9A-F]{8}:[0-9A-F]{8} [0-9A-F]{2}:[0-9A-F]{1,16} ([0-9A-F]{8}) ',
  'gm',
)
