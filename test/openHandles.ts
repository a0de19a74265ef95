/** What a process holds open, by the names that Node gives to its handles. */
export type Handle = 'TCPServerWrap' | 'TCPSocketWrap' | 'UDPWrap' | 'Timeout' | 'TLSWrap'

export function openHandles(kind: Handle): number {
  return process.getActiveResourcesInfo().filter((open) => open === kind).length
}

/** Closing takes a turn or two of the event loop: waits until no more than `most` are open, and says how many are. */
export async function handlesLeft(kind: Handle, most: number): Promise<number> {
  for (let turn = 0; turn < 500 && openHandles(kind) > most; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  return openHandles(kind)
}
