import { open } from 'node:fs/promises'

/**
 * Reads a table that the kernel makes as it is read, whose size no file system tells.
 *
 * @param mostOctets what stands behind that is not looked at
 * @returns undefined where there is none: a kernel without IPv6, or a place where /proc is not to be seen
 */
export async function kernelTable(path: string, mostOctets: number): Promise<string | undefined> {
  try {
    const file = await open(path)
    try {
      const parts: Buffer[] = []
      let octets = 0
      while (octets < mostOctets) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(65_536), 0, 65_536)
        if (bytesRead === 0) break
        parts.push(buffer.subarray(0, bytesRead))
        octets += bytesRead
      }
      return Buffer.concat(parts).toString('latin1')
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
