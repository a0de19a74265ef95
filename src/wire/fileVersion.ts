/** `VS_VERSION_INFO` with its end, in UTF-16 little endian: the key of the version resource. */
const key = Uint8Array.from([...'VS_VERSION_INFO\0'].flatMap((letter) => [letter.charCodeAt(0), 0]))
/** What VS_FIXEDFILEINFO begins with, by which it is looked for in a file together with the key. */
const signature = 0xfeef04bd

/**
 * The product version that a program of Windows bears, as its properties show it: four numbers with dots between. It is
 * looked for by the key and the signature of its resource, as their description says that it may be.
 * https://learn.microsoft.com/windows/win32/api/verrsrc/ns-verrsrc-vs_fixedfileinfo
 *
 * @param octets of the whole file
 * @returns undefined where there is none
 */
export function readProductVersion(octets: Uint8Array): string | undefined {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength)
  for (let at = indexOfKey(octets, 0); at >= 0; at = indexOfKey(octets, at + 2)) {
    // The structure that follows begins at a multiple of four, counted from the resource: up to three octets further.
    for (let start = at + key.length; start < at + key.length + 4; start += 1) {
      if (start + 24 > octets.length || view.getUint32(start, true) !== signature) continue
      const [high, low] = [view.getUint32(start + 16, true), view.getUint32(start + 20, true)]
      return [high >>> 16, high & 0xffff, low >>> 16, low & 0xffff].join('.')
    }
  }
  return undefined
}

function indexOfKey(octets: Uint8Array, from: number): number {
  const [first = 0] = key
  for (let at = octets.indexOf(first, from); at >= 0; at = octets.indexOf(first, at + 1)) {
    if (key.every((octet, offset) => octets[at + offset] === octet)) return at
  }
  return -1
}
